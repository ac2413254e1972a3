/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/place.h"

#include "core/base/big-endian.h"

#include <string.h>

/* On disk: way, family, address, port, seen_s, failures. Earlier releases wrote neither of the last
 * two.
 *
 * Of each peer that was really attached one place is kept for the next start, with how often it was
 * tried in vain since, and when its peer was there last: that is the order in which they are tried.
 * One that is reached from everywhere counts as if it had answered a week later: a laptop finds it
 * on other networks too. */

enum {
  PUBLIC_BONUS_S = 7 * 24 * 3600,
  OLD_VALUE_SIZE = 1 + 1 + 16 + 2,
};

G_STATIC_ASSERT (PLACE_VALUE_SIZE == OLD_VALUE_SIZE + 4 + 1);

void
place_write (const Place *self, uint8_t ret_value[PLACE_VALUE_SIZE])
{
  ret_value[0] = (uint8_t) self->way;
  ret_value[1] = (uint8_t) self->address.family;
  memcpy (ret_value + 2, self->address.bytes, 16);
  big_endian_write (ret_value + 18, 2, self->address.port);
  big_endian_write (ret_value + OLD_VALUE_SIZE, 4, self->seen_s);
  ret_value[OLD_VALUE_SIZE + 4] = (uint8_t) self->failures;
}

bool
place_read (Place *self, Bytes value)
{
  bool has_score = value.size == PLACE_VALUE_SIZE;

  if ((value.size != OLD_VALUE_SIZE && !has_score) || value.data[0] < WAY_DATAGRAMS ||
      value.data[0] > WAY_WEB || (value.data[1] != ADDRESS_IPV4 && value.data[1] != ADDRESS_IPV6))
    return false;
  self->way = (Way) value.data[0];
  self->address = (Address){ .family = (AddressFamily) value.data[1] };
  memcpy (self->address.bytes, value.data + 2, 16);
  self->address.port = (uint16_t) big_endian_read (value.data + 18, 2);
  self->seen_s = has_score ? (uint32_t) big_endian_read (value.data + OLD_VALUE_SIZE, 4) : 0;
  self->failures = has_score ? MIN (value.data[OLD_VALUE_SIZE + 4], PLACE_FAILURES_MAX) : 0;
  return true;
}

static uint32_t
promise_of (const Place *place)
{
  bool is_private = address_is_private (&place->address);

  return place->seen_s == 0 || is_private ? place->seen_s
                                          : MAX (place->seen_s, place->seen_s + PUBLIC_BONUS_S);
}

bool
place_is_better (const Place *self, const Place *other)
{
  if (self->failures != other->failures)
    return self->failures < other->failures;
  if (self->heard_at != other->heard_at)
    return self->heard_at > other->heard_at;
  return promise_of (self) > promise_of (other);
}

bool
place_is_of (const Place *self, const NodeId *peer)
{
  return self->has_peer && node_id_equal (&self->peer, peer);
}
