/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* The sentence of the network strip: of all that could be said the one thing that matters most. */

enum { CLOCK_TOLERATED_MS = 30000 };

/* The account that tells most: one on the air before one that looks. */
static PealAccount *
find_best_account (PealPhone *self)
{
  static const int rank[] = {
    [PEAL_ACCOUNT_OFF] = 1,         [PEAL_ACCOUNT_LOOKING] = 2,   [PEAL_ACCOUNT_ALONE] = 3,
    [PEAL_ACCOUNT_EXPIRED] = 4,     [PEAL_ACCOUNT_DUPLICATE] = 5, [PEAL_ACCOUNT_NAME_TAKEN] = 6,
    [PEAL_ACCOUNT_UNSUPPORTED] = 7, [PEAL_ACCOUNT_ENDED] = 4,     [PEAL_ACCOUNT_REVOKED] = 4,
    [PEAL_ACCOUNT_CODE_NEEDED] = 4, [PEAL_ACCOUNT_READY] = 8,
  };
  PealAccount *best = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->accounts)); i++) {
    /* The list holds it. */
    g_autoptr (PealAccount) account = g_list_model_get_item (G_LIST_MODEL (self->accounts), i);

    if (!best || rank[peal_account_get_state (account)] > rank[peal_account_get_state (best)])
      best = account;
  }
  return best;
}

static char *
find_status (PealPhone *self, PealAccount *best)
{
  Line *line = best ? phone_line_of_account (self, best) : NULL;
  char *text;

  if (self->has_store_fault)
    return g_strdup (self->store_fault == STORE_ERROR_FULL ? words_disk_full ()
                                                           : words_disk_read_only ());
  if (ABS (self->clock_offset_ms) > CLOCK_TOLERATED_MS)
    return words_clock_wrong (g_get_real_time () / G_USEC_PER_SEC, self->clock_offset_ms / 1000);
  if (line && (text = renewal_status (line)))
    return text;
  if (!best)
    return g_strdup (words_no_account ());
  if (line && (text = phone_outside_status (line)))
    return text;
  g_object_get (best, "status", &text, NULL);
  return text;
}

void
phone_update_status (PealPhone *self)
{
  PealAccount *best = find_best_account (self);
  PealAccountState state = best ? peal_account_get_state (best) : PEAL_ACCOUNT_OFF;
  g_autofree char *status = find_status (self, best);
  bool is_ready = state == PEAL_ACCOUNT_READY || state == PEAL_ACCOUNT_ALONE;

  if (strcmp (status, self->status) != 0) {
    g_free (self->status);
    self->status = g_steal_pointer (&status);
    g_object_notify (G_OBJECT (self), "status");
  }
  if (is_ready != self->is_ready) {
    self->is_ready = is_ready;
    g_object_notify (G_OBJECT (self), "is-ready");
  }
}
