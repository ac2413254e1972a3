/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/message.h"
#include "core/sip/stack.h"
#include "tests/unit/sip-world.h"
#include <string.h>

/* What the stack handed over last, kept until the test has looked. */
typedef struct Catch {
  SipStack *stack;
  GString *text;
  GString *answer;
} Catch;

static void
on_send (void *user_data, Bytes text)
{
  g_string_append_len (((Catch *) user_data)->answer, (const char *) text.data, (gssize) text.size);
}

static const char *
or_dash (const char *text)
{
  return text != NULL ? text : "-";
}

static void
on_request (void *user_data, uint32_t transaction, const SipMessage *m)
{
  Catch *self = user_data;

  g_string_append_printf (self->text, "%s %s %s|%s %u %s|%s %s %s %s|%s %s|%s %d %d %s %zu",
                          m->method, or_dash (m->target_address), m->branch, m->call_id, m->cseq,
                          or_dash (m->route_set), or_dash (m->from_address), or_dash (m->from_tag),
                          or_dash (m->to_address), or_dash (m->to_tag),
                          or_dash (m->contact_address), or_dash (m->contact_gr), or_dash (m->event),
                          (int) m->expires, (int) m->min_expires, or_dash (m->content_type),
                          m->body.size);
  sip_stack_reply (self->stack, transaction,
                   &(SipReply){ .status = 299,
                                .to_tag = "mine",
                                .contact = "sip:me@x",
                                .headers = "A: 1\r\nB: 2\r\n",
                                .content_type = "a/b",
                                .body = bytes_of_text ("xyz") },
                   NULL);
}

static void
on_other (void *user_data, const SipMessage *message)
{
}

static void
on_cancel (void *user_data, uint32_t transaction, const SipMessage *cancel)
{
}

static const SipStackEvents events = {
  .send = on_send,
  .request = on_request,
  .ack = on_other,
  .cancel = on_cancel,
  .response = on_other,
};

static void
test_fields (void)
{
  static const char text[] =
    "SUBSCRIBE sips:A%6cice@X.Example SIP/2.0\r\n"
    "v: SIP/2.0/TLS y;branch=z9hG4bKq\r\nVia: SIP/2.0/TLS z;branch=z9hG4bKr\r\n"
    "Record-Route: <sip:r1;lr>, <sip:r2;lr>\r\n"
    "f: \"Bob\" <sip:bob@x>;tag=7\r\nt: <tel:+15551234>\r\ni: 1@h\r\nCSeq: 0042 SUBSCRIBE\r\n"
    "m: <sip:bob@x;gr=abc>\r\no: presence;id=3\r\nExpires: 77\r\nc: Text/Plain;charset=x\r\n"
    "l: 2\r\n\r\nhi";
  g_autoptr (SipWorld) world = sip_world_new ();
  Catch self = { .text = g_string_new (NULL), .answer = g_string_new (NULL) };

  self.stack = sip_stack_new (&world->ports, &events, &self);
  g_assert_cmpint (sip_stack_receive (self.stack, bytes_of_text (text)), ==, 0);
  g_assert_cmpstr (self.text->str, ==,
                   "SUBSCRIBE alice@x.example z9hG4bKq|1@h 42 <sip:r1;lr>, <sip:r2;lr>|"
                   "bob@x 7 - -|bob@x abc|presence;id=3 77 -1 text/plain 2");
  g_assert_true (g_str_has_prefix (self.answer->str, "SIP/2.0 299 "));
  g_assert_nonnull (strstr (self.answer->str, "branch=z9hG4bKq"));
  g_assert_nonnull (strstr (self.answer->str, "branch=z9hG4bKr"));
  g_assert_nonnull (strstr (self.answer->str, "<tel:+15551234>;tag=mine"));
  g_assert_nonnull (strstr (self.answer->str, "Contact: <sip:me@x>"));
  g_assert_nonnull (strstr (self.answer->str, "Record-Route: <sip:r1;lr>"));
  g_assert_nonnull (strstr (self.answer->str, "\r\nB: 2\r\n"));
  g_assert_true (g_str_has_suffix (self.answer->str, "\r\n\r\nxyz"));
  sip_stack_free (self.stack);
  g_string_free (self.text, TRUE);
  g_string_free (self.answer, TRUE);
}

static void
test_tokens (void)
{
  g_autofree char *reason = message_parameter ("terminated; Reason=rejected;x", "reason");
  g_autofree char *quoted = message_parameter ("SIP;cause=200;text=\"a b\"", "text");
  g_autofree char *none = message_parameter ("active", "reason");
  g_autofree char *missing = message_parameter (NULL, "reason");

  g_assert_cmpstr (reason, ==, "rejected");
  g_assert_cmpstr (quoted, ==, "a b");
  g_assert_null (none);
  g_assert_null (missing);
  g_assert_true (message_has_token ("Active;expires=1", "active"));
  g_assert_true (message_has_token ("active", "active"));
  g_assert_false (message_has_token ("actively", "active"));
  g_assert_false (message_has_token (NULL, "active"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/message/fields-are-read-and-answers-written", test_fields);
  g_test_add_func ("/sip/message/tokens-and-parameters", test_tokens);
  return g_test_run ();
}
