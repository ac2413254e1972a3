/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include <glib/gi18n.h>

/* Every sentence that the engine says to people stands here, whole, so that a translator sees it
 * whole. Nothing here decides anything: codes and values come in, words go out. */

/* From here on certificates seem expired, or not yet valid. */
enum { CLOCK_BREAKS_S = 24 * 3600 };

/* ---- Time ---- */

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Whole days of the calendar between the two; negative when `then` lies ahead. */
static int
days_between (GDateTime *then, GDateTime *now)
{
  GDate a, b;

  g_date_clear (&a, 1);
  g_date_clear (&b, 1);
  g_date_set_dmy (&a, (GDateDay) g_date_time_get_day_of_month (then),
                  (GDateMonth) g_date_time_get_month (then),
                  (GDateYear) g_date_time_get_year (then));
  g_date_set_dmy (&b, (GDateDay) g_date_time_get_day_of_month (now),
                  (GDateMonth) g_date_time_get_month (now), (GDateYear) g_date_time_get_year (now));
  return g_date_days_between (&a, &b);
}

/* How people name the day of `then`: the format for today, for yesterday, within a week, within
 * the year, before. */
static char *
format_by_day (gint64 then_s, gint64 now_s, const char *const formats[5])
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (then_s);
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_local (now_s);
  int days, row;

  if (!then || !now)
    return g_strdup ("");
  days = days_between (then, now);
  if (days >= 0 && days <= 1)
    row = days;
  else if (days > 1 && days < 7)
    row = 2;
  else
    row = g_date_time_get_year (then) == g_date_time_get_year (now) ? 3 : 4;
  return g_date_time_format (then, formats[row]);
}

char *
words_when (gint64 then, gint64 now)
{
  /* Translators: how a moment is written, for g_date_time_format(): today, yesterday, within a
   * week, within this year, earlier. */
  const char *const formats[] = { _ ("%H:%M"), _ ("Yesterday %H:%M"), _ ("%A %H:%M"),
                                  _ ("%-d %B %H:%M"), _ ("%-d %B %Y %H:%M") };

  return format_by_day (then, now, formats);
}

char *
words_seen_day (gint64 then, gint64 now)
{
  /* Translators: when a person was last on the air, for g_date_time_format(). */
  const char *const formats[] = { _ ("seen %H:%M"), _ ("seen yesterday"), _ ("seen %A"),
                                  _ ("seen %-d %B"), _ ("seen %-d %B %Y") };

  return format_by_day (then, now, formats);
}

char *
words_duration (unsigned seconds)
{
  if (seconds < 60)
    /* Translators: how long a call took, in seconds. */
    return g_strdup_printf (_ ("%u s"), seconds);
  if (seconds < 3600)
    /* Translators: how long a call took, in minutes and seconds. */
    return g_strdup_printf (_ ("%u min %u s"), seconds / 60, seconds % 60);
  /* Translators: how long a call took, in hours and minutes. */
  return g_strdup_printf (_ ("%u h %u min"), seconds / 3600, seconds % 3600 / 60);
}

char *
words_clock (unsigned seconds)
{
  if (seconds < 3600)
    return g_strdup_printf ("%02u:%02u", seconds / 60, seconds % 60);
  return g_strdup_printf ("%u:%02u:%02u", seconds / 3600, seconds % 3600 / 60, seconds % 60);
}

/* ---- People ---- */

char *
words_key_changed (const char *name, gint64 since, gint64 now)
{
  /* Translators: the day in "Bob's key has changed since %s.", for g_date_time_format(): today,
   * yesterday, within a week, within this year, earlier. */
  const char *const formats[] = { _ ("%H:%M today"), _ ("yesterday"), _ ("%A"), _ ("%-d %B"),
                                  _ ("%-d %B %Y") };
  g_autofree char *day = since > 0 ? format_by_day (since, now, formats) : NULL;

  if (!day)
    return g_strdup_printf (_ ("%s's key has changed."), name);
  /* Translators: a name, and the day since when: "12 November". */
  return g_strdup_printf (_ ("%s's key has changed since %s."), name, day);
}

const char *
words_presence (PealPresence presence)
{
  switch (presence) {
  case PEAL_PRESENCE_IN_CALL:
    return _ ("In a call");
  case PEAL_PRESENCE_AVAILABLE:
    return _ ("Available");
  case PEAL_PRESENCE_AWAY:
    return _ ("Away");
  case PEAL_PRESENCE_DO_NOT_DISTURB:
    return _ ("Do not disturb");
  case PEAL_PRESENCE_OFFLINE:
    return _ ("Offline");
  case PEAL_PRESENCE_NOT_CONFIRMED:
    return _ ("Not confirmed");
  }
  g_assert_not_reached ();
}

char *
words_contact_detail (PealPresence presence, gint64 seen, unsigned missed, gint64 now)
{
  if (missed > 0)
    return g_strdup_printf (ngettext ("%u missed call", "%u missed calls", missed), missed);
  if (presence == PEAL_PRESENCE_OFFLINE && seen > 0)
    return words_seen_day (seen, now);
  return g_strdup ("");
}

char *
words_contact_row (const WordsContact *contact)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_autofree char *presence = g_utf8_strdown (words_presence (contact->presence), -1);

  g_ptr_array_add (parts, (gpointer) contact->name);
  g_ptr_array_add (parts, presence);
  g_ptr_array_add (parts, (gpointer) contact->display_address);
  if (contact->detail[0])
    g_ptr_array_add (parts, (gpointer) contact->detail);
  if (contact->is_favourite)
    g_ptr_array_add (parts, (gpointer) _ ("favourite"));
  if (contact->is_key_changed)
    g_ptr_array_add (parts, (gpointer) _ ("key has changed"));
  g_ptr_array_add (parts, NULL);
  /* Translators: between the parts of a row that is read aloud. */
  return g_strjoinv (_ (", "), (char **) parts->pdata);
}

char *
words_buddy_request (const char *display_address)
{
  return g_strdup_printf (_ ("%s wants to add you"), display_address);
}

char *
words_newcomer_request (const char *computer, const char *label)
{
  /* Translators: the first is the name of a computer, the second of a network. */
  return g_strdup_printf (_ ("%s wants to join “%s”."), computer, label);
}

char *
words_nearby (const char *label, unsigned peers)
{
  return g_strdup_printf (ngettext ("There is already a network “%s” here with %u person.",
                                    "There is already a network “%s” here with %u people.", peers),
                          label, peers);
}

/* ---- Accounts ---- */

static char *
words_ready (const char *label, unsigned others)
{
  if (others == 0)
    return g_strdup_printf (_ ("Ready · nobody else is in “%s” yet"), label);
  return g_strdup_printf (ngettext ("Ready · “%s”: %u person connected",
                                    "Ready · “%s”: %u people connected", others),
                          label, others);
}

char *
words_account_status (PealAccountState state,
                      const char *label,
                      const char *display_address,
                      unsigned peers)
{
  switch (state) {
  case PEAL_ACCOUNT_OFF:
    return g_strdup (words_no_network ());
  case PEAL_ACCOUNT_LOOKING:
    return g_strdup (_ ("Looking for people on this network…"));
  case PEAL_ACCOUNT_ALONE:
    return words_ready (label, 0);
  case PEAL_ACCOUNT_READY:
    return words_ready (label, peers > 0 ? peers - 1 : 0);
  case PEAL_ACCOUNT_EXPIRED:
    return g_strdup_printf (_ ("“%s” has expired. Ask whoever runs it to renew it."), label);
  case PEAL_ACCOUNT_DUPLICATE:
    return g_strdup (_ ("Peal is already running with this identity on another computer."));
  case PEAL_ACCOUNT_UNSUPPORTED:
    return g_strdup (_ ("This network asks for something that this Peal cannot do."));
  case PEAL_ACCOUNT_ENDED:
    return words_certificate_ended (label);
  case PEAL_ACCOUNT_REVOKED:
    return words_removed (label);
  case PEAL_ACCOUNT_CODE_NEEDED:
    return words_code_needed (label);
  case PEAL_ACCOUNT_NAME_TAKEN: {
    g_autofree char *user = g_strndup (display_address, strcspn (display_address, "@"));

    return words_name_taken (user, label);
  }
  }
  g_assert_not_reached ();
}

static char *
words_passing_on (const WordsReach *reach)
{
  const char *one = reach->home != NULL ? reach->home : reach->spare;

  if (one == NULL)
    return g_strdup (_ ("Others cannot reach this computer directly, and no other passes calls on "
                        "to it yet."));
  if (reach->home == NULL || reach->spare == NULL)
    return g_strdup_printf (_ (
                              "Others cannot reach this computer directly. Calls come through %s."),
                            one);
  /* Translators: both are addresses of people, bob@home. */
  return g_strdup_printf (
    _ ("Others cannot reach this computer directly. Calls come through %s, or else through %s."),
    reach->home, reach->spare);
}

char *
words_account_details (const char *status, const WordsReach *reach)
{
  g_autofree char *way = NULL;

  if (reach == NULL || !reach->is_client)
    return g_strdup (status);
  way = words_passing_on (reach);
  return g_strconcat (status, "\n", way, "\n",
                      reach->has_relays ? _ ("Others relay calls where there is no other way.")
                                        : _ ("Nobody is known who relays calls."),
                      NULL);
}

const char *
words_problem (NodeProblem problem)
{
  switch (problem) {
  case NODE_PROBLEM_NONE:
    return "";
  case NODE_PROBLEM_NO_ANSWER:
    return _ ("No answer.");
  case NODE_PROBLEM_UNREACHABLE:
    return _ ("It cannot reach the next one.");
  case NODE_PROBLEM_EXPIRED:
    return _ ("The question came too late, or a clock is wrong.");
  case NODE_PROBLEM_MISROUTED:
    return _ ("The question was sent the wrong way.");
  case NODE_PROBLEM_LOOP:
    return _ ("The question goes round in a circle.");
  case NODE_PROBLEM_TOO_FAR:
    return _ ("The question went through too many hands.");
  case NODE_PROBLEM_FORBIDDEN:
    return _ ("It does not tell this to us.");
  case NODE_PROBLEM_OTHER:
    return _ ("It answered with an error.");
  }
  return "";
}

const char *
words_no_account (void)
{
  return _ ("You are in no network yet");
}

const char *
words_no_network (void)
{
  return _ ("No network connection");
}

char *
words_clock_wrong (gint64 now, gint64 offset)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (now);
  g_autofree char *day = NULL, *span = words_duration ((unsigned) ABS (offset));

  if (ABS (offset) < CLOCK_BREAKS_S) {
    /* Translators: how far off it is, like "12 min 4 s". */
    const char *format = offset > 0 ? _ ("Your computer's clock is %s fast.")
                                    : _ ("Your computer's clock is %s slow.");

    return g_strdup_printf (format, span);
  }
  /* Translators: a day, for g_date_time_format(). */
  day = g_date_time_format (date, _ ("%-d %b %Y"));
  return g_strdup_printf (
    _ ("Your computer's clock seems wrong (%s), so identities cannot be checked."), day);
}

/* ---- Calls ---- */

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

/* ---- History ---- */

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

/* ---- Errors ---- */

const char *
words_bad_name (void)
{
  return _ ("Use letters, digits, dots and dashes.");
}

const char *
words_bad_invitation (void)
{
  return _ ("This is no invitation, or a part of it is missing. Ask for a new one.");
}

char *
words_invitation_local (const char *label)
{
  return g_strdup_printf (
    _ ("Nobody in “%s” can be reached from outside this network; the invitation works only here."),
    label);
}

char *
words_invitation_local_more (const char *label, const Address *address)
{
  char text[ADDRESS_TEXT_SIZE];

  if (!address)
    return g_strdup_printf (
      _ ("This computer has no address that others could reach. Connect it to a network, and "
         "invite to “%s” again."),
      label);
  return g_strdup_printf (
    /* Translators: an address with its port, and the name of a network. */
    _ ("The invitation names computers of this local network, such as %s. People elsewhere can "
       "join once a computer with an address on the internet is in “%s”, for instance a rented "
       "server that runs peal-node: let it join, and invite again."),
    address_to_text (address, text), label);
}

const char *
words_emergency (void)
{
  return _ ("Peal cannot call emergency services. Use a mobile or landline phone.");
}

const char *
words_not_let_in (void)
{
  return _ ("Nobody there let you in. Ask someone for an invitation.");
}

char *
words_name_taken (const char *user, const char *label)
{
  /* Translators: a name, its network, and the name to try instead: "alice2". */
  return g_strdup_printf (_ ("Someone is already called %s@%s. Try %s2."), user, label, user);
}

const char *
words_bad_forward (void)
{
  return _ ("Calls can go to somebody else in the same network only.");
}

char *
words_unknown_overlay (const char *label)
{
  return g_strdup_printf (_ ("You are not in a network called “%s”."), label);
}

char *
words_no_service (const char *service, const char *label)
{
  return g_strdup_printf (_ ("Nobody offers “%s” in “%s” now."), service, label);
}

const char *
words_data_damaged (void)
{
  return _ ("Your call data could not be opened. Your identity is safe.");
}

const char *
words_data_newer (void)
{
  return _ ("Your call data was written by a newer Peal. Install that version to go on.");
}

const char *
words_disk_full (void)
{
  return _ ("No space left to save calls and contacts. Calls still work.");
}

const char *
words_disk_read_only (void)
{
  return _ ("Peal cannot write to its folder, so nothing can be kept.");
}

const char *
words_key_file (void)
{
  return _ ("Your identity file is damaged, or other people on this computer can read it.");
}

const char *
words_passphrase (void)
{
  return _ ("This is no identity file, or the passphrase is wrong.");
}

const char *
words_network_port (void)
{
  return _ ("No network connection could be opened. Another program may be using the port.");
}

const char *
words_already_member (void)
{
  return _ ("You are in this network already.");
}

const char *
words_identity_exists (void)
{
  return _ ("You have an identity here already. Restore another one on a fresh start.");
}
