/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/enrolment-users.h"
#include "core/phone/enrolment.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* Joining a network whose server gives out names: nothing is kept, and nobody is on the air, before
 * the server has given a certificate. */

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

typedef struct Joining {
  KeychainAccount *keys;
  Enrolment *enrolment;
  GSource *cancelled; /* NULL without a cancellable */
  bool is_code_typed; /* not the one of the invitation */
} Joining;

static void
joining_free (gpointer data)
{
  Joining *joining = data;

  enrolment_free (joining->enrolment);
  keychain_account_free (joining->keys);
  if (joining->cancelled)
    g_source_destroy (joining->cancelled);
  g_clear_pointer (&joining->cancelled, g_source_unref);
  g_free (joining);
}

static void
fail (GTask *task, PealPhoneError code, const char *words)
{
  g_task_return_new_error (task, PEAL_PHONE_ERROR, (int) code, "%s", words);
}

/* Takes the sentence. */
static void
fail_with (GTask *task, PealPhoneError code, char *words)
{
  fail (task, code, words);
  g_free (words);
}

static void
tell_error (GTask *task, const Joining *joining, const GError *error)
{
  const char *label = joining->keys->label;

  switch ((EnrolmentError) error->code) {
  case ENROLMENT_ERROR_AWAY:
    fail_with (task, PEAL_PHONE_ERROR_SERVER, words_server_away (label));
    return;
  case ENROLMENT_ERROR_UNTRUSTED:
    fail_with (task, PEAL_PHONE_ERROR_SERVER, words_server_unknown (label));
    return;
  case ENROLMENT_ERROR_NOT_AUTHENTICATED:
    fail (task, PEAL_PHONE_ERROR_CODE,
          joining->is_code_typed ? words_code_wrong () : words_invitation_used ());
    return;
  case ENROLMENT_ERROR_NAME_NOT_AVAILABLE:
    fail_with (task, PEAL_PHONE_ERROR_NAME_TAKEN, words_name_taken (joining->keys->user, label));
    return;
  case ENROLMENT_ERROR_REFUSED:
    fail_with (task, PEAL_PHONE_ERROR_SERVER, words_server_refused (label));
    return;
  }
}

static void
on_enrolled (const GError *error, void *user_data)
{
  g_autoptr (GTask) task = user_data;
  Joining *joining = g_task_get_task_data (task);
  PealAccount *account;
  GError *local = NULL;

  g_task_set_check_cancellable (task, FALSE);
  if (error) {
    g_message ("%s", error->message);
    tell_error (task, joining, error);
    return;
  }
  account =
    phone_begin_account (g_task_get_source_object (task), g_steal_pointer (&joining->keys), &local);
  if (account)
    g_task_return_pointer (task, g_object_ref (account), g_object_unref);
  else
    g_task_return_error (task, local);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Joining *joining = g_task_get_task_data (task);

  g_clear_pointer (&joining->enrolment, enrolment_free);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (GTask *task, Joining *joining)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (!cancellable)
    return;
  joining->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (joining->cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
  g_source_attach (joining->cancelled, g_main_context_get_thread_default ());
}

/* The code that was typed, or the invitation's own. */
static bool
choose_code (Joining *joining, const Invitation *invitation, const char *typed)
{
  char code[ENROLMENT_CODE_SIZE];

  joining->is_code_typed = typed && *typed && strcmp (typed, invitation->code) != 0;
  if (!enrolment_code_from_typed (joining->is_code_typed ? typed : invitation->code, code))
    return false;
  joining->keys->code = g_strdup (code);
  explicit_bzero (code, sizeof code);
  return true;
}

/* False when the task has been answered. */
static bool
begin (PealPhone *self, GTask *task, const Invitation *invitation, const char *typed)
{
  Joining *joining = g_task_get_task_data (task);

  if (!enrolment_url_is_usable (invitation->server, NULL)) {
    fail (task, PEAL_PHONE_ERROR_BAD_INVITATION, words_bad_invitation ());
    return false;
  }
  if (!choose_code (joining, invitation, typed)) {
    if (typed && *typed)
      fail (task, PEAL_PHONE_ERROR_CODE, words_code_wrong ());
    else
      fail_with (task, PEAL_PHONE_ERROR_CODE, words_code_needed (invitation->label));
    return false;
  }
  joining->enrolment =
    enrolment_new (invitation->server, invitation->root_hash, joining->keys, on_enrolled, task);
  watch_cancellable (task, joining);
  return true;
}

void
peal_phone_enrol_async (PealPhone *self,
                        const PealEnrolment *options,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Joining *joining = g_new0 (Joining, 1);
  Invitation invitation;
  GError *error = NULL;

  g_task_set_source_tag (task, peal_phone_enrol_async);
  g_task_set_task_data (task, joining, joining_free);
  joining->keys = phone_make_account (self, options->invitation, options->name,
                                      options->display_name, &invitation, &error);
  if (!joining->keys) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  if (!begin (self, task, &invitation, options->code))
    g_object_unref (task);
  explicit_bzero (&invitation, sizeof invitation);
}

PealAccount *
peal_phone_enrol_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  PealAccount *account;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  account = g_task_propagate_pointer (G_TASK (result), error);
  /* The list of accounts holds it from here on. */
  if (account)
    g_object_unref (account);
  return account;
}
