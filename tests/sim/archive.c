/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/archive.h"

#include "core/node-private.h"
#include "core/wire/fetch.h"
#include "core/wire/registration.h"
#include "tests/sim/liar.h"

#include <string.h>

/* An hour before now each person was somewhere else, and of every other one the registration was
 * taken back (RFC 6940, 7.4.1.3). That was signed, and the signature still holds; the lifetime that
 * it is told with is not signed. */

#define AGE_MS (60 * 60 * UINT64_C (1000))

typedef struct Page {
  NodeId device;
  NodeId elsewhere;
  GByteArray *route; /* there, owned; NULL: taken back */
  uint64_t storage_time;
  Certificate *certificate; /* borrowed: the peer's own */
  uint8_t bytes[SIGNATURE_SIZE_MAX];
  Signature signature; /* in `bytes` */
} Page;

struct Archive {
  GHashTable *pages; /* NodeId of the place -> Page, both owned */
};

static guint
place_hash (gconstpointer place)
{
  guint hash;

  memcpy (&hash, place, sizeof hash);
  return hash;
}

static gboolean
place_equal (gconstpointer a, gconstpointer b)
{
  return node_id_equal (a, b);
}

static void
page_free (void *data)
{
  Page *page = data;

  if (page->route != NULL)
    g_byte_array_unref (page->route);
  g_free (page);
}

static StoredData
data_of (const Page *page)
{
  StoredData data = {
    .storage_time = page->storage_time,
    .lifetime = 600,
    .value = { .model = DATA_MODEL_DICTIONARY, .key = node_id_bytes (&page->device) },
    .signature = page->signature,
  };

  if (page->route != NULL)
    data.value.value = (DataValue){ true, { page->route->data, page->route->len } };
  return data;
}

static void
lead_elsewhere (Page *page)
{
  Destination end = destination_of_node (&page->elsewhere);
  SipRegistration registration = { .type = SIP_REGISTRATION_ROUTE,
                                   .destination_list = { &end, 1 } };

  page->route = g_byte_array_new ();
  sip_registration_encode (&registration, page->route);
}

static void
write_page (Archive *self, SimPeer *peer)
{
  CertificateCache *certificates = peer->node->overlay->certificates;
  Page *page = g_new0 (Page, 1);
  NodeId place = resource_id_of (bytes_of_text (peer->user));
  g_autoptr (GByteArray) input = g_byte_array_new ();
  StoredData data;

  page->device = *sim_peer_id (peer);
  page->elsewhere = node_id_add_power (&page->device, 0);
  if (peer->index % 2 == 0)
    lead_elsewhere (page);
  page->storage_time = peer->ports.wall_clock_ms (peer->ports.world) - AGE_MS;
  page->certificate = peer->signer.own;
  page->signature.identity = certificate_cache_own_identity (certificates);
  data = data_of (page);
  stored_data_signature_input (&data, node_id_bytes (&place), KIND_SIP_REGISTRATION, input);
  page->signature =
    certificate_cache_sign (certificates, (Bytes){ input->data, input->len }, page->bytes);
  g_hash_table_insert (self->pages, g_memdup2 (&place, sizeof place), page);
}

Archive *
archive_new (SimWorld *world)
{
  Archive *self = g_new0 (Archive, 1);

  self->pages = g_hash_table_new_full (place_hash, place_equal, g_free, page_free);
  for (unsigned i = 0; i < sim_world_size (world); i++)
    if (sim_world_peer (world, i)->node != NULL)
      write_page (self, sim_world_peer (world, i));
  return self;
}

void
archive_free (Archive *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->pages);
  g_free (self);
}

bool
archive_answers (const Archive *self, const Gang *gang, Overheard *message)
{
  SimPeer *speaker = liar_speaker (gang, message);
  g_autoptr (GPtrArray) certificates = g_ptr_array_new ();
  const Page *page;
  StoredData data;
  FetchKindResponse response = { .kind = KIND_SIP_REGISTRATION, .generation = 1 };
  FetchAns answer = { .kind_responses = { &response, 1 } };

  if (message->code != MESSAGE_FETCH_REQ || speaker == NULL)
    return false;
  page = g_hash_table_lookup (self->pages, &message->target);
  if (page == NULL)
    return false;
  data = data_of (page);
  response.values = (StoredDataList){ &data, 1 };
  g_ptr_array_add (certificates, page->certificate);
  overheard_answer (message, speaker, &answer, (MessageExtensionList){ NULL, 0 }, certificates);
  return true;
}
