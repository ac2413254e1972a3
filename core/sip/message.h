/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.h: a SIP message as the rest of this folder reads it, without the library's types. */
#pragma once
#include "core/base/arena.h"

struct osip_message;

/* Everything is borrowed from the arena it was read into. Texts are NULL when they are missing. */
typedef struct SipMessage {
  const char *method; /* of a response: the one of its CSeq */
  int status;         /* 0: a request */
  const char *call_id;
  const char *branch;
  uint32_t cseq;
  const char *from_tag;
  const char *to_tag;

  /* user@host of sip: and sips: URIs, lower case, %-decoded; NULL for other URIs. */
  const char *target_address; /* the Request-URI */
  const char *from_address;
  const char *to_address;
  const char *contact_address;

  const char *from_name;   /* as written; see display-name.h */
  const char *contact_uri; /* to be sent as a Request-URI */
  const char *contact_gr;
  const char *route_set; /* of Record-Route, as a Route header of ours would have it */

  const char *event; /* without parameters */
  const char *subscription_state;
  const char *require;
  const char *reason;
  const char *info_package;
  const char *content_type; /* "type/subtype", lower case */
  int64_t expires;          /* seconds; -1 when missing */
  int64_t min_expires;
  Bytes body;
} SipMessage;

const SipMessage *message_read (const struct osip_message *message, Arena *arena);

/* Whether header value `value` is `token`, whatever its parameters ("active;expires=60"). */
bool message_has_token (const char *value, const char *token);

/* The text of parameter `name` of a header value, without quotes; to be freed with g_free(). */
char *message_parameter (const char *value, const char *name);

/* How to answer a request. Texts may be NULL. */
typedef struct SipReply {
  int status;
  const char *to_tag;  /* used when the request has none */
  const char *contact; /* a URI */
  const char *headers; /* whole further lines "Name: value\r\n" */
  const char *content_type;
  Bytes body;
} SipReply;

/* The library's form of an answer to `request`; NULL when it cannot be written. */
struct osip_message *message_new_reply (const struct osip_message *request, const SipReply *reply);

/* A CANCEL for the INVITE `request` (RFC 3261, 9.1). `reason` is a header value or NULL. */
struct osip_message *message_new_cancel (const struct osip_message *request, const char *reason);
