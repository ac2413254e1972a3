/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/exposure.h"

/* Candidates are written as "h192.168.1.10 s198.51.100.2 r192.0.2.10": host, server-reflexive,
 * relayed. We are 192.168.1.10 in a home whose router is 198.51.100.2, with a bridge for virtual
 * machines that others have as well; our relay is 192.0.2.10. */

#define HOME    "h192.168.1.10 h172.17.0.1 h2001:db8:a::10"
#define MAPPED  HOME " s198.51.100.2"
#define RELAYED MAPPED " r192.0.2.10"

static const struct {
  const char *address;
  uint8_t bits;
} own[] = { { "127.0.0.1", 8 },
            { "192.168.1.10", 24 },
            { "172.17.0.1", 16 },
            { "2001:db8:a::10", 64 },
            { "10.9.0.2", 32 } };

typedef struct Stage {
  OwnNetwork networks[G_N_ELEMENTS (own)];
  IceDescription local;
  IceDescription remote;
} Stage;

static IceDescription
describe (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  IceDescription description = { 0 };

  for (size_t i = 0; words[i] != NULL && words[i][0] != '\0'; i++) {
    Candidate *candidate = &description.candidates[description.candidate_count++];
    g_assert_true (address_from_text (words[i] + 1, &candidate->address));
    candidate->address.port = (uint16_t) (1000 + i);
    candidate->type = words[i][0] == 'h'   ? CANDIDATE_HOST
                      : words[i][0] == 's' ? CANDIDATE_SERVER_REFLEXIVE
                                           : CANDIDATE_RELAYED;
    if (candidate->type != CANDIDATE_HOST)
      candidate->related = description.candidates[0].address;
  }
  return description;
}

static void
stage_set (Stage *self, const char *local, const char *remote)
{
  for (size_t i = 0; i < G_N_ELEMENTS (own); i++) {
    g_assert_true (address_from_text (own[i].address, &self->networks[i].address));
    self->networks[i].bits = own[i].bits;
  }
  self->local = describe (local);
  self->remote = describe (remote != NULL ? remote : "");
}

static void
test_choice (void)
{
  static const struct {
    LinkExposure wanted;
    const char *local;
    const char *remote; /* NULL: not known */
    Exposure exposure;
  } rows[] = {
    { LINK_EXPOSURE_OPEN, RELAYED, "h203.0.113.5", EXPOSURE_ALL },
    { LINK_EXPOSURE_RELAYED, RELAYED, "h192.168.1.20 s198.51.100.2", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_RELAYED, HOME, "h192.168.1.20", EXPOSURE_RELAYED },
    /* Far away. */
    { LINK_EXPOSURE_STRANGER, RELAYED, "h203.0.113.5", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRANGER, RELAYED, NULL, EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRANGER, MAPPED, "h203.0.113.5", EXPOSURE_ALL },
    { LINK_EXPOSURE_STRICT, MAPPED, "h203.0.113.5", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRICT, HOME, NULL, EXPOSURE_RELAYED },
    /* In the same home, and in one that looks like it. */
    { LINK_EXPOSURE_STRANGER, RELAYED, "h192.168.1.20 s198.51.100.2", EXPOSURE_NEAR },
    { LINK_EXPOSURE_STRICT, MAPPED, "h192.168.1.20 s198.51.100.2", EXPOSURE_NEAR },
    { LINK_EXPOSURE_STRANGER, RELAYED, "h192.168.1.20 s203.0.113.2", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRANGER, RELAYED, "h192.168.1.20", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRICT, MAPPED, "h192.168.1.20 s203.0.113.2", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRANGER, HOME, "h192.168.1.20", EXPOSURE_NEAR },
    { LINK_EXPOSURE_STRICT, HOME, "h192.168.1.20", EXPOSURE_NEAR },
    { LINK_EXPOSURE_STRICT, HOME, "h192.168.2.20", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRICT, HOME, "s192.168.1.20", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRICT, HOME, "h2001:db8:a::20", EXPOSURE_NEAR },
    { LINK_EXPOSURE_STRICT, HOME, "h2001:db8:a:1::20", EXPOSURE_RELAYED },
    /* What everybody has is no network in common. */
    { LINK_EXPOSURE_STRICT, HOME, "h172.17.0.1 h203.0.113.5", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRICT, HOME, "h127.0.0.1", EXPOSURE_RELAYED },
    { LINK_EXPOSURE_STRICT, "h127.0.0.1", "h127.0.0.1", EXPOSURE_NEAR },
    { LINK_EXPOSURE_STRICT, "h10.9.0.2", "h10.9.0.3", EXPOSURE_RELAYED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Stage stage;
    g_test_message ("row %zu", i);
    stage_set (&stage, rows[i].local, rows[i].remote);
    g_assert_cmpint (exposure_of (rows[i].wanted, &stage.local,
                                  rows[i].remote != NULL ? &stage.remote : NULL, stage.networks,
                                  G_N_ELEMENTS (own)),
                     ==, rows[i].exposure);
  }
}

static void
test_relayed (void)
{
  Stage stage;
  const Candidate *kept = &stage.local.candidates[0];

  stage_set (&stage, RELAYED " r2001:db8::10", NULL);
  exposure_keep_relayed (&stage.local);
  g_assert_cmpuint (stage.local.candidate_count, ==, 2);
  for (size_t i = 0; i < 2; i++) {
    Address nobody = { .family = kept[i].address.family, .port = 9 };
    g_assert_cmpint (kept[i].type, ==, CANDIDATE_RELAYED);
    g_assert_true (address_equal (&kept[i].related, &nobody));
  }
}

static void
test_near (void)
{
  Stage stage;

  stage_set (&stage, RELAYED, "h192.168.1.20 h203.0.113.5 s192.168.1.21 r192.0.2.10");
  exposure_keep_near (&stage.local, &stage.remote, stage.networks, G_N_ELEMENTS (own), false);
  g_assert_cmpuint (stage.local.candidate_count, ==, 1);
  g_assert_cmpuint (stage.local.candidates[0].address.port, ==, 1000);
  exposure_keep_reachable (&stage.remote, &stage.local, stage.networks, G_N_ELEMENTS (own));
  g_assert_cmpuint (stage.remote.candidate_count, ==, 1);
  g_assert_cmpuint (stage.remote.candidates[0].address.port, ==, 1000);
}

/* Two homes with the same private network may be one, or far apart. */
static void
test_walled (void)
{
  Stage stage;

  stage_set (&stage, HOME " r192.0.2.10", "h192.168.1.20 h203.0.113.5 r192.0.2.11");
  exposure_keep_near (&stage.local, &stage.remote, stage.networks, G_N_ELEMENTS (own), true);
  g_assert_cmpuint (stage.local.candidate_count, ==, 2);
  g_assert_cmpint (stage.local.candidates[0].type, ==, CANDIDATE_HOST);
  g_assert_cmpint (stage.local.candidates[1].type, ==, CANDIDATE_RELAYED);
  g_assert_cmpuint (stage.local.candidates[1].related.port, ==, 9);
  exposure_keep_reachable (&stage.remote, &stage.local, stage.networks, G_N_ELEMENTS (own));
  g_assert_cmpuint (stage.remote.candidate_count, ==, 2);
  g_assert_cmpuint (stage.remote.candidates[0].address.port, ==, 1000);
  g_assert_cmpint (stage.remote.candidates[1].type, ==, CANDIDATE_RELAYED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exposure/threat-4.13-who-sees-what", test_choice);
  g_test_add_func ("/exposure/threat-4.13-nothing-but-relays", test_relayed);
  g_test_add_func ("/exposure/threat-4.13-nothing-but-the-network-in-common", test_near);
  g_test_add_func ("/exposure/where-no-datagram-gets-out-a-relay-is-tried-beside-it", test_walled);
  return g_test_run ();
}
