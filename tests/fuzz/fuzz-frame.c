/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/frame.h"
#include "tests/fuzz/driver.h"

/* A stream in pieces of any size gives the frames that it gives as a whole. */

enum { MESSAGE_SIZE_MAX = 16384, PIECE = 7 };

/* Takes all frames there are; what is left begins at *at. False when the stream is lost. */
static bool
take_all (Bytes stream, size_t *at, unsigned *frames)
{
  FramedMessage frame;
  size_t size = 0;

  for (;;) {
    Bytes rest = { stream.data + *at, stream.size - *at };
    FrameResult result = frame_take (rest, MESSAGE_SIZE_MAX, &frame, &size);
    if (result != FRAME_GOOD)
      return result != FRAME_BAD;
    g_assert (size > 0 && size <= rest.size);
    g_assert (frame.message.size <= MESSAGE_SIZE_MAX);
    g_assert (frame_decode ((Bytes){ rest.data, size }, &frame));
    *at += size;
    *frames += 1;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  unsigned whole = 0, pieces = 0;
  size_t whole_at = 0, pieces_at = 0;
  bool is_whole_good = true, is_pieces_good = true;

  if (size == 0)
    return 0;
  is_whole_good = take_all ((Bytes){ data, size }, &whole_at, &whole);
  for (size_t end = MIN (PIECE, size); is_pieces_good; end = MIN (end + PIECE, size)) {
    is_pieces_good = take_all ((Bytes){ data, end }, &pieces_at, &pieces);
    if (end == size)
      break;
  }
  g_assert (is_whole_good == is_pieces_good);
  g_assert (whole == pieces && whole_at == pieces_at);
  return 0;
}
