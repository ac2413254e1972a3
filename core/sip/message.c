/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/message.h"
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osipparser2/osip_parser.h>

/* Reads what the library parsed into plain fields, and builds the two messages that are made out
 * of a received one: answers and CANCEL. */

static const char *
arena_text (Arena *arena, const char *text)
{
  return text != NULL
           ? (const char *) arena_dup (arena, (Bytes){ (const uint8_t *) text, strlen (text) + 1 })
               .data
           : NULL;
}

/* Frees the library's text. */
static const char *
arena_steal (Arena *arena, char *text)
{
  const char *copy = arena_text (arena, text);

  osip_free (text);
  return copy;
}

static bool
is_sip_uri (const osip_uri_t *uri)
{
  return uri != NULL && uri->scheme != NULL &&
         (g_ascii_strcasecmp (uri->scheme, "sip") == 0 ||
          g_ascii_strcasecmp (uri->scheme, "sips") == 0) &&
         uri->username != NULL && uri->host != NULL;
}

static const char *
uri_address (Arena *arena, const osip_uri_t *uri)
{
  g_autofree char *address = NULL, *lower = NULL;

  if (!is_sip_uri (uri))
    return NULL;
  address = g_strconcat (uri->username, "@", uri->host, NULL);
  lower = g_ascii_strdown (address, -1);
  return arena_text (arena, lower);
}

static const char *
from_tag (Arena *arena, const osip_from_t *from)
{
  osip_generic_param_t *tag = NULL;

  osip_uri_param_get_byname ((osip_list_t *) &from->gen_params, (char *) "tag", &tag);
  if (tag == NULL)
    return NULL;
  return arena_text (arena, tag->gvalue);
}

static const char *
header_text (Arena *arena, const osip_message_t *message, const char *name, const char *compact)
{
  osip_header_t *header = NULL;

  if (osip_message_header_get_byname (message, name, 0, &header) < 0 || header == NULL)
    if (compact == NULL || osip_message_header_get_byname (message, compact, 0, &header) < 0 ||
        header == NULL)
      return NULL;
  return arena_text (arena, header->hvalue != NULL ? header->hvalue : "");
}

static int64_t
header_seconds (Arena *arena, const osip_message_t *message, const char *name)
{
  const char *text = header_text (arena, message, name, NULL);

  if (text == NULL || !g_ascii_isdigit (text[0]))
    return -1;
  return (int64_t) MIN (g_ascii_strtoull (text, NULL, 10), UINT32_MAX);
}

static void
read_contact (SipMessage *self, const osip_message_t *message, Arena *arena)
{
  osip_contact_t *contact = osip_list_get (&message->contacts, 0);
  osip_uri_param_t *gr = NULL;
  char *text = NULL;

  if (contact == NULL || contact->url == NULL)
    return;
  self->contact_address = uri_address (arena, contact->url);
  if (osip_uri_to_str (contact->url, &text) == OSIP_SUCCESS)
    self->contact_uri = arena_steal (arena, text);
  osip_uri_uparam_get_byname (contact->url, (char *) "gr", &gr);
  if (gr != NULL)
    self->contact_gr = arena_text (arena, gr->gvalue);
}

/* A callee keeps the order of Record-Route, a caller reverses it (RFC 3261, 12.1). */
static void
read_route_set (SipMessage *self, const osip_message_t *message, Arena *arena)
{
  int count = osip_list_size (&message->record_routes);
  g_autoptr (GString) set = g_string_new (NULL);

  for (int i = 0; i < count; i++) {
    int at = self->status == 0 ? i : count - 1 - i;
    char *text = NULL;

    if (osip_record_route_to_str (osip_list_get (&message->record_routes, at), &text) !=
        OSIP_SUCCESS)
      continue;
    g_string_append_printf (set, "%s%s", set->len > 0 ? ", " : "", text);
    osip_free (text);
  }
  if (set->len > 0)
    self->route_set = arena_text (arena, set->str);
}

static void
read_body (SipMessage *self, const osip_message_t *message, Arena *arena)
{
  const osip_content_type_t *type = message->content_type;
  osip_body_t *body = osip_list_get (&message->bodies, 0);

  if (type != NULL && type->type != NULL && type->subtype != NULL) {
    g_autofree char *text = g_strconcat (type->type, "/", type->subtype, NULL);
    g_autofree char *lower = g_ascii_strdown (text, -1);

    self->content_type = arena_text (arena, lower);
  }
  if (body != NULL && body->body != NULL)
    self->body = arena_dup (arena, (Bytes){ (const uint8_t *) body->body, body->length });
}

static void
read_identifiers (SipMessage *self, const osip_message_t *message, Arena *arena)
{
  osip_generic_param_t *branch = NULL;
  osip_via_t *via = osip_list_get (&message->vias, 0);
  char *call_id = NULL;

  if (osip_call_id_to_str (message->call_id, &call_id) == OSIP_SUCCESS)
    self->call_id = arena_steal (arena, call_id);
  if (via != NULL)
    osip_via_param_get_byname (via, (char *) "branch", &branch);
  if (branch != NULL)
    self->branch = arena_text (arena, branch->gvalue);
  self->cseq = (uint32_t) g_ascii_strtoull (message->cseq->number, NULL, 10);
  self->from_tag = from_tag (arena, message->from);
  self->to_tag = from_tag (arena, (osip_from_t *) message->to);
}

const SipMessage *
message_read (const struct osip_message *message, Arena *arena)
{
  SipMessage *self = arena_new_array (arena, SipMessage, 1);

  self->status = MSG_IS_RESPONSE (message) ? message->status_code : 0;
  self->method = arena_text (arena, message->cseq->method);
  read_identifiers (self, message, arena);
  self->target_address = uri_address (arena, message->req_uri);
  self->from_address = uri_address (arena, message->from->url);
  self->to_address = uri_address (arena, message->to->url);
  self->from_name = arena_text (arena, message->from->displayname);
  read_contact (self, message, arena);
  read_route_set (self, message, arena);
  self->event = header_text (arena, message, "event", "o");
  self->subscription_state = header_text (arena, message, "subscription-state", NULL);
  self->require = header_text (arena, message, "require", NULL);
  self->reason = header_text (arena, message, "reason", NULL);
  self->info_package = header_text (arena, message, "info-package", NULL);
  self->expires = header_seconds (arena, message, "expires");
  self->min_expires = header_seconds (arena, message, "min-expires");
  read_body (self, message, arena);
  return self;
}

bool
message_has_token (const char *value, const char *token)
{
  size_t size = strlen (token);

  return value != NULL && g_ascii_strncasecmp (value, token, size) == 0 &&
         strchr ("; \t,", value[size]) != NULL;
}

char *
message_parameter (const char *value, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (value != NULL ? value : "", ";", 16);

  for (size_t i = 1; parts[0] != NULL && parts[i] != NULL; i++) {
    char *equals = strchr (parts[i], '=');

    if (equals == NULL)
      continue;
    *equals = '\0';
    if (g_ascii_strcasecmp (g_strstrip (parts[i]), name) == 0)
      return g_strdup (g_strstrip (g_strdelimit (equals + 1, "\"", ' ')));
  }
  return NULL;
}

/* ---- Writing ---- */

static void
clone_vias (osip_message_t *to, const osip_message_t *from, int count)
{
  for (int i = 0; i < count && i < osip_list_size (&from->vias); i++) {
    osip_via_t *via = NULL;

    if (osip_via_clone (osip_list_get (&from->vias, i), &via) == OSIP_SUCCESS)
      osip_list_add (&to->vias, via, -1);
  }
}

static void
clone_record_routes (osip_message_t *to, const osip_message_t *from)
{
  for (int i = 0; i < osip_list_size (&from->record_routes); i++) {
    osip_record_route_t *route = NULL;

    if (osip_record_route_clone (osip_list_get (&from->record_routes, i), &route) == OSIP_SUCCESS)
      osip_list_add (&to->record_routes, route, -1);
  }
}

/* `lines` is of our own making. */
static void
set_headers (osip_message_t *message, const char *lines)
{
  g_auto (GStrv) list = g_strsplit (lines != NULL ? lines : "", "\r\n", -1);

  for (size_t i = 0; list[i] != NULL; i++) {
    char *colon = strstr (list[i], ": ");

    if (colon == NULL)
      continue;
    *colon = '\0';
    osip_message_set_header (message, list[i], colon + 2);
  }
}

static void
set_body (osip_message_t *message, const char *content_type, Bytes body)
{
  if (content_type == NULL || body.size == 0)
    return;
  osip_message_set_content_type (message, content_type);
  osip_message_set_body (message, (const char *) body.data, body.size);
}

static bool
clone_identifiers (osip_message_t *to, const osip_message_t *from)
{
  return osip_from_clone (from->from, &to->from) == OSIP_SUCCESS &&
         osip_to_clone (from->to, &to->to) == OSIP_SUCCESS &&
         osip_cseq_clone (from->cseq, &to->cseq) == OSIP_SUCCESS &&
         osip_call_id_clone (from->call_id, &to->call_id) == OSIP_SUCCESS;
}

static void
set_to_tag (osip_message_t *message, const char *tag)
{
  osip_generic_param_t *present = NULL;

  osip_uri_param_get_byname (&message->to->gen_params, (char *) "tag", &present);
  if (tag != NULL && present == NULL)
    osip_to_set_tag (message->to, osip_strdup (tag));
}

struct osip_message *
message_new_reply (const struct osip_message *request, const SipReply *reply)
{
  osip_message_t *message = NULL;
  const char *phrase = osip_message_get_reason (reply->status);

  if (osip_message_init (&message) != OSIP_SUCCESS)
    return NULL;
  osip_message_set_version (message, osip_strdup ("SIP/2.0"));
  osip_message_set_status_code (message, reply->status);
  osip_message_set_reason_phrase (message, osip_strdup (phrase != NULL ? phrase : "Refused"));
  if (!clone_identifiers (message, request)) {
    osip_message_free (message);
    return NULL;
  }
  set_to_tag (message, reply->to_tag);
  clone_vias (message, request, G_MAXINT);
  if (reply->contact != NULL) {
    g_autofree char *contact = g_strdup_printf ("<%s>", reply->contact);

    clone_record_routes (message, request);
    osip_message_set_contact (message, contact);
  }
  set_headers (message, reply->headers);
  set_body (message, reply->content_type, reply->body);
  return message;
}

struct osip_message *
message_new_cancel (const struct osip_message *request, const char *reason)
{
  osip_message_t *message = NULL;

  if (osip_message_init (&message) != OSIP_SUCCESS)
    return NULL;
  osip_message_set_version (message, osip_strdup ("SIP/2.0"));
  osip_message_set_method (message, osip_strdup ("CANCEL"));
  if (osip_uri_clone (request->req_uri, &message->req_uri) != OSIP_SUCCESS ||
      !clone_identifiers (message, request)) {
    osip_message_free (message);
    return NULL;
  }
  osip_free (message->cseq->method);
  message->cseq->method = osip_strdup ("CANCEL");
  clone_vias (message, request, 1);
  osip_message_set_header (message, "Max-Forwards", "70");
  if (reason != NULL)
    osip_message_set_header (message, "Reason", reason);
  return message;
}
