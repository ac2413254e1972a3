/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enrolment-server.h: hands out the configuration and certificates of one overlay over HTTPS (RFC
 * 6940, 11.2 and 11.3). Members do without it once they are enrolled. */
#pragma once
#include "core/base/address.h"
#include "core/crypto/authority.h"
#include "core/os/enrolment-users.h"

typedef struct EnrolmentServer EnrolmentServer;

typedef struct EnrolmentServerOptions {
  const char *listen;         /* "ADDR:PORT"; port 0: a free one */
  const char *host;           /* by which clients know it: of the URL in the configuration */
  const Authority *authority; /* these two outlive the server */
  EnrolmentUsers *users;

  /* The present configuration document, a new reference. */
  GBytes *(*document) (void *user_data);
  void *user_data;
} EnrolmentServerOptions;

/* Runs on the thread-default main context. */
EnrolmentServer *enrolment_server_new (const EnrolmentServerOptions *options, GError **error);
void enrolment_server_free (EnrolmentServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EnrolmentServer, enrolment_server_free)

/* Where it listens. */
const Address *enrolment_server_address (const EnrolmentServer *self);
