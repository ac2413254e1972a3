/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/overlay-stage.h"

#include "core/overlay/chord-private.h"
#include "core/wire/frame.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

#define INSTANCE "home-stage234.peal.alt"

/* ---- Ports ---- */

static uint64_t
port_wall_clock_ms (void *world)
{
  OverlayStage *self = world;

  return self->wall_ms + timers_now (self->timers) / TIME_MS;
}

static uint64_t
next_random (OverlayStage *self)
{
  self->random = self->random * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
  return self->random >> 24;
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
  return (uint32_t) (next_random (world) % MAX (limit, 1));
}

static void
port_log (void *world, LogLevel level, const char *domain, const char *text)
{
}

static StageLink *
link_of (OverlayStage *self, uint32_t number)
{
  StageLink link = { .number = number };

  for (guint i = 0; i < self->links->len; i++)
    if (g_array_index (self->links, StageLink, i).number == number)
      return &g_array_index (self->links, StageLink, i);
  g_array_append_val (self->links, link);
  return &g_array_index (self->links, StageLink, self->links->len - 1);
}

static void
port_link_connect (void *world, uint32_t number, LinkTransport transport, const Address *to)
{
  StageLink *link = link_of (world, number);

  link->transport = transport;
  link->to = *to;
}

static void
port_link_gather (void *world, uint32_t number, const LinkSetup *setup)
{
  link_of (world, number)->setup = *setup;
}

static void
port_link_check (void *world,
                 uint32_t number,
                 const IceDescription *remote,
                 const LinkSetup *setup,
                 Bytes fingerprint)
{
  link_of (world, number)->remote = *remote;
}

static Stranger *
stranger_at (OverlayStage *self, uint32_t number)
{
  for (guint i = 0; i < self->strangers->len; i++) {
    Stranger *stranger = g_ptr_array_index (self->strangers, i);
    if (stranger->link == number)
      return stranger;
  }
  return NULL;
}

static void
on_acknowledge (Timer *timer, void *owner)
{
  Stranger *self = owner;

  for (guint i = 0; !self->is_mute && self->link != 0 && i < self->heard->len; i++) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    FramedMessage frame = {
      .type = FRAME_ACK,
      .ack_sequence = g_array_index (self->heard, uint32_t, i),
    };
    framed_message_encode (&frame, bytes);
    overlay_receive (self->stage->overlay, self->link, (Bytes){ bytes->data, bytes->len });
  }
  g_array_set_size (self->heard, 0);
}

static void
take_message (Stranger *self, Bytes message)
{
  Letter *letter = g_new0 (Letter, 1);

  letter->arena = arena_new ();
  letter->bytes = bytes_dup (message);
  letter->size = message.size;
  g_assert_true (header_decode ((Bytes){ letter->bytes, letter->size }, letter->arena,
                                &letter->header, &letter->payload, NULL));
  if (header_is_whole (&letter->header))
    g_assert_true (message_decode (letter->payload, letter->arena, &letter->message, NULL));
  g_ptr_array_add (self->stage->letters, letter);
  g_queue_push_tail (&self->inbox, letter);
}

static void
port_link_send (void *world, uint32_t number, Bytes bytes)
{
  Stranger *stranger = stranger_at (world, number);
  FramedMessage frame;
  size_t used;

  if (stranger == NULL)
    return;
  g_byte_array_append (stranger->stream, bytes.data, (guint) bytes.size);
  while (frame_take ((Bytes){ stranger->stream->data, stranger->stream->len }, LIMIT_MESSAGE_SIZE,
                     &frame, &used) == FRAME_GOOD) {
    if (frame.type == FRAME_DATA) {
      g_array_append_val (stranger->heard, frame.sequence);
      timer_start (&stranger->acknowledge_timer, stranger->stage->timers, TIME_MS);
      if (frame.message.size > 0)
        take_message (stranger, frame.message);
    }
    g_byte_array_remove_range (stranger->stream, 0, (guint) used);
  }
}

static void
port_link_close (void *world, uint32_t number)
{
  Stranger *stranger = stranger_at (world, number);

  link_of (world, number)->is_closed = true;
  if (stranger != NULL)
    stranger->link = 0;
}

static void
port_keep (void *world, KeepTable table, Bytes key, Bytes value)
{
  OverlayStage *self = world;
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  uint8_t name = (uint8_t) table;

  g_byte_array_append (whole, &name, 1);
  g_byte_array_append (whole, key.data, (guint) key.size);
  if (value.size > 0) {
    g_hash_table_insert (self->kept, g_bytes_new (whole->data, whole->len),
                         g_bytes_new (value.data, value.size));
  } else {
    g_autoptr (GBytes) bytes = g_bytes_new (whole->data, whole->len);
    g_hash_table_remove (self->kept, bytes);
  }
}

/* ---- Events ---- */

static void
on_changed (void *user_data)
{
  ((OverlayStage *) user_data)->changes++;
}

static void
on_duplicate (void *user_data)
{
  ((OverlayStage *) user_data)->duplicates++;
}

static void
on_configuration (void *user_data, Bytes document)
{
  ((OverlayStage *) user_data)->configurations++;
}

static void
on_unsupported (void *user_data)
{
  ((OverlayStage *) user_data)->unsupported++;
}

static void
on_listening (void *user_data, const NodeId *peer, const Address *address, LinkTransport transport)
{
  OverlayStage *self = user_data;

  self->listening = *address;
  self->listening_count++;
}

static void
on_found (void *owner, uint32_t lookup, const Registration *found)
{
  OverlayStage *self = owner;

  self->found = *found;
  self->found_count++;
}

static void
on_application_up (void *user_data, Connection *connection)
{
  ((OverlayStage *) user_data)->applications_up++;
}

static void
on_application_down (void *user_data, const NodeId *peer, LinkEnd end)
{
  ((OverlayStage *) user_data)->applications_down++;
}

static void
on_application_message (void *user_data, const NodeId *peer, Bytes message)
{
  g_string_append_len (((OverlayStage *) user_data)->application_message,
                       (const char *) message.data, (gssize) message.size);
}

static LinkExposure
on_exposure (void *user_data, const NodeId *peer, const Certificate *signer)
{
  OverlayStage *self = user_data;

  self->exposed_to = *peer;
  return signer != NULL ? self->exposure : LINK_EXPOSURE_OPEN;
}

static void
on_application_failed (void *user_data, const NodeId *peer, ReloadCode code)
{
  ((OverlayStage *) user_data)->application_failure = code;
}

static void
on_clock (void *user_data, int64_t offset_ms)
{
  OverlayStage *self = user_data;

  self->clock_reports++;
  self->clock_offset_ms = offset_ms;
}

static void
on_inquired (void *user_data, uint32_t inquiry, const Findings *findings)
{
  OverlayStage *self = user_data;

  self->inquiries++;
  self->findings = *findings;
}

static void
on_service_found (void *owner, uint32_t search, const ServiceFound *found)
{
  OverlayStage *self = owner;

  self->services++;
  self->service = *found;
}

static void
on_relays_found (void *owner, uint32_t search, const RelaysFound *found)
{
  OverlayStage *self = owner;

  self->relay_searches++;
  self->relays = *found;
}

static const OverlayEvents overlay_events = {
  .clock = on_clock,
  .changed = on_changed,
  .duplicate = on_duplicate,
  .configuration = on_configuration,
  .unsupported = on_unsupported,
  .listening = on_listening,
  .found = on_found,
  .inquired = on_inquired,
  .service_found = on_service_found,
  .relays_found = on_relays_found,
  .exposure = on_exposure,
  .application_up = on_application_up,
  .application_down = on_application_down,
  .application_message = on_application_message,
  .application_failed = on_application_failed,
};

/* ---- The stage ---- */

static void
letter_free (void *data)
{
  Letter *letter = data;

  arena_free (letter->arena);
  g_free (letter->bytes);
  g_free (letter);
}

static void
stranger_free (void *data)
{
  Stranger *stranger = data;

  g_queue_clear (&stranger->inbox);
  g_byte_array_unref (stranger->stream);
  g_array_unref (stranger->heard);
  timer_stop (&stranger->acknowledge_timer);
  sim_signer_clear (&stranger->own);
  g_free (stranger);
}

static NodePorts
ports_of (OverlayStage *self)
{
  return (NodePorts){
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
}

OverlayStage *
overlay_stage_new_with (const Signer *signer, const char *instance_name)
{
  OverlayStage *self = g_new0 (OverlayStage, 1);

  self->timers = timers_new (0);
  self->wall_ms = UINT64_C (1800000000000);
  self->random = 1;
  self->kept = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                      (GDestroyNotify) g_bytes_unref);
  self->strangers = g_ptr_array_new_with_free_func (stranger_free);
  self->letters = g_ptr_array_new_with_free_func (letter_free);
  self->links = g_array_new (FALSE, TRUE, sizeof (StageLink));
  self->application_message = g_string_new (NULL);
  self->signer = *signer;
  self->ports = ports_of (self);
  self->configuration = configuration_create ("home", instance_name, &self->signer);
  /* The rules of RFC 6940; a test of another plug-in says so. */
  g_free (self->configuration->topology_plugin);
  self->configuration->topology_plugin = g_strdup ("CHORD-RELOAD");
  self->overlay = overlay_new (&self->ports, self->configuration, true, &overlay_events, self);
  return self;
}

OverlayStage *
overlay_stage_new (void)
{
  NodeId id = { { 0x80 } };
  Signer signer;
  OverlayStage *self;

  sim_signer_init (&signer, &id, "self@" INSTANCE);
  self = overlay_stage_new_with (&signer, INSTANCE);
  self->signer.key_ring = &self->signer;
  return self;
}

void
overlay_stage_free (OverlayStage *self)
{
  if (self == NULL)
    return;
  overlay_free (self->overlay);
  configuration_unref (self->configuration);
  g_ptr_array_unref (self->strangers);
  g_ptr_array_unref (self->letters);
  g_array_unref (self->links);
  g_hash_table_unref (self->kept);
  g_string_free (self->application_message, TRUE);
  if (self->signer.key_ring == &self->signer)
    sim_signer_clear (&self->signer);
  timers_free (self->timers);
  g_free (self);
}

void
overlay_stage_run (OverlayStage *self, uint64_t microseconds)
{
  uint64_t end = timers_now (self->timers) + microseconds;

  while (timers_advance (self->timers, end, 1000) == 1000)
    ;
}

void
overlay_stage_alone (OverlayStage *self)
{
  overlay_start (self->overlay);
  overlay_stage_run (self, 8 * TIME_SECOND);
  g_assert_cmpint (overlay_state (self->overlay), ==, TOPOLOGY_ALONE);
}

void
overlay_stage_join (OverlayStage *self, Stranger *const neighbors[2])
{
  Chord *chord = self->overlay->topology.self;

  chord->state = TOPOLOGY_JOINED;
  for (unsigned i = 0; i < 2; i++) {
    stranger_connect (neighbors[i]);
    routing_table_add (chord->table, &neighbors[i]->id, true);
    connection_table_find (self->overlay->connections, &neighbors[i]->id)->is_peer = true;
  }
}

/* ---- Strangers ---- */

Stranger *
stranger_new_with (OverlayStage *stage, const Signer *signer)
{
  Stranger *self = g_new0 (Stranger, 1);

  self->stage = stage;
  self->signer = signer;
  self->id = signer->own->node_ids[0];
  self->stream = g_byte_array_new ();
  self->heard = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  timer_init (&self->acknowledge_timer, on_acknowledge, self);
  g_queue_init (&self->inbox);
  g_ptr_array_add (stage->strangers, self);
  return self;
}

Stranger *
stranger_new (OverlayStage *stage, const char *user, uint32_t id)
{
  g_autofree char *address = g_strdup_printf ("%s@" INSTANCE, user);
  Signer signer;
  Stranger *self;
  NodeId node_id;

  port_random_bytes (stage, node_id.bytes, NODE_ID_SIZE);
  for (unsigned i = 0; id != 0 && i < 4; i++)
    node_id.bytes[i] = (uint8_t) (id >> 8 * (3 - i));
  sim_signer_init (&signer, &node_id, address);
  self = stranger_new_with (stage, &signer);
  self->own = signer;
  self->own.key_ring = &self->own;
  self->signer = &self->own;
  return self;
}

void
stranger_take (Stranger *self, uint32_t link)
{
  self->link = link;
  overlay_link_up (self->stage->overlay, link, self->signer->own,
                   (LinkTraits){ .is_stream = true });
}

void
stranger_connect (Stranger *self)
{
  stranger_take (self, LINK_FIRST_INCOMING + self->stage->incoming++);
}

static GByteArray *
write_contents (const Draft *draft)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  GByteArray *contents = g_byte_array_new ();
  MessageContents message = {
    .message_code = draft->code,
    .message_body = draft->raw_body,
    .extensions = draft->extensions,
  };

  if (draft->body != NULL) {
    g_assert_true (wire_encode (message_body_type (draft->code), draft->body, body));
    message.message_body = (Bytes){ body->data, body->len };
  }
  g_assert_true (message_contents_encode (&message, contents));
  return contents;
}

static ForwardingHeader
header_of (Stranger *self, const Draft *draft, Destination *to)
{
  Overlay *overlay = self->stage->overlay;
  uint64_t id = draft->transaction_id != 0 ? draft->transaction_id : next_random (self->stage);

  *to = destination_of_node (&overlay->id);
  return (ForwardingHeader){
    .overlay = draft->overlay != 0 ? draft->overlay : overlay->hash,
    .configuration_sequence =
      draft->sequence != 0 ? (uint16_t) (draft->sequence - 1) : overlay->configuration->sequence,
    .ttl = draft->ttl != 0 ? draft->ttl : 20,
    .fragment = FRAGMENT_ONLY,
    .transaction_id = id,
    .max_response_length = draft->max_response_length,
    .via_list = draft->via,
    .destination_list =
      draft->destination_count > 0
        ? (DestinationList){ (Destination *) draft->destinations, draft->destination_count }
        : (DestinationList){ to, 1 },
    .options = draft->options,
  };
}

GByteArray *
stranger_write (Stranger *self, const Draft *draft)
{
  const Signer *signer = draft->signer != NULL ? draft->signer : self->signer;
  g_autoptr (GByteArray) contents = write_contents (draft);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  GByteArray *bytes = g_byte_array_new ();
  Bytes whole = { contents->data, contents->len };
  GenericCertificate items[LIMIT_CERTIFICATES + 8];
  uint8_t value[SIGNATURE_SIZE_MAX];
  Destination to;
  ForwardingHeader header = header_of (self, draft, &to);
  SecurityBlock block = { .certificates = { items, 0 } };

  if (!draft->is_bare)
    items[block.certificates.count++] =
      (GenericCertificate){ CERTIFICATE_TYPE_X509, signer->own->der };
  for (size_t i = 0; i < draft->certificates.count; i++)
    items[block.certificates.count++] = draft->certificates.items[i];
  block.signature = (Signature){
    .hash = HASH_SHA256,
    .signature = (uint8_t) signer_algorithm (signer),
    .identity = { .identity_type = SIGNER_CERT_HASH,
                  .hash_alg = HASH_SHA256,
                  .certificate_hash = { signer->own->hash, CERTIFICATE_HASH_SIZE } },
  };
  message_signature_input (&header, whole, &block.signature.identity, input);
  block.signature.signature_value =
    (Bytes){ value, signer->sign (signer->key_ring, (Bytes){ input->data, input->len }, value) };
  if (draft->spoil != NULL)
    draft->spoil (&block, draft->user_data);
  g_assert_true (message_encode (&header, whole, &block, bytes));
  return bytes;
}

void
stranger_send_bytes (Stranger *self, Bytes message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  FramedMessage frame = {
    .type = FRAME_DATA,
    .sequence = self->sequence++,
    .message = message,
  };

  framed_message_encode (&frame, bytes);
  overlay_receive (self->stage->overlay, self->link, (Bytes){ bytes->data, bytes->len });
}

uint64_t
stranger_send (Stranger *self, const Draft *draft)
{
  Draft copy = *draft;
  g_autoptr (GByteArray) bytes = NULL;

  if (copy.transaction_id == 0)
    copy.transaction_id = next_random (self->stage) | 1;
  bytes = stranger_write (self, &copy);
  stranger_send_bytes (self, (Bytes){ bytes->data, bytes->len });
  return copy.transaction_id;
}

Letter *
stranger_next (Stranger *self, uint16_t code)
{
  Letter *letter;

  while ((letter = g_queue_pop_head (&self->inbox)) != NULL)
    if (code == 0 || letter->message.contents.message_code == code)
      return letter;
  return NULL;
}

Letter *
stranger_answer (Stranger *self, uint64_t transaction_id)
{
  for (GList *link = self->inbox.head; link != NULL; link = link->next) {
    Letter *letter = link->data;
    if (letter->header.transaction_id != transaction_id)
      continue;
    g_queue_delete_link (&self->inbox, link);
    return letter;
  }
  return NULL;
}

int
stranger_verdict (Stranger *self, const Draft *draft)
{
  uint64_t id = stranger_send (self, draft);
  Letter *letter = stranger_answer (self, id);
  ErrorResponse error;

  if (letter == NULL)
    return -1;
  if (letter->message.contents.message_code != MESSAGE_ERROR)
    return RELOAD_OK;
  g_assert_true (
    error_response_decode (letter->message.contents.message_body, letter->arena, &error, NULL));
  return error.error_code;
}

void
letter_read (const Letter *self, OverlayStage *stage, void *ret_body)
{
  WireKinds kinds = configuration_wire_kinds (stage->overlay->configuration);
  const char *failure = NULL;

  if (!wire_decode (message_body_type (self->message.contents.message_code),
                    self->message.contents.message_body, self->arena, &kinds, ret_body, &failure))
    g_error ("body: %s", failure);
}

static void
reply (Stranger *self, const Letter *request, uint16_t code, const void *body)
{
  g_autoptr (Arena) arena = arena_new ();
  DestinationList back = destination_list_reverse (arena, &request->header.via_list);
  Destination to = destination_of_node (&self->stage->overlay->id);
  DestinationList list = destination_list_append (arena, &(DestinationList){ NULL, 0 }, &to);

  for (size_t i = 0; i < back.count; i++)
    list = destination_list_append (arena, &list, &back.items[i]);
  stranger_send (self, &(Draft){
                         .code = code,
                         .body = body,
                         .transaction_id = request->header.transaction_id,
                         .destinations = list.items,
                         .destination_count = list.count,
                       });
}

void
stranger_reply (Stranger *self, const Letter *request, const void *body)
{
  reply (self, request, (uint16_t) (request->message.contents.message_code + 1), body);
}

void
stranger_refuse (Stranger *self, const Letter *request, ReloadCode code)
{
  ErrorResponse error = { .error_code = (uint16_t) code };

  reply (self, request, MESSAGE_ERROR, &error);
}

void
signed_value_init (SignedValue *self,
                   OverlayStage *stage,
                   const Signer *signer,
                   const NodeId *resource,
                   uint32_t kind,
                   StoredDataValue value)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  Signature *signature = &self->data.signature;

  if (self->data.storage_time == 0)
    self->data.storage_time = port_wall_clock_ms (stage);
  if (self->data.lifetime == 0)
    self->data.lifetime = 600;
  self->data.value = value;
  *signature = (Signature){
    .hash = HASH_SHA256,
    .signature = (uint8_t) signer_algorithm (signer),
    .identity = { .identity_type = SIGNER_CERT_HASH,
                  .hash_alg = HASH_SHA256,
                  .certificate_hash = { signer->own->hash, CERTIFICATE_HASH_SIZE } },
  };
  stored_data_signature_input (&self->data, node_id_bytes (resource), kind, input);
  signature->signature_value =
    (Bytes){ self->signature,
             signer->sign (signer->key_ring, (Bytes){ input->data, input->len }, self->signature) };
}
