/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/json.h"

#include <math.h>

static void
test_object (void)
{
  Json *json = json_new ();
  const char *const values[] = { "a", "b\"", NULL }, *const none[] = { NULL };
  g_autofree char *line = NULL;

  json_text (json, "path", "direct");
  json_whole (json, "ring_ms", 12);
  json_whole (json, "never_ms", -1);
  json_share (json, "loss", 0.25);
  json_share (json, "rtt", NAN);
  json_truth (json, "encrypted", true);
  json_texts (json, "devices", values);
  json_texts (json, "none", none);
  json_text (json, "end", NULL);
  line = json_end (json);
  g_assert_cmpstr (line, ==,
                   "{\"path\": \"direct\", \"ring_ms\": 12, \"never_ms\": null, \"loss\": 0.250, "
                   "\"rtt\": null, \"encrypted\": true, \"devices\": [\"a\", \"b\\\"\"], "
                   "\"none\": [], \"end\": null}");
}

static void
test_hostile (void)
{
  Json *json = json_new ();
  g_autofree char *line = NULL;

  json_text (json, "name", "a\n\"\\\x01\xff");
  line = json_end (json);
  g_assert_cmpstr (line, ==, "{\"name\": \"a\\u000a\\\"\\\\\\u0001\xef\xbf\xbd\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/an-object-is-one-line-and-absence-is-null", test_object);
  g_test_add_func ("/json/no-name-can-break-out-of-its-quotes", test_hostile);
  return g_test_run ();
}
