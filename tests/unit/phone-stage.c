/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"
#include "core/overlay/configuration.h"
#include <glib/gstdio.h>

struct Node {
  NodeEventFunc event;
  void *user_data;
  char *instance_name;
  NodeId id;
  uint32_t next;
  unsigned heard; /* of what it said last */
};

struct World {
  NodePorts ports;
  WorldMediaFunc media;
  void *media_data;
  WorldInviteFunc invite;
  void *invite_data;
  void (*reach_told) (void *user_data);
  void *reach_data;
};

struct Discovery {
  DiscoveryFunc func;
  void *user_data;
};

struct InviteRequest {
  InviteAnswerFunc func;
  void *user_data;
};

static GString *said;
static GPtrArray *nodes, *worlds, *ears;
static InviteRequest *invite_request;
static ReachReport reach_report;
static Address answering; /* somebody elsewhere, on the internet */

void
stage_say (const char *format, ...)
{
  va_list values;

  va_start (values, format);
  g_string_append_vprintf (said, format, values);
  va_end (values);
  g_string_append_c (said, '\n');
}

bool
stage_said (const char *line)
{
  g_auto (GStrv) lines = g_strsplit (said->str, "\n", -1);

  g_string_truncate (said, 0);
  return g_strv_contains ((const char *const *) lines, line);
}

/* ---- The node ---- */

Node *
node_new (const NodeOptions *options)
{
  Node *self = g_new0 (Node, 1);

  self->event = options->event;
  self->user_data = options->user_data;
  self->instance_name = g_strdup (options->configuration->instance_name);
  g_ptr_array_add (nodes, self);
  return self;
}

void
node_free (Node *self)
{
  if (!self)
    return;
  g_ptr_array_remove (nodes, self);
  g_free (self->instance_name);
  g_free (self);
}

void
node_start (Node *self)
{
  stage_say ("start");
}

void
node_stop (Node *self)
{
  stage_say ("stop");
}

/* It takes two words of the others until all has been heard. */
bool
node_is_quiet (const Node *self)
{
  bool is_quiet = ((Node *) self)->heard++ == 2;

  if (is_quiet)
    stage_say ("quiet");
  return is_quiet;
}

void
node_network_changed (Node *self)
{
  stage_say ("network-changed");
}

void
node_add_bootstrap (Node *self, LinkTransport transport, const Address *address)
{
  char text[ADDRESS_TEXT_SIZE];

  stage_say ("bootstrap %s", address_to_text (address, text));
}

bool
node_update_configuration (Node *self, Bytes document)
{
  const NodeEvent event = { .type = NODE_EVENT_CONFIGURATION, .document = document };

  self->event (&event, self->user_data);
  return true;
}

void
node_set_listening (Node *self, const Address *addresses, size_t count)
{
}

void
node_set_codecs (Node *self, const MediaCodec *codecs, size_t count)
{
  stage_say ("codecs %zu", count);
}

bool
node_forward (Node *self, const char *address)
{
  stage_say ("forward %s", address ? address : "nowhere");
  return true;
}

uint32_t
node_lookup (Node *self, const char *address)
{
  stage_say ("lookup %s", address);
  return ++self->next;
}

uint32_t
node_diagnose (Node *self, const NodeDiagnosisOptions *options)
{
  stage_say ("%s %s", options->is_path ? "path" : "ping",
             options->address ? options->address : "node");
  return ++self->next;
}

void
node_offer_relay (Node *self, const Address *address)
{
}

uint32_t
node_find_relays (Node *self)
{
  return 1;
}

uint32_t
node_service_find (Node *self, const char *namespace, const NodeId *key)
{
  stage_say ("service %s", namespace);
  return ++self->next;
}

uint32_t
node_call (Node *self, const NodeCallOptions *options)
{
  if (options->pin)
    stage_say ("call %s pinned %d", options->address, options->pin->bytes[0]);
  else
    stage_say ("call %s", options->address);
  if (options->gr)
    stage_say ("device %s", options->gr);
  return ++self->next;
}

void
node_call_answer (Node *self, uint32_t call)
{
  stage_say ("answer %u", call);
}

void
node_call_decline (Node *self, uint32_t call, bool is_busy)
{
  stage_say (is_busy ? "decline %u busy" : "decline %u", call);
}

void
node_call_end (Node *self, uint32_t call)
{
  stage_say ("end %u", call);
}

void
node_call_hold (Node *self, uint32_t call, bool is_held)
{
  stage_say ("%s %u", is_held ? "hold" : "resume", call);
}

static uint32_t path_link;
static PathReport path_report;

void
stage_set_path (uint32_t link, const PathReport *report)
{
  path_link = link;
  path_report = *report;
}

uint32_t
node_call_link (Node *self, uint32_t call)
{
  return path_link;
}

void
node_link_heard (Node *self, uint32_t link, bool is_heard)
{
  stage_say (is_heard ? "heard %u" : "unheard %u", link);
}

void
node_subscribe (Node *self, const char *address, const UserKey *pin, bool is_favourite)
{
  if (pin)
    stage_say ("subscribe %s key %d%s", address, pin->bytes[0], is_favourite ? " favourite" : "");
  else
    stage_say ("subscribe %s%s", address, is_favourite ? " favourite" : "");
}

void
node_unsubscribe (Node *self, const char *address)
{
  stage_say ("unsubscribe %s", address);
}

void
node_accept (Node *self, const char *address, const UserKey *user_key, NodeAcceptance decision)
{
  static const char *const words[] = { "undecided", "accepted", "refused" };

  stage_say ("%s %s key %d", words[decision], address, user_key->bytes[0]);
}

void
node_relay_always (Node *self, const char *address, bool is_always)
{
  stage_say ("%s %s", is_always ? "relay" : "unrelay", address);
}

void
node_hide (Node *self, bool is_hidden)
{
  stage_say ("%s", is_hidden ? "hide" : "show");
}

void
node_set_presence (Node *self, NodePresence presence)
{
  stage_say ("presence %d", (int) presence);
}

const NodeId *
node_id (const Node *self)
{
  return &self->id;
}

void
node_facts (const Node *self, NodeFactFunc func, void *user_data)
{
  func ("messages", 7, user_data);
  func ("refused", 0, user_data);
}

bool
node_is_client (const Node *self)
{
  return false;
}

const char *
node_peer_address (const Node *self, const NodeId *id)
{
  return NULL;
}

void
node_peers (const Node *self, NodePeerFunc func, void *user_data)
{
  func (&self->id, "successor", 1.25, user_data);
}

/* ---- The world ---- */

void
world_share_secret (World *self, const char *secret)
{
  if (secret != NULL)
    stage_say ("links keyed by \"%s\"", secret);
}

void
world_add_peer (World *self, const Address *listener)
{
}

bool
world_open_relay (World *self, bool is_told, Address *ret_address)
{
  return false;
}

bool
world_relay_report (const World *self, RelayReport *ret_report)
{
  *ret_report = (RelayReport){ .allocations = 3, .relayed = 4, .refused = 5, .dropped = 6 };
  return true;
}

void
world_set_relay_func (World *self, void (*wanted) (void *user_data), void *user_data)
{
}

bool
world_media_report (const World *self, uint32_t link, PathReport *ret_report)
{
  *ret_report = path_report;
  return link != 0 && link == path_link;
}

bool
world_media_is_direct (const World *self, uint32_t link)
{
  return true;
}

void
world_want_relays (World *self)
{
  stage_say ("relays wanted");
}

size_t
world_relays (const World *self)
{
  return 2;
}

ReachReport
world_reach (const World *self)
{
  return reach_report;
}

void
world_check_reach (World *self)
{
  stage_say ("knock here");
}

void
world_set_reach_func (World *self, void (*told) (void *user_data), void *user_data)
{
  self->reach_told = told;
  self->reach_data = user_data;
}

bool
world_is_answered_at (const World *self, const Address *listener)
{
  return address_equal (listener, &answering);
}

KnockReport
world_knock_report (const World *self)
{
  return (KnockReport){ .done = 8, .refused = 9 };
}

void
stage_reach (const ReachReport *report)
{
  World *world = worlds->pdata[0];

  reach_report = *report;
  world->reach_told (world->reach_data);
}

void
stage_answer_at (const char *listener)
{
  g_assert_true (address_from_text (listener, &answering));
}

World *
world_new (const WorldOptions *options, GError **error)
{
  World *self = g_new0 (World, 1);

  stage_say ("listen %s", options->listen ? options->listen : "anywhere");
  g_ptr_array_add (worlds, self);
  return self;
}

void
world_free (World *self)
{
  g_ptr_array_remove (worlds, self);
  g_free (self);
}

const NodePorts *
world_ports (const World *self)
{
  return &self->ports;
}

void
world_set_node (World *self, Node *node)
{
}

size_t
world_listening (const World *self, Address *ret_addresses, size_t size)
{
  g_assert_true (address_from_text ("192.0.2.7:6084", &ret_addresses[0]));
  return 1;
}

void
world_set_network_func (World *self, void (*changed) (void *user_data), void *user_data)
{
}

void
world_set_listening_func (World *self, void (*changed) (void *user_data), void *user_data)
{
}

void
world_map_port (World *self, bool is_wanted)
{
  stage_say (is_wanted ? "map" : "do not map");
}

bool
world_media_keys (const World *self, uint32_t link, SrtpKeys *ret_keys)
{
  *ret_keys = (SrtpKeys){ .profile = SRTP_AEAD_AES_128_GCM };
  return true;
}

void
world_media_send (World *self, uint32_t link, Bytes datagram)
{
  stage_say ("send %u %.*s", link, (int) datagram.size, (const char *) datagram.data);
}

void
world_set_media_func (World *self, WorldMediaFunc func, void *user_data)
{
  self->media = func;
  self->media_data = user_data;
}

void
world_set_invite_func (World *self, WorldInviteFunc asked, void *user_data)
{
  self->invite = asked;
  self->invite_data = user_data;
}

void
world_invite_answer (World *self, uint32_t request, const char *invitation)
{
  stage_say ("%s %u", invitation ? "let in" : "turn away", request);
}

/* ---- The local network ---- */

Discovery *
discovery_new (const char *listen, DiscoveryFunc func, void *user_data, GError **error)
{
  Discovery *self = g_new0 (Discovery, 1);

  self->func = func;
  self->user_data = user_data;
  g_ptr_array_add (ears, self);
  return self;
}

void
discovery_free (Discovery *self)
{
  g_ptr_array_remove (ears, self);
  g_free (self);
}

bool
discovery_is_itself (const Discovery *self, const DiscoveryHere *here)
{
  return false;
}

void
discovery_announce (Discovery *self, const DiscoveryHere *here)
{
  if (here)
    stage_say ("announce %s %u", here->label, here->peers);
}

void
discovery_ask (Discovery *self)
{
  stage_say ("ask");
}

InviteRequest *
invite_request_new (const Address *listener,
                    const char *user_name,
                    const char *computer_name,
                    unsigned timeout_s,
                    InviteAnswerFunc func,
                    void *user_data)
{
  invite_request = g_new0 (InviteRequest, 1);
  invite_request->func = func;
  invite_request->user_data = user_data;
  stage_say ("knock as %s", user_name);
  return invite_request;
}

void
invite_request_free (InviteRequest *self)
{
  g_free (self);
}

/* ---- The stage ---- */

PealPhoneOptions
stage_options (Stage *self)
{
  return (PealPhoneOptions){ .state_path = self->folder,
                             .media = &self->media,
                             .listen = "127.0.0.1:6084",
                             .is_user = true,
                             .is_discovering = true };
}

void
stage_restart (Stage *self)
{
  PealPhoneOptions options = stage_options (self);
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->phone);
  self->phone = peal_phone_new (&options, &error);
  g_assert_no_error (error);
}

void
stage_set_up (Stage *self, gconstpointer data)
{
  said = g_string_new (NULL);
  reach_report = (ReachReport){ 0 };
  answering = (Address){ 0 };
  nodes = g_ptr_array_new ();
  worlds = g_ptr_array_new ();
  ears = g_ptr_array_new ();
  self->folder = g_dir_make_tmp ("peal-phone-XXXXXX", NULL);
  self->media = stage_media (self);
  stage_restart (self);
}

void
stage_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      stage_remove_folder (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

void
stage_tear_down (Stage *self, gconstpointer data)
{
  g_clear_object (&self->phone);
  g_assert_cmpuint (nodes->len, ==, 0);
  g_assert_cmpuint (worlds->len, ==, 0);
  g_assert_cmpuint (ears->len, ==, 0);
  g_assert_cmpuint (self->sessions, ==, 0);
  g_ptr_array_unref (nodes);
  g_ptr_array_unref (worlds);
  g_ptr_array_unref (ears);
  g_string_free (said, TRUE);
  stage_remove_folder (self->folder);
  g_free (self->folder);
}

PealAccount *
stage_create (Stage *self)
{
  g_autoptr (GError) error = NULL;
  PealAccount *account = peal_phone_create (self->phone, "home", "alice", "Alice", &error);

  g_assert_no_error (error);
  return account;
}

char *
stage_address (Stage *self, const char *user)
{
  return g_strdup_printf ("%s@%s", user, ((Node *) nodes->pdata[0])->instance_name);
}

void
stage_tell_line (Line *line, const NodeEvent *event)
{
  Node *node = line_get_node (line);

  node->event (event, node->user_data);
}

void
stage_tell (Stage *self, const NodeEvent *event)
{
  stage_tell_line (self->phone->lines->pdata[0], event);
}

void
stage_tell_state (Stage *self, NodeState state, unsigned peers)
{
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_STATE,
                                  .state = { .state = state, .peers = peers } });
}

void
stage_tell_call (
  Stage *self, uint32_t call, NodeCallState state, NodeCallEnd end, const char *address)
{
  stage_tell (self,
              &(NodeEvent){ .type = NODE_EVENT_CALL_STATE,
                            .call = { .call = call,
                                      .state = state,
                                      .left_s = state == NODE_CALL_LOST ? NODE_CALL_MEND_S : 0,
                                      .end = end,
                                      .address = address } });
}

void
stage_tell_incoming (Stage *self, uint32_t call, const char *address, const UserKey *key)
{
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CALL_INCOMING,
                                  .call = { .call = call,
                                            .state = NODE_CALL_RINGING,
                                            .address = address,
                                            .user_key = key } });
}

void
stage_tell_media (Stage *self, uint32_t call, uint32_t link)
{
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CALL_MEDIA,
                                  .media = { .call = call,
                                             .link = link,
                                             .codecs = { { .name = "opus", .clock_rate = 48000 } },
                                             .codec_count = 1 } });
}

void
stage_receive (Stage *self, uint32_t link, const char *datagram)
{
  World *world = worlds->pdata[0];

  world->media (link, bytes_of_text (datagram), world->media_data);
}

void
stage_knock (Stage *self, uint32_t request, const char *user, const char *computer)
{
  World *world = worlds->pdata[0];
  Address from = { 0 };

  world->invite (request, &from, user, computer, world->invite_data);
}

void
stage_hear (const char *instance_name, const char *label, unsigned peers)
{
  DiscoveryHere here = { .peers = peers };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = sizeof here.instance_hash;

  g_checksum_update (checksum, (const guchar *) instance_name, -1);
  g_checksum_get_digest (checksum, here.instance_hash, &size);
  g_strlcpy (here.label, label, sizeof here.label);
  g_assert_true (address_from_text ("192.0.2.99:6084", &here.listener));
  for (guint i = 0; i < ears->len; i++) {
    Discovery *ear = ears->pdata[i];

    ear->func (&here, ear->user_data);
  }
}

void
stage_invite (const char *invitation)
{
  g_autoptr (GError) error = NULL;

  if (!invitation)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "refused");
  invite_request->func (invitation, error, invite_request->user_data);
}

UserKey
stage_key (uint8_t seed)
{
  UserKey key;

  memset (key.bytes, seed, sizeof key.bytes);
  return key;
}

gpointer
stage_item (GListModel *list, guint position)
{
  gpointer item = g_list_model_get_item (list, position);

  g_assert_nonnull (item);
  g_object_unref (item);
  return item;
}

const char *
stage_text (gpointer object, const char *property)
{
  static char *text;

  g_free (text);
  text = NULL;
  g_object_get (object, property, &text, NULL);
  return text;
}
