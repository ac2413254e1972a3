/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account.h: one overlay, one identity, one node (design: Account).
 *
 * Properties: label ("home"), instance-name, address (user@instance-name), display-address
 * (user@label), display-name, state (PealAccountState), peers (uint, 1 when alone), status
 * (sentence), details (status, and below it how others reach this computer), remedy (a command that
 * would let others in, or empty), key-words (that name the user key).
 */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

typedef enum PealAccountState {
  PEAL_ACCOUNT_OFF,
  PEAL_ACCOUNT_LOOKING,
  PEAL_ACCOUNT_ALONE,
  PEAL_ACCOUNT_READY,
  PEAL_ACCOUNT_EXPIRED, /* the network's configuration */
  PEAL_ACCOUNT_DUPLICATE,
  PEAL_ACCOUNT_NAME_TAKEN,
  PEAL_ACCOUNT_UNSUPPORTED, /* the network needs a newer Peal */
  PEAL_ACCOUNT_ENDED,       /* its certificate, and the server gives no other */
  PEAL_ACCOUNT_REVOKED,     /* by the network's owner */
  PEAL_ACCOUNT_CODE_NEEDED, /* to enter a network again on this device */
} PealAccountState;

#define PEAL_TYPE_ACCOUNT (peal_account_get_type ())
G_DECLARE_FINAL_TYPE (PealAccount, peal_account, PEAL, ACCOUNT, GObject)

const char *peal_account_get_label (PealAccount *self);
const char *peal_account_get_instance_name (PealAccount *self);
const char *peal_account_get_address (PealAccount *self);
const char *peal_account_get_display_address (PealAccount *self);
PealAccountState peal_account_get_state (PealAccount *self);
unsigned peal_account_get_peers (PealAccount *self);
const char *peal_account_get_key_words (PealAccount *self);
