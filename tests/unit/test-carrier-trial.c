/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/carrier.h"

#include "core/os/signer.h"
#include "tests/unit/fake-node.h"

#include <string.h>

/* Two phones with a media link between them, which gets another way. */
typedef struct Fixture {
  Peer *alice;
  Peer *bob;
} Fixture;

static const LinkSetup first = { LINK_PURPOSE_MEDIA, true, true, .exposure = LINK_EXPOSURE_DIRECT };
static const LinkSetup second = { LINK_PURPOSE_MEDIA, .exposure = LINK_EXPOSURE_DIRECT };

static void
gather (const Fixture *self, unsigned time)
{
  self->alice->ports->link_gather (self->alice->ports->world, 5, &first);
  self->bob->ports->link_gather (self->bob->ports->world, 5, &second);
  wait_for (&peer_heard (self->alice, 5)->gathered, time);
  wait_for (&peer_heard (self->bob, 5)->gathered, time);
}

static void
check (const Peer *peer, const IceDescription *remote, const LinkSetup *setup, const Peer *other)
{
  const uint8_t *fingerprint = other->signer->own->hash;

  peer->ports->link_check (peer->ports->world, 5, remote, setup,
                           (Bytes){ fingerprint, CERTIFICATE_HASH_SIZE });
}

static void
check_both (const Fixture *self)
{
  check (self->alice, &peer_heard (self->bob, 5)->local, &first, self->bob);
  check (self->bob, &peer_heard (self->alice, 5)->local, &second, self->alice);
}

static void
setup (Fixture *self, gconstpointer data)
{
  self->alice = peer_member ();
  self->bob = peer_member ();
  gather (self, 1);
  check_both (self);
  wait_for (&peer_heard (self->alice, 5)->up, 1);
  wait_for (&peer_heard (self->bob, 5)->up, 1);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (peer_heard (self->alice, 5)->down + peer_heard (self->bob, 5)->down, ==, 0);
  peer_free (self->alice);
  peer_free (self->bob);
}

/* One of them talks, twenty times as fast as a voice, and the other listens. */
typedef struct Talk {
  const Peer *from;
  const Peer *to;
  unsigned heard;
  guint source;
} Talk;

static void
on_media (uint32_t link, Bytes datagram, void *user_data)
{
  ((Talk *) user_data)->heard++;
}

static gboolean
on_talk (gpointer user_data)
{
  static const uint8_t rtp[] = { 0x80, 111, 0, 1 };
  const Talk *self = user_data;

  world_media_send (self->from->world, 5, (Bytes){ rtp, sizeof rtp });
  return G_SOURCE_CONTINUE;
}

static void
talk_begin (Talk *self, const Peer *from, const Peer *to)
{
  *self = (Talk){ .from = from, .to = to, .source = g_timeout_add (1, on_talk, self) };
  world_set_media_func (to->world, on_media, self);
}

static void
talk_end (Talk *self)
{
  g_source_remove (self->source);
  world_set_media_func (self->to->world, NULL, NULL);
}

static void
assert_talking (const Fixture *self)
{
  const Peer *peers[] = { self->alice, self->bob };

  for (unsigned i = 0; i < 2; i++) {
    Talk talk;
    talk_begin (&talk, peers[i], peers[!i]);
    wait_for (&talk.heard, 5);
    talk_end (&talk);
  }
}

/* New candidates and credentials on both sides, the keys of before; and sound all the time. */
static void
test_taken (Fixture *self, gconstpointer data)
{
  const Heard *alice = peer_heard (self->alice, 5);
  const Heard *bob = peer_heard (self->bob, 5);
  IceDescription before = alice->local;
  SrtpKeys keys[2];
  Talk talks[2];

  world_media_keys (self->alice->world, 5, &keys[0]);
  talk_begin (&talks[0], self->alice, self->bob);
  talk_begin (&talks[1], self->bob, self->alice);
  gather (self, 2);
  g_assert_cmpstr (before.ufrag, !=, alice->local.ufrag);
  check_both (self);
  wait_for (&alice->tried, 1);
  wait_for (&bob->tried, 1);
  g_assert_cmpint (alice->trial, ==, LINK_TRIAL_WON);
  g_assert_cmpint (bob->trial, ==, LINK_TRIAL_WON);
  talk_end (&talks[0]);
  talk_end (&talks[1]);
  assert_talking (self);
  g_assert_true (world_media_keys (self->alice->world, 5, &keys[1]));
  g_assert_cmpmem (keys[0].send, sizeof keys[0].send, keys[1].send, sizeof keys[1].send);
}

/* As if the seconds had passed. */
static void
pass_seconds (const Peer *peer, unsigned seconds)
{
  Timers *timers = peer->ports->timers;

  timers_advance (timers, timers_now (timers) + seconds * TIME_SECOND, SIZE_MAX);
}

static void
test_not_answered (Fixture *self, gconstpointer data)
{
  gather (self, 2);
  pass_seconds (self->alice, 26);
  g_assert_cmpuint (peer_heard (self->alice, 5)->tried, ==, 1);
  g_assert_cmpint (peer_heard (self->alice, 5)->trial, ==, LINK_TRIAL_FAILED);
  assert_talking (self);
}

static void
test_not_found (Fixture *self, gconstpointer data)
{
  IceDescription nobody;

  gather (self, 2);
  nobody = peer_heard (self->bob, 5)->local;
  g_strlcpy (nobody.password, "notThePasswordOfAnybody1", sizeof nobody.password);
  check (self->alice, &nobody, &first, self->bob);
  pass_seconds (self->alice, 13);
  wait_for (&peer_heard (self->alice, 5)->tried, 1);
  g_assert_cmpint (peer_heard (self->alice, 5)->trial, ==, LINK_TRIAL_FAILED);
  assert_talking (self);
}

/* A pair of candidates works, and there is nothing to try it with. */
static void
test_nothing_said (Fixture *self, gconstpointer data)
{
  gather (self, 2);
  check_both (self);
  wait_ms (300);
  g_assert_cmpuint (peer_heard (self->alice, 5)->tried, ==, 0);
  pass_seconds (self->alice, 13);
  g_assert_cmpuint (peer_heard (self->alice, 5)->tried, ==, 1);
  g_assert_cmpint (peer_heard (self->alice, 5)->trial, ==, LINK_TRIAL_FAILED);
  assert_talking (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, setup, test, teardown)
  ADD ("/carrier-trial/what-sound-has-come-over-is-taken", test_taken);
  ADD ("/carrier-trial/an-offer-without-answer-does-no-harm", test_not_answered);
  ADD ("/carrier-trial/a-way-that-is-none-does-no-harm", test_not_found);
  ADD ("/carrier-trial/without-sound-none-is-taken", test_nothing_said);
  return g_test_run ();
}
