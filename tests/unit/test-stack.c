/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/stack.h"
#include "tests/unit/sip-world.h"
#include <string.h>

/* Two stacks back to back; what each reports is written down. */
typedef struct End {
  SipStack *stack;
  struct End *other;
  GString *story;
  GPtrArray *outbox;
  uint32_t transaction;
  bool is_deaf;
} End;

static void
on_send (void *user_data, Bytes text)
{
  g_ptr_array_add (((End *) user_data)->outbox, g_bytes_new (text.data, text.size));
}

static void
on_request (void *user_data, uint32_t transaction, const SipMessage *request)
{
  End *self = user_data;

  self->transaction = transaction;
  g_string_append_printf (self->story, "%s ", request->method);
}

static void
on_ack (void *user_data, const SipMessage *ack)
{
  g_string_append (((End *) user_data)->story, "ack ");
}

static void
on_cancel (void *user_data, uint32_t transaction, const SipMessage *cancel)
{
  End *self = user_data;

  g_assert_cmpuint (transaction, ==, self->transaction);
  g_string_append_printf (self->story, "cancel(%s) ", cancel->reason);
  sip_stack_reply (self->stack, transaction, &(SipReply){ .status = 487, .to_tag = "b" }, NULL);
}

static void
on_response (void *user_data, const SipMessage *response)
{
  g_string_append_printf (((End *) user_data)->story, "%s:%d ", response->method, response->status);
}

static const SipStackEvents events = {
  .send = on_send,
  .request = on_request,
  .ack = on_ack,
  .cancel = on_cancel,
  .response = on_response,
};

typedef struct Pipe {
  SipWorld *world;
  End a;
  End b;
} Pipe;

static void
set_up_end (Pipe *pipe, End *end, End *other)
{
  end->other = other;
  end->story = g_string_new (NULL);
  end->outbox = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  end->stack = sip_stack_new (&pipe->world->ports, &events, end);
}

static void
set_up (Pipe *pipe, const void *data)
{
  pipe->world = sip_world_new ();
  set_up_end (pipe, &pipe->a, &pipe->b);
  set_up_end (pipe, &pipe->b, &pipe->a);
}

static void
tear_down_end (End *end)
{
  sip_stack_free (end->stack);
  g_string_free (end->story, TRUE);
  g_ptr_array_unref (end->outbox);
}

static void
tear_down (Pipe *pipe, const void *data)
{
  tear_down_end (&pipe->a);
  tear_down_end (&pipe->b);
  sip_world_free (pipe->world);
}

static void
deliver (End *from)
{
  while (from->outbox->len > 0) {
    GBytes *message = g_ptr_array_steal_index (from->outbox, 0);
    Bytes text;

    text.data = g_bytes_get_data (message, &text.size);
    if (!from->other->is_deaf)
      sip_stack_receive (from->other->stack, text);
    g_bytes_unref (message);
  }
}

static void
settle (Pipe *pipe)
{
  while (pipe->a.outbox->len + pipe->b.outbox->len > 0) {
    deliver (&pipe->a);
    deliver (&pipe->b);
  }
}

static char *
write_request (const char *method)
{
  return g_strdup_printf ("%s sip:b@x SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK%s\r\n"
                          "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>\r\nCall-ID: 1\r\nCSeq: 1 %s\r\n"
                          "Content-Length: 0\r\n\r\n",
                          method, method, method);
}

static uint32_t
request (Pipe *pipe, const char *method)
{
  g_autofree char *text = write_request (method);

  return sip_stack_request (pipe->a.stack, text);
}

static bool
reply (End *end, int status)
{
  return sip_stack_reply (end->stack, end->transaction,
                          &(SipReply){ .status = status, .to_tag = "b" }, NULL);
}

static void
test_requests (Pipe *pipe, const void *data)
{
  g_assert_cmpuint (request (pipe, "OPTIONS"), >, 0);
  settle (pipe);
  g_assert_true (reply (&pipe->b, 200));
  g_assert_false (reply (&pipe->b, 200)); /* once is enough */
  settle (pipe);
  g_assert_cmpstr (pipe->b.story->str, ==, "OPTIONS ");
  g_assert_cmpstr (pipe->a.story->str, ==, "OPTIONS:200 ");
  sip_world_run (pipe->world, 40);
  g_assert_true (sip_stack_is_idle (pipe->a.stack));
  g_assert_true (sip_stack_is_idle (pipe->b.stack));
  g_assert_cmpuint (sip_stack_request (pipe->a.stack, "nonsense"), ==, 0);
}

static void
test_invite (Pipe *pipe, const void *data)
{
  request (pipe, "INVITE");
  settle (pipe);
  reply (&pipe->b, 180);
  settle (pipe);
  reply (&pipe->b, 486);
  settle (pipe);
  g_assert_cmpstr (pipe->a.story->str, ==, "INVITE:180 INVITE:486 ");
  g_assert_cmpstr (pipe->b.story->str, ==, "INVITE "); /* the ACK of a 486 is the library's */
  sip_world_run (pipe->world, 40);
  g_assert_true (sip_stack_is_idle (pipe->a.stack));
  g_assert_true (sip_stack_is_idle (pipe->b.stack));
}

static void
test_timeout (Pipe *pipe, const void *data)
{
  pipe->b.is_deaf = true;
  request (pipe, data);
  settle (pipe);
  sip_world_run (pipe->world, 31.9);
  settle (pipe);
  g_assert_cmpstr (pipe->a.story->str, ==, "");
  sip_world_run (pipe->world, 0.2);
  g_assert_true (g_str_has_suffix (pipe->a.story->str, ":408 "));
}

static void
test_cancel (Pipe *pipe, const void *data)
{
  uint32_t transaction = request (pipe, "INVITE");

  settle (pipe);
  g_assert_false (sip_stack_cancel (pipe->a.stack, transaction, "r"));
  reply (&pipe->b, 180);
  settle (pipe);
  g_assert_true (sip_stack_cancel (pipe->a.stack, transaction, "r"));
  settle (pipe);
  g_assert_cmpstr (pipe->b.story->str, ==, "INVITE cancel(r) ");
  g_assert_true (g_str_has_suffix (pipe->a.story->str, "INVITE:487 ") ||
                 g_str_has_suffix (pipe->a.story->str, "CANCEL:200 "));
  g_assert_false (sip_stack_cancel (pipe->a.stack, transaction, "r"));
}

static void
test_fail (Pipe *pipe, const void *data)
{
  request (pipe, "INVITE");
  request (pipe, "OPTIONS");
  sip_stack_fail (pipe->a.stack);
  g_assert_cmpstr (pipe->a.story->str, ==, "INVITE:503 OPTIONS:503 ");
  g_assert_true (sip_stack_is_idle (pipe->a.stack));
}

static void
test_forget (Pipe *pipe, const void *data)
{
  sip_stack_forget (pipe->a.stack, request (pipe, "OPTIONS"));
  settle (pipe);
  reply (&pipe->b, 200);
  settle (pipe);
  g_assert_cmpstr (pipe->a.story->str, ==, "");
  g_assert_true (sip_stack_is_idle (pipe->a.stack));
}

static void
test_many (Pipe *pipe, const void *data)
{
  for (unsigned i = 0; i < 500; i++) {
    g_autofree char *method = g_strdup_printf ("OPTIONS");
    g_autofree char *text =
      g_strdup_printf ("%s sip:b@x SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK%u\r\n"
                       "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>\r\nCall-ID: 1\r\n"
                       "CSeq: 1 %s\r\n\r\n",
                       method, i, method);

    sip_stack_receive (pipe->b.stack, bytes_of_text (text));
  }
  g_assert_cmpuint (pipe->b.story->len, ==, 64 * strlen ("OPTIONS "));
}

#define add(path, data, test) g_test_add ((path), Pipe, (data), set_up, (test), tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sip/stack/a-request-has-one-final-answer", NULL, test_requests);
  add ("/sip/stack/an-invite-is-refused", NULL, test_invite);
  add ("/sip/stack/an-invite-ends-after-32-s", "INVITE", test_timeout);
  add ("/sip/stack/other-requests-end-after-32-s", "OPTIONS", test_timeout);
  add ("/sip/stack/cancel-needs-a-provisional-answer", NULL, test_cancel);
  add ("/sip/stack/without-a-link-requests-fail", NULL, test_fail);
  add ("/sip/stack/nothing-is-heard-of-what-is-forgotten", NULL, test_forget);
  add ("/sip/stack/threat-4.8-transactions-are-bounded", NULL, test_many);
  return g_test_run ();
}
