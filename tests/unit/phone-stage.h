/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phone-stage.h: a PealPhone whose nodes, worlds, discovery and media are played by the test.
 *
 * The stage defines node_*(), world_*(), discovery_*() and invite_request_*() at
 * link level. What the phone asks of them is written down, a line each; what they tell it, the test
 * says. */
#pragma once
#include "core/node.h"
#include "core/os/ports.h"
#include "core/phone/phone-private.h"

typedef struct Stage {
  char *folder;
  CallMedia media;
  PealPhone *phone;

  /* The last media session. */
  const CallMediaEvents *media_events;
  void *media_data;
  unsigned sessions; /* that are open */
} Stage;

/* For g_test_add(). A phone with a fresh folder and no account. */
void stage_set_up (Stage *self, gconstpointer data);
void stage_tear_down (Stage *self, gconstpointer data);

/* Ends the phone and starts it again on what is kept. */
void stage_restart (Stage *self);
PealPhoneOptions stage_options (Stage *self);
void stage_remove_folder (const char *folder);

/* alice@home; (transfer none). */
PealAccount *stage_create (Stage *self);

/* user@ the instance name of the first account. Freed with g_free(). */
char *stage_address (Stage *self, const char *user);

/* Media that is silent (stage-media.c). */
CallMedia stage_media (Stage *self);

/* Writes a line down. */
void stage_say (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Whether the phone has said so since the last time that this was asked; forgets the rest. */
bool stage_said (const char *line);
#define stage_assert_said(line)     g_assert_true (stage_said (line))
#define stage_assert_not_said(line) g_assert_false (stage_said (line))

/* What there is to see of the media link of any call; link 0: nothing. */
void stage_set_path (uint32_t link, const PathReport *report);

/* What the node of that line tells the phone, and of the first account. */
void stage_tell_line (Line *line, const NodeEvent *event);
void stage_tell (Stage *self, const NodeEvent *event);
void stage_tell_state (Stage *self, NodeState state, unsigned peers);
void stage_tell_call (
  Stage *self, uint32_t call, NodeCallState state, NodeCallEnd end, const char *address);
void stage_tell_incoming (Stage *self, uint32_t call, const char *address, const UserKey *key);

/* Keys are there for a media link, and a datagram came over it. */
void stage_tell_media (Stage *self, uint32_t call, uint32_t link);
void stage_receive (Stage *self, uint32_t link, const char *datagram);
void stage_knock (Stage *self, uint32_t request, const char *user, const char *computer);

/* What knocks at the first account's listener have found; and that somebody answers there. */
void stage_reach (const ReachReport *report);
void stage_answer_at (const char *listener);

/* Somebody is heard on the local network. */
void stage_hear (const char *instance_name, const char *label, unsigned peers);

/* What comes of the last invite_request_new(). */
void stage_invite (const char *invitation);

/* A user key that is `seed` all over. */
UserKey stage_key (uint8_t seed);

/* Item `position` of a list, which keeps it. */
gpointer stage_item (GListModel *list, guint position);
#define stage_count(list) g_list_model_get_n_items (G_LIST_MODEL (list))

/* A string property; freed with the next call. */
const char *stage_text (gpointer object, const char *property);
