/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fake-node.h"

#include "core/crypto/identity.h"
#include "core/os/signer.h"

#include <string.h>

struct Node {
  Peer *peer;
  GHashTable *links; /* Heard by number */
  void (*hook) (Peer *peer, uint32_t link);
  GString *restored;
  unsigned refused;
};

static void
heard_free (void *data)
{
  Heard *heard = data;

  certificate_unref (heard->peer);
  g_byte_array_unref (heard->received);
  g_free (heard);
}

static Heard *
node_heard (Node *self, uint32_t link)
{
  Heard *heard = g_hash_table_lookup (self->links, GUINT_TO_POINTER (link));

  if (heard != NULL)
    return heard;
  heard = g_new0 (Heard, 1);
  heard->received = g_byte_array_new ();
  g_hash_table_insert (self->links, GUINT_TO_POINTER (link), heard);
  return heard;
}

/* ---- What the world calls ---- */

void
node_link_gathered (Node *self, uint32_t link, const IceDescription *local)
{
  Heard *heard = node_heard (self, link);

  heard->gathered++;
  heard->local = *local;
}

void
node_link_up (Node *self, uint32_t link, Certificate *peer, LinkTraits traits)
{
  Heard *heard = node_heard (self, link);

  g_assert_cmpuint (heard->up, ==, 0);
  g_assert_cmpuint (heard->down, ==, 0);
  heard->up++;
  heard->traits = traits;
  heard->peer = peer;
  if (self->hook != NULL)
    self->hook (self->peer, link);
}

void
node_receive (Node *self, uint32_t link, Bytes bytes)
{
  Heard *heard = node_heard (self, link);

  g_assert_cmpuint (heard->up, ==, 1);
  g_assert_cmpuint (heard->down, ==, 0);
  heard->pieces++;
  g_byte_array_append (heard->received, bytes.data, (unsigned) bytes.size);
  if (self->hook != NULL)
    self->hook (self->peer, link);
}

void
node_link_down (Node *self, uint32_t link, LinkEnd end)
{
  Heard *heard = node_heard (self, link);

  g_assert_cmpuint (heard->down, ==, 0);
  g_assert_true (link < LINK_FIRST_INCOMING || heard->up == 1);
  heard->down++;
  heard->end = end;
}

void
node_link_refused (Node *self)
{
  self->refused++;
}

void
node_link_silent (Node *self, uint32_t link, bool is_silent)
{
  node_heard (self, link)->sounds += !is_silent;
}

void
node_link_tried (Node *self, uint32_t link, LinkTrial trial)
{
  Heard *heard = node_heard (self, link);

  heard->tried++;
  heard->trial = trial;
}

void
node_restore (Node *self, KeepTable table, Bytes key, Bytes value)
{
  g_autofree char *key_text = bytes_to_text (key);
  g_autofree char *value_text = bytes_to_text (value);

  g_string_append_printf (self->restored, "%s=%s;", key_text, value_text);
}

/* ---- Peers ---- */

static Signer *
signer_of (Peer *self, const char *instance_name)
{
  const CertificateOptions options = { instance_name, "bob", self->trust.secret,
                                       g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = NULL;
  size_t size;
  const uint8_t *bytes;

  der = identity_make_certificate (self->user_key, self->device_key, &options);
  bytes = g_bytes_get_data (der, &size);
  return signer_new (self->device_key, (Bytes){ bytes, size }, &self->trust, NULL);
}

static Peer *
peer_make (const char *instance_name, const char *secret, const char *listen, struct Store *store)
{
  Peer *self = g_new0 (Peer, 1);
  g_autoptr (GError) error = NULL;
  WorldOptions options = {
    .trust = &self->trust, .listen = listen, .store = store, .log_level = LOG_LEVEL_ERROR
  };

  self->trust = (CertificateTrust){ .instance_name = instance_name,
                                    .is_self_signed_permitted = true,
                                    .has_secret = true };
  g_strlcpy ((char *) self->trust.secret, secret, sizeof self->trust.secret);
  self->user_key = private_key_new ();
  self->device_key = private_key_new ();
  self->signer = signer_of (self, instance_name);
  g_assert_nonnull (self->signer);
  options.signer = self->signer;
  self->world = world_new (&options, &error);
  g_assert_no_error (error);
  self->ports = world_ports (self->world);
  self->node = g_new0 (Node, 1);
  self->node->peer = self;
  self->node->restored = g_string_new (NULL);
  self->node->links = g_hash_table_new_full (NULL, NULL, NULL, heard_free);
  world_set_node (self->world, self->node);
  g_assert_cmpuint (world_listening (self->world, &self->address, 1), ==, 1);
  return self;
}

Peer *
peer_new (const char *instance_name, const char *secret, const char *listen)
{
  return peer_make (instance_name, secret, listen, NULL);
}

void
peer_free (Peer *self)
{
  if (self == NULL)
    return;
  world_free (self->world);
  signer_free (self->signer);
  private_key_free (self->user_key);
  private_key_free (self->device_key);
  g_hash_table_unref (self->node->links);
  g_string_free (self->node->restored, TRUE);
  g_free (self->node);
  g_free (self);
}

Peer *
peer_member (void)
{
  return peer_keeping (NULL);
}

Peer *
peer_keeping (struct Store *store)
{
  return peer_make ("home-abcd2345.peal.alt", "open sesame", "127.0.0.1:0", store);
}

const char *
peer_restored (const Peer *self)
{
  return self->node->restored->str;
}

const Heard *
peer_heard (const Peer *self, uint32_t link)
{
  return node_heard (self->node, link);
}

uint32_t
peer_incoming (const Peer *self, unsigned index)
{
  return LINK_FIRST_INCOMING + index;
}

const unsigned *
peer_refused (const Peer *self)
{
  return &self->node->refused;
}

unsigned
peer_incoming_up (const Peer *self)
{
  GHashTableIter iter;
  void *number;
  void *heard;
  unsigned count = 0;

  g_hash_table_iter_init (&iter, self->node->links);
  while (g_hash_table_iter_next (&iter, &number, &heard)) {
    if (GPOINTER_TO_UINT (number) >= LINK_FIRST_INCOMING && ((Heard *) heard)->up > 0)
      count++;
  }
  return count;
}

void
peer_set_hook (Peer *self, void (*hook) (Peer *self, uint32_t link))
{
  self->node->hook = hook;
}

/* ---- Time ---- */

static gboolean
on_time (void *user_data)
{
  *(bool *) user_data = true;
  return G_SOURCE_REMOVE;
}

void
wait_for (const unsigned *counter, unsigned least)
{
  bool is_late = false;
  unsigned source = g_timeout_add_seconds (20, on_time, &is_late);

  while (*counter < least && !is_late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (is_late);
  g_source_remove (source);
}

void
wait_ms (unsigned ms)
{
  bool is_over = false;

  g_timeout_add (ms, on_time, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

unsigned
open_files (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  unsigned count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}
