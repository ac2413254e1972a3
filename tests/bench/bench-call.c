/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "tests/bench/bench.h"
#include "tests/bench/hand.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Phones, each in a process of its own, on loopback. Warm: alice dials bob, her buddy, over the
 * link that stands. Cold: bob is dialled by people who have never called him: look-up, AppAttach,
 * ICE and DTLS come first. Each phone measures itself: from dialling to ringing at the caller, from
 * the answer to the first decoded sound at the caller. Medians.
 *
 * Rivals do not run here; their figures were measured on a machine of this kind, between two
 * processes of one machine as here: Jami by its daemon's D-Bus interface, linphonec by its log. */

enum { COLD = 7, WARM = 9, LIMIT_S = 120 };

enum { JAMI_COLD_MS = 680, JAMI_WARM_MS = 5, LINPHONEC_RING_MS = 9 };

enum { JAMI_SOUND_MS = 970, LINPHONEC_SOUND_MS = 118 };

typedef struct Times {
  int ring_ms[COLD + WARM];
  int sound_ms[COLD + WARM];
  size_t count;
} Times;

static int
compare (const void *a, const void *b)
{
  return *(const int *) a - *(const int *) b;
}

static int
median (int *values, size_t count)
{
  qsort (values, count, sizeof values[0], compare);
  return values[count / 2];
}

static void
call_once (Hand *caller, Hand *callee, const char *order, Times *times)
{
  g_autofree char *line = NULL;

  hand_tell (caller, order);
  g_free (hand_await (callee, "\"call\"", "\"ringing\""));
  g_usleep (G_USEC_PER_SEC / 2); /* nobody answers at once */
  hand_tell (callee, "answer");
  g_free (hand_await (caller, "\"call\"", "\"up\""));
  g_usleep (G_USEC_PER_SEC / 2);
  hand_tell (caller, "end");
  line = hand_await (caller, "\"call\"", "\"ended\"");
  g_free (hand_await (callee, "\"call\"", "\"ended\""));
  times->ring_ms[times->count] = hand_number (line, "ring_ms");
  times->sound_ms[times->count++] = hand_number (line, "answer_to_sound_ms");
}

static void
befriend (Hand *alice, Hand *bob)
{
  hand_tell (alice, "add bob@bench");
  g_free (hand_await (bob, "\"request\"", "\"buddy\""));
  hand_tell (bob, "accept");
  g_free (hand_await (alice, "\"contact\"", "\"Available\""));
}

static void
measure_cold (const char *folder, const char *invitation, Hand *bob, Times *times)
{
  for (int i = 0; i < COLD; i++) {
    g_autofree char *name = g_strdup_printf ("caller%d", i);
    g_autoptr (Hand) caller = hand_new (folder, name);

    hand_join (caller, invitation, name);
    hand_find (caller, "bob@bench");
    call_once (caller, bob, "dial bob@bench", times);
  }
}

static void
measure (const char *folder, Times *cold, Times *warm)
{
  g_autoptr (Hand) bob = hand_new (folder, "bob");
  g_autoptr (Hand) alice = hand_new (folder, "alice");
  g_autofree char *invitation = NULL;

  hand_create (bob, "bob");
  invitation = hand_invite (bob);
  hand_join (alice, invitation, "alice");
  measure_cold (folder, invitation, bob, cold);
  hand_find (alice, "bob@bench");
  hand_find (bob, "alice@bench");
  befriend (alice, bob);
  for (int i = 0; i < WARM; i++) {
    g_usleep (LIMIT_SIP_INVITE_PERIOD_S * G_USEC_PER_SEC); /* who calls more often is refused */
    call_once (alice, bob, "dial bob@bench", warm);
  }
}

int
bench_call (const BenchOptions *options)
{
  g_autofree char *folder = g_dir_make_tmp ("peal-bench-XXXXXX", NULL), *extra = NULL;
  Times cold = { .count = 0 }, warm = { .count = 0 };
  int cold_ms, warm_ms, cold_sound_ms, warm_sound_ms;

  alarm (LIMIT_S);
  measure (folder, &cold, &warm);
  alarm (0);
  hand_forget (folder);
  cold_ms = median (cold.ring_ms, cold.count);
  warm_ms = median (warm.ring_ms, warm.count);
  cold_sound_ms = median (cold.sound_ms, cold.count);
  warm_sound_ms = median (warm.sound_ms, warm.count);
  g_print ("dial to ringing, cold   %4d ms   Jami %d ms\n", cold_ms, JAMI_COLD_MS);
  g_print ("dial to ringing, warm   %4d ms   Jami %d ms, linphonec %d ms\n", warm_ms, JAMI_WARM_MS,
           LINPHONEC_RING_MS);
  g_print ("answer to sound, cold   %4d ms   Jami %d ms, linphonec %d ms\n", cold_sound_ms,
           JAMI_SOUND_MS, LINPHONEC_SOUND_MS);
  g_print ("answer to sound, warm   %4d ms\n", warm_sound_ms);
  extra = g_strdup_printf ("\"cold_ring_ms\":%d,\"warm_ring_ms\":%d,\"answer_to_sound_ms\":%d",
                           cold_ms, warm_ms, MAX (cold_sound_ms, warm_sound_ms));
  bench_report (options, "call", 1000.0 / MAX (cold_ms, 1), 1000.0 / JAMI_COLD_MS,
                (double) cold_ms / JAMI_COLD_MS, extra);
  return 0;
}
