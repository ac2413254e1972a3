/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk.h: what walks are written with.
 *
 * A walk is `void walk_x (Wire *w, X *x)` and reads like the RFC's struct. One walk encodes,
 * decodes, prints and makes random structures. It never touches a buffer; after the first failure
 * every call does nothing. */
#pragma once
#include "core/wire/wire.h"

typedef enum WireMode { WIRE_ENCODE, WIRE_DECODE, WIRE_PRINT, WIRE_MAKE } WireMode;

enum { WIRE_DEPTH = 8 };

/* A length that stands on the wire before the region it measures. */
typedef struct WireLength {
  size_t at;    /* encode: where the length is to be written */
  size_t value; /* decode: what it says */
  unsigned length_bytes;
} WireLength;

typedef struct WireRegion {
  const char *name;
  size_t start;
  size_t outer_end;
  WireLength length;
} WireRegion;

struct Wire {
  WireMode mode;
  DataModel model;     /* of the Kind that is being walked */
  const char *failure; /* the field's name, NULL while all is well */
  size_t at;
  size_t end;         /* decode: of the innermost open region; encode: of the memory */
  const uint8_t *in;  /* decode */
  uint8_t *out;       /* encode: the memory of `array` */
  GByteArray *array;  /* encode */
  GString *text;      /* print */
  unsigned indent;    /* print */
  bool is_first_line; /* print: of a list's element */
  Arena *arena;       /* decode, make */
  const WireKinds *kinds;
  uint64_t random; /* make */
  unsigned depth;
  WireRegion regions[WIRE_DEPTH];
};

void wire_u8 (Wire *w, const char *name, uint8_t *value);
void wire_u16 (Wire *w, const char *name, uint16_t *value);
void wire_u32 (Wire *w, const char *name, uint32_t *value);
void wire_u64 (Wire *w, const char *name, uint64_t *value);

/* Boolean: anything but 0 and 1 fails. */
void wire_bool (Wire *w, const char *name, bool *value);
void wire_node_id (Wire *w, const char *name, NodeId *value);

/* opaque name[size], without a length. */
void wire_fixed (Wire *w, const char *name, uint8_t *bytes, size_t size);

/* opaque name<0..2^(8 * length_bytes) - 1> */
void wire_opaque (Wire *w, const char *name, unsigned length_bytes, Bytes *value);

/* All that is left of the open region: contents that only their length lets us keep. */
void wire_rest (Wire *w, const char *name, Bytes *value);

/* A field with one lawful value. */
void wire_constant (Wire *w, const char *name, unsigned size, uint64_t value);

/* wire_u8(), but a random one is one of `values`. */
void wire_choice (Wire *w, const char *name, uint8_t *value, const uint8_t *values, size_t count);

/* A region preceded by its length in bytes. wire_close() fails on bytes that were not read. */
void wire_open (Wire *w, const char *name, unsigned length_bytes);
void wire_close (Wire *w);

/* The same with the length apart from the region: wire_length() where it stands, then
 * wire_open_length() and wire_close() around what it measures. */
void wire_length (Wire *w, const char *name, unsigned length_bytes, WireLength *ret_length);
void wire_open_length (Wire *w, const char *name, const WireLength *length);

void wire_fail (Wire *w, const char *name);
void wire_require (Wire *w, const char *name, bool condition);

/* Sets w->model for what follows, when decoding or making. */
void wire_kind (Wire *w, KindId kind);

/* Names a nested structure in the printed form. */
void wire_enter (Wire *w, const char *name);
void wire_leave (Wire *w);

/* The bytes from `start`, an earlier w->at, up to here as they came: what signatures cover. Leaves
 * *ret_bytes alone but while decoding. */
void wire_received (Wire *w, size_t start, Bytes *ret_bytes);

/* Whether the walk fills the value in rather than reading it. */
static inline bool
wire_is_filling (const Wire *w)
{
  return w->mode == WIRE_DECODE || w->mode == WIRE_MAKE;
}

/* ---- In the source file, after the walk ---- */

#define WIRE_DEFINE(Type, name)                      \
  static void walk_any_##name (Wire *w, void *value) \
  {                                                  \
    walk_##name (w, value);                          \
  }                                                  \
  const WireType name##_type = { #Type, sizeof (Type), walk_any_##name };

/* Writes walk_NAMEs() for lists of what walk_NAME() walks. With 0 length_bytes the list fills the
 * open region. An element takes at least one byte. */
#define WIRE_DEFINE_LIST(Type, name)                                                         \
  void walk_##name##s (Wire *w, const char *label, unsigned length_bytes, Type##List *list); \
  void walk_##name##s (Wire *w, const char *label, unsigned length_bytes, Type##List *list)  \
  {                                                                                          \
    bool is_filling = wire_is_filling (w);                                                   \
    size_t i = 0, capacity = 0;                                                              \
    wire_list_open (w, label, length_bytes);                                                 \
    for (; wire_list_more (w, i, list->count); i++) {                                        \
      if (is_filling && i == capacity)                                                       \
        list->items = wire_list_grow (w, list->items, sizeof (Type), &capacity);             \
      walk_##name (w, &list->items[i]);                                                      \
    }                                                                                        \
    if (is_filling)                                                                          \
      list->count = i;                                                                       \
    wire_list_close (w, length_bytes);                                                       \
  }

void wire_list_open (Wire *w, const char *name, unsigned length_bytes);
void wire_list_close (Wire *w, unsigned length_bytes);
bool wire_list_more (Wire *w, size_t index, size_t count);
void *wire_list_grow (Wire *w, void *items, size_t item_size, size_t *capacity);
