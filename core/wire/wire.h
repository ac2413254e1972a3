/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wire.h: encoding, decoding and printing the structures of RELOAD (RFC 6940, 6.3.1).
 *
 * Each structure X declared here and in the headers beside has one walk (core/wire/walk.h), from
 * which come x_encode(), x_decode() and the row x_type for tables. What is decoded borrows from the
 * input bytes and from the arena: both must outlive it. */
#pragma once
#include "core/base/arena.h"
#include "core/base/node-id.h"

typedef struct Wire Wire;
typedef uint32_t KindId;

/* RFC 6940, 7.2. Not on the wire: it follows from the Kind. */
typedef enum DataModel {
  DATA_MODEL_UNKNOWN = 0,
  DATA_MODEL_SINGLE,
  DATA_MODEL_ARRAY,
  DATA_MODEL_DICTIONARY,
} DataModel;

/* What tells decoding the data model of a Kind; DATA_MODEL_UNKNOWN when there is no such Kind. */
typedef struct WireKinds {
  DataModel model; /* for structures that stand alone and do not name their Kind */
  DataModel (*data_model) (const void *user_data, KindId kind);
  const void *user_data;
} WireKinds;

/* A structure as tables name it. */
typedef struct WireType {
  const char *name;
  size_t size;
  void (*walk) (Wire *w, void *value);
} WireType;

/* Appends to `bytes`; on failure (a part too long for its length field) leaves it alone. */
bool wire_encode (const WireType *type, const void *value, GByteArray *bytes);

/* All of `bytes` must be one structure. On failure *ret_value is zeroed and *ret_failure, unless
 * NULL, gets the name of the field. `kinds` may be NULL where no Kinds occur. */
bool wire_decode (const WireType *type,
                  Bytes bytes,
                  Arena *arena,
                  const WireKinds *kinds,
                  void *ret_value,
                  const char **ret_failure);

/* The same for a structure without Kinds at the beginning of `bytes`; *ret_size gets its size. */
bool wire_decode_part (const WireType *type,
                       Bytes bytes,
                       Arena *arena,
                       void *ret_value,
                       size_t *ret_size,
                       const char **ret_failure);

/* Appends lines "name: value" with the RFC's names, indented by two blanks a level. */
void wire_print (const WireType *type, const void *value, unsigned indent, GString *text);

/* A random valid structure; the same for the same seed. */
void wire_make (
  const WireType *type, uint64_t seed, Arena *arena, const WireKinds *kinds, void *ret_value);

/* A list of any structure: WIRE_LIST (NodeId) makes the type NodeIdList. */
#define WIRE_LIST(Type)       \
  typedef struct Type##List { \
    Type *items;              \
    size_t count;             \
  } Type##List

/* In a header: the walk, the row for tables, and encoding with types checked. */
#define WIRE_DECLARE_WALK(Type, name)                                     \
  void walk_##name (Wire *w, Type *value);                                \
  extern const WireType name##_type;                                      \
  static inline bool name##_encode (const Type *value, GByteArray *bytes) \
  {                                                                       \
    return wire_encode (&name##_type, value, bytes);                      \
  }

/* And decoding, */
#define WIRE_DECLARE(Type, name)                                                   \
  WIRE_DECLARE_WALK (Type, name)                                                   \
  static inline bool name##_decode (Bytes bytes, Arena *arena, Type *ret_value,    \
                                    const char **ret_failure)                      \
  {                                                                                \
    return wire_decode (&name##_type, bytes, arena, NULL, ret_value, ret_failure); \
  }

/* or, for what holds data of Kinds, decoding with their models. */
#define WIRE_DECLARE_KINDS(Type, name)                                                 \
  WIRE_DECLARE_WALK (Type, name)                                                       \
  static inline bool name##_decode (Bytes bytes, Arena *arena, const WireKinds *kinds, \
                                    Type *ret_value, const char **ret_failure)         \
  {                                                                                    \
    return wire_decode (&name##_type, bytes, arena, kinds, ret_value, ret_failure);    \
  }
