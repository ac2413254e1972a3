/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/turn-client.h"

#include <string.h>

static const uint16_t known_attributes[] = { STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS,
                                             STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
                                             STUN_ATTRIBUTE_LIFETIME,
                                             STUN_ATTRIBUTE_ERROR_CODE,
                                             STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES,
                                             STUN_ATTRIBUTE_REALM,
                                             STUN_ATTRIBUTE_NONCE,
                                             STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
                                             0 };

void
turn_client_begin (TurnClient *self, StunMethod method)
{
  stun_agent_init (&self->agent, known_attributes, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  g_assert_true (stun_agent_init_request (&self->agent, &self->message, self->bytes,
                                          sizeof self->bytes, method));
}

Bytes
turn_client_end (TurnClient *self)
{
  const char *password = self->credential.password;
  size_t size;

  if (self->nonce[0] != '\0') {
    stun_message_append_string (&self->message, STUN_ATTRIBUTE_REALM, self->realm);
    stun_message_append_string (&self->message, STUN_ATTRIBUTE_NONCE, self->nonce);
    stun_message_append_string (&self->message, STUN_ATTRIBUTE_USERNAME, self->credential.user);
    size = stun_agent_finish_message (&self->agent, &self->message, (const uint8_t *) password,
                                      strlen (password));
  } else {
    size = stun_agent_finish_message (&self->agent, &self->message, NULL, 0);
  }
  g_assert_cmpuint (size, >, 0);
  return (Bytes){ self->bytes, size };
}

int
turn_client_read (TurnClient *self, Bytes answer, StunMessage *ret_message)
{
  StunValidationStatus status =
    stun_agent_validate (&self->agent, ret_message, answer.data, answer.size, NULL, NULL);
  int code = 0;

  g_assert_cmpint (status, ==, STUN_VALIDATION_SUCCESS);
  stun_message_find_error (ret_message, &code);
  if (code == STUN_ERROR_UNAUTHORIZED || code == STUN_ERROR_STALE_NONCE) {
    stun_message_find_string (ret_message, STUN_ATTRIBUTE_REALM, self->realm, sizeof self->realm);
    stun_message_find_string (ret_message, STUN_ATTRIBUTE_NONCE, self->nonce, sizeof self->nonce);
  }
  return code;
}

Bytes
turn_client_send (TurnClient *self, const Address *peer, Bytes data)
{
  size_t size;

  stun_agent_init (&self->agent, known_attributes, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_IGNORE_CREDENTIALS);
  stun_agent_init_indication (&self->agent, &self->message, self->bytes, sizeof self->bytes,
                              STUN_IND_SEND);
  stun_append_address (&self->message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, peer);
  stun_message_append_bytes (&self->message, STUN_ATTRIBUTE_DATA, data.data, data.size);
  size = stun_agent_finish_message (&self->agent, &self->message, NULL, 0);
  return (Bytes){ self->bytes, size };
}
