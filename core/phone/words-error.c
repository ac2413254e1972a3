/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include <glib/gi18n.h>

/* What cannot be done, and why. */

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
