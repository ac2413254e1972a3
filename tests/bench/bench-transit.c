/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/forwarding.h"
#include "core/wire/frame.h"
#include "tests/bench/bench.h"
#include "tests/unit/overlay-stage.h"

#include <openssl/evp.h>

/* Messages that a peer passes on from one link to another: framing, rates, header, lists, and the
 * acknowledgement. The limit is what the two links cost at least: one AES-128-GCM record of the
 * same bytes opened and one sealed. The clock is virtual and moves on by the time that the rate of
 * a link asks for, so no limit of limits.h is lifted. */

enum { MESSAGE_SIZE = 600, TAG_SIZE = 16, NONCE_SIZE = 12, KEY_SIZE = 16 };

typedef struct Sent {
  uint32_t link;
  uint32_t sequence;
} Sent;

typedef struct Transit {
  OverlayStage *stage;
  Stranger *from, *to;
  GByteArray *message;
  GByteArray *frame; /* being written */
  uint32_t sequence;
  GArray *sent; /* of Sent: not yet acknowledged */
  EVP_CIPHER_CTX *open, *seal;
  uint8_t sealed[MESSAGE_SIZE * 2];
} Transit;

static const uint8_t key[KEY_SIZE];
static const uint8_t nonce[NONCE_SIZE];

static Transit *running; /* the port's world is the stage */

static void
port_link_send (void *world, uint32_t link, Bytes bytes)
{
  FramedMessage frame;
  size_t used;

  if (frame_take (bytes, LIMIT_MESSAGE_SIZE, &frame, &used) == FRAME_GOOD &&
      frame.type == FRAME_DATA)
    g_array_append_vals (running->sent, &(Sent){ link, frame.sequence }, 1);
}

static void
give (Transit *self, uint32_t link, const FramedMessage *frame)
{
  g_byte_array_set_size (self->frame, 0);
  framed_message_encode (frame, self->frame);
  overlay_receive (self->stage->overlay, link, (Bytes){ self->frame->data, self->frame->len });
}

static void
pass_on (void *user_data)
{
  Transit *self = user_data;
  uint64_t before = self->stage->overlay->counters.forwarded;

  give (self, self->from->link,
        &(FramedMessage){ .type = FRAME_DATA,
                          .sequence = ++self->sequence,
                          .message = { self->message->data, self->message->len } });
  if (self->stage->overlay->counters.forwarded != before + 1)
    g_error ("a message was not passed on");
  for (guint i = 0; i < self->sent->len; i++) {
    Sent sent = g_array_index (self->sent, Sent, i);
    give (self, sent.link,
          &(FramedMessage){ .type = FRAME_ACK, .ack_sequence = sent.sequence, .received = 0 });
  }
  g_array_set_size (self->sent, 0);
  overlay_stage_run (self->stage, TIME_SECOND / LIMIT_FORWARD_PER_S);
}

static void
records (void *user_data)
{
  Transit *self = user_data;
  uint8_t text[MESSAGE_SIZE * 2], tag[TAG_SIZE];
  int size = 0;

  if (EVP_DecryptInit_ex (self->open, NULL, NULL, NULL, nonce) != 1 ||
      EVP_DecryptUpdate (self->open, text, &size, self->sealed, (int) self->message->len) != 1 ||
      EVP_EncryptInit_ex (self->seal, NULL, NULL, NULL, nonce) != 1 ||
      EVP_EncryptUpdate (self->seal, self->sealed, &size, text, (int) self->message->len) != 1 ||
      EVP_EncryptFinal_ex (self->seal, self->sealed + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl (self->seal, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) != 1)
    g_error ("no cipher");
}

static void
write_message (Transit *self)
{
  static const uint8_t padding[MESSAGE_SIZE];
  Destination to = destination_of_node (&self->to->id);
  PingReq body = { { padding, 100 } };
  Draft draft = {
    .code = MESSAGE_PING_REQ, .body = &body, .destinations = &to, .destination_count = 1
  };
  g_autoptr (GByteArray) least = stranger_write (self->from, &draft);

  body.padding.size += MESSAGE_SIZE - MIN (least->len, MESSAGE_SIZE);
  self->message = stranger_write (self->from, &draft);
  g_assert (self->message->len < sizeof self->sealed);
}

int
bench_transit (const BenchOptions *options)
{
  Transit self = { .stage = overlay_stage_new () };
  double ours, limit;

  overlay_stage_alone (self.stage);
  self.from = stranger_new (self.stage, "from", 0x10000000);
  self.to = stranger_new (self.stage, "to", 0x20000000);
  stranger_connect (self.from);
  stranger_connect (self.to);
  overlay_stage_run (self.stage, TIME_MINUTE);
  write_message (&self);
  self.frame = g_byte_array_new ();
  self.sent = g_array_new (FALSE, FALSE, sizeof (Sent));
  self.stage->ports.link_send = port_link_send;
  running = &self;
  self.open = EVP_CIPHER_CTX_new ();
  self.seal = EVP_CIPHER_CTX_new ();
  EVP_DecryptInit_ex (self.open, EVP_aes_128_gcm (), NULL, key, nonce);
  EVP_EncryptInit_ex (self.seal, EVP_aes_128_gcm (), NULL, key, nonce);
  ours = bench_rate (pass_on, &self);
  limit = bench_rate (records, &self);
  g_print ("passing on %u bytes takes %.2f us, their records %.2f us\n", self.message->len,
           1e6 / ours, 1e6 / limit);
  bench_report (options, "transit", ours, limit, ours / limit, "\"limits_lifted\":[]");
  EVP_CIPHER_CTX_free (self.open);
  EVP_CIPHER_CTX_free (self.seal);
  g_byte_array_unref (self.message);
  g_byte_array_unref (self.frame);
  g_array_unref (self.sent);
  overlay_stage_free (self.stage);
  return 0;
}
