/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "configuration"
#include "core/overlay/configuration-update.h"

#include "core/base/big-endian.h"
#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/config-update.h"

/* A new document goes from neighbor to neighbor: who has taken it over pings everybody it has a
 * link to, after a moment that chance decides. Whoever is behind answers Error_Config_Too_New and
 * is sent the document; whoever has it costs a ping. Everybody else learns of it as soon as the
 * first message arrives that says another sequence number than its own. */

#define SPREAD_DELAY_MS 500
#define PUSH_AGAIN      (1 * TIME_SECOND)

enum { PUSHES = 16 };

/* Documents are long: nobody is sent two within a second over the same link. */
typedef struct Push {
  NodeId peer;
  uint32_t connection;
  uint64_t at;
} Push;

struct ConfigurationUpdate {
  Overlay *overlay;
  Timer spread_timer;
  Push *pushes; /* owned, a ring; NULL before the first */
  unsigned push_count;
};

/* ---- Handing on ---- */

static bool
was_pushed (const ConfigurationUpdate *self, const NodeId *peer, uint32_t connection)
{
  for (unsigned i = 0; i < MIN (self->push_count, (unsigned) PUSHES); i++) {
    const Push *push = &self->pushes[i];
    if (push->connection == connection && node_id_equal (&push->peer, peer) &&
        overlay_now (self->overlay) < push->at + PUSH_AGAIN)
      return true;
  }
  return false;
}

static void
note_push (ConfigurationUpdate *self, const NodeId *peer, uint32_t connection)
{
  if (self->pushes == NULL)
    self->pushes = g_new0 (Push, PUSHES);
  self->pushes[self->push_count % PUSHES] =
    (Push){ .peer = *peer, .connection = connection, .at = overlay_now (self->overlay) };
  if (++self->push_count == 2 * PUSHES)
    self->push_count = PUSHES;
}

static void
send_update (ConfigurationUpdate *self,
             const ConfigUpdateReq *body,
             const NodeId *peer,
             uint32_t connection)
{
  Overlay *overlay = self->overlay;
  Destination to = destination_of_node (peer);
  Connection *direct = connection_table_by_number (overlay->connections, connection);
  bool is_direct = direct != NULL && node_id_equal (&direct->peer, peer);

  transport_request (overlay->transport, &(Request){
                                           .code = MESSAGE_CONFIG_UPDATE_REQ,
                                           .body = body,
                                           .destinations = &to,
                                           .destination_count = 1,
                                           .hop = { .connection = is_direct ? connection : 0 },
                                           .tries = 2,
                                         });
}

void
configuration_update_push (ConfigurationUpdate *self, const NodeId *peer, uint32_t connection)
{
  ConfigUpdateReq body = {
    .type = CONFIG_UPDATE_CONFIG,
    .config_data = self->overlay->configuration->document,
  };

  if (body.config_data.size == 0 || was_pushed (self, peer, connection))
    return;
  note_push (self, peer, connection);
  send_update (self, &body, peer, connection);
}

static void
push_kinds (ConfigurationUpdate *self, const NodeId *peer, uint32_t connection, Bytes info)
{
  g_autoptr (Arena) arena = arena_new ();
  ConfigUpdateReq body = { .type = CONFIG_UPDATE_KIND };
  UnknownKinds unknown;

  if (!unknown_kinds_decode (info, arena, &unknown, NULL) || was_pushed (self, peer, connection))
    return;
  body.kinds.items = arena_new_array (arena, KindDescription, unknown.unknown_kinds.count);
  for (size_t i = 0; i < unknown.unknown_kinds.count; i++) {
    Bytes block = configuration_kind_block (self->overlay->configuration,
                                            unknown.unknown_kinds.items[i], arena);
    if (block.size > 0)
      body.kinds.items[body.kinds.count++] = block;
  }
  if (body.kinds.count == 0)
    return;
  note_push (self, peer, connection);
  send_update (self, &body, peer, connection);
}

void
configuration_update_on_error (
  ConfigurationUpdate *self, const NodeId *peer, uint32_t connection, ReloadCode code, Bytes info)
{
  if (code == RELOAD_CONFIG_TOO_NEW)
    configuration_update_push (self, peer, connection);
  else if (code == RELOAD_UNKNOWN_KIND)
    push_kinds (self, peer, connection, info);
}

static void
on_spread (Timer *timer, void *owner)
{
  ConfigurationUpdate *self = owner;
  Overlay *overlay = self->overlay;
  const PingReq ping = { { NULL, 0 } };

  if (overlay->is_stopped)
    return;
  connection_table_for_each (overlay->connections, connection)
  {
    Destination to = destination_of_node (&connection->peer);
    if (!connection->is_up || connection->is_closed || connection->kind == CONNECTION_APPLICATION ||
        connection->kind == CONNECTION_MEDIA)
      continue;
    transport_request (overlay->transport, &(Request){
                                             .code = MESSAGE_PING_REQ,
                                             .body = &ping,
                                             .destinations = &to,
                                             .destination_count = 1,
                                             .hop = { .connection = connection->number },
                                             .tries = 1,
                                           });
  }
}

/* ---- Kinds that came alone, on the disk ---- */

/* By their number: the hash of the document that they belong to, and the kind-block. */
static void
keep_kind (const Overlay *overlay, KindId id, Bytes value)
{
  uint8_t key[4];

  big_endian_write (key, sizeof key, id);
  overlay->ports->keep (overlay->ports->world, KEEP_OWN, (Bytes){ key, sizeof key }, value);
}

static void
keep_blocks (const Overlay *overlay)
{
  const Configuration *configuration = overlay->configuration;
  g_autoptr (Arena) arena = arena_new ();

  for (size_t i = 0; i < configuration->block_count; i++) {
    KindId id = configuration->blocks[i]->kinds[0].id;
    Bytes block = configuration_kind_block (configuration, id, arena);
    g_autoptr (GByteArray) value = g_byte_array_new ();

    g_byte_array_append (value, configuration->hash, CONFIGURATION_HASH_SIZE);
    g_byte_array_append (value, block.data, (guint) block.size);
    keep_kind (overlay, id, (Bytes){ value->data, value->len });
  }
}

static void
forget_blocks (const Overlay *overlay)
{
  const Configuration *configuration = overlay->configuration;

  for (size_t i = 0; i < configuration->block_count; i++)
    keep_kind (overlay, configuration->blocks[i]->kinds[0].id, (Bytes){ NULL, 0 });
}

bool
configuration_update_restore (ConfigurationUpdate *self, Bytes value)
{
  Overlay *overlay = self->overlay;
  const Bytes ours = { overlay->configuration->hash, CONFIGURATION_HASH_SIZE };
  const Bytes theirs = { value.data, MIN (value.size, CONFIGURATION_HASH_SIZE) };
  ConfigurationVerdict verdict;
  Configuration *next;

  if (!bytes_equal (ours, theirs))
    return false;
  next = configuration_with_kind (overlay->configuration,
                                  (Bytes){ value.data + ours.size, value.size - ours.size },
                                  overlay->ports->signer, &verdict);
  if (next == NULL)
    return false;
  configuration_unref (overlay->configuration);
  overlay->configuration = next;
  return true;
}

/* ---- Taking over ---- */

/* Meets everybody again: what was refused as too old may go now. */
static void
start_anew (Overlay *overlay)
{
  connection_table_for_each (overlay->connections, connection)
  {
    if (connection->is_up && !connection->is_closed &&
        (connection->kind == CONNECTION_BOOTSTRAP || connection->kind == CONNECTION_INCOMING))
      overlay->topology.plugin->peer_up (overlay->topology.self, connection);
  }
}

/* Whom the new document shuts out loses his links now. */
static void
shut_out (Overlay *overlay, const NodeId *bad_node)
{
  certificate_cache_forget (overlay->certificates, bad_node);
  connection_table_for_each (overlay->connections, connection)
  {
    if (connection->has_peer && node_id_equal (&connection->peer, bad_node))
      connection_table_end (overlay->connections, connection, LINK_END_CERTIFICATE);
  }
}

static void
take_over (ConfigurationUpdate *self, Configuration *next)
{
  const NodePorts *ports = self->overlay->ports;
  Overlay *overlay = self->overlay;

  forget_blocks (overlay);
  configuration_unref (overlay->configuration);
  overlay->configuration = next;
  log_info (ports, "configuration %u adopted", next->sequence);
  overlay->events->configuration (overlay->user_data, next->document);
  for (size_t i = 0; i < next->bad_node_count; i++)
    shut_out (overlay, &next->bad_nodes[i]);
  storage_sweep (overlay->storage);
  start_anew (overlay);
  timer_start (&self->spread_timer, ports->timers,
               ports->random_below (ports->world, SPREAD_DELAY_MS) * TIME_MS);
}

static ConfigurationVerdict
refuse (ConfigurationUpdate *self, ConfigurationVerdict verdict)
{
  self->overlay->counters.bad_configuration++;
  log_debug (self->overlay->ports, "configuration refused: %s",
             configuration_verdict_name (verdict));
  return verdict;
}

ConfigurationVerdict
configuration_update_adopt (ConfigurationUpdate *self, Bytes document)
{
  Overlay *overlay = self->overlay;
  ConfigurationVerdict ability, verdict;
  g_autoptr (Configuration) next =
    configuration_read (document, overlay->configuration->instance_name, &ability);

  if (next == NULL)
    return refuse (self, ability);
  verdict = configuration_check_successor (overlay->configuration, next, overlay->ports->signer);
  if (verdict != CONFIGURATION_GOOD)
    return refuse (self, verdict);
  if (ability == CONFIGURATION_UNSUPPORTED)
    overlay->events->unsupported (overlay->user_data);
  else
    take_over (self, g_steal_pointer (&next));
  return ability;
}

static ConfigurationVerdict
adopt_kinds (ConfigurationUpdate *self, const KindDescriptionList *blocks)
{
  Overlay *overlay = self->overlay;
  g_autoptr (Configuration) next = configuration_ref (overlay->configuration);

  for (size_t i = 0; i < blocks->count; i++) {
    ConfigurationVerdict verdict;
    Configuration *more =
      configuration_with_kind (next, blocks->items[i], overlay->ports->signer, &verdict);
    if (more == NULL)
      return refuse (self, verdict);
    configuration_unref (next);
    next = more;
  }
  configuration_unref (overlay->configuration);
  overlay->configuration = g_steal_pointer (&next);
  keep_blocks (overlay);
  return CONFIGURATION_GOOD;
}

static ReloadCode
code_of (ConfigurationVerdict verdict)
{
  switch (verdict) {
  case CONFIGURATION_GOOD:
  case CONFIGURATION_UNSUPPORTED: /* taken note of: we leave */
    return RELOAD_OK;
  case CONFIGURATION_OLD:
    return RELOAD_CONFIG_TOO_OLD;
  case CONFIGURATION_MALFORMED:
  case CONFIGURATION_WRONG_OVERLAY:
    return RELOAD_INVALID_MESSAGE;
  case CONFIGURATION_UNSIGNED:
  case CONFIGURATION_UNEXPECTED:
    return RELOAD_FORBIDDEN;
  }
  return RELOAD_INVALID_MESSAGE;
}

void
configuration_update_handle (ConfigurationUpdate *self, Incoming *request)
{
  ConfigurationVerdict verdict;
  ConfigUpdateReq body;
  ReloadCode code;

  if (!incoming_decode (request, &body))
    return;
  if (body.type != CONFIG_UPDATE_CONFIG && body.type != CONFIG_UPDATE_KIND) {
    incoming_refuse_text (request, RELOAD_INVALID_MESSAGE, "no such type");
    return;
  }
  verdict = body.type == CONFIG_UPDATE_CONFIG ? configuration_update_adopt (self, body.config_data)
                                              : adopt_kinds (self, &body.kinds);
  code = code_of (verdict);
  if (code == RELOAD_OK)
    incoming_answer (request, &(EmptyAns){ 0 }, NULL);
  else
    incoming_refuse_text (request, code, configuration_verdict_name (verdict));
}

/* ---- Life ---- */

ConfigurationUpdate *
configuration_update_new (Overlay *overlay)
{
  ConfigurationUpdate *self = g_new0 (ConfigurationUpdate, 1);

  self->overlay = overlay;
  timer_init (&self->spread_timer, on_spread, self);
  return self;
}

void
configuration_update_free (ConfigurationUpdate *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->spread_timer);
  g_free (self->pushes);
  g_free (self);
}
