/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/wire/structures.h"

#include "core/wire/attach.h"
#include "core/wire/chord.h"
#include "core/wire/config-update.h"
#include "core/wire/diagnostics.h"
#include "core/wire/error.h"
#include "core/wire/fetch.h"
#include "core/wire/frame.h"
#include "core/wire/message.h"
#include "core/wire/methods.h"
#include "core/wire/redir.h"
#include "core/wire/registration.h"
#include "core/wire/routing-mode.h"
#include "core/wire/self-tuning.h"
#include "core/wire/store.h"
#include "core/wire/topology.h"
#include "core/wire/turn-server.h"

#include <string.h>

const WireType *const structures[] = {
  &app_attach_req_ans_type,
  &attach_req_ans_type,
  &chord_leave_data_type,
  &chord_route_query_ans_type,
  &chord_update_type,
  &chord_vicinity_type,
  &config_update_req_type,
  &destination_type,
  &diagnostics_request_type,
  &diagnostics_response_type,
  &extensive_routing_mode_option_type,
  &path_track_ans_type,
  &path_track_req_type,
  &redir_service_provider_type,
  &self_tuning_data_type,
  &empty_ans_type,
  &error_response_type,
  &fetch_ans_type,
  &fetch_req_type,
  &find_ans_type,
  &find_req_type,
  &forwarding_header_type,
  &framed_message_type,
  &ip_address_port_type,
  &join_ans_type,
  &join_req_type,
  &leave_req_type,
  &message_contents_type,
  &ping_ans_type,
  &ping_req_type,
  &probe_ans_type,
  &probe_req_type,
  &route_query_req_type,
  &security_block_type,
  &signature_type,
  &signer_identity_type,
  &sip_registration_type,
  &stat_ans_type,
  &store_ans_type,
  &store_req_type,
  &stored_data_type,
  &turn_server_type,
  &unknown_kinds_type,
};

const size_t structure_count = G_N_ELEMENTS (structures);

static DataModel
data_model (const void *user_data, KindId kind)
{
  switch (kind) {
  case 1: /* SIP-REGISTRATION */
    return DATA_MODEL_DICTIONARY;
  case 2: /* TURN-SERVICE */
    return DATA_MODEL_SINGLE;
  case 3: /* CERTIFICATE_BY_NODE */
    return DATA_MODEL_ARRAY;
  default:
    return (DataModel) (kind % 4);
  }
}

const WireKinds structure_kinds = { .model = DATA_MODEL_ARRAY, .data_model = data_model };

bool
structure_check (const WireType *type, Bytes bytes)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) again = g_byte_array_new ();
  const char *failure = NULL;
  void *value = arena_alloc (arena, type->size);

  if (!wire_decode (type, bytes, arena, &structure_kinds, value, &failure)) {
    g_assert (failure != NULL);
    return false;
  }
  g_assert (wire_encode (type, value, again));
  g_assert (bytes_equal ((Bytes){ again->data, again->len }, bytes));
  return true;
}

static GByteArray *
encode_again (const ForwardingHeader *header, const Message *message)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) contents = g_byte_array_new ();

  g_assert (message_contents_encode (&message->contents, contents));
  g_assert (bytes_equal ((Bytes){ contents->data, contents->len }, message->contents_received));
  g_assert (message_encode (header, message->contents_received, &message->security, bytes));
  return bytes;
}

bool
structure_check_message (Bytes bytes)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) again = NULL;
  ForwardingHeader header;
  Message message;
  Bytes payload;
  const WireType *type;

  if (!header_decode (bytes, arena, &header, &payload, NULL) ||
      !message_decode (payload, arena, &message, NULL))
    return false;
  again = encode_again (&header, &message);
  g_assert (bytes_equal ((Bytes){ again->data, again->len }, bytes));
  type = message_body_type (message.contents.message_code);
  return type == NULL || structure_check (type, message.contents.message_body);
}

static void
append_hex (GByteArray *bytes, const char *hex)
{
  while (*hex != '\0') {
    char pair[3] = { hex[0], hex[1], '\0' };
    uint8_t byte;

    if (g_ascii_isspace (*hex)) {
      hex++;
      continue;
    }
    if (!bytes_from_hex (pair, &byte, 1))
      g_error ("no hexadecimal: %s", hex);
    g_byte_array_append (bytes, &byte, 1);
    hex += 2;
  }
}

void
structure_assert_hex (const WireType *type, const void *value, const char *hex)
{
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  append_hex (expected, hex);
  g_assert_true (wire_encode (type, value, bytes));
  g_assert_cmpmem (bytes->data, bytes->len, expected->data, expected->len);
  g_assert_true (structure_check (type, (Bytes){ expected->data, expected->len }));
}

void
structure_of_hex (const WireType *type, const char *hex, Arena *arena, void *ret_value)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Bytes kept;

  append_hex (bytes, hex);
  kept = arena_dup (arena, (Bytes){ bytes->data, bytes->len });
  g_assert_true (wire_decode (type, kept, arena, &structure_kinds, ret_value, NULL));
}

void
structure_assert_refused (const WireType *type, const char *hex, const char *field)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  void *value = arena_alloc (arena, type->size);
  const char *failure = NULL;
  Bytes input;

  append_hex (bytes, hex);
  input = (Bytes){ bytes->data, bytes->len };
  g_assert_false (wire_decode (type, input, arena, &structure_kinds, value, &failure));
  g_assert_cmpstr (failure, ==, field);
}

GByteArray *
structure_read_hex (const char *path)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("cannot read %s", path);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    (*line)[strcspn (*line, "#")] = '\0';
    append_hex (bytes, *line);
  }
  return bytes;
}
