/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/discovery-message.h"

#include "core/base/big-endian.h"

#include <string.h>

typedef enum FieldType {
  FIELD_VERSION = 1,  /* uint8 1 */
  FIELD_KIND = 2,     /* uint8 0 ask, 1 here */
  FIELD_INSTANCE = 3, /* SHA-256 of the instance name */
  FIELD_LABEL = 4,    /* UTF-8 */
  FIELD_PORT = 5,     /* uint16 */
  FIELD_PEERS = 6,    /* uint32 */
} FieldType;

enum { VERSION = 1, KIND_ASK = 0, KIND_HERE = 1 };

typedef struct Writer {
  uint8_t *bytes;
  size_t size;
} Writer;

static void
write_field (Writer *w, FieldType type, const void *value, size_t size)
{
  g_assert (size <= UINT8_MAX && w->size + 2 + size <= LIMIT_DISCOVERY_SIZE);
  w->bytes[w->size] = (uint8_t) type;
  w->bytes[w->size + 1] = (uint8_t) size;
  memcpy (w->bytes + w->size + 2, value, size);
  w->size += 2 + size;
}

static void
write_number (Writer *w, FieldType type, uint32_t number, size_t size)
{
  uint8_t value[4];

  big_endian_write (value, size, number);
  write_field (w, type, value, size);
}

size_t
discovery_message_encode (const DiscoveryMessage *message, uint8_t ret_bytes[LIMIT_DISCOVERY_SIZE])
{
  Writer w = { ret_bytes, 0 };

  write_number (&w, FIELD_VERSION, VERSION, 1);
  write_number (&w, FIELD_KIND, message->is_here ? KIND_HERE : KIND_ASK, 1);
  if (message->has_instance)
    write_field (&w, FIELD_INSTANCE, message->here.instance_hash,
                 sizeof message->here.instance_hash);
  if (message->is_here) {
    write_field (&w, FIELD_LABEL, message->here.label, strlen (message->here.label));
    write_number (&w, FIELD_PORT, message->here.listener.port, 2);
    write_number (&w, FIELD_PEERS, message->here.peers, 4);
  }
  return w.size;
}

static bool
read_label (Bytes value, char ret_label[33])
{
  if (value.size == 0 || value.size > 32 ||
      !g_utf8_validate ((const char *) value.data, (gssize) value.size, NULL))
    return false;
  memcpy (ret_label, value.data, value.size);
  ret_label[value.size] = '\0';
  for (const char *c = ret_label; *c != '\0'; c = g_utf8_next_char (c)) {
    if (!g_unichar_isgraph (g_utf8_get_char (c)))
      return false;
  }
  return true;
}

static bool
read_field (FieldType type, Bytes value, DiscoveryMessage *message)
{
  switch (type) {
  case FIELD_VERSION:
    return value.size == 1 && value.data[0] == VERSION;
  case FIELD_KIND:
    message->is_here = value.size == 1 && value.data[0] == KIND_HERE;
    return value.size == 1 && value.data[0] <= KIND_HERE;
  case FIELD_INSTANCE:
    message->has_instance = value.size == sizeof message->here.instance_hash;
    if (message->has_instance)
      memcpy (message->here.instance_hash, value.data, value.size);
    return message->has_instance;
  case FIELD_LABEL:
    return read_label (value, message->here.label);
  case FIELD_PORT:
    if (value.size == 2)
      message->here.listener.port = (uint16_t) big_endian_read (value.data, 2);
    return value.size == 2;
  case FIELD_PEERS:
    if (value.size == 4)
      message->here.peers = (uint32_t) big_endian_read (value.data, 4);
    return value.size == 4;
  }
  return true;
}

bool
discovery_message_decode (Bytes bytes, DiscoveryMessage *ret_message)
{
  DiscoveryMessage message = { 0 };
  size_t at = 0;

  if (bytes.size < 6 || bytes.size > LIMIT_DISCOVERY_SIZE || bytes.data[0] != FIELD_VERSION)
    return false;
  while (at < bytes.size) {
    Bytes value;
    if (bytes.size - at < 2 || bytes.size - at - 2 < bytes.data[at + 1])
      return false;
    value = (Bytes){ bytes.data + at + 2, bytes.data[at + 1] };
    if (!read_field ((FieldType) bytes.data[at], value, &message))
      return false;
    at += 2 + value.size;
  }
  if (message.is_here &&
      (!message.has_instance || message.here.listener.port == 0 || message.here.label[0] == '\0'))
    return false;
  *ret_message = message;
  return true;
}
