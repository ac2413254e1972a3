/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/crypto/identity.h"
#include "core/crypto/safety-words.h"
#include "core/phone/account-private.h"
#include "core/phone/line-private.h"
#include "core/phone/phone.h"
#include "core/phone/word-list.h"
#include "core/phone/words.h"

/* What a line is made of, each borrowing from those before it:
 *
 *   configuration -> trust -> signer -> world -> node
 *
 * A newcomer begins with a provisional configuration; the signed document comes as an event, is
 * kept, and what it says of trust counts from then on. The node keeps the configuration it was made
 * with, so that one stays until the end.
 *
 * Names of state: the node tells LOOKING, ALONE, READY; that our name is taken or our identity is
 * in use elsewhere stays until the end of the line. */

enum { LISTENING_MAX = 8, SHARED_SECRET_BYTES = 16 };

/* ---- Events ---- */

static PealAccountState
account_state (NodeState state)
{
  switch (state) {
  case NODE_OFF:
    return PEAL_ACCOUNT_OFF;
  case NODE_LOOKING:
  case NODE_JOINING:
    return PEAL_ACCOUNT_LOOKING;
  case NODE_ALONE:
    return PEAL_ACCOUNT_ALONE;
  case NODE_READY:
    return PEAL_ACCOUNT_READY;
  case NODE_EXPIRED:
    return PEAL_ACCOUNT_EXPIRED;
  case NODE_DUPLICATE:
    return PEAL_ACCOUNT_DUPLICATE;
  case NODE_UNSUPPORTED:
    return PEAL_ACCOUNT_UNSUPPORTED;
  }
  g_assert_not_reached ();
}

/* Links made from now on are keyed by what the document says; before there is one, by what the
 * invitation said. */
static void
share_secret (Line *self)
{
  const char *secret = self->current->shared_secret;

  world_share_secret (self->world, self->keys->document ? secret : self->keys->shared_secret);
}

static void
trust_configuration (Line *self, Configuration *configuration)
{
  configuration_unref (self->current);
  self->current = configuration;
  configuration_fill_trust (configuration, &self->trust);
}

/* A document that the node has adopted. */
static void
on_document (Line *self, Bytes document)
{
  Configuration *configuration = configuration_parse (document, self->keys->instance_name, NULL);
  g_autoptr (GError) error = NULL;

  if (!configuration)
    return;
  trust_configuration (self, configuration);
  signer_trust_changed (self->signer);
  g_clear_pointer (&self->keys->document, g_bytes_unref);
  self->keys->document = g_bytes_new (document.data, document.size);
  memcpy (self->keys->configuration_hash, configuration->hash,
          sizeof self->keys->configuration_hash);
  share_secret (self);
  if (!keychain_save (self->keychain, self->keys, &error))
    g_message ("%s", error->message);
}

/* Who says that it relays is asked how it sees us first, like everybody who may. */
static void
on_relays (Line *self, const RelaysFound *found)
{
  for (size_t i = 0; i < found->count; i++)
    world_add_peer (self->world, &found->relays[i].address);
}

typedef struct Helpers {
  Line *line;
  char *home;
  char *spare;
} Helpers;

/* As people know it. */
static char *
name_of_node (Line *self, const NodeId *id)
{
  const char *address = node_peer_address (self->node, id);

  return address == NULL ? NULL
                         : g_strdup_printf ("%.*s@%s", (int) strcspn (address, "@"), address,
                                            peal_account_get_label (self->account));
}

/* Home and spare of a client (RFC 6940, 4.2). */
static void
on_helper (const NodeId *id, const char *role, double rtt_ms, void *user_data)
{
  Helpers *helpers = user_data;

  if (strcmp (role, "home") == 0 && helpers->home == NULL)
    helpers->home = name_of_node (helpers->line, id);
  else if (strcmp (role, "spare") == 0 && helpers->spare == NULL)
    helpers->spare = name_of_node (helpers->line, id);
}

static void
show_reach (Line *self)
{
  bool is_client = node_is_client (self->node);
  Helpers helpers = { .line = self };

  if (is_client)
    node_peers (self->node, on_helper, &helpers);
  peal_account_show_reach (self->account,
                           &(WordsReach){ .is_client = is_client,
                                          .is_metered = world_is_metered (self->world),
                                          .home = helpers.home,
                                          .spare = helpers.spare,
                                          .has_relays = world_relays (self->world) > 0 });
  g_free (helpers.home);
  g_free (helpers.spare);
}

static void
on_node_event (const NodeEvent *event, void *user_data)
{
  Line *self = user_data;

  if (event->type == NODE_EVENT_STATE && !self->is_name_taken)
    peal_account_show_state (self->account, account_state (event->state.state),
                             MAX (event->state.peers, 1));
  if (event->type == NODE_EVENT_STATE)
    show_reach (self);
  if (event->type == NODE_EVENT_NAME_TAKEN) {
    self->is_name_taken = true;
    peal_account_show_state (self->account, PEAL_ACCOUNT_NAME_TAKEN,
                             peal_account_get_peers (self->account));
  }
  if (event->type == NODE_EVENT_CONFIGURATION)
    on_document (self, event->document);
  if (event->type == NODE_EVENT_PEER_LISTENING) {
    line_remember_peer (self, event->peer.transport, &event->peer.address);
    world_add_peer (self->world, &event->peer.address);
  }
  if (event->type == NODE_EVENT_RELAYS)
    on_relays (self, event->relays.found);
  self->events->event (self->user_data, self, event);
}

static void
on_media (uint32_t link, Bytes datagram, void *user_data)
{
  Line *self = user_data;

  self->events->media (self->user_data, self, link, datagram);
}

static void
on_newcomer (uint32_t request,
             const Address *from,
             const char *user_name,
             const char *computer_name,
             void *user_data)
{
  Line *self = user_data;

  self->events->newcomer (self->user_data, self, request, user_name, computer_name);
}

/* Who has a public address, and can be reached there as far as anybody knows, relays for those who
 * have none, and says so. */
static void
offer_relay (Line *self)
{
  Address address;
  bool is_open = world_open_relay (self->world, self->options.is_relay, &address);

  node_offer_relay (self->node, is_open ? &address : NULL);
}

static void
on_relay_wanted (void *user_data)
{
  Line *self = user_data;

  offer_relay (self);
  show_reach (self);
  node_find_relays (self->node);
}

static void
tell_listening (Line *self)
{
  Address addresses[LISTENING_MAX];
  size_t count = world_listening (self->world, addresses, LISTENING_MAX);

  node_set_listening (self->node, addresses, count);
  offer_relay (self);
  self->events->outside (self->user_data, self, false);
}

static void
on_listening_changed (void *user_data)
{
  tell_listening (user_data);
}

static void
on_reach (void *user_data)
{
  Line *self = user_data;

  offer_relay (self);
  self->events->outside (self->user_data, self, true);
}

static void
on_network_changed (void *user_data)
{
  Line *self = user_data;

  tell_listening (self);
  node_set_metered (self->node, world_is_metered (self->world));
  node_network_changed (self->node);
}

/* ---- Making ---- */

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Names of a bare peer come from its key, so that no two peers share one. */
static GBytes *
make_certificate (KeychainAccount *keys, const PrivateKey *user_key)
{
  return identity_make_certificate (user_key, keys->device_key,
                                    &(CertificateOptions){ .instance_name = keys->instance_name,
                                                           .user = keys->user,
                                                           .secret =
                                                             keys->has_secret ? keys->secret : NULL,
                                                           .now_s = now_s () });
}

static Configuration *
read_configuration (KeychainAccount *keys)
{
  if (!keys->document)
    return configuration_new_provisional (keys->instance_name, keys->label,
                                          keys->configuration_hash);
  return configuration_parse (bytes_borrow (keys->document), keys->instance_name, NULL);
}

static void
fill_trust (KeychainAccount *keys, CertificateTrust *trust)
{
  trust->instance_name = keys->instance_name;
  trust->has_secret = keys->has_secret;
  memcpy (trust->secret, keys->secret, sizeof trust->secret);
}

static Signer *
fail_without_certificate (const KeychainAccount *keys, CertificateVerdict verdict, GError **error)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "no certificate for %s: %s",
               keys->instance_name, certificate_verdict_name (verdict));
  return NULL;
}

/* With the kept certificate, or a new one when that is due, missing or no longer good. Where a
 * server enrols people, only it can make one: see renewal.c. */
static Signer *
make_signer (Line *self, GError **error)
{
  KeychainAccount *keys = self->keys;
  PrivateKey *user_key = keychain_get_user_key (self->keychain, error);
  CertificateVerdict verdict = CERTIFICATE_MALFORMED;
  Signer *signer = NULL;

  if (!user_key)
    return NULL;
  if (keys->certificate)
    signer =
      signer_new (keys->device_key, bytes_borrow (keys->certificate), &self->trust, &verdict);
  if (keys->code)
    return signer ? signer : fail_without_certificate (keys, verdict, error);
  if (signer && !identity_certificate_is_due (signer->own, now_s ()))
    return signer;
  g_clear_pointer (&signer, signer_free);
  g_clear_pointer (&keys->certificate, g_bytes_unref);
  keys->certificate = make_certificate (keys, user_key);
  signer = signer_new (keys->device_key, bytes_borrow (keys->certificate), &self->trust, &verdict);
  if (!signer)
    return fail_without_certificate (keys, verdict, error);
  /* Without a place to keep it, it is made again at the next start. */
  keychain_save (self->keychain, keys, NULL);
  return signer;
}

static bool
open_world (Line *self, GError **error)
{
  WorldOptions world = { .signer = self->signer,
                         .trust = &self->trust,
                         .store = self->options.store,
                         .listen = self->options.listen,
                         .log_level = self->options.log_level };
  NodeOptions node = { .configuration = self->first,
                       .display_name = self->keys->display_name,
                       .is_user = self->options.is_user,
                       .event = on_node_event,
                       .user_data = self };

  self->world = world_new (&world, error);
  if (!self->world)
    return false;
  share_secret (self);
  node.ports = world_ports (self->world);
  self->node = node_new (&node);
  world_set_media_func (self->world, on_media, self);
  world_set_invite_func (self->world, on_newcomer, self);
  world_set_node (self->world, self->node);
  world_set_network_func (self->world, on_network_changed, self);
  world_set_listening_func (self->world, on_listening_changed, self);
  world_set_relay_func (self->world, on_relay_wanted, self);
  world_set_reach_func (self->world, on_reach, self);
  return true;
}

static void
show_key_words (Line *self)
{
  uint16_t numbers[SAFETY_KEY_WORDS];
  g_autofree char *words = NULL;

  safety_words_of_key (&self->signer->own->user_key, numbers);
  words = word_list_join (numbers, SAFETY_KEY_WORDS);
  peal_account_show_key_words (self->account, words);
}

/* What the invitation said, and the document: its bootstrap nodes listen for datagrams. */
static void
tell_bootstrap (Line *self)
{
  for (size_t i = 0; i < self->keys->peer_count; i++)
    node_add_bootstrap (self->node, self->keys->peers[i].transport, &self->keys->peers[i].address);
  for (size_t i = 0; i < self->first->bootstrap_node_count; i++)
    node_add_bootstrap (self->node, LINK_TRANSPORT_DTLS, &self->first->bootstrap_nodes[i]);
}

static bool
go_on_air (Line *self, GError **error)
{
  Configuration *configuration = read_configuration (self->keys);

  if (!configuration) {
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "no configuration of %s",
                 self->keys->instance_name);
    return false;
  }
  self->first = configuration_ref (configuration);
  fill_trust (self->keys, &self->trust);
  trust_configuration (self, configuration);
  self->signer = make_signer (self, error);
  if (!self->signer || !open_world (self, error))
    return false;
  show_key_words (self);
  node_set_codecs (self->node, self->options.codecs, self->options.codec_count);
  tell_listening (self);
  tell_bootstrap (self);
  node_set_metered (self->node, world_is_metered (self->world));
  node_start (self->node);
  return true;
}

static void
go_off_air (Line *self)
{
  if (self->node)
    node_stop (self->node);
  if (self->world)
    world_set_node (self->world, NULL);
  g_clear_pointer (&self->node, node_free);
  g_clear_pointer (&self->world, world_free);
  g_clear_pointer (&self->signer, signer_free);
  g_clear_pointer (&self->current, configuration_unref);
  g_clear_pointer (&self->first, configuration_unref);
  explicit_bzero (&self->trust, sizeof self->trust);
}

Line *
line_new (const LineOptions *options, GError **error)
{
  g_autoptr (Line) self = g_new0 (Line, 1);
  KeychainAccount *keys = options->account;

  self->options = *options;
  self->options.listen = g_strdup (options->listen);
  self->keychain = options->keychain;
  self->keys = keys;
  self->events = options->events;
  self->user_data = options->user_data;
  self->account = peal_account_new (&(PealAccountStart){ .label = keys->label,
                                                         .instance_name = keys->instance_name,
                                                         .user = keys->user,
                                                         .display_name = keys->display_name });
  return go_on_air (self, error) ? g_steal_pointer (&self) : NULL;
}

void
line_free (Line *self)
{
  if (!self)
    return;
  go_off_air (self);
  g_clear_object (&self->account);
  g_free ((char *) self->options.listen);
  g_free (self);
}

bool
line_restart (Line *self, GError **error)
{
  go_off_air (self);
  return go_on_air (self, error);
}

static Configuration *
make_configuration (const char *label, const char *instance_name, bool is_shared, Signer *signer)
{
  uint8_t random[SHARED_SECRET_BYTES];
  char *secret;
  Configuration *configuration;

  if (!is_shared)
    return configuration_create (label, instance_name, signer);
  private_random (random, sizeof random);
  secret = bytes_to_hex ((Bytes){ random, sizeof random });
  configuration = configuration_create_shared (label, instance_name, secret, signer);
  secret_text_free (secret);
  explicit_bzero (random, sizeof random);
  return configuration;
}

KeychainAccount *
line_make_overlay (Keychain *keychain,
                   const char *label,
                   bool is_shared,
                   const char *user,
                   const char *display_name,
                   GError **error)
{
  PrivateKey *user_key = keychain_get_user_key (keychain, error);
  uint8_t random[CONFIGURATION_RANDOM_SIZE];
  g_autofree char *instance_name = NULL;
  g_autoptr (KeychainAccount) keys = NULL;
  g_autoptr (Configuration) configuration = NULL;
  g_autoptr (Signer) signer = NULL;
  CertificateTrust trust = { .is_self_signed_permitted = true };

  if (!user_key)
    return NULL;
  private_random (random, sizeof random);
  instance_name = configuration_make_instance_name (label, random);
  keys = keychain_account_new (instance_name);
  keys->label = g_strdup (label);
  keys->user = g_strdup (user);
  keys->display_name = g_strdup (display_name);
  keys->device_key = private_key_new ();
  keys->has_secret = true;
  private_random (keys->secret, sizeof keys->secret);
  keys->certificate = make_certificate (keys, user_key);
  fill_trust (keys, &trust);
  signer = signer_new (keys->device_key, bytes_borrow (keys->certificate), &trust, NULL);
  g_assert (signer);
  configuration = make_configuration (label, instance_name, is_shared, signer);
  keys->document = g_bytes_new (configuration->document.data, configuration->document.size);
  memcpy (keys->configuration_hash, configuration->hash, sizeof keys->configuration_hash);
  explicit_bzero (&trust, sizeof trust);
  return g_steal_pointer (&keys);
}

PealAccount *
line_get_account (Line *self)
{
  return self->account;
}

KeychainAccount *
line_get_keychain_account (Line *self)
{
  return self->keys;
}

Node *
line_get_node (Line *self)
{
  return self->node;
}

World *
line_get_world (Line *self)
{
  return self->world;
}

const char *
line_get_instance_name (Line *self)
{
  return self->keys->instance_name;
}

bool
line_get_listener (Line *self, Address *ret_address)
{
  return world_listening (self->world, ret_address, 1) == 1;
}

const Configuration *
line_get_configuration (Line *self)
{
  return self->current;
}

const Signer *
line_get_signer (Line *self)
{
  return self->signer;
}
