/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/ports.h"

#include "core/os/store.h"
#include "tests/unit/fake-node.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_chance (void)
{
  g_autoptr (Peer) alice = peer_member ();
  uint8_t a[32] = { 0 };
  uint8_t b[32] = { 0 };
  bool seen[7] = { false };

  alice->ports->random_bytes (alice->ports->world, a, sizeof a);
  alice->ports->random_bytes (alice->ports->world, b, sizeof b);
  g_assert_true (memcmp (a, b, sizeof a) != 0);
  for (int i = 0; i < 1000; i++)
    seen[alice->ports->random_below (alice->ports->world, G_N_ELEMENTS (seen))] = true;
  for (size_t i = 0; i < G_N_ELEMENTS (seen); i++)
    g_assert_true (seen[i]);
}

static void
test_clock (void)
{
  g_autoptr (Peer) alice = peer_member ();
  uint64_t before = (uint64_t) g_get_real_time () / 1000;
  uint64_t clock = alice->ports->wall_clock_ms (alice->ports->world);

  g_assert_cmpuint (clock, >=, before);
  g_assert_cmpuint (clock, <=, (uint64_t) g_get_real_time () / 1000);
}

/* A number that was closed, or never was, is silence. */
static void
test_unknown_numbers (void)
{
  g_autoptr (Peer) alice = peer_member ();
  const NodePorts *ports = alice->ports;
  const LinkSetup setup = { LINK_PURPOSE_OVERLAY, true, true };
  const IceDescription nobody = { .ufrag = "abcd" };
  SrtpKeys keys;

  ports->link_send (ports->world, 77, bytes_of_text ("x"));
  ports->link_check (ports->world, 77, &nobody, &setup, (Bytes){ NULL, 0 });
  ports->link_close (ports->world, 77);
  world_media_send (alice->world, 77, bytes_of_text ("x"));
  g_assert_false (world_media_keys (alice->world, 77, &keys));
  world_invite_answer (alice->world, 77, "peal:abc");
  ports->link_gather (ports->world, 78, &setup);
  ports->link_close (ports->world, 78);
  ports->link_close (ports->world, 78);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (peer_heard (alice, 78)->gathered + peer_heard (alice, 78)->down, ==, 0);
}

/* Nobody is let in while there is no node to speak to. */
static void
test_no_node (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();

  world_set_node (bob->world, NULL);
  alice->ports->link_connect (alice->ports->world, 1, LINK_TRANSPORT_TLS, &bob->address);
  wait_for (&peer_heard (alice, 1)->down, 1);
  g_assert_cmpuint (peer_heard (alice, 1)->up, ==, 0);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (folder);
}

static void
test_kept (void)
{
  g_autofree char *folder = g_dir_make_tmp ("peal-XXXXXX", NULL);
  g_autoptr (Store) store = store_new (folder, NULL);
  g_autoptr (Peer) alice = peer_keeping (store);

  g_assert_nonnull (store);
  alice->ports->keep (alice->ports->world, KEEP_OWN, bytes_of_text ("key"),
                      bytes_of_text ("value"));
  alice->ports->keep (alice->ports->world, KEEP_OWN, bytes_of_text ("gone"),
                      bytes_of_text ("value"));
  alice->ports->keep (alice->ports->world, KEEP_OWN, bytes_of_text ("gone"), (Bytes){ NULL, 0 });
  store_flush (store);
  world_set_node (alice->world, alice->node);
  g_assert_cmpstr (peer_restored (alice), ==, "key=value;");
  g_clear_pointer (&alice, peer_free);
  g_clear_pointer (&store, store_free);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ports/chance", test_chance);
  g_test_add_func ("/ports/wall-clock", test_clock);
  g_test_add_func ("/ports/unknown-numbers", test_unknown_numbers);
  g_test_add_func ("/ports/no-node-no-links", test_no_node);
  g_test_add_func ("/ports/what-was-kept-comes-back", test_kept);
  return g_test_run ();
}
