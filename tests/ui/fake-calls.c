/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls do at once what a person asks of them. */
#include "core/phone/call-private.h"
#include "core/phone/contact-private.h"
#include "core/phone/signs.h"
#include "core/phone/words.h"
#include "tests/ui/fake-phone-private.h"

static void
on_answer (gpointer owner, PealCall *call)
{
  fake_phone_say ("answer %u", peal_call_get_id (call));
  fake_phone_talk (owner, call);
}

static void
on_decline (gpointer owner, PealCall *call)
{
  fake_phone_say ("decline %u", peal_call_get_id (call));
  fake_phone_end (owner, call, NODE_CALL_END_DECLINED);
}

static void
on_end (gpointer owner, PealCall *call)
{
  fake_phone_say ("end %u", peal_call_get_id (call));
  fake_phone_end (owner, call, NODE_CALL_END_HUNG_UP);
}

static void
on_close (gpointer owner, PealCall *call)
{
  PealPhone *self = owner;
  guint position = 0;

  fake_phone_say ("close %u", peal_call_get_id (call));
  if (g_list_store_find (self->calls, call, &position))
    g_list_store_remove (self->calls, position);
}

static void
on_set_muted (gpointer owner, PealCall *call, bool is_muted)
{
  fake_phone_say ("mute %d", is_muted);
  peal_call_show_muted (call, is_muted);
}

static void
on_set_held (gpointer owner, PealCall *call, bool is_held)
{
  fake_phone_say ("hold %d", is_held);
  peal_call_show_hold (call, is_held, false);
}

static void
on_send_digit (gpointer owner, PealCall *call, char digit)
{
  fake_phone_say ("digit %c", digit);
}

static void
show_security (PealPhone *owner, PealCall *call, PealCallSecurity security)
{
  PealContact *contact = peal_phone_find_contact (owner, peal_call_get_address (call));
  g_autofree char *text = words_call_security (security, peal_call_get_name (call), true,
                                               contact ? peal_contact_get_key_since (contact) : 0);

  peal_call_show_security (call, security, text);
}

static void
on_compared (gpointer owner, PealCall *call, bool is_match)
{
  PealContact *contact = peal_phone_find_contact (owner, peal_call_get_address (call));

  fake_phone_say ("compared %d", is_match);
  show_security (owner, call, is_match ? PEAL_CALL_SECURITY_VERIFIED : PEAL_CALL_SECURITY_DOUBTFUL);
  if (contact)
    peal_contact_show_trust (contact, is_match ? PEAL_TRUST_VERIFIED : PEAL_TRUST_DIFFERED);
  if (contact && is_match)
    peal_contact_show_key_changed (contact, false, 0);
  if (!is_match)
    fake_phone_end (owner, call, NODE_CALL_END_CANCELLED);
}

static const PealCallActions call_actions = {
  .answer = on_answer,
  .decline = on_decline,
  .end = on_end,
  .close = on_close,
  .set_muted = on_set_muted,
  .set_held = on_set_held,
  .send_digit = on_send_digit,
  .compared = on_compared,
};

static PealCall *
add_call (PealPhone *self, const char *address, const char *name, bool is_incoming)
{
  const PealCallStart start = { ++self->call_id, address, address, name, is_incoming };
  g_autoptr (PealCall) call = peal_call_new (&start, &call_actions, self);

  g_list_store_insert (self->calls, 0, call);
  return call;
}

PealCall *
fake_phone_ring (PealPhone *self)
{
  PealCall *call = add_call (self, "bob@home", "Bob Ruiz", true);
  peal_call_show_state (call, PEAL_CALL_RINGING);
  return call;
}

static void
show_signs (PealCall *call, bool is_connected)
{
  g_autoptr (GPtrArray) signs = signs_new ();

  signs_add (signs, PEAL_CALL_SIGN_CHECKS,
             g_strdup (is_connected ? "connected, 64 ms" : "failed, 7900 ms"));
  if (is_connected)
    signs_add (signs, PEAL_CALL_SIGN_PAIR,
               g_strdup ("host 192.168.1.10:40312 - host 192.168.1.20:51877"));
  signs_add (signs, PEAL_CALL_SIGN_LOCAL, g_strdup ("host 192.168.1.10:40312"));
  signs_add (signs, PEAL_CALL_SIGN_LOCAL, g_strdup ("reflexive 198.51.100.2:40312"));
  signs_add (signs, PEAL_CALL_SIGN_LOCAL, g_strdup ("relayed 192.0.2.10:61002"));
  signs_add (signs, PEAL_CALL_SIGN_REMOTE, g_strdup ("host [2001:db8:b:2::20]:51877"));
  signs_add (signs, PEAL_CALL_SIGN_RELAY, g_strdup ("192.0.2.10:6084 answered"));
  signs_add (signs, PEAL_CALL_SIGN_SENT, g_strdup (is_connected ? "arrives" : "not reported"));
  signs_add (signs, PEAL_CALL_SIGN_RECEIVED,
             g_strdup (is_connected ? "arrives" : "nothing for 16 s"));
  if (!is_connected)
    signs_add (signs, PEAL_CALL_SIGN_WAY, g_strdup ("1. 63f1ee08469bcdac9fa33526abda8479 12 ms"));
  peal_call_show_signs (call, signs);
}

void
fake_phone_talk (PealPhone *self, PealCall *call)
{
  PealContact *contact = peal_phone_find_contact (self, peal_call_get_address (call));
  bool is_changed = contact && peal_contact_get_is_key_changed (contact);
  g_autofree char *details = NULL;
  const WordsDetails numbers = {
    .codec = "opus/48000/2",
    .cipher = "AEAD_AES_128_GCM",
    .quality = { .jitter_ms = 4,
                 .jitter_sent_ms = 3,
                 .rtt_ms = 18,
                 .bitrate_sent = 34000,
                 .bitrate_received = 33000 },
  };

  details = words_call_details (&numbers);
  peal_call_show_state (call, PEAL_CALL_UP);
  peal_call_show_duration (call, 151);
  peal_call_show_words (call, "maroon velvet cobra agile");
  show_security (self, call,
                 is_changed ? PEAL_CALL_SECURITY_KEY_CHANGED : PEAL_CALL_SECURITY_ENCRYPTED);
  peal_call_show_path (call, words_path (true));
  peal_call_show_levels (call, 0.55, 0.3);
  peal_call_show_quality (call, PEAL_CALL_QUALITY_GOOD, details);
  show_signs (call, true);
}

void
fake_phone_end (PealPhone *self, PealCall *call, NodeCallEnd end)
{
  PealContact *contact = peal_phone_find_contact (self, peal_call_get_address (call));

  if (peal_call_get_state (call) == PEAL_CALL_ENDED)
    return;
  const WordsCall words = {
    .state = peal_call_get_state (call),
    .name = peal_call_get_name (call),
    .display_address = peal_call_get_display_address (call),
    .is_incoming = peal_call_get_is_incoming (call),
    .duration = peal_call_get_duration (call),
    .key_since = contact ? peal_contact_get_key_since (contact) : 0,
  };
  g_autofree char *text = words_call_end (&words, end);
  g_autofree char *report =
    words_call_report (end, peal_call_get_address (call), peal_call_get_state (call));

  if (report) {
    peal_call_show_quality (call, PEAL_CALL_QUALITY_UNKNOWN, report);
    show_signs (call, false);
  }
  peal_call_show_end (call, text, words_call_hint (end), words_call_remedy (end));
}

PealCall *
peal_phone_dial (PealPhone *self, const char *typed, GError **error)
{
  g_autofree char *address = peal_phone_resolve (self, typed, error);
  if (!address)
    return NULL;
  PealContact *contact = peal_phone_find_contact (self, address);
  PealCall *call =
    add_call (self, address, contact ? peal_contact_get_name (contact) : address, false);

  fake_phone_say ("dial %s", address);
  if (contact)
    peal_call_show_state (call, PEAL_CALL_RINGING);
  else
    fake_phone_end (self, call, NODE_CALL_END_NO_SUCH_NAME);
  return call;
}

void
fake_phone_offer_choices (PealPhone *self, PealCall *call)
{
  const PealCallChoice choices[] = {
    { (char *) "Bob Ruiz", (char *) "agile maroon cobra velvet banjo turkey" },
    { NULL, (char *) "mustard kitchen walrus puzzle orbit daisy" },
  };

  peal_call_show_choices (call, choices, G_N_ELEMENTS (choices));
  fake_phone_end (self, call, NODE_CALL_END_SEVERAL_OWNERS);
}

PealCall *
peal_phone_dial_new_key (PealPhone *self, const char *address)
{
  PealContact *contact = peal_phone_find_contact (self, address);
  PealCall *call = add_call (self, address, peal_contact_get_name (contact), false);

  fake_phone_say ("dial-new-key %s", address);
  peal_call_show_state (call, PEAL_CALL_RINGING);
  return call;
}

PealCall *
peal_phone_dial_choice (PealPhone *self, PealCall *call, size_t choice)
{
  fake_phone_say ("choose %zu", choice);
  return add_call (self, peal_call_get_address (call), peal_call_get_name (call), false);
}
