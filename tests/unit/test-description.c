/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"

static void
test_describes (Stage *self, gconstpointer data)
{
  PealAccount *account = stage_create (self);
  g_autofree char *json = NULL, *expected = NULL;

  stage_tell_state (self, NODE_READY, 2);
  json = peal_phone_describe (self->phone);
  expected = g_strdup_printf (
    "{\"status\":\"Ready · “home”: 1 person connected\",\"ready\":true,\"calls\":[],\"accounts\":["
    "{\"address\":\"%s\",\"label\":\"home\",\"state\":\"ready\",\"peers\":2,\"client\":false,"
    "\"node_id\":\"00000000000000000000000000000000\",\"listening\":[\"192.0.2.7:6084\"],"
    "\"reach\":{\"verdict\":\"unknown\",\"at\":\"\",\"udp\":false,\"tcp\":false,"
    "\"knocks\":8,\"knocks_refused\":9},\"relays\":2,\"relay\":{"
    "\"port_443\":\"not-wanted\",\"allocations\":3,\"relayed\":4,\"refused\":5,\"dropped\":6},"
    "\"facts\":{\"messages\":7,\"refused\":0},\"links\":["
    "{\"node_id\":\"00000000000000000000000000000000\",\"role\":\"successor\",\"rtt_ms\":1.2}]}]}",
    peal_account_get_address (account));
  g_assert_cmpstr (json, ==, expected);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/description/describes", test_describes);
  return g_test_run ();
}
