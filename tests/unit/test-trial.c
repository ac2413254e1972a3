/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/trial.h"

#include <glib.h>

/* Both ends of a call, and what lies between them on the new way. */
typedef struct Call {
  Trial ends[2];
  bool has_left[2]; /* the old way */
  bool eats[2];     /* the new way, what that end says */
  unsigned heard[2];
} Call;

static void
hear (Call *self, unsigned end, bool is_new)
{
  self->heard[end]++;
  if (self->has_left[end])
    return;
  trial_hear (&self->ends[end], is_new);
  self->has_left[end] = trial_is_won (&self->ends[end]);
}

/* Each says one datagram every 20 ms. */
static void
talk (Call *self, unsigned turns)
{
  for (unsigned i = 0; i < turns; i++) {
    bool had_left[2] = { self->has_left[0], self->has_left[1] };
    for (unsigned from = 0; from < 2; from++) {
      if ((had_left[from] || trial_speaks (&self->ends[from])) && !self->eats[from])
        hear (self, !from, true);
      if (!had_left[from])
        hear (self, !from, false);
    }
  }
}

static Call
begin (void)
{
  Call call = { 0 };

  trial_begin (&call.ends[0], true);
  trial_begin (&call.ends[1], false);
  return call;
}

static void
test_won (void)
{
  Call call = begin ();

  talk (&call, 5);
  g_assert_false (call.has_left[0] || call.has_left[1]);
  talk (&call, 20);
  g_assert_true (call.has_left[0]);
  g_assert_false (call.has_left[1]);
  talk (&call, 30);
  g_assert_true (call.has_left[1]);
  g_assert_cmpuint (call.heard[0], >=, 55);
  g_assert_cmpuint (call.heard[1], >=, 55);
}

static void
test_eaten (gconstpointer data)
{
  unsigned eaten = GPOINTER_TO_UINT (data);
  Call call = begin ();

  call.eats[0] = eaten != 1;
  call.eats[1] = eaten != 0;
  talk (&call, 400);
  g_assert_false (call.has_left[0] || call.has_left[1]);
  g_assert_cmpint (trial_verdict (&call.ends[0]), ==, LINK_TRIAL_EATEN);
  g_assert_cmpuint (call.heard[0], >=, 400);
  g_assert_cmpuint (call.heard[1], >=, 400);
}

static void
test_nothing_said (void)
{
  Call call = begin ();

  g_assert_cmpint (trial_verdict (&call.ends[0]), ==, LINK_TRIAL_FAILED);
  call.eats[0] = true;
  talk (&call, 20);
  g_assert_cmpint (trial_verdict (&call.ends[0]), ==, LINK_TRIAL_FAILED);
}

/* RFC 8445: it leaves the old way as soon as there is a new one. */
static void
test_other_phone (void)
{
  Trial trial;

  for (unsigned is_first = 0; is_first < 2; is_first++) {
    trial_begin (&trial, is_first);
    for (unsigned i = 0; i < 30; i++)
      trial_hear (&trial, true);
    g_assert_true (trial_is_won (&trial));
  }
}

/* What is late on the old way was said before it was left. */
static void
test_late (void)
{
  Trial trial;

  trial_begin (&trial, false);
  for (unsigned i = 0; i < 20; i++) {
    trial_hear (&trial, true);
    trial_hear (&trial, false);
  }
  g_assert_false (trial_is_won (&trial));
  for (unsigned i = 0; i < 25; i++)
    trial_hear (&trial, true);
  g_assert_true (trial_is_won (&trial));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trial/sound-both-ways-wins-it-at-both-ends", test_won);
  g_test_add_data_func ("/trial/a-way-that-eats-ours-is-not-taken", GUINT_TO_POINTER (0),
                        test_eaten);
  g_test_add_data_func ("/trial/a-way-that-eats-theirs-is-not-taken", GUINT_TO_POINTER (1),
                        test_eaten);
  g_test_add_data_func ("/trial/a-way-that-eats-all-is-not-taken", GUINT_TO_POINTER (2),
                        test_eaten);
  g_test_add_func ("/trial/where-nothing-is-said-nothing-is-eaten", test_nothing_said);
  g_test_add_func ("/trial/who-changes-at-once-is-followed", test_other_phone);
  g_test_add_func ("/trial/the-old-way-counts-until-it-is-silent", test_late);
  return g_test_run ();
}
