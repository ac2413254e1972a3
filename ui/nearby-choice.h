/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nearby-choice.h: of the ways in, a network found on this network. */
#pragma once
#include "core/phone/request.h"
#include <handy.h>

#define PEAL_TYPE_NEARBY_CHOICE (peal_nearby_choice_get_type ())
G_DECLARE_FINAL_TYPE (PealNearbyChoice, peal_nearby_choice, PEAL, NEARBY_CHOICE, HdyActionRow)

/* One of the group of `other`. Emits `toggled` when it is chosen, and when another is. */
GtkWidget *peal_nearby_choice_new (PealNearby *nearby, GtkRadioButton *other);
PealNearby *peal_nearby_choice_get_nearby (PealNearbyChoice *self);
gboolean peal_nearby_choice_is_chosen (PealNearbyChoice *self);
void peal_nearby_choice_choose (PealNearbyChoice *self);
