/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/trial.h"

/* Each side says the same over both ways, and SRTP takes no packet twice; so nothing is lost
 * whatever the new way does, and nothing but the sound itself is needed to agree on it:
 *
 *   first    speaks over the new way from the beginning; who hears the other there has been heard,
 *            and leaves the old way
 *   second   speaks there when it hears the other; who hears the other there alone has been heard,
 *            and leaves the old way
 *
 * Datagrams are counted, not time: a voice says one every 20 ms. Those that are late on the old way
 * are late by less than ALONE of them. Another kind of phone leaves the old way at once; that is
 * noticed alike. */

enum {
  HEARD = 10,  /* datagrams, and it was no chance */
  ALONE = 25,  /* half a second */
  PLENTY = 100 /* so many over the old way, and none over the new one: it eats them */
};

void
trial_begin (Trial *self, bool is_first)
{
  *self = (Trial){ .is_first = is_first };
}

void
trial_hear (Trial *self, bool is_new)
{
  self->old += !is_new;
  self->fresh += is_new;
  self->alone = is_new ? self->alone + 1 : 0;
}

bool
trial_speaks (const Trial *self)
{
  return self->is_first || self->fresh > 0;
}

bool
trial_is_won (const Trial *self)
{
  return self->is_first ? self->fresh >= HEARD : self->alone >= ALONE;
}

LinkTrial
trial_verdict (const Trial *self)
{
  return self->fresh == 0 && self->old >= PLENTY ? LINK_TRIAL_EATEN : LINK_TRIAL_FAILED;
}
