/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/driver.h"
#include "tests/unit/proof-stage.h"

/* A connection that a secret keys, made once. The first octet says of which kind it is to be, and
 * what the rest is: records that somebody invents, each after its size, or changes of the true
 * proof, {place, octet} each. Nothing but the true proof is good, and nothing comes through before
 * it. */

enum { IS_STREAM = 1, IS_CHANGED = 2, CHANGE_SIZE = 3 };

static End client, server;
static Timers *timers;

static void
open_once (void)
{
  static Peer *alice, *bob; /* as long as the process */

  if (timers != NULL)
    return;
  timers = timers_new (0);
  alice = peer_member ();
  bob = peer_member ();
  end_open (&client, alice, "open sesame", false);
  end_open (&server, bob, "open sesame", true);
  g_assert_true (end_shake (&client, &server));
  end_begin (&client, NULL);
}

static ProofState
hear (Proof *proof, Bytes bytes)
{
  ProofState state = proof_hear (proof, &bytes);

  g_assert (bytes.size == 0 || state == PROOF_GOOD);
  return state;
}

/* Whether what is said is the true proof still. */
static bool
change (GByteArray *said, Bytes changes)
{
  Bytes good = end_record (&client, 0);

  for (size_t at = 0; at + CHANGE_SIZE <= changes.size; at += CHANGE_SIZE) {
    const uint8_t *one = changes.data + at;
    said->data[((size_t) one[0] << 8 | one[1]) % good.size] ^= one[2];
  }
  return bytes_equal ((Bytes){ said->data, said->len }, good);
}

static void
hear_changed (Proof *proof, Bytes changes)
{
  g_autoptr (GByteArray) said = g_byte_array_new ();
  Bytes good = end_record (&client, 0);
  bool is_true;

  g_byte_array_append (said, good.data, (guint) good.size);
  is_true = change (said, changes);
  g_assert ((hear (proof, (Bytes){ said->data, said->len }) == PROOF_GOOD) == is_true);
}

static void
hear_invented (Proof *proof, Bytes rest)
{
  size_t size;

  for (size_t at = 0; at < rest.size; at += 1 + size) {
    size = MIN ((size_t) rest.data[at], rest.size - at - 1);
    g_assert (hear (proof, (Bytes){ rest.data + at + 1, size }) != PROOF_GOOD);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (Proof) proof = NULL;

  if (size == 0)
    return 0;
  open_once ();
  proof = proof_new (server.peer->signer, server.ssl, data[0] & IS_STREAM ? NULL : timers, end_say,
                     &server);
  if (data[0] & IS_CHANGED)
    hear_changed (proof, (Bytes){ data + 1, size - 1 });
  else
    hear_invented (proof, (Bytes){ data + 1, size - 1 });
  g_ptr_array_set_size (server.said, 0);
  return 0;
}
