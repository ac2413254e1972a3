/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fake-phone-private.h: what the files of the fake phone share. */
#pragma once
#include "tests/ui/fake-phone.h"

struct _PealPhone {
  GObject parent;
  GListStore *accounts;
  GListStore *contacts;
  GListStore *requests;
  GListStore *nearby;
  GListStore *calls;
  GListStore *history;
  GListStore *devices[2];
  PealContact *removed;
  guint call_id;
  bool is_open;
  bool is_hidden;
  bool maps_port;
  char *forward_to;
};

/* A line on standard output, of what the phone was asked for. */
void fake_phone_say (const char *format, ...) G_GNUC_PRINTF (1, 2);

void fake_phone_add_devices (PealPhone *self);
