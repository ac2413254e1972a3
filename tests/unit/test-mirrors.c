/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/mirrors.h"

#include "core/base/limits.h"
#include "core/os/stun.h"

#include <string.h>

typedef struct Question {
  Address to;
  uint8_t request[STUN_REPLY_SIZE];
} Question;

typedef struct Fixture {
  Timers *timers;
  Mirrors *mirrors;
  unsigned sent;
  unsigned lost;
  unsigned silent;
  unsigned asked[256]; /* requests by the last byte of the peer's address */
  uint8_t relied_on;   /* that byte of one, or 0 */
  Address to;
  uint8_t request[STUN_REPLY_SIZE];
  uint8_t counter;
  GArray *open; /* of Question: what pass() has still to answer */
} Fixture;

static void
on_send (void *owner, const Address *to, Bytes request)
{
  Fixture *self = owner;
  Question question = { .to = *to };

  self->sent++;
  self->asked[to->bytes[3]]++;
  self->to = *to;
  memcpy (self->request, request.data, request.size);
  memcpy (question.request, request.data, request.size);
  g_array_append_val (self->open, question);
}

static void
on_random (void *owner, uint8_t *ret_bytes, size_t size)
{
  Fixture *self = owner;

  memset (ret_bytes, ++self->counter, size);
}

static bool
on_relies_on (void *owner, const Address *peer)
{
  return peer->bytes[3] == ((Fixture *) owner)->relied_on;
}

static void
on_silent (void *owner, const Address *peer)
{
  ((Fixture *) owner)->silent++;
}

static void
on_lost (void *owner, const Address *peer)
{
  ((Fixture *) owner)->lost++;
}

static const MirrorPorts ports = { on_send, on_random, on_relies_on, on_silent, on_lost };

static void
setup (Fixture *self, gconstpointer data)
{
  self->timers = timers_new (0);
  self->open = g_array_new (FALSE, FALSE, sizeof (Question));
  self->mirrors = mirrors_new (self->timers, &ports, self);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  mirrors_free (self->mirrors);
  g_array_unref (self->open);
  timers_free (self->timers);
}

static Address
address_of (const char *text)
{
  Address address;

  g_assert_true (address_from_text (text, &address));
  return address;
}

static bool
answer_request (Fixture *self, const Address *from, const uint8_t *request, const char *seen)
{
  Address seen_at = address_of (seen);
  uint8_t reply[STUN_REPLY_SIZE];
  size_t size = stun_answer_binding ((Bytes){ request, 20 }, &seen_at, reply);

  return mirrors_hear (self->mirrors, from, (Bytes){ reply, size }, &seen_at);
}

/* What was asked last is answered. */
static bool
answer (Fixture *self, const char *from, const char *seen)
{
  Address peer = address_of (from);

  return answer_request (self, &peer, self->request, seen);
}

static void
add (Fixture *self, const char *peer, const char *seen)
{
  Address address = address_of (peer);

  mirrors_add (self->mirrors, &address);
  if (seen != NULL)
    g_assert_true (answer (self, peer, seen));
}

/* The chosen ones, as "peer sees; ". */
static char *
chosen (Fixture *self)
{
  GString *text = g_string_new (NULL);
  Mirror mirrors[LIMIT_MIRRORS];
  size_t count = mirrors_choose (self->mirrors, mirrors, LIMIT_MIRRORS);

  for (size_t i = 0; i < count; i++) {
    char peer[ADDRESS_TEXT_SIZE];
    char seen[ADDRESS_TEXT_SIZE];
    g_string_append_printf (text, "%s %s; ", address_to_text (&mirrors[i].peer, peer),
                            address_to_text (&mirrors[i].seen, seen));
  }
  return g_string_free (text, FALSE);
}

static void
assert_chosen (Fixture *self, const char *expected)
{
  g_autofree char *text = chosen (self);

  g_assert_cmpstr (text, ==, expected);
}

static void
advance (Fixture *self, uint64_t time)
{
  timers_advance (self->timers, timers_now (self->timers) + time, SIZE_MAX);
}

/* Time passes, and everybody answers, but who is at 10.0.0.`silent`. */
static void
pass (Fixture *self, uint64_t time, const char *seen, uint8_t silent)
{
  const uint64_t step = 100 * TIME_MS;

  memset (self->asked, 0, sizeof self->asked);
  g_array_set_size (self->open, 0);
  for (uint64_t past = 0; past < time; past += step) {
    advance (self, step);
    for (guint i = 0; i < self->open->len; i++) {
      Question question = g_array_index (self->open, Question, i);
      if (question.to.bytes[3] != silent)
        answer_request (self, &question.to, question.request, seen);
    }
    g_array_set_size (self->open, 0);
  }
}

/* Peers 10.0.0.1 to 10.0.0.4, which all see us at the same address. */
static void
add_group (Fixture *self)
{
  add (self, "10.0.0.1:6084", "203.0.113.9:1000");
  add (self, "10.0.0.2:6084", "203.0.113.9:2000");
  add (self, "10.0.0.3:6084", "203.0.113.9:3000");
  add (self, "10.0.0.4:6084", "203.0.113.9:4000");
}

static void
test_groups (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1:6084", "203.0.113.9:1000");
  add (self, "192.0.2.2:6084", "203.0.113.9:2000");
  add (self, "10.0.0.3:6084", "10.0.0.9:6084");
  add (self, "10.0.0.4:6084", NULL);
  assert_chosen (self, "192.0.2.1:6084 203.0.113.9:1000; 10.0.0.3:6084 10.0.0.9:6084; ");
}

static void
test_lost (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1:6084", "203.0.113.9:1000");
  advance (self, TIME_SECOND);
  add (self, "192.0.2.2:6084", "203.0.113.9:2000");
  /* The second goes on answering, the first does not. */
  for (unsigned i = 0; i < 40; i++) {
    unsigned sent = self->sent;
    advance (self, TIME_SECOND);
    if (self->sent > sent && self->to.bytes[3] == 2)
      answer (self, "192.0.2.2:6084", "203.0.113.9:2000");
  }
  assert_chosen (self, "192.0.2.2:6084 203.0.113.9:2000; ");
}

static void
test_rest (Fixture *self, gconstpointer data)
{
  add_group (self);
  pass (self, 299 * TIME_SECOND, "203.0.113.9:1000", 0);
  g_assert_cmpuint (self->asked[1], ==, 11);
  for (unsigned i = 2; i <= 4; i++)
    g_assert_cmpuint (self->asked[i], ==, 0);
  pass (self, 2 * TIME_SECOND, "203.0.113.9:1000", 0);
  for (unsigned i = 1; i <= 4; i++)
    g_assert_cmpuint (self->asked[i], ==, 1);
}

/* As soon as it is known, not when their time comes. */
static void
test_heirs (Fixture *self, gconstpointer data)
{
  add_group (self);
  pass (self, 26 * TIME_SECOND, "203.0.113.9:1000", 1);
  g_assert_cmpuint (self->asked[1], ==, 2);
  assert_chosen (self, "10.0.0.2:6084 203.0.113.9:2000; ");
  pass (self, 7 * TIME_SECOND, "203.0.113.9:1000", 1);
  g_assert_cmpuint (self->lost, ==, 1);
  for (unsigned i = 2; i <= 4; i++)
    g_assert_cmpuint (self->asked[i], ==, 1);
  pass (self, TIME_MINUTE, "203.0.113.9:1000", 1);
  g_assert_cmpuint (self->asked[2], ==, 2);
  g_assert_cmpuint (self->asked[3], ==, 0);
}

static void
test_elsewhere (Fixture *self, gconstpointer data)
{
  add_group (self);
  pass (self, 26 * TIME_SECOND, "198.51.100.4:1000", 0);
  for (unsigned i = 1; i <= 4; i++)
    g_assert_cmpuint (self->asked[i], ==, 1);
  assert_chosen (self, "10.0.0.1:6084 198.51.100.4:1000; ");
}

static void
test_relied_on (Fixture *self, gconstpointer data)
{
  self->relied_on = 3;
  add_group (self);
  pass (self, TIME_MINUTE, "203.0.113.9:1000", 0);
  g_assert_cmpuint (self->asked[3], ==, 2);
  g_assert_cmpuint (self->asked[4], ==, 0);
  pass (self, 33 * TIME_SECOND, "203.0.113.9:1000", 3);
  g_assert_cmpuint (self->lost, ==, 1);
}

static void
test_silent (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1:6084", NULL);
  g_assert_cmpuint (self->sent, ==, 1);
  advance (self, TIME_MINUTE);
  g_assert_cmpuint (self->sent, ==, 4);
  g_assert_cmpuint (self->lost, ==, 1);
  assert_chosen (self, "");
  g_assert_false (answer (self, "192.0.2.1:6084", "203.0.113.9:1000"));
}

static void
test_forged (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1:6084", NULL);
  g_assert_false (answer (self, "192.0.2.6:6084", "203.0.113.66:1"));
  self->request[8] ^= 1;
  g_assert_false (answer (self, "192.0.2.1:6084", "203.0.113.66:1"));
  self->request[8] ^= 1;
  g_assert_false (answer (self, "192.0.2.1:6084", "[2001:db8::66]:1"));
  g_assert_true (answer (self, "192.0.2.1:6084", "203.0.113.9:1"));
  g_assert_false (answer (self, "192.0.2.1:6084", "203.0.113.66:1")); /* once is enough */
  assert_chosen (self, "192.0.2.1:6084 203.0.113.9:1; ");
}

static void
test_full (Fixture *self, gconstpointer data)
{
  for (unsigned i = 0; i < LIMIT_MIRRORS; i++) {
    g_autofree char *peer = g_strdup_printf ("10.0.0.%u:6084", i + 1);
    add (self, peer, "10.0.0.99:6084");
  }
  self->relied_on = LIMIT_MIRRORS;
  add (self, "192.0.2.1:6084", "203.0.113.9:1000");
  assert_chosen (self, "10.0.0.1:6084 10.0.0.99:6084; 192.0.2.1:6084 203.0.113.9:1000; ");
  pass (self, 26 * TIME_SECOND, "10.0.0.99:6084", 0);
  g_assert_cmpuint (self->asked[LIMIT_MIRRORS], ==, 1); /* it was not the one to make room */
}

static void
test_moved (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1:6084", "203.0.113.9:1000");
  mirrors_ask_again (self->mirrors);
  assert_chosen (self, "");
  g_assert_true (answer (self, "192.0.2.1:6084", "198.51.100.4:1000"));
  assert_chosen (self, "192.0.2.1:6084 198.51.100.4:1000; ");
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

/* Who has answered once is not silent but lost. */
static void
test_first_requests (Fixture *self, gconstpointer data)
{
  add (self, "10.0.0.1:6084", NULL);
  advance (self, 500 * TIME_MS);
  g_assert_cmpuint (self->silent, ==, 0);
  advance (self, TIME_SECOND);
  g_assert_cmpuint (self->silent, ==, 1);
  g_assert_true (answer (self, "10.0.0.1:6084", "203.0.113.9:1000"));
  advance (self, TIME_MINUTE);
  g_assert_cmpuint (self->silent, ==, 1);
  g_assert_cmpuint (self->lost, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/mirrors/rfc6940-6.5.1.4-2-one-of-each-group-is-chosen", test_groups);
  ADD ("/mirrors/rfc6940-6.5.1.4-3-the-lost-are-replaced", test_lost);
  ADD ("/mirrors/one-of-each-group-is-asked-often", test_rest);
  ADD ("/mirrors/when-the-one-is-lost-its-heirs-are-asked-at-once", test_heirs);
  ADD ("/mirrors/when-the-one-sees-us-elsewhere-the-others-are-asked", test_elsewhere);
  ADD ("/mirrors/who-is-relied-on-is-asked-often", test_relied_on);
  ADD ("/mirrors/who-never-answers-is-forgotten", test_silent);
  ADD ("/mirrors/threat-4.5-forged-answers-are-dropped", test_forged);
  ADD ("/mirrors/full-of-the-same-makes-room", test_full);
  ADD ("/mirrors/a-new-network-asks-again", test_moved);
  g_test_add ("/mirrors/who-leaves-the-first-requests-unanswered-is-told", Fixture, NULL, setup,
              test_first_requests, teardown);
  return g_test_run ();
}
