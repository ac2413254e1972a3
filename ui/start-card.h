/* SPDX-License-Identifier: GPL-3.0-or-later */
/* start-card.h: one of the three first things to do; it stays away once dismissed. */
#pragma once
#include <gtk/gtk.h>

#define PEAL_TYPE_START_CARD (peal_start_card_get_type ())
G_DECLARE_FINAL_TYPE (PealStartCard, peal_start_card, PEAL, START_CARD, GtkBox)

typedef struct PealStartCardText {
  const char *id; /* in the key `dismissed-cards` */
  const char *icon;
  const char *title;
  const char *text;
  const char *action;
} PealStartCardText;

GtkWidget *peal_start_card_new (const PealStartCardText *text, GSettings *settings);
