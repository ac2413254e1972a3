/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registrar.h: what the owner of an enrolled overlay can do with it. One such overlay can be owned
 * by a phone; its root key lies in the phone's folder. */
#pragma once
#include "core/phone/phone.h"

/* Makes an overlay whose members are enrolled by a server at `url`, known to everybody: "https:", a
 * host and a port. With a `domain` that is the overlay's name, and the SRV records of
 * _reload-config._tcp in it say where newcomers find the server (RFC 6940, 11.2); else it is NULL.
 * (transfer none) */
PealAccount *peal_phone_create_enrolled (PealPhone *self,
                                         const char *label,
                                         const char *domain,
                                         const char *url,
                                         const char *name,
                                         GError **error);

/* Starts that server on "ADDR:PORT"; it runs as long as the phone. The overlay lives without it,
 * but nobody new comes in. */
bool peal_phone_serve (PealPhone *self, const char *listen, GError **error);

/* An invitation with a fresh code for one device of `name`: of a new person, or with `is_device` of
 * one that there is, or was. The code alone is in *ret_code too. (transfer full) */
char *peal_phone_add_user (
  PealPhone *self, const char *name, bool is_device, char **ret_code, GError **error);

/* Shuts a person out for good: the certificates of all devices are revoked in the whole overlay. */
bool peal_phone_remove_user (PealPhone *self, const char *name, GError **error);

typedef struct PealUser {
  char *name;
  unsigned devices; /* that have a certificate */
  unsigned waiting; /* codes that can be used */
  bool is_removed;
} PealUser;

/* Of PealUser, by name. (transfer full) */
GPtrArray *peal_phone_list_users (PealPhone *self, GError **error);

/* The configuration document of that overlay, or of the first that we made without a server.
 * (transfer full) */
char *peal_phone_get_document (PealPhone *self, GError **error);

/* Signs an edited document and spreads it; its sequence number is put right. */
bool peal_phone_sign_document (PealPhone *self, const char *document, GError **error);
