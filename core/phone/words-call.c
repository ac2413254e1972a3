/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include <glib/gi18n.h>

/* Calls: how far they are, how they ended and what can be done about it. */

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

char *
words_call_state (const WordsCall *call)
{
  g_autofree char *clock = words_clock (call->duration);

  switch (call->state) {
  case PEAL_CALL_LOOKING:
    return g_strdup_printf (_ ("Looking for %s…"), call->name);
  case PEAL_CALL_CONNECTING:
    return g_strdup (_ ("Connecting…"));
  case PEAL_CALL_RINGING:
    if (call->is_incoming)
      return g_strdup_printf (_ ("%s is calling"), call->name);
    return g_strdup (_ ("Ringing…"));
  case PEAL_CALL_UP:
    if (call->is_held)
      return g_strdup_printf (_ ("You put %s on hold"), call->name);
    if (call->is_held_by_peer)
      return g_strdup_printf (_ ("%s put you on hold"), call->name);
    /* Translators: the time since the call was answered, like 02:31. */
    return g_strdup_printf (_ ("In call · %s"), clock);
  case PEAL_CALL_RECONNECTING:
    if (call->left == 0)
      return g_strdup (_ ("Reconnecting…"));
    return g_strdup_printf (ngettext ("Reconnecting… (%u s left, then ends)",
                                      "Reconnecting… (%u s left, then ends)", call->left),
                            call->left);
  case PEAL_CALL_ENDED:
    return g_strdup (_ ("Call ended"));
  }
  g_assert_not_reached ();
}

static char *
words_call_hung_up (const WordsCall *call)
{
  g_autofree char *duration = words_duration (call->duration);

  return g_strdup_printf (_ ("Call ended · %s"), duration);
}

static char *
words_call_offline (const WordsCall *call)
{
  g_autofree char *when = NULL;

  if (call->seen == 0)
    return g_strdup_printf (_ ("%s is offline."), call->name);
  when = words_when (call->seen, now_s ());
  /* Translators: a name, and when that person was last on the air: "Friday 18:20". */
  return g_strdup_printf (_ ("%s is offline (seen %s)."), call->name, when);
}

static char *
words_call_no_such_name (const WordsCall *call)
{
  g_auto (GStrv) parts = g_strsplit (call->display_address, "@", 2);

  /* Translators: the first is a person's name in the network, the second the network. */
  return g_strdup_printf (_ ("Nobody called “%s” is in “%s”."), parts[0],
                          parts[0] && parts[1] ? parts[1] : "");
}

static char *
words_call_cancelled (const WordsCall *call)
{
  if (call->is_incoming)
    return g_strdup_printf (_ ("Missed call from %s"), call->name);
  return g_strdup (_ ("Call ended"));
}

char *
words_call_end (const WordsCall *call, NodeCallEnd end)
{
  switch (end) {
  case NODE_CALL_END_NONE:
    return g_strdup ("");
  case NODE_CALL_END_HUNG_UP:
    return words_call_hung_up (call);
  case NODE_CALL_END_DECLINED:
    if (call->is_incoming)
      return g_strdup (_ ("You declined"));
    return g_strdup_printf (_ ("%s declined"), call->name);
  case NODE_CALL_END_BUSY:
    return g_strdup_printf (_ ("%s is busy"), call->name);
  case NODE_CALL_END_NO_ANSWER:
    return call->is_incoming ? words_call_cancelled (call) : g_strdup (_ ("No answer"));
  case NODE_CALL_END_CANCELLED:
    return words_call_cancelled (call);
  case NODE_CALL_END_ELSEWHERE:
    return g_strdup (_ ("Answered on another device"));
  case NODE_CALL_END_NO_SUCH_NAME:
    return words_call_no_such_name (call);
  case NODE_CALL_END_OFFLINE:
    return words_call_offline (call);
  case NODE_CALL_END_UNREACHABLE:
    return g_strdup_printf (_ ("%s is not reachable"), call->name);
  case NODE_CALL_END_FORWARDED:
    return g_strdup_printf (_ ("%s's calls are forwarded, but nobody can be reached there."),
                            call->name);
  case NODE_CALL_END_NO_MEDIA_PATH:
    return g_strdup_printf (_ ("Phone found %s but no path for sound."), call->name);
  case NODE_CALL_END_KEY_CHANGED:
    return words_key_changed (call->name, call->key_since, now_s ());
  case NODE_CALL_END_SEVERAL_OWNERS:
    return g_strdup_printf (_ ("Several people are called %s. Whom do you want to call?"),
                            call->display_address);
  case NODE_CALL_END_BAD_IDENTITY:
    return g_strdup (_ ("This person's identity could not be checked, so the call was not made."));
  case NODE_CALL_END_NOT_CONFIRMED:
    return g_strdup_printf (_ ("%s has not accepted you yet."), call->name);
  case NODE_CALL_END_NO_COMMON_CODEC:
    return g_strdup_printf (_ ("%s's phone understands no sound format of this one."), call->name);
  case NODE_CALL_END_LOST:
    return g_strdup_printf (_ ("The connection to %s was lost"), call->name);
  case NODE_CALL_END_NOT_CONNECTED:
    return g_strdup (words_no_network ());
  case NODE_CALL_END_FAILED:
    return g_strdup_printf (_ ("The call to %s failed"), call->name);
  }
  g_assert_not_reached ();
}

/* One row for each end that says more than its sentence. */
static const struct {
  NodeCallEnd end;
  const char *hint;
  PealCallRemedy remedy;
} hints[] = {
  { NODE_CALL_END_NO_SUCH_NAME, N_ ("Check the spelling."), PEAL_CALL_REMEDY_ADD_FOR_LATER },
  { NODE_CALL_END_NO_MEDIA_PATH, N_ ("A strict router is in the way."),
    PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_KEY_CHANGED, N_ ("It may be a new device, or someone else."),
    PEAL_CALL_REMEDY_COMPARE },
  { NODE_CALL_END_SEVERAL_OWNERS,
    N_ ("Ask the right one, in another way, for the words of their key. They stand in the "
        "preferences of their Peal."),
    PEAL_CALL_REMEDY_CHOOSE },
  { NODE_CALL_END_NOT_CONFIRMED, N_ ("You can call once they have."), PEAL_CALL_REMEDY_ASK_AGAIN },
  { NODE_CALL_END_DECLINED, "", PEAL_CALL_REMEDY_NONE },
  { NODE_CALL_END_BUSY, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_NO_ANSWER, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_CANCELLED, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_OFFLINE, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_UNREACHABLE, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_FORWARDED, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_LOST, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_NOT_CONNECTED, "", PEAL_CALL_REMEDY_CALL_AGAIN },
  { NODE_CALL_END_FAILED, "", PEAL_CALL_REMEDY_CALL_AGAIN },
};

const char *
words_call_hint (NodeCallEnd end)
{
  for (size_t i = 0; i < G_N_ELEMENTS (hints); i++)
    if (hints[i].end == end && hints[i].hint[0])
      return _ (hints[i].hint);
  return "";
}

const char *
words_no_relay (void)
{
  return _ ("You call them through a relay only, and nobody relays now.");
}

PealCallRemedy
words_call_remedy (NodeCallEnd end)
{
  for (size_t i = 0; i < G_N_ELEMENTS (hints); i++)
    if (hints[i].end == end)
      return hints[i].remedy;
  return PEAL_CALL_REMEDY_NONE;
}

/* The words of a report, which are not for translation: it is read by those who help. */
static const struct {
  NodeCallEnd end;
  const char *word;
} failures[] = {
  { NODE_CALL_END_UNREACHABLE, "unreachable" },
  { NODE_CALL_END_NO_MEDIA_PATH, "no-media-path" },
  { NODE_CALL_END_BAD_IDENTITY, "bad-identity" },
  { NODE_CALL_END_NO_COMMON_CODEC, "no-common-codec" },
  { NODE_CALL_END_FAILED, "failed" },
};

static const char *const stages[] = {
  [PEAL_CALL_LOOKING] = "looking", [PEAL_CALL_CONNECTING] = "connecting",
  [PEAL_CALL_RINGING] = "ringing", [PEAL_CALL_UP] = "up",
  [PEAL_CALL_RECONNECTING] = "up", [PEAL_CALL_ENDED] = "ended",
};

char *
words_call_report (NodeCallEnd end, const char *address, PealCallState reached)
{
  for (size_t i = 0; i < G_N_ELEMENTS (failures); i++)
    if (failures[i].end == end)
      return g_strdup_printf (_ ("Address: %s\n"
                                 "Reached: %s\n"
                                 "Reason: %s"),
                              address, stages[reached], failures[i].word);
  return NULL;
}

char *
words_call_security (PealCallSecurity security,
                     const char *name,
                     bool can_compare,
                     gint64 key_since)
{
  switch (security) {
  case PEAL_CALL_SECURITY_NONE:
    return g_strdup ("");
  case PEAL_CALL_SECURITY_ENCRYPTED:
    if (!can_compare)
      return g_strdup (_ ("Encrypted"));
    return g_strdup_printf (_ ("Encrypted · compare words to be sure it is %s"), name);
  case PEAL_CALL_SECURITY_VERIFIED:
    return g_strdup (_ ("Encrypted and verified"));
  case PEAL_CALL_SECURITY_DOUBTFUL:
    return g_strdup_printf (
      _ ("The words do not match: somebody may be listening between you and %s."), name);
  case PEAL_CALL_SECURITY_KEY_CHANGED:
    return words_key_changed (name, key_since, now_s ());
  }
  g_assert_not_reached ();
}

char *
words_history (bool is_incoming, bool is_missed, unsigned duration)
{
  g_autofree char *time = NULL;

  if (is_missed)
    return g_strdup (_ ("Missed call"));
  if (duration == 0)
    return g_strdup (is_incoming ? _ ("Call, not answered") : _ ("No answer"));
  time = words_duration (duration);
  /* Translators: how long it took: "12 min 4 s". */
  return g_strdup_printf (_ ("Call, %s"), time);
}
