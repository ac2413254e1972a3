/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/os/relay-private.h"
#include "core/os/relay-reach.h"
#include "tests/fuzz/driver.h"
#include "tests/unit/relay-stage.h"

#include <string.h>

/* A relay between a stranger, a member with an allocation, and peers. The input is a row of events:
 * one byte says which, two how long what follows is. Whatever happens, the relay sends nowhere but
 * where it may, and its tables keep their bounds. */

enum { EVENT_RAW, EVENT_STRANGER, EVENT_SIGNED, EVENT_PEER, EVENT_TIME, EVENTS };

typedef struct Play {
  RelayStage stage;
  TurnClient turn;
  RelayClient member;
  RelayClient stranger;
} Play;

/* Attributes as they come, in a request with a good credential. */
static void
hear_signed (Play *self, Bytes bytes)
{
  static const StunMethod methods[] = { STUN_ALLOCATE, STUN_REFRESH, STUN_CREATEPERMISSION,
                                        STUN_CHANNELBIND, STUN_BINDING };
  size_t size = MIN (bytes.size - 1, (size_t) 1000) & ~(size_t) 3;

  turn_client_begin (&self->turn, methods[bytes.data[0] % G_N_ELEMENTS (methods)]);
  memcpy (self->turn.bytes + 20, bytes.data + 1, size);
  self->turn.bytes[2] = (uint8_t) (size >> 8);
  self->turn.bytes[3] = (uint8_t) size;
  if (stun_message_validate_buffer_length (self->turn.bytes, 20 + size, true) == (int) (20 + size))
    relay_hear (self->stage.relay, &self->member, turn_client_end (&self->turn));
}

static void
play (Play *self, unsigned event, Bytes bytes)
{
  RelayAllocation *allocation = relay_find (self->stage.relay, &self->member);
  Address peer = relay_stage_address ("198.51.100.7:9000");

  switch (event % EVENTS) {
  case EVENT_RAW:
    relay_hear (self->stage.relay, &self->member, bytes);
    break;
  case EVENT_STRANGER:
    relay_hear (self->stage.relay, &self->stranger, bytes);
    break;
  case EVENT_SIGNED:
    if (bytes.size > 0)
      hear_signed (self, bytes);
    break;
  case EVENT_PEER:
    if (allocation != NULL)
      relay_hear_peer (allocation, &peer, bytes);
    break;
  default:
    relay_stage_advance (&self->stage, bytes.size * TIME_SECOND);
    break;
  }
}

static void
check (Play *self, unsigned sent)
{
  RelayAllocation *allocation = relay_find (self->stage.relay, &self->member);

  g_assert (relay_find (self->stage.relay, &self->stranger) == NULL);
  g_assert (self->stage.open == relay_report (self->stage.relay).allocations);
  if (self->stage.sent > sent) {
    g_assert (relay_may_reach (&self->stage.host, &self->stage.to));
    g_assert (relay_is_permitted (allocation, &self->stage.to));
  }
  if (allocation != NULL) {
    g_assert (allocation->permission_count <= LIMIT_RELAY_PERMISSIONS);
    g_assert (allocation->channel_count <= LIMIT_RELAY_CHANNELS);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Play self;
  Address peer = relay_stage_address ("198.51.100.7:9000");

  relay_stage_open (&self.stage, "203.0.113.1:6084");
  self.stranger = relay_stage_client (&self.stage, "192.0.2.9:5555", 2, &self.turn);
  self.member = relay_stage_client (&self.stage, "192.0.2.9:4444", 1, &self.turn);
  g_assert (relay_stage_allocate (&self.stage, &self.member, &self.turn) == 0);
  g_assert (relay_stage_bind (&self.stage, &self.member, &self.turn, 0x4001, &peer) == 0);
  while (size >= 3) {
    size_t length = MIN (((size_t) data[1] << 8 | data[2]) % 1600, size - 3);
    unsigned sent = self.stage.sent;
    play (&self, data[0], (Bytes){ data + 3, length });
    check (&self, sent);
    data += 3 + length;
    size -= 3 + length;
  }
  relay_stage_close (&self.stage);
  return 0;
}
