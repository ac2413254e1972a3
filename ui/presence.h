/* SPDX-License-Identifier: GPL-3.0-or-later */
/* presence.h: the shape of a presence; the word comes from the contact, the colour from the style
 * sheet. */
#pragma once
#include "core/phone/contact.h"
#include <gtk/gtk.h>

/* Keeps `image` at the shape and style class of the contact's presence. */
void peal_presence_bind (PealContact *contact, GtkImage *image);
