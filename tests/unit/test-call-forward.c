/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"

static void
assert_forward (Stage *self, PealAccount *account, const char *address)
{
  g_autofree char *forward = peal_phone_get_forward (self->phone, account);

  g_assert_cmpstr (forward, ==, address);
}

static void
test_there_and_back (Stage *self, gconstpointer data)
{
  PealAccount *account = stage_create (self);
  g_autofree char *bob = stage_address (self, "bob");
  g_autofree char *said = g_strconcat ("forward ", bob, NULL);
  g_autoptr (GError) error = NULL;

  assert_forward (self, account, NULL);
  g_assert_true (peal_phone_forward (self->phone, account, " Bob@home", &error));
  g_assert_no_error (error);
  stage_assert_said (said);
  assert_forward (self, account, "bob@home");
  g_assert_true (peal_phone_forward (self->phone, account, " ", &error));
  g_assert_no_error (error);
  stage_assert_said ("forward nowhere");
  assert_forward (self, account, NULL);
}

static void
test_remembered (Stage *self, gconstpointer data)
{
  PealAccount *account = stage_create (self);
  g_autofree char *bob = stage_address (self, "bob");
  g_autofree char *said = g_strconcat ("forward ", bob, NULL);

  g_assert_true (peal_phone_forward (self->phone, account, "bob", NULL));
  stage_restart (self);
  stage_assert_said (said);
  assert_forward (self, stage_item (peal_phone_get_accounts (self->phone), 0), "bob@home");
}

static void
test_refused (Stage *self, gconstpointer data)
{
  const struct {
    const char *typed;
    PealPhoneError code;
    const char *words;
  } rows[] = {
    { "alice", PEAL_PHONE_ERROR_BAD_NAME,
      "Calls can go to somebody else in the same network only." },
    { "bob@work", PEAL_PHONE_ERROR_UNKNOWN_OVERLAY, "You are not in a network called “work”." },
    { "b b", PEAL_PHONE_ERROR_BAD_NAME, "Use letters, digits, dots and dashes." },
  };

  PealAccount *account = stage_create (self);

  g_assert_true (peal_phone_forward (self->phone, account, "bob", NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (peal_phone_forward (self->phone, account, rows[i].typed, &error));
    g_assert_error (error, PEAL_PHONE_ERROR, (int) rows[i].code);
    g_assert_cmpstr (error->message, ==, rows[i].words);
    assert_forward (self, account, "bob@home");
  }
}

/* Each network has its own people. */
static void
test_other_network (Stage *self, gconstpointer data)
{
  PealAccount *home = stage_create (self);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (peal_phone_create (self->phone, "work", "alice", "Alice", NULL));
  g_assert_false (peal_phone_forward (self->phone, home, "bob@work", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/call-forward/there-and-back", test_there_and_back);
  ADD ("/call-forward/is-remembered", test_remembered);
  ADD ("/call-forward/where-calls-cannot-go", test_refused);
  ADD ("/call-forward/not-into-another-network", test_other_network);
  return g_test_run ();
}
