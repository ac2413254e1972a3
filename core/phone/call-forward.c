/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* Where calls for an account go, kept under its instance name: it holds until it is taken back, on
 * the air or not. */

static char *
setting_of (Line *line)
{
  return g_strconcat ("forward ", line_get_instance_name (line), NULL);
}

static char *
kept_address (PealPhone *self, Line *line)
{
  g_autofree char *setting = setting_of (line);
  g_autofree char *address = store_get_setting (self->store, setting);

  return address && address[0] ? g_steal_pointer (&address) : NULL;
}

void
phone_restore_forward (PealPhone *self, Line *line)
{
  g_autofree char *address = kept_address (self, line);

  if (address)
    node_forward (line_get_node (line), address);
}

/* An address of the same network, and not the account's own; NULL and `error` otherwise. */
static char *
read_target (PealPhone *self, Line *line, const char *typed, GError **error)
{
  g_autofree char *address = peal_phone_resolve (self, typed, error);

  if (!address)
    return NULL;
  if (phone_line_of_address (self, address) == line &&
      g_strcmp0 (address, peal_account_get_address (line_get_account (line))) != 0)
    return g_steal_pointer (&address);
  g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME, words_bad_forward ());
  return NULL;
}

bool
peal_phone_forward (PealPhone *self, PealAccount *account, const char *typed, GError **error)
{
  Line *line = phone_line_of_account (self, account);
  g_autofree char *setting = line ? setting_of (line) : NULL;
  g_autofree char *address = NULL;

  if (!line) {
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_NETWORK, words_no_network ());
    return false;
  }
  if (typed && typed[strspn (typed, " ")] != '\0') {
    address = read_target (self, line, typed, error);
    if (!address)
      return false;
  }
  node_forward (line_get_node (line), address);
  store_set_setting (self->store, setting, address ? address : "");
  return true;
}

char *
peal_phone_get_forward (PealPhone *self, PealAccount *account)
{
  Line *line = phone_line_of_account (self, account);
  g_autofree char *address = line ? kept_address (self, line) : NULL;

  return address ? contacts_display_address (self->contacts, address) : NULL;
}
