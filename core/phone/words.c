/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include <glib/gi18n.h>

/* Every sentence that the engine says to people stands here or in the files beside this one, whole,
 * so that a translator sees it whole. Nothing in them decides anything: codes and values come in,
 * words go out. Here: time, people and accounts. */

/* From here on certificates seem expired, or not yet valid. */
enum { CLOCK_BREAKS_S = 24 * 3600 };

/* ---- Time ---- */

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

  if (reach->is_metered)
    return g_strdup (
      _ ("This connection is metered, so others do this computer's share of the work."));
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
