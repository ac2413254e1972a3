/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/sample.h"

#include "core/wire/frame.h"
#include "tests/wire/capture.h"

/* Transactions have random numbers, so that their last bytes are a fair lot. What is too short for
 * RELOAD, as the empty frames that ask for a sign of life, is left out; so are acknowledgements,
 * for without what they acknowledge tshark does not know what they are. */

enum { TRANSACTION_END = 28, NUMBERS_MAX = 65535 };

struct Sample {
  Capture *capture;
  unsigned rate;
};

Sample *
sample_new (unsigned rate)
{
  Sample *self = g_new0 (Sample, 1);

  g_assert (rate > 0);
  self->capture = capture_new ();
  self->rate = rate;
  return self;
}

void
sample_free (Sample *self)
{
  if (self == NULL)
    return;
  capture_free (self->capture);
  g_free (self);
}

static bool
is_chosen (const Sample *self, const FramedMessage *frame)
{
  const uint8_t *end = frame->message.data + TRANSACTION_END;

  return frame->type != FRAME_ACK && frame->message.size > TRANSACTION_END &&
         ((unsigned) end[-2] << 8 | end[-1]) % self->rate == 0;
}

void
sample_tap (SimPeer *from, SimPeer *to, Bytes datagram, void *sample)
{
  Sample *self = sample;
  FramedMessage frame;

  if (frame_decode (datagram, &frame) && is_chosen (self, &frame))
    capture_add (self->capture, sim_world_now (from->world),
                 (uint16_t) (1 + from->index % NUMBERS_MAX),
                 (uint16_t) (1 + to->index % NUMBERS_MAX), datagram);
}

bool
sample_write (const Sample *self, const char *path)
{
  return capture_write (self->capture, path);
}
