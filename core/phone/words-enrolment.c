/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include <glib/gi18n.h>

/* The sentences of networks with a server: for those who join them, and for their owners. */

const char *
words_invitation_used (void)
{
  return _ ("This invitation has been used. Ask for a new one.");
}

const char *
words_code_wrong (void)
{
  return _ ("This code is not right. Check it, or ask for a new one.");
}

char *
words_code_needed (const char *label)
{
  return g_strdup_printf (_ ("“%s” asks for a code. Ask its owner for one."), label);
}

char *
words_server_away (const char *label)
{
  return g_strdup_printf (_ ("The server of “%s” does not answer. Try again later."), label);
}

char *
words_server_unknown (const char *label)
{
  return g_strdup_printf (_ ("The server of “%s” could not be checked, so nothing was sent to it."),
                          label);
}

char *
words_server_refused (const char *label)
{
  return g_strdup_printf (_ ("The server of “%s” refused. Ask its owner."), label);
}

char *
words_certificate_ends (unsigned days)
{
  return g_strdup_printf (ngettext ("Your certificate ends in %u day",
                                    "Your certificate ends in %u days", days),
                          days);
}

char *
words_certificate_ended (const char *label)
{
  return g_strdup_printf (_ (
                            "Your certificate for “%s” has ended, and its server does not answer."),
                          label);
}

char *
words_network_ends (const char *label, unsigned days)
{
  /* Translators: the name of a network, and days. */
  return g_strdup_printf (ngettext ("“%s” ends in %u day. Ask whoever runs it to renew it.",
                                    "“%s” ends in %u days. Ask whoever runs it to renew it.", days),
                          label, days);
}

char *
words_removed (const char *label)
{
  return g_strdup_printf (_ ("The owner of “%s” has removed you from it."), label);
}

const char *
words_no_overlay (void)
{
  return _ ("There is no network of yours with a server here: use “overlay create”.");
}

const char *
words_no_document (void)
{
  return _ ("There is no network here that you made.");
}

const char *
words_overlay_exists (void)
{
  return _ ("There is a network of yours with a server here already.");
}

const char *
words_bad_server (void)
{
  return _ ("The server must be an address such as https://phone.example.org:8443.");
}

const char *
words_bad_domain (void)
{
  return _ ("The domain must be a name such as phone.example.org.");
}

const char *
words_bad_document (void)
{
  return _ ("This is no configuration that can follow the present one.");
}

const char *
words_bad_listen (void)
{
  return _ ("The server could not be started. Another program may be using the port.");
}

char *
words_user_exists (const char *user)
{
  return g_strdup_printf (
    /* Translators: a name, twice. --device is not translated. */
    _ ("There is or was somebody called %s. Use --device for another device of %s."), user, user);
}

char *
words_no_user (const char *user)
{
  return g_strdup_printf (_ ("There is nobody called %s."), user);
}

const char *
words_not_oneself (void)
{
  return _ ("You cannot remove yourself: the network is signed by you.");
}

const char *
words_too_many_codes (void)
{
  return _ ("Too many codes wait to be used.");
}
