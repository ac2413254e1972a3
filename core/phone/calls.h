/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls.h: the calls of all lines: what the nodes tell of them, their sound and their history. */
#pragma once
#include "core/phone/call-log.h"
#include "core/phone/call-private.h"
#include "core/phone/contacts.h"

typedef struct Calls Calls;

typedef struct CallsOptions {
  const CallMedia *media; /* NULL: no sound */
  Contacts *contacts;
  CallLog *log;
  GListStore *list; /* of PealCall; borrowed, like all of these */

  /* This person talks now, or does no longer. */
  void (*talking) (void *user_data, bool is_talking);

  /* A call was missed. */
  void (*missed) (void *user_data, const char *address);
  void *user_data;
} CallsOptions;

Calls *calls_new (const CallsOptions *options);

/* Their lines are gone by then. */
void calls_free (Calls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Calls, calls_free)

/* (transfer none) `gr` as in NodeCallOptions; `options` NULL: those of calls_set_options(). */
PealCall *calls_dial (
  Calls *self, Line *line, const char *address, const char *gr, const CallMediaOptions *options);

/* (transfer none) Calls whoever has that key, pinned or not. */
PealCall *calls_dial_key (Calls *self, Line *line, const char *address, const UserKey *key);

/* (transfer none) Calls the owner that was chosen after a call to several; NULL: there is none. */
PealCall *calls_choose (Calls *self, Line *line, PealCall *call, size_t choice);

/* For calls that begin from now on; copied, NULL: the devices. */
void calls_set_options (Calls *self, const CallMediaOptions *options);

/* NODE_EVENT_CALL_*. */
void calls_on_event (Calls *self, Line *line, const NodeEvent *event);

/* NODE_EVENT_DIAGNOSIS that nobody else has asked for. */
void calls_on_diagnosis (Calls *self, Line *line, const NodeEvent *event);
void calls_on_media (Calls *self, Line *line, uint32_t link, Bytes datagram);

/* Ends the calls of a line that is about to go. */
void calls_drop_line (Calls *self, Line *line);
