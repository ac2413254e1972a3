/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enrolment-users.h: who may have a certificate of an enrolled overlay, in SQLite.
 *
 * A code is good for one device. It names a person, or lets its holder choose a name that is free.
 * Once a device has used it, the code is the password of that device's key: it serves again for the
 * same key, to have the certificate renewed, and for no other. */
#pragma once
#include "core/base/bytes.h"
#include "core/base/node-id.h"
#include "core/crypto/certificate.h"
#include "core/os/store-error.h"

enum {
  ENROLMENT_CODE_SIZE = 20, /* "abcd-efgh-ijkl-mnop" and a NUL */
  ENROLMENT_DEVICE_NODE_IDS = 5,
};

typedef struct EnrolmentUsers EnrolmentUsers;

EnrolmentUsers *enrolment_users_new (const char *path, GError **error);
void enrolment_users_free (EnrolmentUsers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EnrolmentUsers, enrolment_users_free)

/* Codes as people type them, in capitals or without dashes, become the one form; false when that
 * cannot be. */
bool enrolment_code_from_typed (const char *typed, char ret_code[ENROLMENT_CODE_SIZE]);

typedef enum EnrolmentVerdict {
  ENROLMENT_GRANTED,
  ENROLMENT_NOT_AUTHENTICATED,  /* wrong code, used by another key, ended, or the person removed */
  ENROLMENT_NAME_NOT_AVAILABLE, /* the request asks for a name that is not the account's, or taken
                                 */
  ENROLMENT_NODE_IDS_NOT_AVAILABLE, /* too many */
  ENROLMENT_NOT_KEPT,               /* the disk */
} EnrolmentVerdict;

/* A fresh code for `user`, who becomes a member with its first use; NULL: for a name of the
 * holder's choice. NAME_NOT_AVAILABLE when there is such a person, unless `is_device`: then for one
 * more device of theirs. NODE_IDS_NOT_AVAILABLE when too many codes wait. */
EnrolmentVerdict enrolment_users_add (EnrolmentUsers *self,
                                      const char *user,
                                      bool is_device,
                                      int64_t now_s,
                                      char ret_code[ENROLMENT_CODE_SIZE]);

/* What somebody shows who wants a certificate. */
typedef struct EnrolmentClaim {
  const char *user; /* the account; canonical user names only can be granted */
  const char *code;
  const char *requested; /* the name in the certificate request */
  uint8_t key_hash[CERTIFICATE_HASH_SIZE];
  unsigned node_id_count;
  int64_t now_s;
  int64_t until_s; /* when the certificate will end */
} EnrolmentClaim;

/* On ENROLMENT_GRANTED the device is kept, with its Node-IDs: fresh random ones, or those it has
 * already had. `instance_name` must follow the @ of what is requested. */
EnrolmentVerdict enrolment_users_claim (EnrolmentUsers *self,
                                        const EnrolmentClaim *claim,
                                        const char *instance_name,
                                        NodeId ret_node_ids[ENROLMENT_DEVICE_NODE_IDS]);

typedef struct EnrolmentUser {
  const char *name;
  unsigned devices; /* that have a certificate */
  unsigned waiting; /* codes that can be used */
  bool is_removed;
} EnrolmentUser;

typedef void (*EnrolmentUserFunc) (const EnrolmentUser *user, void *user_data);

/* By name. */
void
enrolment_users_list (EnrolmentUsers *self, int64_t now_s, EnrolmentUserFunc func, void *user_data);

/* The Node-IDs of `user` whose certificates have not ended; freed by the caller. NULL when there is
 * no such person. */
GArray *enrolment_users_node_ids (EnrolmentUsers *self, const char *user, int64_t now_s);

/* From now on no code of `user` is good, and nobody else gets that name. */
bool enrolment_users_remove (EnrolmentUsers *self, const char *user);
