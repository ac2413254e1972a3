/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/enrolment-users.h"
#include "core/phone/enrolment.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* Asking others to be let in: a member on the same network, who gives an invitation, or the server
 * of a network that gives out names, who gives a certificate. Nothing is kept, and nobody is on the
 * air, before they have answered. An invitation that wants a code is handed to whoever asked: with
 * one he asks the server. */

enum { LET_IN_TIMEOUT_S = 120 };

typedef struct Joining {
  GSource *cancelled; /* NULL without a cancellable */

  /* Of a member: */
  InviteRequest *request;
  char *name;
  char *display_name;
  char *invitation; /* given, but it wants a code; else NULL */

  /* Of the server: */
  KeychainAccount *keys;
  Enrolment *enrolment;
  bool is_code_typed; /* not the one of the invitation */
} Joining;

static void
stop_asking (Joining *joining)
{
  g_clear_pointer (&joining->request, invite_request_free);
  g_clear_pointer (&joining->enrolment, enrolment_free);
}

static void
joining_free (gpointer data)
{
  Joining *joining = data;

  stop_asking (joining);
  keychain_account_free (joining->keys);
  if (joining->cancelled)
    g_source_destroy (joining->cancelled);
  g_clear_pointer (&joining->cancelled, g_source_unref);
  g_free (joining->invitation);
  g_free (joining->name);
  g_free (joining->display_name);
  g_free (joining);
}

static GTask *
joining_new (PealPhone *self,
             gpointer tag,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, g_new0 (Joining, 1), joining_free);
  return task;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  stop_asking (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (GTask *task)
{
  Joining *joining = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (!cancellable)
    return;
  joining->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (joining->cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
  g_source_attach (joining->cancelled, g_main_context_get_thread_default ());
}

/* Takes the error, which is set when there is no account. */
static void
answer (GTask *task, PealAccount *account, GError *error)
{
  g_task_set_check_cancellable (task, FALSE);
  if (account)
    g_task_return_pointer (task, g_object_ref (account), g_object_unref);
  else
    g_task_return_error (task, error);
}

static PealAccount *
joining_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  PealAccount *account;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  account = g_task_propagate_pointer (G_TASK (result), error);
  /* The list of accounts holds it from here on. */
  if (account)
    g_object_unref (account);
  return account;
}

/* ---- A member ---- */

static void
on_invited (const char *invitation, const GError *error, void *user_data)
{
  g_autoptr (GTask) task = user_data;
  Joining *joining = g_task_get_task_data (task);
  PealAccount *account = NULL;
  GError *local = NULL;

  if (invitation)
    account = peal_phone_join (g_task_get_source_object (task), invitation, joining->name,
                               joining->display_name, &local);
  else
    g_set_error_literal (&local, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_NOT_LET_IN,
                         words_not_let_in ());
  if (g_error_matches (local, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CODE))
    joining->invitation = g_strdup (invitation);
  answer (task, account, local);
}

void
peal_phone_join_nearby_async (PealPhone *self,
                              PealNearby *nearby,
                              const char *name,
                              const char *display_name,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task =
    joining_new (self, peal_phone_join_nearby_async, cancellable, callback, user_data);
  Joining *joining = g_task_get_task_data (task);
  GError *error = NULL;

  joining->name = phone_make_user (name, &error);
  joining->display_name = g_strdup (display_name);
  if (!joining->name) {
    answer (task, NULL, error);
    return;
  }
  joining->request = invite_request_new (peal_nearby_get_listener (nearby), joining->name,
                                         g_get_host_name (), LET_IN_TIMEOUT_S, on_invited, task);
  watch_cancellable (g_steal_pointer (&task));
}

PealAccount *
peal_phone_join_nearby_finish (PealPhone *self,
                               GAsyncResult *result,
                               char **ret_invitation,
                               GError **error)
{
  PealAccount *account = joining_finish (self, result, error);
  Joining *joining = g_task_get_task_data (G_TASK (result));

  if (ret_invitation)
    *ret_invitation = g_strdup (joining->invitation);
  return account;
}

/* ---- The server ---- */

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

  if (error) {
    g_message ("%s", error->message);
    g_task_set_check_cancellable (task, FALSE);
    tell_error (task, joining, error);
    return;
  }
  account =
    phone_begin_account (g_task_get_source_object (task), g_steal_pointer (&joining->keys), &local);
  answer (task, account, local);
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

/* False when the task has been answered; else the answer is to come. */
static bool
begin (GTask *task, const Invitation *invitation, const char *typed)
{
  Joining *joining = g_task_get_task_data (task);

  if (invitation->server[0] == '\0' ? !enrolment_is_found_by_name (invitation->instance_name)
                                    : !enrolment_url_is_usable (invitation->server, NULL)) {
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
    enrolment_new (ENROLMENT_CERTIFICATE, invitation->server[0] == '\0' ? NULL : invitation->server,
                   invitation->root_hash, joining->keys, on_enrolled, task);
  return true;
}

void
peal_phone_enrol_async (PealPhone *self,
                        const PealEnrolment *options,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task =
    joining_new (self, peal_phone_enrol_async, cancellable, callback, user_data);
  Joining *joining = g_task_get_task_data (task);
  Invitation invitation;
  GError *error = NULL;

  joining->keys = phone_make_account (self, options->invitation, options->name,
                                      options->display_name, &invitation, &error);
  if (!joining->keys) {
    answer (task, NULL, error);
    return;
  }
  if (begin (task, &invitation, options->code))
    watch_cancellable (g_steal_pointer (&task));
  explicit_bzero (&invitation, sizeof invitation);
}

PealAccount *
peal_phone_enrol_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  return joining_finish (self, result, error);
}
