/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/walk.h"

#include "core/base/big-endian.h"

#include <string.h>

/* The engine: all arithmetic on lengths and positions is in this file.
 *
 * Encoding writes straight into the array's memory and grows it in large steps, so that a field
 * costs no allocation; lengths are written when their region is closed. Decoding narrows `end` to
 * the innermost open region, so that no field can leave it, and hands out pointers into the input.
 * Printing goes through the same walk with a value; making fills one in from a seed. */

enum {
  GROWTH = 512,       /* least by which the output grows */
  LIST_FIRST = 4,     /* elements that a decoded list first has room for */
  MADE_LIST_MAX = 3,  /* elements of a random list */
  MADE_SHORT_MAX = 24 /* bytes of most random opaque fields; a few are longer */
};

static const uint8_t nothing[1];

/* ---- Failure ---- */

void
wire_fail (Wire *w, const char *name)
{
  if (w->failure == NULL)
    w->failure = name;
}

void
wire_require (Wire *w, const char *name, bool condition)
{
  if (!condition)
    wire_fail (w, name);
}

/* ---- Bytes in and out ---- */

static void
grow (Wire *w, size_t size)
{
  size_t least = w->at + size + GROWTH;

  g_assert (least < G_MAXUINT32);
  g_byte_array_set_size (w->array, (guint) MAX (least, 2 * w->end));
  w->out = w->array->data;
  w->end = w->array->len;
}

static uint8_t *
room (Wire *w, size_t size)
{
  uint8_t *bytes;

  if (G_UNLIKELY (size > w->end - w->at))
    grow (w, size);
  bytes = w->out + w->at;
  w->at += size;
  return bytes;
}

static const uint8_t *
take (Wire *w, const char *name, size_t size)
{
  const uint8_t *bytes = w->in + w->at;

  if (G_UNLIKELY (size > w->end - w->at)) {
    wire_fail (w, name);
    return NULL;
  }
  w->at += size;
  return bytes;
}

/* ---- Chance, for WIRE_MAKE: splitmix64 ---- */

static uint64_t
chance (Wire *w)
{
  uint64_t x = w->random += UINT64_C (0x9e3779b97f4a7c15);

  x = (x ^ x >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C (0x94d049bb133111eb);
  return x ^ x >> 31;
}

static Bytes
make_bytes (Wire *w, size_t size)
{
  uint8_t *bytes = arena_alloc (w->arena, size);

  for (size_t i = 0; i < size; i++)
    bytes[i] = (uint8_t) chance (w);
  return (Bytes){ size > 0 ? bytes : NULL, size };
}

static size_t
make_size (Wire *w)
{
  return chance (w) % 16 == 0 ? chance (w) % 200 : chance (w) % MADE_SHORT_MAX;
}

/* ---- Lines, for WIRE_PRINT ---- */

static void
print_name (Wire *w, const char *name)
{
  for (unsigned i = 0; i + 1 < w->indent; i++)
    g_string_append (w->text, "  ");
  if (w->indent > 0)
    g_string_append (w->text, w->is_first_line ? "- " : "  ");
  w->is_first_line = false;
  g_string_append_printf (w->text, "%s:", name);
}

/* Large ones in hexadecimal too: identifiers are read so. */
static void
print_integer (Wire *w, const char *name, uint64_t value)
{
  print_name (w, name);
  g_string_append_printf (w->text, " %" G_GUINT64_FORMAT, value);
  if (value > G_MAXUINT16)
    g_string_append_printf (w->text, " (0x%" G_GINT64_MODIFIER "x)", value);
  g_string_append_c (w->text, '\n');
}

static bool
is_text (Bytes bytes)
{
  for (size_t i = 0; i < bytes.size; i++)
    if (bytes.data[i] < 0x20 || bytes.data[i] > 0x7e || bytes.data[i] == '"')
      return false;
  return true;
}

/* Text in quotes, anything else in hexadecimal. */
static void
print_bytes (Wire *w, const char *name, Bytes bytes)
{
  print_name (w, name);
  if (is_text (bytes)) {
    g_string_append_printf (w->text, " \"%.*s\"\n", (int) bytes.size, (const char *) bytes.data);
    return;
  }
  g_string_append_c (w->text, ' ');
  for (size_t i = 0; i < bytes.size; i++)
    g_string_append_printf (w->text, "%02x", bytes.data[i]);
  g_string_append_c (w->text, '\n');
}

/* ---- Fields ---- */

/* One integer in any mode; true when it was filled in. */
static inline bool
integer (Wire *w, const char *name, unsigned size, uint64_t *value)
{
  const uint8_t *bytes;

  if (G_UNLIKELY (w->failure != NULL))
    return false;
  switch (w->mode) {
  case WIRE_ENCODE:
    big_endian_write (room (w, size), size, *value);
    return false;
  case WIRE_DECODE:
    bytes = take (w, name, size);
    if (bytes != NULL)
      *value = big_endian_read (bytes, size);
    return bytes != NULL;
  case WIRE_PRINT:
    print_integer (w, name, *value);
    return false;
  case WIRE_MAKE:
    *value = chance (w) >> (64 - 8 * size);
    return true;
  }
  return false;
}

void
wire_u8 (Wire *w, const char *name, uint8_t *value)
{
  uint64_t number = *value;

  if (integer (w, name, 1, &number))
    *value = (uint8_t) number;
}

void
wire_u16 (Wire *w, const char *name, uint16_t *value)
{
  uint64_t number = *value;

  if (integer (w, name, 2, &number))
    *value = (uint16_t) number;
}

void
wire_u32 (Wire *w, const char *name, uint32_t *value)
{
  uint64_t number = *value;

  if (integer (w, name, 4, &number))
    *value = (uint32_t) number;
}

void
wire_u64 (Wire *w, const char *name, uint64_t *value)
{
  uint64_t number = *value;

  if (integer (w, name, 8, &number))
    *value = number;
}

void
wire_bool (Wire *w, const char *name, bool *value)
{
  uint64_t number = *value;

  if (!integer (w, name, 1, &number))
    return;
  if (w->mode == WIRE_MAKE)
    number &= 1;
  wire_require (w, name, number <= 1);
  *value = number == 1;
}

void
wire_fixed (Wire *w, const char *name, uint8_t *bytes, size_t size)
{
  const uint8_t *from;

  if (w->failure != NULL)
    return;
  switch (w->mode) {
  case WIRE_ENCODE:
    memcpy (room (w, size), bytes, size);
    break;
  case WIRE_DECODE:
    from = take (w, name, size);
    if (from != NULL)
      memcpy (bytes, from, size);
    break;
  case WIRE_PRINT:
    print_bytes (w, name, (Bytes){ bytes, size });
    break;
  case WIRE_MAKE:
    memcpy (bytes, make_bytes (w, size).data, size);
    break;
  }
}

void
wire_node_id (Wire *w, const char *name, NodeId *value)
{
  char hex[33];

  if (w->mode != WIRE_PRINT) {
    wire_fixed (w, name, value->bytes, NODE_ID_SIZE);
    return;
  }
  print_name (w, name);
  g_string_append_printf (w->text, " %s\n", node_id_to_hex (value, hex));
}

/* The bytes of an opaque field whose size is known; while making, `size` is a choice already. */
static void
contents (Wire *w, const char *name, size_t size, Bytes *value)
{
  const uint8_t *from;

  switch (w->mode) {
  case WIRE_ENCODE:
    if (size > 0)
      memcpy (room (w, size), value->data, size);
    break;
  case WIRE_DECODE:
    from = take (w, name, size);
    if (from != NULL)
      *value = (Bytes){ from, size };
    break;
  case WIRE_PRINT:
    print_bytes (w, name, *value);
    break;
  case WIRE_MAKE:
    *value = make_bytes (w, size);
    break;
  }
}

static bool
fits (size_t size, unsigned length_bytes)
{
  return (uint64_t) size >> (8 * length_bytes) == 0;
}

void
wire_opaque (Wire *w, const char *name, unsigned length_bytes, Bytes *value)
{
  uint64_t size = value->size;

  g_assert (length_bytes >= 1 && length_bytes <= 4);
  if (w->mode == WIRE_ENCODE)
    wire_require (w, name, fits (value->size, length_bytes));
  if (w->mode == WIRE_MAKE)
    size = make_size (w);
  else if (w->mode != WIRE_PRINT)
    integer (w, name, length_bytes, &size);
  if (w->failure == NULL)
    contents (w, name, (size_t) size, value);
}

void
wire_rest (Wire *w, const char *name, Bytes *value)
{
  size_t size = value->size;

  if (w->failure != NULL)
    return;
  if (w->mode == WIRE_DECODE)
    size = w->end - w->at;
  else if (w->mode == WIRE_MAKE)
    size = make_size (w);
  contents (w, name, size, value);
}

void
wire_constant (Wire *w, const char *name, unsigned size, uint64_t value)
{
  uint64_t number = value;

  if (w->mode != WIRE_MAKE && integer (w, name, size, &number))
    wire_require (w, name, number == value);
}

void
wire_choice (Wire *w, const char *name, uint8_t *value, const uint8_t *values, size_t count)
{
  if (w->mode == WIRE_MAKE)
    *value = values[chance (w) % count];
  else
    wire_u8 (w, name, value);
}

void
wire_received (Wire *w, size_t start, Bytes *ret_bytes)
{
  if (w->failure == NULL && w->mode == WIRE_DECODE)
    *ret_bytes = (Bytes){ w->in + start, w->at - start };
}

void
wire_kind (Wire *w, KindId kind)
{
  if (!wire_is_filling (w))
    return;
  w->model = DATA_MODEL_UNKNOWN;
  if (w->kinds != NULL && w->kinds->data_model != NULL && w->failure == NULL)
    w->model = w->kinds->data_model (w->kinds->user_data, kind);
}

/* ---- Regions ---- */

void
wire_length (Wire *w, const char *name, unsigned length_bytes, WireLength *ret_length)
{
  uint64_t value = 0;

  g_assert (length_bytes >= 1 && length_bytes <= 4);
  *ret_length = (WireLength){ .at = w->at, .length_bytes = length_bytes };
  if (w->mode == WIRE_PRINT || w->mode == WIRE_MAKE)
    return;
  if (integer (w, name, length_bytes, &value))
    ret_length->value = (size_t) value;
}

void
wire_open_length (Wire *w, const char *name, const WireLength *length)
{
  WireRegion *region = &w->regions[w->depth];

  if (w->failure != NULL || w->mode == WIRE_PRINT || w->mode == WIRE_MAKE)
    return;
  g_assert (w->depth < WIRE_DEPTH);
  region->start = w->at;
  region->outer_end = w->end;
  region->length = *length;
  if (w->mode == WIRE_DECODE) {
    if (length->value > w->end - w->at) {
      wire_fail (w, name);
      return;
    }
    w->end = w->at + length->value;
  }
  region->name = name;
  w->depth++;
}

void
wire_open (Wire *w, const char *name, unsigned length_bytes)
{
  WireLength length;

  wire_length (w, name, length_bytes, &length);
  wire_open_length (w, name, &length);
}

void
wire_close (Wire *w)
{
  const WireRegion *region;
  size_t size;

  if (w->failure != NULL || w->mode == WIRE_PRINT || w->mode == WIRE_MAKE)
    return;
  g_assert (w->depth > 0);
  region = &w->regions[--w->depth];
  size = w->at - region->start;
  if (w->mode == WIRE_DECODE) {
    wire_require (w, region->name, w->at == w->end);
    w->end = region->outer_end;
    return;
  }
  wire_require (w, region->name, fits (size, region->length.length_bytes));
  big_endian_write (w->out + region->length.at, region->length.length_bytes, size);
}

void
wire_enter (Wire *w, const char *name)
{
  if (w->mode != WIRE_PRINT)
    return;
  print_name (w, name);
  g_string_append_c (w->text, '\n');
  w->indent++;
}

void
wire_leave (Wire *w)
{
  if (w->mode == WIRE_PRINT)
    w->indent--;
}

/* ---- Lists ---- */

void
wire_list_open (Wire *w, const char *name, unsigned length_bytes)
{
  if (length_bytes > 0)
    wire_open (w, name, length_bytes);
  wire_enter (w, name);
  w->indent++;
}

void
wire_list_close (Wire *w, unsigned length_bytes)
{
  w->is_first_line = false;
  w->indent--;
  wire_leave (w);
  if (length_bytes > 0)
    wire_close (w);
}

bool
wire_list_more (Wire *w, size_t index, size_t count)
{
  if (w->failure != NULL)
    return false;
  switch (w->mode) {
  case WIRE_ENCODE:
    return index < count;
  case WIRE_DECODE:
    return w->at < w->end;
  case WIRE_PRINT:
    w->is_first_line = true;
    return index < count;
  case WIRE_MAKE:
    return index < MADE_LIST_MAX && chance (w) % 4 != 0;
  }
  return false;
}

void *
wire_list_grow (Wire *w, void *items, size_t item_size, size_t *capacity)
{
  size_t count = *capacity;
  uint8_t *grown;

  *capacity = count > 0 ? 2 * count : LIST_FIRST;
  grown = arena_alloc (w->arena, *capacity * item_size);
  if (count > 0)
    memcpy (grown, items, count * item_size);
  return grown;
}

/* ---- Entry points ---- */

/* The regions stay uninitialised: they are many bytes and none is open. */
static void
begin (Wire *w, WireMode mode, Bytes in, Arena *arena, const WireKinds *kinds)
{
  memset (w, 0, offsetof (Wire, regions));
  w->mode = mode;
  w->in = in.data != NULL ? in.data : nothing;
  w->end = in.size;
  w->arena = arena;
  w->kinds = kinds;
  w->model = kinds != NULL ? kinds->model : DATA_MODEL_UNKNOWN;
}

bool
wire_encode (const WireType *type, const void *value, GByteArray *bytes)
{
  size_t start = bytes->len;
  Wire w;

  begin (&w, WIRE_ENCODE, (Bytes){ 0 }, NULL, NULL);
  w.array = bytes;
  w.out = bytes->data;
  w.at = w.end = start;
  /* Encoding only reads what a walk could also fill. */
  type->walk (&w, (void *) value);
  g_byte_array_set_size (bytes, (guint) (w.failure == NULL ? w.at : start));
  return w.failure == NULL;
}

static bool
decode (Wire *w, const WireType *type, void *ret_value, size_t *ret_size, const char **ret_failure)
{
  memset (ret_value, 0, type->size);
  type->walk (w, ret_value);
  if (ret_size == NULL)
    wire_require (w, type->name, w->at == w->end);
  if (w->failure == NULL) {
    g_assert (w->depth == 0 && w->at <= w->end);
    if (ret_size != NULL)
      *ret_size = w->at;
    return true;
  }
  memset (ret_value, 0, type->size);
  if (ret_failure != NULL)
    *ret_failure = w->failure;
  return false;
}

bool
wire_decode (const WireType *type,
             Bytes bytes,
             Arena *arena,
             const WireKinds *kinds,
             void *ret_value,
             const char **ret_failure)
{
  Wire w;

  begin (&w, WIRE_DECODE, bytes, arena, kinds);
  return decode (&w, type, ret_value, NULL, ret_failure);
}

bool
wire_decode_part (const WireType *type,
                  Bytes bytes,
                  Arena *arena,
                  void *ret_value,
                  size_t *ret_size,
                  const char **ret_failure)
{
  Wire w;

  begin (&w, WIRE_DECODE, bytes, arena, NULL);
  return decode (&w, type, ret_value, ret_size, ret_failure);
}

void
wire_print (const WireType *type, const void *value, unsigned indent, GString *text)
{
  Wire w;

  begin (&w, WIRE_PRINT, (Bytes){ 0 }, NULL, NULL);
  w.text = text;
  w.indent = indent;
  type->walk (&w, (void *) value);
}

void
wire_make (
  const WireType *type, uint64_t seed, Arena *arena, const WireKinds *kinds, void *ret_value)
{
  Wire w;

  begin (&w, WIRE_MAKE, (Bytes){ 0 }, arena, kinds);
  w.random = seed;
  memset (ret_value, 0, type->size);
  type->walk (&w, ret_value);
  g_assert (w.failure == NULL);
}
