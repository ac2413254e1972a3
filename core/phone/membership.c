/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/aor.h"
#include "core/base/limits.h"
#include "core/overlay/configuration.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* How a phone gets into an overlay, and lets others in: it makes one, or holds an invitation; for
 * asking others see joining.c. An account is on the disk before it is on the air. */

enum { LABEL_TRIES = 100, NEWCOMERS_MAX = LIMIT_HANDSHAKES };

const char *
peal_phone_check_name (const char *name)
{
  Aor aor;

  return aor_from_typed (name, &aor) && aor.overlay[0] == '\0' && aor_user_is_valid (aor.user)
           ? NULL
           : words_bad_name ();
}

/* The canonical form of a name that people typed; a bare peer has one of its device key. */
char *
phone_make_user (const char *name, GError **error)
{
  Aor aor;

  if (peal_phone_check_name (name) == NULL && aor_from_typed (name, &aor))
    return g_strdup (aor.user);
  g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME, words_bad_name ());
  return NULL;
}

static bool
is_label_used (PealPhone *self, const char *label)
{
  const GPtrArray *accounts = keychain_get_accounts (self->keychain);

  for (guint i = 0; i < accounts->len; i++)
    if (strcmp (((KeychainAccount *) accounts->pdata[i])->label, label) == 0)
      return true;
  return false;
}

static bool
is_label (const char *label)
{
  size_t size = label ? strlen (label) : 0;

  return size > 0 && size <= CONFIGURATION_LABEL_MAX && g_utf8_validate (label, -1, NULL) &&
         !strpbrk (label, "@/\n\r");
}

/* "home", or "home 2" when there is a "home" already. */
static char *
make_label (PealPhone *self, const char *label)
{
  char *unique = g_strdup (label);

  for (int i = 2; i < LABEL_TRIES && is_label_used (self, unique); i++) {
    g_free (unique);
    unique = g_strdup_printf ("%s %d", label, i);
  }
  return unique;
}

char *
phone_make_label (PealPhone *self, const char *label, GError **error)
{
  if (is_label (label))
    return make_label (self, label);
  g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME, words_bad_name ());
  return NULL;
}

/* An account whose certificate has ended is in the way of a new one. */
static void
drop_stale (PealPhone *self, const char *instance_name)
{
  const GPtrArray *accounts = keychain_get_accounts (self->keychain);

  for (guint i = accounts->len; i-- > 0;) {
    KeychainAccount *account = accounts->pdata[i];

    if (strcmp (account->instance_name, instance_name) != 0)
      continue;
    renewal_forget (self->renewal, account);
    keychain_remove (self->keychain, account);
  }
}

PealAccount *
phone_begin_account (PealPhone *self, KeychainAccount *account, GError **error)
{
  GError *local = NULL;
  Line *line;

  if (phone_find_line (self, account->instance_name)) {
    keychain_account_free (account);
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION,
                         words_already_member ());
    return NULL;
  }
  drop_stale (self, account->instance_name);
  if (!keychain_add (self->keychain, account, &local)) {
    keychain_account_free (account);
    phone_propagate_error (error, local);
    return NULL;
  }
  line = phone_add_line (self, account, error);
  if (line)
    return line_get_account (line);
  keychain_remove (self->keychain, account);
  return NULL;
}

static PealAccount *
create (PealPhone *self,
        const char *label,
        bool is_shared,
        const char *name,
        const char *display_name,
        GError **error)
{
  g_autofree char *user = phone_make_user (name, error);
  g_autofree char *unique = user ? phone_make_label (self, label, error) : NULL;
  GError *local = NULL;
  KeychainAccount *account;

  if (!unique)
    return NULL;
  account = line_make_overlay (self->keychain, label, is_shared, user, display_name, &local);
  if (!account) {
    phone_propagate_error (error, local);
    return NULL;
  }
  g_free (account->label);
  account->label = g_steal_pointer (&unique);
  return phone_begin_account (self, account, error);
}

PealAccount *
peal_phone_create (
  PealPhone *self, const char *label, const char *name, const char *display_name, GError **error)
{
  return create (self, label, false, name, display_name, error);
}

PealAccount *
peal_phone_create_shared (
  PealPhone *self, const char *label, const char *name, const char *display_name, GError **error)
{
  return create (self, label, true, name, display_name, error);
}

static bool
read_invitation (const char *text, Invitation *ret_invitation, GError **error)
{
  if (invitation_from_text (text, ret_invitation))
    return true;
  g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION,
                       words_bad_invitation ());
  return false;
}

bool
peal_phone_read_invitation (const char *text, char **ret_label, char **ret_inviter, GError **error)
{
  Invitation invitation;

  if (!read_invitation (text, &invitation, error))
    return false;
  if (ret_label != NULL)
    *ret_label = g_strdup (invitation.label);
  if (ret_inviter != NULL)
    *ret_inviter = g_strdup (invitation.inviter);
  explicit_bzero (&invitation, sizeof invitation);
  return true;
}

bool
peal_phone_read_enrolment (const char *text, char **ret_name, char **ret_code)
{
  Invitation invitation;

  if (!invitation_from_text (text, &invitation) || !invitation.is_enrolled)
    return false;
  if (ret_name)
    *ret_name = g_strdup (invitation.user);
  if (ret_code)
    *ret_code = g_strdup (invitation.code);
  explicit_bzero (&invitation, sizeof invitation);
  return true;
}

/* A member may join again under another name when the first was taken; the old account goes. */
static bool
make_room (PealPhone *self, const char *instance_name, GError **error)
{
  Line *line = phone_find_line (self, instance_name);
  KeychainAccount *account;

  if (!line)
    return true;
  if (peal_account_get_state (line_get_account (line)) != PEAL_ACCOUNT_NAME_TAKEN) {
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION,
                         words_already_member ());
    return false;
  }
  account = line_get_keychain_account (line);
  phone_remove_line (self, line);
  renewal_forget (self->renewal, account);
  keychain_remove (self->keychain, account);
  return true;
}

static KeychainAccount *
make_account (PealPhone *self,
              const Invitation *invitation,
              const char *user,
              const char *display_name)
{
  KeychainAccount *account = keychain_account_new (invitation->instance_name);

  account->label = make_label (self, invitation->label);
  account->user = g_strdup (user);
  account->display_name = g_strdup (display_name);
  account->device_key = private_key_new ();
  account->has_secret = invitation->has_secret;
  memcpy (account->secret, invitation->secret, sizeof account->secret);
  if (invitation->shared_secret[0] != '\0')
    account->shared_secret = g_strdup (invitation->shared_secret);
  memcpy (account->configuration_hash, invitation->configuration_hash,
          sizeof account->configuration_hash);
  memcpy (account->peers, invitation->peers, sizeof account->peers);
  account->peer_count = invitation->peer_count;
  return account;
}

KeychainAccount *
phone_make_account (PealPhone *self,
                    const char *text,
                    const char *name,
                    const char *display_name,
                    Invitation *ret_invitation,
                    GError **error)
{
  g_autofree char *user = phone_make_user (name, error);

  if (!user || !read_invitation (text, ret_invitation, error) ||
      !make_room (self, ret_invitation->instance_name, error))
    return NULL;
  return make_account (self, ret_invitation, user, display_name);
}

PealAccount *
peal_phone_join (
  PealPhone *self, const char *text, const char *name, const char *display_name, GError **error)
{
  Invitation invitation;
  KeychainAccount *keys = phone_make_account (self, text, name, display_name, &invitation, error);
  PealAccount *account = NULL;

  if (!keys)
    return NULL;
  if (!invitation.is_enrolled) {
    account = phone_begin_account (self, keys, error);
  } else {
    g_autofree char *words = words_code_needed (invitation.label);

    keychain_account_free (keys);
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CODE, words);
  }
  explicit_bzero (&invitation, sizeof invitation);
  return account;
}

char *
peal_phone_invite (PealPhone *self, PealAccount *account, GError **error)
{
  Line *line = phone_line_of_account (self, account);

  if (line && registrar_is_of (self->registrar, line_get_instance_name (line)))
    return phone_invite_with_code (self, line, NULL, false, NULL, error);
  if (line)
    return line_invite (line);
  g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_NETWORK, words_no_network ());
  return NULL;
}

/* ---- Letting others in ---- */

static Line *
line_of_request (PealPhone *self, PealRequest *request)
{
  return phone_find_line (self, g_object_get_data (G_OBJECT (request), "instance-name"));
}

static void
answer_newcomer (PealPhone *self, PealRequest *request, bool is_let_in)
{
  Line *line = line_of_request (self, request);
  guint position;

  if (line) {
    g_autofree char *invitation = is_let_in ? line_invite (line) : NULL;

    world_invite_answer (line_get_world (line), peal_request_get_tag (request), invitation);
  }
  peal_request_detach (request);
  if (g_list_store_find (self->requests, request, &position))
    g_list_store_remove (self->requests, position);
}

static void
let_in (gpointer owner, PealRequest *request)
{
  answer_newcomer (owner, request, true);
}

static void
turn_away (gpointer owner, PealRequest *request)
{
  answer_newcomer (owner, request, false);
}

static const PealRequestActions newcomer_actions = { .accept = let_in, .refuse = turn_away };

void
phone_on_newcomer (
  PealPhone *self, Line *line, uint32_t tag, const char *user, const char *computer)
{
  g_autoptr (PealRequest) request = NULL;
  PealAccount *account = line_get_account (line);

  if (self->is_open) {
    g_autofree char *invitation = line_invite (line);

    world_invite_answer (line_get_world (line), tag, invitation);
    return;
  }
  if (g_list_model_get_n_items (G_LIST_MODEL (self->requests)) >= NEWCOMERS_MAX) {
    world_invite_answer (line_get_world (line), tag, NULL);
    return;
  }
  request = peal_request_new (&(PealRequestStart){ .kind = PEAL_REQUEST_NEWCOMER,
                                                   .address = user,
                                                   .display_address = user,
                                                   .name = computer,
                                                   .label = peal_account_get_label (account),
                                                   .tag = tag },
                              &newcomer_actions, self);
  g_object_set_data_full (G_OBJECT (request), "instance-name",
                          g_strdup (line_get_instance_name (line)), g_free);
  g_list_store_append (self->requests, request);
}
