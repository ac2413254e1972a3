/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-private.h"

#include "core/base/big-endian.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <string.h>

/* Requests have a long-term credential (RFC 8489, 9.2). A nonce carries the second in which it was
 * made and an HMAC of that and the client's address, so that none has to be remembered; it is stale
 * after NONCE_S. The name's own expiry counts for new allocations only: a call may be longer than
 * its credential lives.
 *
 * Each method checks all of a request before it changes anything, and says 0 or the error code. */

#define REALM "peal"

enum {
  NONCE_S = 600,
  NONCE_TIME_DIGITS = 8,
  NONCE_SIZE = NONCE_TIME_DIGITS + 32,
  TRANSPORT_UDP = 17,
  ADDRESS_FAMILY_ATTRIBUTE = STUN_ATTRIBUTE_REQUESTED_ADDRESS_TYPE, /* RFC 8656, 18.6 */
  CHANNEL_FIRST = 0x4000,
  CHANNEL_LAST = 0x7fff, /* of RFC 5766: see stun.h */
  LIFETIME_S = 600,
  LIFETIME_MAX_S = 3600
};

static const uint16_t known_attributes[] = { STUN_ATTRIBUTE_USERNAME,
                                             STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
                                             STUN_ATTRIBUTE_CHANNEL_NUMBER,
                                             STUN_ATTRIBUTE_LIFETIME,
                                             STUN_ATTRIBUTE_XOR_PEER_ADDRESS,
                                             STUN_ATTRIBUTE_DATA,
                                             STUN_ATTRIBUTE_REALM,
                                             STUN_ATTRIBUTE_NONCE,
                                             ADDRESS_FAMILY_ATTRIBUTE,
                                             STUN_ATTRIBUTE_EVEN_PORT,
                                             STUN_ATTRIBUTE_REQUESTED_TRANSPORT,
                                             STUN_ATTRIBUTE_RESERVATION_TOKEN,
                                             0 };

typedef struct Exchange {
  Relay *relay;
  const RelayClient *from;
  RelayAllocation *allocation; /* NULL when the client has none */
  StunAgent agent;
  StunMessage request;
  StunMessage answer;
  uint8_t bytes[STUN_REPLY_SIZE]; /* of the answer */
  RelayCredential credential;     /* of the name in the request */
  NodeId node;
  uint64_t expiry_s;
  uint32_t lifetime_s; /* granted */
} Exchange;

/* ---- Who it is ---- */

static void
make_nonce (const Relay *relay,
            const Address *client,
            unsigned time_s,
            char ret_nonce[NONCE_SIZE + 1])
{
  uint8_t text[4 + 2 + 16];
  uint8_t digest[EVP_MAX_MD_SIZE];
  g_autofree char *hex = NULL;

  big_endian_write (text, 4, time_s);
  big_endian_write (text + 4, 2, client->port);
  memcpy (text + 6, client->bytes, 16);
  HMAC (EVP_sha256 (), relay->nonce_key, sizeof relay->nonce_key, text, sizeof text, digest, NULL);
  hex = bytes_to_hex ((Bytes){ digest, (NONCE_SIZE - NONCE_TIME_DIGITS) / 2 });
  g_snprintf (ret_nonce, NONCE_SIZE + 1, "%08x%s", time_s, hex);
}

static unsigned
now_s (const Relay *relay)
{
  return (unsigned) (timers_now (relay->timers) / TIME_SECOND);
}

static bool
has_fresh_nonce (Exchange *self)
{
  const Relay *relay = self->relay;
  uint16_t size = 0;
  const char *nonce = stun_message_find (&self->request, STUN_ATTRIBUTE_NONCE, &size);
  char right[NONCE_SIZE + 1];
  char digits[NONCE_TIME_DIGITS + 1] = { 0 };
  guint64 time_s;

  if (nonce == NULL || size != NONCE_SIZE)
    return false;
  memcpy (digits, nonce, NONCE_TIME_DIGITS);
  if (!g_ascii_string_to_unsigned (digits, 16, 0, UINT32_MAX, &time_s, NULL))
    return false;
  make_nonce (relay, &self->from->peer, (unsigned) time_s, right);
  return CRYPTO_memcmp (right, nonce, NONCE_SIZE) == 0 && now_s (relay) - time_s <= NONCE_S;
}

/* For libnice: the password of a name. */
static bool
on_user (StunAgent *agent,
         StunMessage *message,
         uint8_t *user,
         uint16_t user_size,
         uint8_t **ret_password,
         size_t *ret_password_size,
         void *user_data)
{
  Exchange *self = user_data;

  if (!relay_credential_read (self->relay->key, (Bytes){ user, user_size }, &self->node,
                              &self->expiry_s, &self->credential))
    return false;
  *ret_password = (uint8_t *) self->credential.password;
  *ret_password_size = strlen (self->credential.password);
  return true;
}

static int
check_status (StunValidationStatus status)
{
  switch (status) {
  case STUN_VALIDATION_SUCCESS:
    return 0;
  case STUN_VALIDATION_UNAUTHORIZED:
    return STUN_ERROR_UNAUTHORIZED;
  case STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE:
    return STUN_ERROR_UNKNOWN_ATTRIBUTE;
  case STUN_VALIDATION_NOT_STUN:
  case STUN_VALIDATION_INCOMPLETE_STUN:
  case STUN_VALIDATION_BAD_REQUEST:
  case STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST:
  case STUN_VALIDATION_UNMATCHED_RESPONSE:
  case STUN_VALIDATION_UNKNOWN_ATTRIBUTE:
  case STUN_VALIDATION_FORBIDDEN:
    break;
  }
  return STUN_ERROR_BAD_REQUEST;
}

/* RFC 8489, 9.2.4: no integrity at all is a first request, half a credential is a bad one. */
static int
authenticate (Exchange *self, Bytes request)
{
  int code;

  if (!stun_message_has_attribute (&self->request, STUN_ATTRIBUTE_MESSAGE_INTEGRITY))
    return STUN_ERROR_UNAUTHORIZED;
  code = check_status (
    stun_agent_validate (&self->agent, &self->request, request.data, request.size, on_user, self));

  return code == 0 && !has_fresh_nonce (self) ? STUN_ERROR_STALE_NONCE : code;
}

/* RFC 8656, 5: all requests on an allocation have the name that made it. */
static int
check_owner (const Exchange *self)
{
  if (self->allocation == NULL)
    return STUN_ERROR_ALLOCATION_MISMATCH;
  return strcmp (self->allocation->user, self->credential.user) == 0 ? 0
                                                                     : STUN_ERROR_WRONG_CREDENTIALS;
}

/* ---- Allocate and Refresh ---- */

static bool
has (const Exchange *self, unsigned type)
{
  return stun_message_has_attribute (&self->request, (StunAttribute) type);
}

/* The first byte of an attribute of four. */
static bool
find_first_byte (const Exchange *self, unsigned type, unsigned *ret_byte)
{
  uint32_t value;

  if (stun_message_find32 (&self->request, (StunAttribute) type, &value) !=
      STUN_MESSAGE_RETURN_SUCCESS)
    return false;
  *ret_byte = value >> 24;
  return true;
}

static bool
wants_next_port (const Exchange *self)
{
  uint16_t size = 0;
  const uint8_t *value = stun_message_find (&self->request, STUN_ATTRIBUTE_EVEN_PORT, &size);

  return value != NULL && (size == 0 || (value[0] & 0x80) != 0);
}

static int
check_wishes (const Exchange *self, RelayWish *ret_wish)
{
  unsigned family = ADDRESS_IPV4; /* RFC 8656, 7.1 */
  unsigned transport;

  if (!find_first_byte (self, STUN_ATTRIBUTE_REQUESTED_TRANSPORT, &transport))
    return STUN_ERROR_BAD_REQUEST;
  if (transport != TRANSPORT_UDP)
    return STUN_ERROR_UNSUPPORTED_TRANSPORT;
  if (has (self, STUN_ATTRIBUTE_RESERVATION_TOKEN) &&
      (has (self, STUN_ATTRIBUTE_EVEN_PORT) || has (self, ADDRESS_FAMILY_ATTRIBUTE)))
    return STUN_ERROR_BAD_REQUEST;
  /* No second port is kept: phones send RTP and RTCP over one. */
  if (has (self, STUN_ATTRIBUTE_RESERVATION_TOKEN) || wants_next_port (self))
    return STUN_ERROR_INSUFFICIENT_CAPACITY;
  if (has (self, ADDRESS_FAMILY_ATTRIBUTE) &&
      !find_first_byte (self, ADDRESS_FAMILY_ATTRIBUTE, &family))
    return STUN_ERROR_BAD_REQUEST;
  if (family != ADDRESS_IPV4 && family != ADDRESS_IPV6)
    return STUN_ERROR_UNSUPPORTED_FAMILY;
  *ret_wish = (RelayWish){ (AddressFamily) family, has (self, STUN_ATTRIBUTE_EVEN_PORT) };
  return 0;
}

static const uint8_t *
id_of (const StunMessage *message)
{
  return message->buffer + STUN_MESSAGE_HEADER_LENGTH - STUN_ID_SIZE;
}

static uint32_t
wanted_lifetime (const Exchange *self)
{
  uint32_t wanted = LIFETIME_S;

  stun_message_find32 (&self->request, STUN_ATTRIBUTE_LIFETIME, &wanted);
  return wanted;
}

static int
check_quota (const Exchange *self)
{
  Relay *relay = self->relay;

  if (self->expiry_s <= relay->ports->wall_clock_s (relay->world))
    return STUN_ERROR_UNAUTHORIZED;
  if (relay_count_of (relay, &self->node) >= LIMIT_RELAY_ALLOCATIONS_NODE &&
      !relay_end_stale (relay, &self->node, self->from))
    return STUN_ERROR_ALLOCATION_QUOTA_REACHED;
  if (g_hash_table_size (relay->allocations) >= LIMIT_RELAY_ALLOCATIONS &&
      !relay_make_room (relay, &self->node))
    return STUN_ERROR_INSUFFICIENT_CAPACITY;
  return 0;
}

static int
allocate (Exchange *self)
{
  RelayAllocation *allocation = self->allocation;
  RelayWish wish = { 0 };
  int code = check_wishes (self, &wish);

  /* Sent again because our answer was lost. */
  if (allocation != NULL && memcmp (allocation->id, id_of (&self->request), STUN_ID_SIZE) == 0) {
    self->lifetime_s =
      (uint32_t) (timer_left (&allocation->expiry, self->relay->timers) / TIME_SECOND);
    return 0;
  }
  if (allocation != NULL)
    return STUN_ERROR_ALLOCATION_MISMATCH;
  if (code != 0 || (code = check_quota (self)) != 0)
    return code;
  self->lifetime_s = CLAMP (wanted_lifetime (self), LIFETIME_S, LIFETIME_MAX_S);
  allocation = relay_allocate (self->relay, self->from, &wish, self->lifetime_s * TIME_SECOND);
  if (allocation == NULL)
    return wish.is_even ? STUN_ERROR_INSUFFICIENT_CAPACITY : STUN_ERROR_UNSUPPORTED_FAMILY;
  allocation->node = self->node;
  memcpy (allocation->user, self->credential.user, sizeof allocation->user);
  memcpy (allocation->id, id_of (&self->request), STUN_ID_SIZE);
  self->allocation = allocation;
  return 0;
}

static int
refresh (Exchange *self)
{
  uint32_t wanted = wanted_lifetime (self);
  unsigned family;

  if (find_first_byte (self, ADDRESS_FAMILY_ATTRIBUTE, &family) &&
      family != (unsigned) self->allocation->relayed.family)
    return STUN_ERROR_INVALID_IP;
  self->lifetime_s = wanted == 0 ? 0 : CLAMP (wanted, LIFETIME_S, LIFETIME_MAX_S);
  relay_refresh (self->allocation, self->lifetime_s * TIME_SECOND);
  return 0;
}

/* ---- CreatePermission and ChannelBind ---- */

static int
check_peer (const Exchange *self, unsigned index, Address *ret_peer)
{
  if (stun_find_address (&self->request, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, index, ret_peer) !=
      STUN_FINDING_GOOD)
    return STUN_ERROR_BAD_REQUEST;
  if (ret_peer->family != self->allocation->relayed.family)
    return STUN_ERROR_INVALID_IP;
  return relay_may_send (self->allocation, ret_peer) ? 0 : STUN_ERROR_FORBIDDEN;
}

static int
create_permission (Exchange *self)
{
  Address peers[LIMIT_STUN_ATTRIBUTES];
  unsigned count = 0;
  int code;

  do {
    code = check_peer (self, count, &peers[count]);
    if (code != 0)
      return code;
    count++;
  } while (stun_find_address (&self->request, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, count,
                              &peers[count]) != STUN_FINDING_NONE);
  for (unsigned i = 0; i < count; i++)
    if (!relay_permit (self->allocation, &peers[i]))
      return STUN_ERROR_INSUFFICIENT_CAPACITY;
  return 0;
}

static int
bind_channel (Exchange *self)
{
  const RelayChannel *same_number;
  const RelayChannel *same_peer;
  uint32_t number;
  Address peer;
  int code;

  if (stun_message_find32 (&self->request, STUN_ATTRIBUTE_CHANNEL_NUMBER, &number) !=
      STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_ERROR_BAD_REQUEST;
  number >>= 16;
  if (number < CHANNEL_FIRST || number > CHANNEL_LAST)
    return STUN_ERROR_BAD_REQUEST;
  code = check_peer (self, 0, &peer);
  if (code != 0)
    return code;
  same_number = relay_channel_by_number (self->allocation, number);
  same_peer = relay_channel_by_peer (self->allocation, &peer);
  if (same_number != same_peer)
    return STUN_ERROR_BAD_REQUEST;
  return relay_bind (self->allocation, number, &peer) ? 0 : STUN_ERROR_INSUFFICIENT_CAPACITY;
}

static int
perform (Exchange *self)
{
  StunMethod method = stun_message_get_method (&self->request);
  int code = 0;

  if (method != STUN_ALLOCATE)
    code = check_owner (self);
  if (code != 0)
    return code;
  switch ((unsigned) method) {
  case STUN_ALLOCATE:
    return allocate (self);
  case STUN_REFRESH:
    return refresh (self);
  case STUN_CREATEPERMISSION:
    return create_permission (self);
  case STUN_CHANNELBIND:
    return bind_channel (self);
  default:
    return STUN_ERROR_BAD_REQUEST;
  }
}

/* ---- Answers ---- */

static void
send_answer (Exchange *self)
{
  size_t size = stun_agent_finish_message (&self->agent, &self->answer, NULL, 0);

  if (size > 0)
    self->relay->ports->to_client (self->relay->world, self->from, (Bytes){ self->bytes, size });
}

static void
append_challenge (Exchange *self)
{
  char nonce[NONCE_SIZE + 1];

  make_nonce (self->relay, &self->from->peer, now_s (self->relay), nonce);
  stun_message_append_string (&self->answer, STUN_ATTRIBUTE_REALM, REALM);
  stun_message_append_string (&self->answer, STUN_ATTRIBUTE_NONCE, nonce);
}

static void
refuse (Exchange *self, int code)
{
  self->relay->report.refused++;
  if (code == STUN_ERROR_UNKNOWN_ATTRIBUTE) {
    size_t size =
      stun_agent_build_unknown_attributes_error (&self->agent, &self->answer, self->bytes,
                                                 sizeof self->bytes, &self->request);
    self->relay->ports->to_client (self->relay->world, self->from, (Bytes){ self->bytes, size });
    return;
  }
  if (!stun_agent_init_error (&self->agent, &self->answer, self->bytes, sizeof self->bytes,
                              &self->request, (StunError) code))
    return;
  if (code == STUN_ERROR_UNAUTHORIZED || code == STUN_ERROR_STALE_NONCE)
    append_challenge (self);
  send_answer (self);
}

static void
grant (Exchange *self)
{
  StunMethod method = stun_message_get_method (&self->request);
  StunMessage *answer = &self->answer;

  if (!stun_agent_init_response (&self->agent, answer, self->bytes, sizeof self->bytes,
                                 &self->request))
    return;
  if (method == STUN_ALLOCATE) {
    stun_append_address (answer, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &self->allocation->relayed);
    stun_append_address (answer, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &self->from->peer);
  }
  if (method == STUN_ALLOCATE || method == STUN_REFRESH)
    stun_message_append32 (answer, STUN_ATTRIBUTE_LIFETIME, self->lifetime_s);
  send_answer (self);
}

void
relay_answer (Relay *self, const RelayClient *from, Bytes request)
{
  Exchange exchange = { .relay = self, .from = from };
  int code;

  if (!stun_read (request, &exchange.request))
    return;
  exchange.allocation = relay_find (self, from);
  stun_agent_init (&exchange.agent, known_attributes, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS |
                     (stun_message_has_attribute (&exchange.request, STUN_ATTRIBUTE_FINGERPRINT)
                        ? STUN_AGENT_USAGE_USE_FINGERPRINT
                        : 0));
  code = authenticate (&exchange, request);
  if (code == 0)
    code = perform (&exchange);
  if (code == 0)
    grant (&exchange);
  else
    refuse (&exchange, code);
}
