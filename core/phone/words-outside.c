/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include <glib/gi18n.h>

/* What is said of how others come in: past firewalls and routers, by invitations, through relays.
 */

/* Whose rules keep others out. */
static char *
who_keeps_out (const WordsOutside *outside)
{
  if (outside->verdict == REACH_CLOSED_HERE)
    return g_strdup_printf (_ ("This computer's firewall keeps others out (port %u)."),
                            outside->port);
  return g_strdup_printf (
    _ ("A firewall of this computer or of the router keeps others out (port %u)."), outside->port);
}

char *
words_outside_status (const WordsOutside *outside)
{
  return outside->verdict == REACH_CLOSED_HERE ? who_keeps_out (outside) : NULL;
}

char *
words_outside_command (const WordsOutside *outside)
{
  if (outside->verdict != REACH_CLOSED && outside->verdict != REACH_CLOSED_HERE)
    return NULL;
  switch (outside->firewall) {
  case FIREWALL_UFW:
    return g_strdup_printf ("sudo ufw allow %u", outside->port);
  case FIREWALL_FIREWALLD:
    return g_strdup_printf ("sudo firewall-cmd --permanent --add-port=%u/udp --add-port=%u/tcp && "
                            "sudo firewall-cmd --reload",
                            outside->port, outside->port);
  case FIREWALL_UNKNOWN:
  case FIREWALL_NFTABLES:
    return NULL;
  }
  g_assert_not_reached ();
}

/* What would let them in. */
static char *
way_out (const WordsOutside *outside)
{
  g_autofree char *command = words_outside_command (outside);
  bool is_here = outside->verdict == REACH_CLOSED_HERE;

  if (command)
    /* Translators: the name of a firewall, and a command to be typed. */
    return g_strdup_printf (_ ("The firewall of this computer is %s. This command opens it: %s"),
                            outside->firewall == FIREWALL_UFW ? "ufw" : "firewalld", command);
  if (outside->firewall == FIREWALL_NFTABLES)
    return g_strdup_printf (
      /* Translators: nftables is the name of a firewall. */
      _ ("The firewall of this computer is nftables: its rules have to let UDP and TCP port %u "
         "in."),
      outside->port);
  return g_strdup_printf (
    is_here ? _ ("Let UDP and TCP port %u in, in the settings of this computer's firewall.")
            : _ ("Let UDP and TCP port %u in, in the settings of this computer's firewall, or of "
                 "the router's if this computer has none."),
    outside->port);
}

char *
words_outside_details (const WordsOutside *outside)
{
  g_autofree char *who = NULL;
  g_autofree char *way = NULL;

  switch (outside->verdict) {
  case REACH_UNKNOWN:
  case REACH_NETWORK:
    return g_strdup ("");
  case REACH_OPEN:
    return g_strdup (_ ("People elsewhere can reach this computer directly."));
  case REACH_CLOSED:
  case REACH_CLOSED_HERE:
    who = who_keeps_out (outside);
    way = way_out (outside);
    return g_strconcat (who, "\n", way, NULL);
  }
  g_assert_not_reached ();
}

/* ---- Invitations ---- */

const char *
words_invitation_checking (void)
{
  return _ ("Asking others whether people elsewhere can come in by this…");
}

const char *
words_invitation_open (void)
{
  return _ ("People elsewhere can come in by this.");
}

const char *
words_invitation_open_by_others (void)
{
  return _ ("Not to this computer, but to others in the network, which the invitation names too.");
}

const char *
words_invitation_untried (void)
{
  return _ ("Nobody could try yet whether people elsewhere can come in by this.");
}

char *
words_invitation_closed (const WordsOutside *outside)
{
  g_autofree char *who = who_keeps_out (outside);

  /* Translators: a sentence follows, such as "This computer's firewall keeps others out". */
  return g_strdup_printf (_ ("Nobody could reach this computer. %s"), who);
}

char *
words_invitation_closed_more (const WordsOutside *outside)
{
  return way_out (outside);
}

/* ---- The port of the web ---- */

char *
words_relay_web (RelayWeb web)
{
  switch (web) {
  case RELAY_WEB_NOT_WANTED:
    return g_strdup ("");
  case RELAY_WEB_OPEN:
    return g_strdup_printf (_ ("Passes calls on for others, at port %u too."), PORT_WEB);
  case RELAY_WEB_TAKEN:
    return g_strdup_printf (
      _ ("Passes calls on for others, but not for those whose firewall lets nothing but the web "
         "out: another program, perhaps a web server, has port %u. They are helped when it is "
         "stopped or moved."),
      PORT_WEB);
  case RELAY_WEB_FORBIDDEN:
    return g_strdup_printf (
      /* Translators: a port, and a command to be typed. */
      _ ("Passes calls on for others, but not for those whose firewall lets nothing but the web "
         "out: this system keeps port %u for its administrator. This command allows it until the "
         "next start: %s"),
      PORT_WEB, "sudo sysctl net.ipv4.ip_unprivileged_port_start=443");
  case RELAY_WEB_FAILED:
    return g_strdup_printf (
      _ ("Passes calls on for others, but not for those whose firewall lets nothing but the web "
         "out: port %u could not be opened."),
      PORT_WEB);
  }
  g_assert_not_reached ();
}
