/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"
#include "core/os/signer.h"
#include "core/overlay/chord-private.h"
#include "core/wire/registration.h"
#include "tests/bench/bench.h"
#include "tests/unit/overlay-stage.h"

#include <openssl/evp.h>
#include <string.h>
#include <time.h>

/* Registrations at one storing peer, with all that belongs to one: the request and the value in it
 * are verified, the answer is signed, the copies for two successors are signed and their answers
 * verified. People, successors and the clock are the bench's; only what the peer itself does is
 * counted, in CPU time. The limit is OpenSSL alone doing the same four verifications and three
 * signatures, one by one, its contexts kept.
 *
 * The clock is virtual and moves on by the time that the rate of Stores asks for (rate.c), so no
 * limit of limits.h is lifted.
 */

#define INSTANCE "bench-abcd2345.peal.alt"

enum { PEOPLE = 100, BATCH = 200, BATCHES = 7, VERIFIES = 4, SIGNS = 3 };

typedef struct Member {
  Signer *signer;
  NodeId id;
  NodeId place; /* of the registration */
} Member;

typedef struct Registers {
  CertificateTrust trust;
  OverlayStage *stage;
  Member self;
  Member successors[2];
  Member people[PEOPLE];
  Stranger *neighbors[2];
  PrivateKey *key; /* for the limit */
  EVP_PKEY_CTX *sign, *verify;
  uint8_t signature[SIGNATURE_SIZE_MAX];
  size_t signature_size;
  unsigned count;
  double node_s;
} Registers;

static double
cpu_s (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
member_init (Registers *self, Member *member, PrivateKey *key, const char *user)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  CertificateOptions options = { INSTANCE, user, self->trust.secret,
                                 g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, key, &options);

  member->signer = signer_new (key, (Bytes){ g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
                               &self->trust, NULL);
  g_assert (member->signer != NULL);
  member->id = member->signer->own->node_ids[0];
  member->place = resource_id_of (bytes_of_text (member->signer->own->user));
}

/* A ring of three in which `self` has at least a third. */
static void
make_ring (Registers *self)
{
  PrivateKey *keys[3];
  NodeId ids[3];
  unsigned best = 0;

  for (unsigned i = 0; i < 3; i++) {
    keys[i] = private_key_new ();
    private_key_get_node_id (keys[i], &ids[i]);
  }
  for (unsigned i = 0; i < 3; i++) {
    bool is_best = true;
    for (unsigned k = 0; k < 3; k++)
      if (k != i) {
        NodeId to = node_id_distance (&ids[k], &ids[i]);
        is_best = is_best && node_id_fraction (&to) > 1.0 / 6;
      }
    best = is_best ? i : best;
  }
  member_init (self, &self->self, keys[best], "self");
  member_init (self, &self->successors[0], keys[(best + 1) % 3], "one");
  member_init (self, &self->successors[1], keys[(best + 2) % 3], "two");
  self->key = private_key_ref (keys[best]);
  for (unsigned i = 0; i < 3; i++)
    private_key_free (keys[i]);
}

static void
join_ring (Registers *self)
{
  Chord *chord;

  self->stage = overlay_stage_new_with (self->self.signer, INSTANCE);
  self->stage->wall_ms = (uint64_t) g_get_real_time () / 1000;
  chord = self->stage->overlay->topology.self;
  chord->state = TOPOLOGY_JOINED;
  for (unsigned i = 0; i < 2; i++) {
    routing_table_add (chord->table, &self->successors[i].id, true);
    self->neighbors[i] = stranger_new_with (self->stage, self->successors[i].signer);
    stranger_connect (self->neighbors[i]);
  }
}

/* People whose registrations belong here. */
static void
find_people (Registers *self)
{
  const Topology *topology = &self->stage->overlay->topology;

  for (unsigned found = 0, number = 0; found < PEOPLE; number++) {
    g_autofree char *user = g_strdup_printf ("user%u", number);
    g_autofree char *address = g_strdup_printf ("%s@" INSTANCE, user);
    NodeId place = resource_id_of (bytes_of_text (address));
    g_autoptr (PrivateKey) key = NULL;
    if (!topology->plugin->is_responsible (topology->self, &place))
      continue;
    key = private_key_new ();
    member_init (self, &self->people[found++], key, user);
  }
}

static void
limit_init (Registers *self)
{
  static const uint8_t digest[32];

  self->sign = EVP_PKEY_CTX_new (self->key, NULL);
  self->verify = EVP_PKEY_CTX_new (self->key, NULL);
  EVP_PKEY_sign_init (self->sign);
  EVP_PKEY_verify_init (self->verify);
  self->signature_size = sizeof self->signature;
  EVP_PKEY_sign (self->sign, self->signature, &self->signature_size, digest, sizeof digest);
}

static double
limit_s (Registers *self)
{
  static const uint8_t digest[32];
  uint8_t signature[SIGNATURE_SIZE_MAX];
  double start = cpu_s ();

  for (unsigned i = 0; i < BATCH; i++) {
    for (unsigned k = 0; k < VERIFIES; k++)
      if (EVP_PKEY_verify (self->verify, self->signature, self->signature_size, digest,
                           sizeof digest) != 1)
        g_error ("cannot verify");
    for (unsigned k = 0; k < SIGNS; k++) {
      size_t size = sizeof signature;
      EVP_PKEY_sign (self->sign, signature, &size, digest, sizeof digest);
    }
  }
  return cpu_s () - start;
}

static void
counted_receive (Registers *self, Stranger *from, GByteArray *message)
{
  double start = cpu_s ();

  stranger_send_bytes (from, (Bytes){ message->data, message->len });
  self->node_s += cpu_s () - start;
}

static GByteArray *
write_register (Registers *self, const Member *person)
{
  Destination here = destination_of_node (&person->id);
  Destination to = destination_of_resource (node_id_bytes (&person->place));
  SipRegistration registration = {
    .type = SIP_REGISTRATION_ROUTE,
    .contact_prefs = bytes_of_text ("(& (sip.schemes=SIPS) (audio=TRUE))"),
    .destination_list = { &here, 1 },
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  SignedValue value = { .data = { .lifetime = 3600 } };
  StoreKindData kind = { .kind = KIND_SIP_REGISTRATION, .values = { &value.data, 1 } };
  StoreReq body = { .resource = node_id_bytes (&person->place), .kind_data = { &kind, 1 } };
  Draft draft = {
    .code = MESSAGE_STORE_REQ,
    .body = &body,
    .destinations = &to,
    .destination_count = 1,
    .signer = person->signer,
    .transaction_id = ++self->count,
  };

  sip_registration_encode (&registration, bytes);
  signed_value_init (&value, self->stage, person->signer, &person->place, KIND_SIP_REGISTRATION,
                     (StoredDataValue){
                       .model = DATA_MODEL_DICTIONARY,
                       .key = node_id_bytes (&person->id),
                       .value = { true, { bytes->data, bytes->len } },
                     });
  return stranger_write (self->neighbors[1], &draft);
}

/* A successor takes its copy. */
static void
answer_copy (Registers *self, Stranger *neighbor)
{
  Letter *copy = stranger_next (neighbor, MESSAGE_STORE_REQ);
  Destination to = destination_of_node (&self->self.id);
  StoreKindResponse kind = { .kind = KIND_SIP_REGISTRATION, .generation_counter = 1 };
  StoreAns answer = { { &kind, 1 } };
  g_autoptr (GByteArray) bytes = NULL;

  g_assert (copy != NULL);
  bytes = stranger_write (neighbor, &(Draft){
                                      .code = MESSAGE_STORE_REQ + 1,
                                      .body = &answer,
                                      .transaction_id = copy->header.transaction_id,
                                      .destinations = &to,
                                      .destination_count = 1,
                                      .is_bare = true,
                                    });
  counted_receive (self, neighbor, bytes);
}

static void
register_one (Registers *self, const Member *person)
{
  g_autoptr (GByteArray) request = write_register (self, person);
  double start;

  counted_receive (self, self->neighbors[1], request);
  answer_copy (self, self->neighbors[0]);
  answer_copy (self, self->neighbors[1]);
  start = cpu_s ();
  overlay_stage_run (self->stage, TIME_SECOND / LIMIT_STORES_PER_S);
  self->node_s += cpu_s () - start;
}

static double
batch_s (Registers *self)
{
  uint64_t before = self->stage->overlay->counters.stored;

  self->node_s = 0;
  for (unsigned i = 0; i < BATCH; i++)
    register_one (self, &self->people[i % PEOPLE]);
  if (self->stage->overlay->counters.stored - before != BATCH ||
      transport_open_count (self->stage->overlay->transport) != 0)
    g_error ("a registration was lost");
  g_queue_clear (&self->neighbors[1]->inbox);
  return self->node_s;
}

static void
registers_clear (Registers *self)
{
  EVP_PKEY_CTX_free (self->sign);
  EVP_PKEY_CTX_free (self->verify);
  private_key_free (self->key);
  overlay_stage_free (self->stage);
  signer_free (self->self.signer);
  for (unsigned i = 0; i < 2; i++)
    signer_free (self->successors[i].signer);
  for (unsigned i = 0; i < PEOPLE; i++)
    signer_free (self->people[i].signer);
}

int
bench_register (const BenchOptions *options)
{
  Registers self = {
    .trust = { .instance_name = INSTANCE, .is_self_signed_permitted = true, .has_secret = true }
  };
  double node_s = G_MAXDOUBLE;
  double least_s = G_MAXDOUBLE;

  make_ring (&self);
  join_ring (&self);
  find_people (&self);
  limit_init (&self);
  batch_s (&self);
  for (unsigned i = 0; i < BATCHES; i++) {
    node_s = MIN (node_s, batch_s (&self));
    least_s = MIN (least_s, limit_s (&self));
  }
  g_print ("a registration takes the peer %.0f us, its signatures alone %.0f us\n",
           node_s / BATCH * 1e6, least_s / BATCH * 1e6);
  bench_report (options, "register", BATCH / node_s, BATCH / least_s, least_s / node_s,
                "\"limits_lifted\":[]");
  registers_clear (&self);
  return 0;
}
