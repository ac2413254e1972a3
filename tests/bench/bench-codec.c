/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/attach.h"
#include "tests/bench/bench.h"

#include <string.h>

/* An Attach as phones send it: two host candidates (IPv4, IPv6), one server-reflexive, one
 * relayed. The limit is moving the same bytes once with memcpy. */

typedef struct Codec {
  AttachReqAns attach;
  IceCandidate candidates[4];
  GByteArray *encoded; /* owned */
  GByteArray *output;  /* owned, reused */
  Arena *arena;        /* owned, reused */
  uint8_t copy[4096];
} Codec;

static void
init_candidate (IceCandidate *candidate, CandType type, const char *address, uint32_t priority)
{
  Address parsed;

  if (!address_from_text (address, &parsed))
    g_error ("no address: %s", address);
  *candidate = (IceCandidate){ .addr_port = ip_address_port_of (&parsed),
                               .overlay_link = OVERLAY_LINK_DTLS_UDP_SR,
                               .foundation = bytes_of_text ("1"),
                               .priority = priority,
                               .type = (uint8_t) type };
  if (type == CAND_HOST)
    return;
  address_from_text ("192.0.2.7:40001", &parsed);
  candidate->rel_addr_port = ip_address_port_of (&parsed);
}

static void
codec_init (Codec *self)
{
  init_candidate (&self->candidates[0], CAND_HOST, "192.0.2.7:40001", 2130706431);
  init_candidate (&self->candidates[1], CAND_HOST, "[2001:db8::7]:40001", 2130706175);
  init_candidate (&self->candidates[2], CAND_SRFLX, "198.51.100.3:5123", 1694498815);
  init_candidate (&self->candidates[3], CAND_RELAY, "203.0.113.9:49152", 16777215);
  self->attach = (AttachReqAns){ .ufrag = bytes_of_text ("Fr4g"),
                                 .password = bytes_of_text ("a-password-of-24-letters"),
                                 .role = bytes_of_text ("passive"),
                                 .candidates = { self->candidates, 4 } };
  self->encoded = g_byte_array_new ();
  self->output = g_byte_array_new ();
  self->arena = arena_new ();
  if (!attach_req_ans_encode (&self->attach, self->encoded))
    g_error ("cannot encode");
  g_assert (self->encoded->len <= sizeof self->copy);
}

static void
codec_clear (Codec *self)
{
  g_byte_array_unref (self->encoded);
  g_byte_array_unref (self->output);
  arena_free (self->arena);
}

static void
encode (void *user_data)
{
  Codec *self = user_data;

  g_byte_array_set_size (self->output, 0);
  attach_req_ans_encode (&self->attach, self->output);
}

static void
decode (void *user_data)
{
  Codec *self = user_data;
  AttachReqAns attach;

  arena_reset (self->arena);
  if (!attach_req_ans_decode ((Bytes){ self->encoded->data, self->encoded->len }, self->arena,
                              &attach, NULL))
    g_error ("cannot decode");
}

static void
copy (void *user_data)
{
  Codec *self = user_data;

  memcpy (self->copy, self->encoded->data, self->encoded->len);
  __asm__ volatile("" : : "r"(self->copy) : "memory");
}

int
bench_codec (const BenchOptions *options)
{
  Codec codec = { 0 };
  g_autofree char *extra = NULL;
  double encode_us, decode_us, copy_us;

  codec_init (&codec);
  encode_us = 1e6 / bench_rate (encode, &codec);
  decode_us = 1e6 / bench_rate (decode, &codec);
  copy_us = 1e6 / bench_rate (copy, &codec);
  g_print ("Attach with 4 candidates, %u bytes: encode %.3f us, decode %.3f us, memcpy %.4f us\n",
           codec.encoded->len, encode_us, decode_us, copy_us);
  extra = g_strdup_printf ("\"encode_us\":%.4f,\"decode_us\":%.4f,\"memcpy_us\":%.4f", encode_us,
                           decode_us, copy_us);
  bench_report (options, "codec", 1e6 / (encode_us + decode_us), 1e6 / (2 * copy_us),
                2 * copy_us / (encode_us + decode_us), extra);
  codec_clear (&codec);
  return 0;
}
