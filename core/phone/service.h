/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service.h: who offers a service to everybody in a network. */
#pragma once
#include "core/phone/phone.h"

/* One who does, chosen by chance. */
typedef struct PealService {
  char *name;       /* "turn-server" */
  char *node_id;    /* in hexadecimal */
  unsigned fetches; /* places that were looked at */
  unsigned duration_ms;
} PealService;

void peal_service_free (PealService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PealService, peal_service_free)

/* Of the first account's network, or of that named behind an "@". Fails with a sentence when there
 * is nobody. (transfer full) */
void peal_phone_find_service_async (PealPhone *self,
                                    const char *typed,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
PealService *peal_phone_find_service_finish (PealPhone *self, GAsyncResult *result, GError **error);
