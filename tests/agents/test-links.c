/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"
#include "core/node-private.h"
#include "core/os/ports.h"
#include "core/os/signer.h"
#include "core/overlay/overlay-private.h"

#include <string.h>

/* Three real nodes over loopback in an overlay whose configuration document rules ICE out. What the
 * document says is all that differs from any other overlay: they join, register, look each other up
 * and call. */

#define INSTANCE "home-abcd2345.peal.alt"

enum { PHONES = 3 };

typedef struct Phone {
  Signer *signer;
  World *world;
  Node *node;
  unsigned lookups;
  size_t devices;
  uint32_t call;
  NodeCallState call_state;
} Phone;

typedef struct Overlays {
  CertificateTrust trust;
  Configuration *configuration;
  Phone phones[PHONES];
} Overlays;

/* ---- The document ---- */

static char *
without (const char *text, const char *pattern)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_DOTALL, 0, NULL);

  return g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL);
}

/* The template's document with `elements` added, signed anew. */
static Configuration *
make_configuration (const Signer *signer, const char *elements)
{
  g_autoptr (Configuration) plain = configuration_create ("home", INSTANCE, signer);
  g_autofree char *signed_text =
    g_strndup ((const char *) plain->document.data, plain->document.size);
  g_autofree char *text = without (signed_text, "<(kind-)?signature>[^<]*</(kind-)?signature>");
  g_autoptr (GString) document = g_string_new (text);
  g_autofree char *end = g_strdup_printf ("%s</configuration>", elements);
  Configuration *configuration;

  g_assert_cmpuint (g_string_replace (document, "</configuration>", end, 0), ==, 1);
  configuration = configuration_sign (bytes_of_text (document->str), signer);
  g_assert_nonnull (configuration);
  return configuration;
}

/* ---- Phones ---- */

static void
on_event (const NodeEvent *event, void *user_data)
{
  Phone *self = user_data;

  switch (event->type) {
  case NODE_EVENT_LOOKUP:
    self->lookups++;
    self->devices = event->lookup.device_count;
    break;
  case NODE_EVENT_CALL_INCOMING:
  case NODE_EVENT_CALL_STATE:
    self->call = event->call.call;
    self->call_state = event->call.state;
    break;
  case NODE_EVENT_STATE:
  case NODE_EVENT_CONFIGURATION:
  case NODE_EVENT_NAME_TAKEN:
  case NODE_EVENT_PEER_LISTENING:
  case NODE_EVENT_CALL_MEDIA:
  case NODE_EVENT_CALL_WORDS:
  case NODE_EVENT_CALL_HOLD:
  case NODE_EVENT_PRESENCE:
  case NODE_EVENT_REQUEST:
  case NODE_EVENT_CLOCK:
  case NODE_EVENT_DIAGNOSIS:
  case NODE_EVENT_SERVICE:
  case NODE_EVENT_RELAYS:
    break;
  }
}

static Signer *
make_signer (Overlays *self, const char *user)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  const CertificateOptions options = { INSTANCE, user, self->trust.secret,
                                       g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, device_key, &options);

  return signer_new (device_key, bytes_borrow (der), &self->trust, NULL);
}

static void
switch_on (Overlays *self, Phone *phone, const Phone *host)
{
  static const MediaCodec codec = {
    .name = "opus", .clock_rate = 48000, .channels = 2, .payload_type = 111
  };
  WorldOptions options = { .signer = phone->signer,
                           .trust = &self->trust,
                           .listen = "127.0.0.1:0",
                           .log_level = LOG_LEVEL_ERROR };
  NodeOptions node_options = {
    .configuration = self->configuration, .is_user = true, .event = on_event, .user_data = phone
  };
  g_autoptr (GError) error = NULL;
  Address address;

  phone->world = world_new (&options, &error);
  g_assert_no_error (error);
  node_options.ports = world_ports (phone->world);
  phone->node = node_new (&node_options);
  world_set_node (phone->world, phone->node);
  node_set_codecs (phone->node, &codec, 1);
  g_assert_cmpuint (world_listening (phone->world, &address, 1), ==, 1);
  node_set_listening (phone->node, &address, 1);
  if (host != NULL) {
    g_assert_cmpuint (world_listening (host->world, &address, 1), ==, 1);
    node_add_bootstrap (phone->node, LINK_TRANSPORT_DTLS, &address);
  }
  node_start (phone->node);
}

static void
overlays_init (Overlays *self, const char *elements)
{
  static const char *const users[PHONES] = { "alice", "bob", "carol" };

  *self = (Overlays){ .trust = { .instance_name = INSTANCE,
                                 .is_self_signed_permitted = true,
                                 .has_secret = true,
                                 .secret = { 1 } } };
  for (unsigned i = 0; i < PHONES; i++)
    self->phones[i].signer = make_signer (self, users[i]);
  self->configuration = make_configuration (self->phones[0].signer, elements);
  for (unsigned i = 0; i < PHONES; i++)
    switch_on (self, &self->phones[i], i > 0 ? &self->phones[0] : NULL);
}

static void
overlays_clear (Overlays *self)
{
  for (unsigned i = 0; i < PHONES; i++) {
    Phone *phone = &self->phones[i];
    world_set_node (phone->world, NULL);
    node_free (phone->node);
    world_free (phone->world);
    signer_free (phone->signer);
  }
  configuration_unref (self->configuration);
}

static gboolean
on_too_long (gpointer what)
{
  g_error ("this never came: %s", (const char *) what);
  return G_SOURCE_REMOVE;
}

/* Runs until the condition holds; a minute is for the slowest machine under a sanitizer. */
#define wait_for(condition)                                                       \
  do {                                                                            \
    guint limit = g_timeout_add_seconds (60, on_too_long, (gpointer) #condition); \
                                                                                  \
    while (!(condition))                                                          \
      g_main_context_iteration (NULL, TRUE);                                      \
    g_source_remove (limit);                                                      \
  } while (0)

static bool
all_ready (Overlays *self)
{
  for (unsigned i = 0; i < PHONES; i++)
    if (node_state (self->phones[i].node) != NODE_READY ||
        overlay_links (self->phones[i].node->overlay) < PHONES - 1)
      return false;
  return true;
}

/* ---- The links they have ---- */

static unsigned
count_links (const Phone *phone, ConnectionKind kind, bool is_stream)
{
  unsigned count = 0;

  connection_table_for_each (phone->node->overlay->connections, connection)
  {
    count += connection->kind == kind && connection->is_up && !connection->is_closed &&
             (link_message_size_max (&connection->link) == LIMIT_MESSAGE_SIZE) == is_stream;
  }
  return count;
}

static unsigned
count_all (const Overlays *self, ConnectionKind kind, bool is_stream)
{
  unsigned count = 0;

  for (unsigned i = 0; i < PHONES; i++)
    count += count_links (&self->phones[i], kind, is_stream);
  return count;
}

/* A bit each. */
typedef enum Sort { SORT_DATAGRAMS = 1, SORT_STREAM = 2 } Sort;

/* Two ends at least of what there must be, and none of another sort. */
static void
await_links (const Overlays *self, ConnectionKind kind, unsigned sorts)
{
  bool may_stream = (sorts & SORT_STREAM) != 0;
  bool may_datagram = (sorts & SORT_DATAGRAMS) != 0;

  wait_for (count_all (self, kind, true) + count_all (self, kind, false) >= 2);
  g_assert_true (may_stream || count_all (self, kind, true) == 0);
  g_assert_true (may_datagram || count_all (self, kind, false) == 0);
}

static void
join_store_and_call (const char *elements, unsigned sorts)
{
  Overlays overlay;
  Phone *alice = &overlay.phones[0];
  Phone *bob = &overlay.phones[1];
  const NodeCallOptions call = { .address = "bob@" INSTANCE };

  overlays_init (&overlay, elements);
  wait_for (all_ready (&overlay));
  await_links (&overlay, CONNECTION_OVERLAY, sorts);
  node_lookup (alice->node, "carol@" INSTANCE);
  wait_for (alice->lookups == 1);
  g_assert_cmpuint (alice->devices, ==, 1);
  node_call (alice->node, &call);
  wait_for (bob->call_state == NODE_CALL_RINGING && bob->call != 0);
  node_call_answer (bob->node, bob->call);
  wait_for (alice->call_state == NODE_CALL_UP && bob->call_state == NODE_CALL_UP);
  await_links (&overlay, CONNECTION_APPLICATION, sorts);
  node_call_end (alice->node, alice->call);
  wait_for (alice->call_state == NODE_CALL_ENDED && bob->call_state == NODE_CALL_ENDED);
  overlays_clear (&overlay);
}

static void
test_datagrams (void)
{
  join_store_and_call ("<no-ice>true</no-ice><peal:no-ice-link>DTLS-UDP-SR-NO-ICE"
                       "</peal:no-ice-link>",
                       SORT_DATAGRAMS);
}

static void
test_stream (void)
{
  join_store_and_call ("<no-ice>true</no-ice><peal:no-ice-link>TLS-TCP-FH-NO-ICE"
                       "</peal:no-ice-link>",
                       SORT_STREAM);
}

/* TLS goes first (6.5.1.6); on a slow machine it need not come first. */
static void
test_either (void)
{
  join_store_and_call ("<no-ice>true</no-ice>", SORT_DATAGRAMS | SORT_STREAM);
}

static void
test_ice (void)
{
  join_store_and_call ("<no-ice>false</no-ice>", SORT_DATAGRAMS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/links/rfc6940-6.5.1.3-1-all-by-ice", test_ice);
  g_test_add_func ("/links/rfc6940-11.1-11-all-by-dtls-without-ice", test_datagrams);
  g_test_add_func ("/links/rfc6940-11.1-11-all-by-tls-without-ice", test_stream);
  g_test_add_func ("/links/by-either-without-ice", test_either);
  return g_test_run ();
}
