/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node.h"
#include "core/overlay/configuration.h"
#include "core/overlay/hash.h"
#include "core/wire/frame.h"
#include "core/wire/message.h"
#include "core/wire/methods.h"
#include "tests/fuzz/driver.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

/* A whole node among members of its overlay who mean harm. The input is a list of steps, each one
 * byte that says which, and what it needs:
 *
 *   0  the clock goes on: uint16 of 16 ms
 *   1  bytes come over link i: i, uint16 length, bytes
 *   2  one frame with a message of those bytes: i, uint16 length, bytes
 *   3  one signed message: i, code, where to, whose transaction, uint16 length, body
 *   4  member i calls at the listener
 *   5  link i ends: i, why
 *   6  candidates were gathered for the oldest link that waits for it
 *   7  the oldest link that was checked comes up, at its other end member i: i
 *   8  the person does something: what
 */

#define INSTANCE "home-fuzzfuzz.peal.alt"

enum { MEMBERS = 4, LINKS = 8, STEPS_MAX = 400, WAITING = 16 };

typedef struct Member {
  Signer signer;
  NodeId id;
  uint32_t link; /* 0: none */
  uint32_t sequence;
  uint64_t asked; /* the last transaction that the node asked it */
} Member;

typedef struct Session {
  Timers *timers;
  NodePorts ports;
  Signer signer;
  Configuration *configuration;
  Node *node;
  Member members[MEMBERS];
  uint64_t random;
  uint32_t next_incoming;
  uint32_t gathering[WAITING], checking[WAITING];
  unsigned gathering_count, checking_count;
  uint32_t call;
  unsigned events;
} Session;

typedef struct Input {
  const uint8_t *data;
  size_t size;
} Input;

static uint8_t
take (Input *self)
{
  if (self->size == 0)
    return 0;
  self->size--;
  return *self->data++;
}

static uint16_t
take_u16 (Input *self)
{
  uint8_t high = take (self);

  return (uint16_t) (high << 8 | take (self));
}

static Bytes
take_bytes (Input *self)
{
  uint16_t claimed = take_u16 (self);
  size_t size = MIN (claimed, self->size);
  Bytes bytes = { self->data, size };

  self->data += size;
  self->size -= size;
  return bytes;
}

/* ---- Ports ---- */

static void
port_log (void *world, LogLevel level, const char *domain, const char *text)
{
}

static uint64_t
port_wall_clock_ms (void *world)
{
  return UINT64_C (1800000000000) + timers_now (((Session *) world)->timers) / TIME_MS;
}

static uint32_t
next_random (Session *self)
{
  self->random = self->random * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
  return (uint32_t) (self->random >> 32);
}

static void
port_random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    ret_bytes[i] = (uint8_t) next_random (world);
}

static uint32_t
port_random_below (void *world, uint32_t limit)
{
  return next_random (world) % MAX (limit, 1);
}

static void
port_link_connect (void *world, uint32_t link, LinkTransport transport, const Address *to)
{
  Session *self = world;

  if (self->checking_count < WAITING)
    self->checking[self->checking_count++] = link;
}

static void
port_link_gather (void *world, uint32_t link, const LinkSetup *setup)
{
  Session *self = world;

  if (self->gathering_count < WAITING)
    self->gathering[self->gathering_count++] = link;
}

static void
port_link_check (void *world,
                 uint32_t link,
                 const IceDescription *remote,
                 const LinkSetup *setup,
                 Bytes fingerprint)
{
  port_link_connect (world, link, LINK_TRANSPORT_DTLS, NULL);
}

static Member *
member_at (Session *self, uint32_t link)
{
  for (unsigned i = 0; i < MEMBERS; i++)
    if (self->members[i].link == link)
      return &self->members[i];
  return NULL;
}

static void
port_link_send (void *world, uint32_t link, Bytes bytes)
{
  Member *member = member_at (world, link);
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  FramedMessage frame;
  Bytes payload;

  g_assert (frame_decode (bytes, &frame));
  if (member != NULL && frame.type == FRAME_DATA &&
      header_decode (frame.message, arena, &header, &payload, NULL))
    member->asked = header.transaction_id;
}

static void
forget (uint32_t *list, unsigned *count, uint32_t link)
{
  for (unsigned i = 0; i < *count; i++)
    if (list[i] == link) {
      *count -= 1;
      memmove (&list[i], &list[i + 1], (*count - i) * sizeof *list);
      return;
    }
}

static void
port_link_close (void *world, uint32_t link)
{
  Session *self = world;
  Member *member = member_at (self, link);

  if (member != NULL)
    member->link = 0;
  forget (self->gathering, &self->gathering_count, link);
  forget (self->checking, &self->checking_count, link);
}

static void
port_keep (void *world, KeepTable table, Bytes key, Bytes value)
{
}

static void
on_event (const NodeEvent *event, void *user_data)
{
  ((Session *) user_data)->events++;
}

/* ---- Steps ---- */

static void
receive_frame (Session *self, Member *member, Bytes message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  FramedMessage frame = { .type = FRAME_DATA, .sequence = member->sequence++, .message = message };

  if (framed_message_encode (&frame, bytes))
    node_receive (self->node, member->link, (Bytes){ bytes->data, bytes->len });
}

static Destination
destination_for (Session *self, uint8_t choice)
{
  const NodeId *own = node_id (self->node);

  switch (choice % 4) {
  case 1:
    return destination_of_resource (node_id_bytes (own));
  case 2:
    return destination_of_node (&self->members[choice / 4 % MEMBERS].id);
  case 3:
    return destination_of_resource (node_id_bytes (&self->members[choice / 4 % MEMBERS].id));
  default:
    return destination_of_node (own);
  }
}

static void
receive_signed (Session *self, Member *member, Input *input)
{
  uint8_t code = take (input);
  Destination to = destination_for (self, take (input));
  uint8_t whose = take (input);
  MessageContents message = {
    .message_code = code == 0xff ? MESSAGE_ERROR : code,
    .message_body = take_bytes (input),
  };
  g_autoptr (GByteArray) contents = g_byte_array_new ();
  g_autoptr (GByteArray) covered = g_byte_array_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  uint8_t value[SIGNATURE_SIZE_MAX];
  GenericCertificate own = { CERTIFICATE_TYPE_X509, member->signer.own->der };
  SecurityBlock block = { .certificates = { &own, 1 } };
  ForwardingHeader header = {
    .overlay = overlay_hash_of (INSTANCE),
    .configuration_sequence = self->configuration->sequence,
    .ttl = 20,
    .fragment = FRAGMENT_ONLY,
    .transaction_id = whose == 0 ? member->asked : next_random (self),
    .destination_list = { &to, 1 },
  };

  message_contents_encode (&message, contents);
  block.signature = (Signature){
    .hash = HASH_SHA256,
    .signature = SIGNATURE_ECDSA,
    .identity = { .identity_type = SIGNER_CERT_HASH,
                  .hash_alg = HASH_SHA256,
                  .certificate_hash = { member->signer.own->hash, CERTIFICATE_HASH_SIZE } },
  };
  message_signature_input (&header, (Bytes){ contents->data, contents->len },
                           &block.signature.identity, covered);
  block.signature.signature_value =
    (Bytes){ value, member->signer.sign (member->signer.key_ring,
                                         (Bytes){ covered->data, covered->len }, value) };
  if (message_encode (&header, (Bytes){ contents->data, contents->len }, &block, bytes))
    receive_frame (self, member, (Bytes){ bytes->data, bytes->len });
}

static void
call (Session *self, Member *member, uint32_t link)
{
  if (member->link != 0) {
    uint32_t old = member->link;
    member->link = 0;
    node_link_down (self->node, old, LINK_END_CLOSED);
  }
  member->link = link;
  node_link_up (self->node, link, certificate_ref (member->signer.own), (LinkTraits){ 0 });
}

static void
gathered (Session *self)
{
  IceDescription local = {
    .ufrag = "fuzz",
    .password = "aPasswordOfTheRightLength",
    .candidate_count = 1,
    .candidates = { { .type = CANDIDATE_HOST,
                      .address = { .family = ADDRESS_IPV4, .port = 9 },
                      .priority = 1,
                      .foundation = "1" } },
  };
  uint32_t link;

  if (self->gathering_count == 0)
    return;
  link = self->gathering[0];
  forget (self->gathering, &self->gathering_count, link);
  node_link_gathered (self->node, link, &local);
}

static void
come_up (Session *self, Member *member)
{
  uint32_t link;

  if (self->checking_count == 0)
    return;
  link = self->checking[0];
  forget (self->checking, &self->checking_count, link);
  call (self, member, link);
}

static void
serve (Session *self, uint8_t what)
{
  const Address address = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 7 }, .port = 3478 };

  switch (what % 4) {
  case 0:
    node_network_changed (self->node);
    break;
  case 1:
    node_offer_relay (self->node, what % 8 == 1 ? &address : NULL);
    break;
  case 2:
    node_service_find (self->node, "voice-mail", NULL);
    break;
  case 3:
    node_find_relays (self->node);
    break;
  }
}

static void
act (Session *self, uint8_t what)
{
  const char *user = self->members[what / 8 % MEMBERS].signer.own->user;

  switch (what % 8) {
  case 0:
    node_lookup (self->node, user);
    break;
  case 1:
    node_subscribe (self->node, user, NULL, false);
    break;
  case 2:
    node_unsubscribe (self->node, user);
    break;
  case 3:
    self->call = node_call (self->node, &(NodeCallOptions){ .address = user });
    break;
  case 4:
    node_call_end (self->node, self->call);
    break;
  case 5:
    node_call_answer (self->node, self->call);
    break;
  case 6:
    serve (self, what / 8);
    break;
  case 7:
    node_stop (self->node);
    break;
  }
}

static void
step (Session *self, Input *input)
{
  uint8_t what = take (input);
  Member *member = &self->members[what == 0 || what == 6 ? 0 : take (input) % MEMBERS];
  uint32_t link = member->link;
  Bytes bytes;

  switch (what % 9) {
  case 0:
    timers_advance (self->timers, timers_now (self->timers) + take_u16 (input) * 16 * TIME_MS,
                    2000);
    break;
  case 1:
    bytes = take_bytes (input);
    if (link != 0)
      node_receive (self->node, link, bytes);
    break;
  case 2:
    bytes = take_bytes (input);
    if (link != 0)
      receive_frame (self, member, bytes);
    break;
  case 3:
    receive_signed (self, member, input);
    break;
  case 4:
    call (self, member, LINK_FIRST_INCOMING + self->next_incoming++);
    break;
  case 5:
    member->link = 0;
    if (link != 0)
      node_link_down (self->node, link, (LinkEnd) (take (input) % (LINK_END_LOCAL + 1)));
    break;
  case 6:
    gathered (self);
    break;
  case 7:
    come_up (self, member);
    break;
  case 8:
    act (self, take (input));
    break;
  }
}

/* ---- The session ---- */

static void
session_init (Session *self)
{
  static const Address own = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 1 }, .port = 6084 };
  NodeId id = { { 0x80 } };
  NodeOptions options = { .ports = &self->ports,
                          .display_name = "Self",
                          .is_user = true,
                          .event = on_event,
                          .user_data = self };

  self->timers = timers_new (0);
  sim_signer_init (&self->signer, &id, "self@" INSTANCE);
  self->ports = (NodePorts){
    .world = self,
    .timers = self->timers,
    .signer = &self->signer,
    .log = port_log,
    .wall_clock_ms = port_wall_clock_ms,
    .random_bytes = port_random_bytes,
    .random_below = port_random_below,
    .link_connect = port_link_connect,
    .link_gather = port_link_gather,
    .link_check = port_link_check,
    .link_send = port_link_send,
    .link_close = port_link_close,
    .keep = port_keep,
  };
  for (unsigned i = 0; i < MEMBERS; i++) {
    Member *member = &self->members[i];
    g_autofree char *user = g_strdup_printf ("user%u@" INSTANCE, i);
    member->id = (NodeId){ { (uint8_t) (0x20 + 0x40 * i) } };
    sim_signer_init (&member->signer, &member->id, user);
  }
  self->configuration = configuration_create ("home", INSTANCE, &self->signer);
  options.configuration = self->configuration;
  self->node = node_new (&options);
  node_set_listening (self->node, &own, 1);
  node_start (self->node);
}

static void
session_clear (Session *self)
{
  node_free (self->node);
  configuration_unref (self->configuration);
  for (unsigned i = 0; i < MEMBERS; i++)
    sim_signer_clear (&self->members[i].signer);
  sim_signer_clear (&self->signer);
  timers_free (self->timers);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Session self = { 0 };
  Input input = { data, size };

  session_init (&self);
  for (unsigned i = 0; i < STEPS_MAX && input.size > 0; i++)
    step (&self, &input);
  session_clear (&self);
  return 0;
}
