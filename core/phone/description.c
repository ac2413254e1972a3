/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/phone-private.h"

/* The phone as one JSON object: for `status --json` and bug reports. Nothing secret, no contacts.
 */

static void
append_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_printf (json, "\\%c", *p);
    else if ((unsigned char) *p < 0x20)
      g_string_append_printf (json, "\\u%04x", (unsigned) *p);
    else
      g_string_append_c (json, *p);
  }
  g_string_append_c (json, '"');
}

static void
append_name (GString *json, const char *name)
{
  char last = json->str[json->len - 1];

  if (last != '{' && last != '[')
    g_string_append_c (json, ',');
  append_text (json, name);
  g_string_append_c (json, ':');
}

static void
append_field (GString *json, const char *name, const char *text)
{
  append_name (json, name);
  append_text (json, text);
}

static void
append_number (GString *json, const char *name, uint64_t value)
{
  append_name (json, name);
  g_string_append_printf (json, "%" G_GUINT64_FORMAT, value);
}

static void
on_fact (const char *name, uint64_t value, void *user_data)
{
  append_number (user_data, name, value);
}

static void
on_peer (const NodeId *id, const char *role, double rtt_ms, void *user_data)
{
  GString *json = user_data;
  char hex[33], number[G_ASCII_DTOSTR_BUF_SIZE];

  if (json->str[json->len - 1] != '[')
    g_string_append_c (json, ',');
  g_string_append_c (json, '{');
  append_field (json, "node_id", node_id_to_hex (id, hex));
  append_field (json, "role", role);
  append_name (json, "rtt_ms");
  g_string_append (json, g_ascii_formatd (number, sizeof number, "%.1f", rtt_ms));
  g_string_append_c (json, '}');
}

static const char *
state_name (PealAccountState state)
{
  switch (state) {
  case PEAL_ACCOUNT_OFF:
    return "off";
  case PEAL_ACCOUNT_LOOKING:
    return "looking";
  case PEAL_ACCOUNT_ALONE:
    return "alone";
  case PEAL_ACCOUNT_READY:
    return "ready";
  case PEAL_ACCOUNT_EXPIRED:
    return "expired";
  case PEAL_ACCOUNT_DUPLICATE:
    return "duplicate";
  case PEAL_ACCOUNT_NAME_TAKEN:
    return "name-taken";
  case PEAL_ACCOUNT_UNSUPPORTED:
    return "unsupported";
  case PEAL_ACCOUNT_ENDED:
    return "ended";
  case PEAL_ACCOUNT_REVOKED:
    return "revoked";
  case PEAL_ACCOUNT_CODE_NEEDED:
    return "code-needed";
  }
  g_assert_not_reached ();
}

static void
append_listening (GString *json, Line *line)
{
  Address addresses[8];
  size_t count = world_listening (line_get_world (line), addresses, G_N_ELEMENTS (addresses));

  append_name (json, "listening");
  g_string_append_c (json, '[');
  for (size_t i = 0; i < count; i++) {
    char text[ADDRESS_TEXT_SIZE];

    if (i > 0)
      g_string_append_c (json, ',');
    append_text (json, address_to_text (&addresses[i], text));
  }
  g_string_append_c (json, ']');
}

static const char *
web_name (RelayWeb web)
{
  switch (web) {
  case RELAY_WEB_NOT_WANTED:
    return "not-wanted";
  case RELAY_WEB_OPEN:
    return "open";
  case RELAY_WEB_TAKEN:
    return "taken";
  case RELAY_WEB_FORBIDDEN:
    return "forbidden";
  case RELAY_WEB_FAILED:
    return "failed";
  }
  g_assert_not_reached ();
}

static void
append_relay (GString *json, Line *line)
{
  const World *world = line_get_world (line);
  RelayReport report;

  append_number (json, "relays", world_relays (world));
  if (!world_relay_report (world, &report))
    return;
  append_name (json, "relay");
  g_string_append_c (json, '{');
  append_field (json, "port_443", web_name (report.web));
  append_number (json, "allocations", report.allocations);
  append_number (json, "relayed", report.relayed);
  append_number (json, "refused", report.refused);
  append_number (json, "dropped", report.dropped);
  g_string_append_c (json, '}');
}

static const char *
verdict_name (ReachVerdict verdict)
{
  switch (verdict) {
  case REACH_UNKNOWN:
    return "unknown";
  case REACH_OPEN:
    return "open";
  case REACH_NETWORK:
    return "network";
  case REACH_CLOSED:
    return "closed";
  case REACH_CLOSED_HERE:
    return "closed-here";
  }
  g_assert_not_reached ();
}

/* How others come in, and how often we have tried that for others. */
static void
append_reach (GString *json, Line *line)
{
  ReachReport reach = world_reach (line_get_world (line));
  KnockReport knocks = world_knock_report (line_get_world (line));
  char text[ADDRESS_TEXT_SIZE];

  append_name (json, "reach");
  g_string_append_c (json, '{');
  append_field (json, "verdict", verdict_name (reach.verdict));
  append_field (json, "at",
                reach.address.family != ADDRESS_NONE ? address_to_text (&reach.address, text) : "");
  append_name (json, "udp");
  g_string_append (json, reach.by_udp ? "true" : "false");
  append_name (json, "tcp");
  g_string_append (json, reach.by_tcp ? "true" : "false");
  append_number (json, "knocks", knocks.done);
  append_number (json, "knocks_refused", knocks.refused);
  g_string_append_c (json, '}');
}

static void
append_line (GString *json, Line *line)
{
  const Node *node = line_get_node (line);
  char hex[33];

  append_number (json, "peers", peal_account_get_peers (line_get_account (line)));
  append_name (json, "client");
  g_string_append (json, node_is_client (node) ? "true" : "false");
  append_field (json, "node_id", node_id_to_hex (node_id (node), hex));
  append_listening (json, line);
  append_reach (json, line);
  append_relay (json, line);
  append_name (json, "facts");
  g_string_append_c (json, '{');
  node_facts (node, on_fact, json);
  g_string_append_c (json, '}');
  append_name (json, "links");
  g_string_append_c (json, '[');
  node_peers (node, on_peer, json);
  g_string_append_c (json, ']');
}

static void
append_account (GString *json, PealPhone *phone, PealAccount *account)
{
  Line *line = phone_line_of_account (phone, account);

  g_string_append_c (json, '{');
  append_field (json, "address", peal_account_get_address (account));
  append_field (json, "label", peal_account_get_label (account));
  append_field (json, "state", state_name (peal_account_get_state (account)));
  if (line)
    append_line (json, line);
  g_string_append_c (json, '}');
}

static const char *
call_state_name (PealCallState state)
{
  switch (state) {
  case PEAL_CALL_LOOKING:
    return "looking";
  case PEAL_CALL_CONNECTING:
    return "connecting";
  case PEAL_CALL_RINGING:
    return "ringing";
  case PEAL_CALL_UP:
    return "up";
  case PEAL_CALL_RECONNECTING:
    return "reconnecting";
  case PEAL_CALL_ENDED:
    return "ended";
  }
  g_assert_not_reached ();
}

/* A time that has not come yet is null. */
static void
append_time (GString *json, const char *name, int time_ms)
{
  append_name (json, name);
  if (time_ms >= 0)
    g_string_append_printf (json, "%d", time_ms);
  else
    g_string_append (json, "null");
}

static void
append_call (GString *json, PealCall *call)
{
  PealCallFacts facts = peal_call_get_facts (call);

  g_string_append_c (json, '{');
  append_field (json, "address", peal_call_get_address (call));
  append_field (json, "state", call_state_name (peal_call_get_state (call)));
  append_time (json, "ring_ms", facts.ring_ms);
  append_time (json, "answer_to_sound_ms", facts.answer_to_sound_ms);
  append_field (json, "path", facts.is_direct ? "direct" : "relay");
  append_name (json, "encrypted");
  g_string_append (json, facts.is_encrypted ? "true}" : "false}");
}

static void
append_calls (GString *json, GListModel *calls)
{
  append_name (json, "calls");
  g_string_append_c (json, '[');
  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);

    if (i > 0)
      g_string_append_c (json, ',');
    append_call (json, call);
  }
  g_string_append_c (json, ']');
}

static void
append_accounts (GString *json, PealPhone *phone)
{
  GListModel *accounts = G_LIST_MODEL (phone->accounts);

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++) {
    g_autoptr (PealAccount) account = g_list_model_get_item (accounts, i);

    if (i > 0)
      g_string_append_c (json, ',');
    append_account (json, phone, account);
  }
}

char *
peal_phone_describe (PealPhone *self)
{
  GString *json = g_string_new ("{");

  append_field (json, "status", self->status);
  append_name (json, "ready");
  g_string_append (json, self->is_ready ? "true" : "false");
  append_calls (json, G_LIST_MODEL (self->call_list));
  append_name (json, "accounts");
  g_string_append_c (json, '[');
  append_accounts (json, self);
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}
