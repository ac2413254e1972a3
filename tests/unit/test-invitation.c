/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/invitation.h"

#include <string.h>

static Invitation
sample (void)
{
  Invitation invitation = {
    .instance_name = "home-abcd2345.peal.alt",
    .label = "K\xc3\xbc"
             "che",
    .inviter = "Anna \xe2\x99\xa5",
    .has_secret = true,
    .secret = { 1, 2, 3 },
    .peer_count = 3,
    .peers = { { LINK_TRANSPORT_DTLS }, { LINK_TRANSPORT_TLS }, { LINK_TRANSPORT_DTLS } },
  };

  memset (invitation.configuration_hash, 0xa5, sizeof invitation.configuration_hash);
  g_assert_true (address_from_text ("192.0.2.1:6084", &invitation.peers[0].address));
  g_assert_true (address_from_text ("[2001:db8::1]:6085", &invitation.peers[1].address));
  g_assert_true (address_from_text ("10.0.0.7:1", &invitation.peers[2].address));
  return invitation;
}

static void
assert_equal (const Invitation *a, const Invitation *b)
{
  g_assert_cmpstr (a->instance_name, ==, b->instance_name);
  g_assert_cmpstr (a->label, ==, b->label);
  g_assert_cmpstr (a->inviter, ==, b->inviter);
  g_assert_cmpmem (a->configuration_hash, 32, b->configuration_hash, 32);
  g_assert_cmpint (a->has_secret, ==, b->has_secret);
  g_assert_cmpmem (a->secret, sizeof a->secret, b->secret, sizeof b->secret);
  g_assert_cmpstr (a->shared_secret, ==, b->shared_secret);
  g_assert_cmpuint (a->peer_count, ==, b->peer_count);
  for (size_t i = 0; i < a->peer_count; i++) {
    g_assert_cmpint (a->peers[i].transport, ==, b->peers[i].transport);
    g_assert_true (address_equal (&a->peers[i].address, &b->peers[i].address));
  }
}

static void
test_round_trip (void)
{
  Invitation invitation = sample ();
  g_autofree char *text = invitation_to_text (&invitation);
  Invitation read;

  g_assert_true (invitation_is_link (text));
  g_assert_cmpuint (strlen (text), <, 220);
  g_assert_true (invitation_from_text (text, &read));
  assert_equal (&invitation, &read);

  invitation.has_secret = false;
  memset (invitation.secret, 0, sizeof invitation.secret);
  invitation.peer_count = 0;
  invitation.inviter[0] = '\0';
  g_free (text);
  text = invitation_to_text (&invitation);
  g_assert_true (invitation_from_text (text, &read));
  assert_equal (&invitation, &read);
}

static void
test_largest (void)
{
  Invitation invitation = sample ();
  g_autofree char *text = NULL;
  Invitation read;

  memset (invitation.instance_name, 'a', INVITATION_INSTANCE_MAX);
  invitation.instance_name[60] = invitation.instance_name[120] = '.';
  memset (invitation.label, 'l', INVITATION_LABEL_MAX);
  memset (invitation.inviter, 'i', INVITATION_INVITER_MAX);
  invitation.peer_count = INVITATION_PEERS;
  for (size_t i = 0; i < INVITATION_PEERS; i++)
    invitation.peers[i] = invitation.peers[1];
  text = invitation_to_text (&invitation);
  g_assert_cmpuint (strlen (text), <=, INVITATION_TEXT_MAX);
  g_assert_true (invitation_from_text (text, &read));
  assert_equal (&invitation, &read);
}

static void
test_wrapped (void)
{
  Invitation invitation = sample ();
  g_autofree char *text = invitation_to_text (&invitation);
  g_autofree char *wrapped = g_strdup_printf ("\n  %.70s\r\n   %s \n", text, text + 70);
  Invitation read;

  g_assert_true (invitation_from_text (wrapped, &read));
  assert_equal (&invitation, &read);
}

static void
test_truncated (void)
{
  Invitation invitation = sample ();
  g_autofree char *text = invitation_to_text (&invitation);
  Invitation read;

  for (size_t size = 0; size < strlen (text); size++) {
    g_autofree char *cut = g_strndup (text, size);

    g_assert_false (invitation_from_text (cut, &read));
  }
}

static void
test_flipped (void)
{
  Invitation invitation = sample ();
  g_autofree char *text = invitation_to_text (&invitation);
  Invitation read;

  for (size_t i = strlen ("peal:join/"); text[i] != '\0'; i++)
    for (const char *other = "Aa0-_=+/ %\x80"; *other != '\0'; other++) {
      char kept = text[i];

      if (kept == *other)
        continue;
      text[i] = *other;
      g_assert_false (invitation_from_text (text, &read));
      text[i] = kept;
    }
  g_assert_true (invitation_from_text (text, &read));
}

/* Bodies with a right checksum, so that only what they say can be wrong. */
static bool
accepts (const uint8_t *body, size_t size)
{
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  g_autofree char *base64 = NULL;
  g_autofree char *text = NULL;
  uint8_t digest[32];
  gsize digest_size = sizeof digest;
  Invitation read;

  g_checksum_update (sha256, body, (gssize) size);
  g_checksum_get_digest (sha256, digest, &digest_size);
  g_byte_array_append (whole, body, (guint) size);
  g_byte_array_append (whole, digest, 4);
  base64 = g_base64_encode (whole->data, whole->len);
  g_strdelimit (base64, "+", '-');
  g_strdelimit (base64, "/", '_');
  base64[strcspn (base64, "=")] = '\0';
  text = g_strconcat ("peal:join/", base64, NULL);
  return invitation_from_text (text, &read);
}

static void
test_forged (void)
{
  enum { HASH = 1 + 5 + 2 + 1, SECRET = HASH + 32, COUNT = SECRET + 1, PEER = COUNT + 1 };

  static const uint8_t good[PEER + 8] = {
    1, 4, 'h', 'o', 'm', 'e', 1, 'h', 0, [SECRET] = 0, [COUNT] = 1, 1, 1, 127, 0, 0, 1, 0x17, 0xc4,
  };

  static const struct {
    size_t at;
    uint8_t value;
  } faults[] = {
    { 0, 0 },          /* version */
    { 0, 2 },          /* version */
    { 1, 0 },          /* a name of no length */
    { 1, 255 },        /* a name beyond the end */
    { 2, 'H' },        /* no instance name */
    { 2, 0 },          /* a NUL inside */
    { 6, 0 },          /* no label */
    { 7, 0x80 },       /* no UTF-8 */
    { 7, 7 },          /* a control character */
    { SECRET, 1 },     /* a short secret */
    { COUNT, 0 },      /* bytes left over */
    { COUNT, 2 },      /* peers missing */
    { COUNT, 6 },      /* too many */
    { PEER, 3 },       /* transport */
    { PEER + 1, 0 },   /* family */
    { PEER + 1, 2 },   /* family without its bytes */
    { PEER + 1, 200 }, /* family */
  };

  uint8_t body[sizeof good];

  g_assert_true (accepts (good, sizeof good));
  g_assert_false (accepts (good, sizeof good - 1));
  g_assert_false (accepts (good, 0));
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++) {
    memcpy (body, good, sizeof good);
    body[faults[i].at] = faults[i].value;
    g_assert_false (accepts (body, sizeof body));
  }
  memcpy (body, good, sizeof good);
  body[PEER + 6] = body[PEER + 7] = 0; /* port 0 */
  g_assert_false (accepts (body, sizeof body));
}

static void
test_other_text (void)
{
  static const char *const texts[] = { "", "peal:", "peal:bob@home", "sip:join/AAAA",
                                       "peal:join/" };
  g_autofree char *endless = g_strnfill (1 << 20, 'A');
  Invitation read;

  memcpy (endless, "peal:join/", 10);
  g_assert_false (invitation_from_text (endless, &read));
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (invitation_from_text (texts[i], &read));
  g_assert_false (invitation_is_link ("peal:join@home"));
}

static void
set_enrolment (Invitation *invitation, const char *user, const char *code)
{
  g_strlcpy (invitation->server, "https://enrol.example:8443/", sizeof invitation->server);
  g_strlcpy (invitation->user, user, sizeof invitation->user);
  g_strlcpy (invitation->code, code, sizeof invitation->code);
}

static void
test_enrolled (void)
{
  Invitation invitation = sample ();
  Invitation read;
  g_autofree char *text = NULL, *again = NULL;

  invitation.is_enrolled = true;
  memset (invitation.root_hash, 0x5a, sizeof invitation.root_hash);
  set_enrolment (&invitation, "bob", "abcd-efgh-ijkl-mnop");
  text = invitation_to_text (&invitation);
  g_assert_true (invitation_from_text (text, &read));
  g_assert_true (read.is_enrolled);
  g_assert_false (read.has_secret);
  g_assert_cmpmem (read.root_hash, 32, invitation.root_hash, 32);
  g_assert_cmpstr (read.server, ==, "https://enrol.example:8443/");
  g_assert_cmpstr (read.user, ==, "bob");
  g_assert_cmpstr (read.code, ==, "abcd-efgh-ijkl-mnop");
  g_assert_cmpuint (read.peer_count, ==, 3);
  again = invitation_to_text (&read);
  g_assert_cmpstr (text, ==, again);

  set_enrolment (&invitation, "No Name", "");
  g_free (text);
  text = invitation_to_text (&invitation);
  g_assert_false (invitation_from_text (text, &read));
}

static void
test_local (void)
{
  static const char *const near[] = { "10.0.0.7:1", "192.168.1.2:6084", "[fd00::1]:6084",
                                      "127.0.0.1:6084", "100.64.0.1:6084" };
  Invitation invitation = sample ();

  g_assert_false (invitation_is_local (&invitation));
  invitation.peer_count = G_N_ELEMENTS (near);
  for (size_t i = 0; i < G_N_ELEMENTS (near); i++)
    g_assert_true (address_from_text (near[i], &invitation.peers[i].address));
  g_assert_true (invitation_is_local (&invitation));
  g_assert_true (address_from_text ("[2001:db8::1]:1", &invitation.peers[4].address));
  g_assert_false (invitation_is_local (&invitation));
  invitation.peer_count = 0;
  g_assert_true (invitation_is_local (&invitation));
  invitation.is_enrolled = true; /* there is a server too */
  g_assert_false (invitation_is_local (&invitation));
}

/* To an overlay whose links a secret keys: it is wanted before there is a document. */
static void
test_shared_secret (void)
{
  Invitation invitation = sample ();
  g_autofree char *open = invitation_to_text (&invitation);
  g_autofree char *longest = g_strnfill (INVITATION_SHARED_MAX, 'x');
  const char *const secrets[] = { "x", "tell nobody \xe2\x99\xa5", longest };

  for (size_t i = 0; i < G_N_ELEMENTS (secrets); i++) {
    g_autofree char *text = NULL;
    Invitation read;

    g_strlcpy (invitation.shared_secret, secrets[i], sizeof invitation.shared_secret);
    text = invitation_to_text (&invitation);
    g_assert_cmpuint (strlen (text), <=, INVITATION_TEXT_MAX);
    g_assert_cmpstr (text, !=, open);
    g_assert_true (invitation_from_text (text, &read));
    assert_equal (&invitation, &read);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invitation/local/without-an-address-that-others-can-send-to", test_local);
  g_test_add_func ("/invitation/text/comes-back-as-it-was", test_round_trip);
  g_test_add_func ("/invitation/text/the-largest-fits", test_largest);
  g_test_add_func ("/invitation/text/may-be-wrapped", test_wrapped);
  g_test_add_func ("/invitation/text/truncated-is-refused", test_truncated);
  g_test_add_func ("/invitation/text/one-wrong-character-is-refused", test_flipped);
  g_test_add_func ("/invitation/text/forged-bodies-are-refused", test_forged);
  g_test_add_func ("/invitation/text/other-texts-are-refused", test_other_text);
  g_test_add_func ("/invitation/enrolled", test_enrolled);
  g_test_add_func ("/invitation/shared-secret", test_shared_secret);
  return g_test_run ();
}
