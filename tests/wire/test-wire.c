/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/walk.h"
#include "tests/wire/structures.h"

#include <string.h>

/* The engine by itself, with a structure of its own. */

typedef struct Inner {
  uint8_t number;
} Inner;

WIRE_LIST (Inner);

typedef struct Outer {
  Bytes text;
  InnerList inners;
  Bytes rest;
} Outer;

static void
walk_inner (Wire *w, Inner *i)
{
  wire_u8 (w, "number", &i->number);
}

WIRE_DEFINE_LIST (Inner, inner)

static void
walk_outer (Wire *w, Outer *o)
{
  WireLength rest;

  wire_length (w, "rest_length", 2, &rest);
  wire_opaque (w, "text", 1, &o->text);
  walk_inners (w, "inners", 1, &o->inners);
  wire_open_length (w, "rest", &rest);
  wire_rest (w, "rest", &o->rest);
  wire_close (w);
}

WIRE_DEFINE (Outer, outer)

static void
test_a_length_apart_from_its_region (void)
{
  Inner inners[] = { { 7 }, { 8 } };
  Outer outer = { bytes_of_text ("t"), { inners, 2 }, bytes_of_text ("xyz") };

  structure_assert_hex (&outer_type, &outer, "0003 01 74 02 0708 78797a");
}

static void
test_too_long_fails_and_appends_nothing (void)
{
  g_autofree uint8_t *long_text = g_malloc0 (256);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Outer outer = { .text = { long_text, 256 } };

  g_byte_array_append (bytes, (const uint8_t *) "kept", 4);
  g_assert_false (wire_encode (&outer_type, &outer, bytes));
  g_assert_cmpmem (bytes->data, bytes->len, "kept", 4);
  outer.text.size = 255;
  g_assert_true (wire_encode (&outer_type, &outer, bytes));
  g_assert_cmpuint (bytes->len, ==, 4 + 2 + 1 + 255 + 1);
}

static void
test_too_long_a_list_fails (void)
{
  g_autofree Inner *inners = g_new0 (Inner, 256);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Outer outer = { .inners = { inners, 256 } };

  g_assert_false (wire_encode (&outer_type, &outer, bytes));
  outer.inners.count = 255;
  g_assert_true (wire_encode (&outer_type, &outer, bytes));
}

static void
test_failure_names_the_field (void)
{
  structure_assert_refused (&outer_type, "", "rest_length");
  structure_assert_refused (&outer_type, "0000", "text");
  structure_assert_refused (&outer_type, "0000 02 74", "text");
  structure_assert_refused (&outer_type, "0000 00", "inners");
  structure_assert_refused (&outer_type, "0000 00 02 07", "inners");
  structure_assert_refused (&outer_type, "0001 00 00", "rest");
  structure_assert_refused (&outer_type, "0000 00 00 00", "Outer");
}

static void
test_failure_leaves_zeros (void)
{
  static const uint8_t bytes[] = { 0, 1, 1, 't', 2, 7, 8 };
  static const Outer zeros;
  g_autoptr (Arena) arena = arena_new ();
  Outer outer;
  const char *failure;

  memset (&outer, 1, sizeof outer);
  g_assert_false (
    wire_decode (&outer_type, (Bytes){ bytes, sizeof bytes }, arena, NULL, &outer, &failure));
  g_assert_cmpmem (&outer, sizeof outer, &zeros, sizeof zeros);
}

static void
test_a_part_of_the_input (void)
{
  static const uint8_t bytes[] = { 0, 0, 1, 't', 0, 0xff };
  g_autoptr (Arena) arena = arena_new ();
  Outer outer;
  size_t size;

  g_assert_true (
    wire_decode_part (&outer_type, (Bytes){ bytes, sizeof bytes }, arena, &outer, &size, NULL));
  g_assert_cmpuint (size, ==, 5);
}

static void
test_printed_form (void)
{
  Inner inners[] = { { 7 }, { 8 } };
  Outer outer = { bytes_of_text ("t"), { inners, 2 }, bytes_of_text ("\x01\xff") };
  g_autoptr (GString) text = g_string_new (NULL);

  wire_print (&outer_type, &outer, 1, text);
  g_assert_cmpstr (text->str, ==,
                   "  text: \"t\"\n"
                   "  inners:\n"
                   "    - number: 7\n"
                   "    - number: 8\n"
                   "  rest: 01ff\n");
}

static void
test_same_seed_same_structure (void)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) first = g_byte_array_new ();
  g_autoptr (GByteArray) second = g_byte_array_new ();
  Outer outer;

  wire_make (&outer_type, 5, arena, NULL, &outer);
  g_assert_true (wire_encode (&outer_type, &outer, first));
  wire_make (&outer_type, 5, arena, NULL, &outer);
  g_assert_true (wire_encode (&outer_type, &outer, second));
  g_assert_cmpmem (first->data, first->len, second->data, second->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/engine/a-length-apart-from-its-region",
                   test_a_length_apart_from_its_region);
  g_test_add_func ("/wire/engine/too-long-fails-and-appends-nothing",
                   test_too_long_fails_and_appends_nothing);
  g_test_add_func ("/wire/engine/too-long-a-list-fails", test_too_long_a_list_fails);
  g_test_add_func ("/wire/engine/threat-1.1-failure-names-the-field", test_failure_names_the_field);
  g_test_add_func ("/wire/engine/failure-leaves-zeros", test_failure_leaves_zeros);
  g_test_add_func ("/wire/engine/a-part-of-the-input", test_a_part_of_the_input);
  g_test_add_func ("/wire/engine/printed-form", test_printed_form);
  g_test_add_func ("/wire/engine/same-seed-same-structure", test_same_seed_same_structure);
  return g_test_run ();
}
