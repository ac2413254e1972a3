/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialog.h: what two user agents remember of their conversation (RFC 3261, 12). */
#pragma once
#include "core/base/ports.h"
#include "core/sip/message.h"

enum { DIALOG_TOKEN_SIZE = 17 };

/* Who we are, in everything that we write. */
typedef struct SipIdentity {
  char *address;      /* owned; user@instance-name */
  const char *host;   /* of that, its instance-name */
  char *display_name; /* owned; quoted for a header */
  char *contact;      /* owned; our GRUU */
} SipIdentity;

/* All texts are owned. */
typedef struct Dialog {
  char *call_id;
  char *local_tag;
  char *remote_tag;    /* NULL until the other side has answered */
  char *local_address; /* user@host */
  char *remote_address;
  char *target;    /* a URI: where requests go */
  char *route_set; /* NULL when empty */
  uint32_t local_cseq;
  uint32_t remote_cseq; /* 0 before the first request from there */
} Dialog;

typedef struct SipRequest {
  const char *method;
  uint32_t cseq;       /* 0: the next one of the dialog; else the one of an ACK */
  const char *headers; /* whole further lines, or NULL */
  const char *content_type;
  const char *body; /* NULL when there is none */
} SipRequest;

/* 16 hexadecimal digits for tags, branches and Call-IDs. */
const char *dialog_token (const NodePorts *ports, char ret_token[DIALOG_TOKEN_SIZE]);

/* One that we are about to begin: `to` is called, the request goes to `target`. */
void dialog_begin (Dialog *self,
                   const SipIdentity *identity,
                   const char *call_id,
                   const char *local_tag,
                   const char *to,
                   const char *target);

/* One that `request` begins, under a new tag of ours. */
void dialog_accept (Dialog *self,
                    const NodePorts *ports,
                    const SipIdentity *identity,
                    const SipMessage *request);
void dialog_clear (Dialog *self);

/* Takes tag, target and routes from an answer to our first request, or from a NOTIFY before it. */
void dialog_learn (Dialog *self, const SipMessage *message, const char *remote_tag);

/* Whether a request, or an answer, belongs here. Without a remote tag yet, any will do. */
bool dialog_has_request (const Dialog *self, const SipMessage *request);
bool dialog_has_response (const Dialog *self, const SipMessage *response);

/* Whether a request comes in order (RFC 3261, 12.2.2); then it refreshes the target too. */
bool dialog_advance (Dialog *self, const SipMessage *request);

/* The text of a request, to be freed with g_free(). */
char *dialog_write (Dialog *self,
                    const NodePorts *ports,
                    const SipIdentity *identity,
                    const SipRequest *request);
