/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage-private.h"

/* The world, and the local network: they write down what they are asked, and tell what the test
 * says. */

GPtrArray *stage_worlds, *stage_ears;
uint32_t stage_path_link;
static PathReport path_report;
static InviteRequest *invite_request;
static ReachReport reach_report;
static Address answering; /* somebody elsewhere, on the internet */

void
stage_world_reset (void)
{
  reach_report = (ReachReport){ 0 };
  answering = (Address){ 0 };
}

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

void
stage_set_path (uint32_t link, const PathReport *report)
{
  stage_path_link = link;
  path_report = *report;
}

bool
world_media_report (const World *self, uint32_t link, PathReport *ret_report)
{
  *ret_report = path_report;
  return link != 0 && link == stage_path_link;
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

bool
world_is_metered (const World *self)
{
  return false;
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
  World *world = stage_worlds->pdata[0];

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
  g_ptr_array_add (stage_worlds, self);
  return self;
}

void
world_free (World *self)
{
  g_ptr_array_remove (stage_worlds, self);
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

void
stage_receive (Stage *self, uint32_t link, const char *datagram)
{
  World *world = stage_worlds->pdata[0];

  world->media (link, bytes_of_text (datagram), world->media_data);
}

void
stage_knock (Stage *self, uint32_t request, const char *user, const char *computer)
{
  World *world = stage_worlds->pdata[0];
  Address from = { 0 };

  world->invite (request, &from, user, computer, world->invite_data);
}

/* ---- The local network ---- */

Discovery *
discovery_new (const char *listen, DiscoveryFunc func, void *user_data, GError **error)
{
  Discovery *self = g_new0 (Discovery, 1);

  self->func = func;
  self->user_data = user_data;
  g_ptr_array_add (stage_ears, self);
  return self;
}

void
discovery_free (Discovery *self)
{
  g_ptr_array_remove (stage_ears, self);
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
  for (guint i = 0; i < stage_ears->len; i++) {
    Discovery *ear = stage_ears->pdata[i];

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
