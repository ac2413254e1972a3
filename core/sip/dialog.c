/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/dialog.h"
#include <string.h>

/* Requests are written as text. What goes into it is either of our making or came through the
 * gate, which lets no control character pass; and the stack sends the result through the gate
 * once more. */

const char *
dialog_token (const NodePorts *ports, char ret_token[DIALOG_TOKEN_SIZE])
{
  uint8_t random[(DIALOG_TOKEN_SIZE - 1) / 2];
  g_autofree char *hex = NULL;

  ports->random_bytes (ports->world, random, sizeof random);
  hex = bytes_to_hex ((Bytes){ random, sizeof random });
  g_strlcpy (ret_token, hex, DIALOG_TOKEN_SIZE);
  return ret_token;
}

void
dialog_begin (Dialog *self,
              const SipIdentity *identity,
              const char *call_id,
              const char *local_tag,
              const char *to,
              const char *target)
{
  *self = (Dialog){
    .call_id = g_strdup (call_id),
    .local_tag = g_strdup (local_tag),
    .local_address = g_strdup (identity->address),
    .remote_address = g_strdup (to),
    .target = g_strdup_printf ("sip:%s", target),
  };
}

void
dialog_accept (Dialog *self,
               const NodePorts *ports,
               const SipIdentity *identity,
               const SipMessage *request)
{
  char tag[DIALOG_TOKEN_SIZE];
  const char *to = request->to_address != NULL ? request->to_address : identity->address;

  *self = (Dialog){
    .call_id = g_strdup (request->call_id),
    .local_tag = g_strdup (dialog_token (ports, tag)),
    .remote_tag = g_strdup (request->from_tag),
    .local_address = g_strdup (to),
    .remote_address = g_strdup (request->from_address),
    .target = g_strdup (request->contact_uri),
    .route_set = g_strdup (request->route_set),
    .remote_cseq = request->cseq,
  };
}

void
dialog_clear (Dialog *self)
{
  g_free (self->call_id);
  g_free (self->local_tag);
  g_free (self->remote_tag);
  g_free (self->local_address);
  g_free (self->remote_address);
  g_free (self->target);
  g_free (self->route_set);
  *self = (Dialog){ 0 };
}

static void
set_text (char **text, const char *value)
{
  if (value == NULL)
    return;
  g_free (*text);
  *text = g_strdup (value);
}

void
dialog_learn (Dialog *self, const SipMessage *message, const char *remote_tag)
{
  set_text (&self->remote_tag, remote_tag);
  set_text (&self->target, message->contact_uri);
  set_text (&self->route_set, message->route_set);
}

static bool
is_same_tag (const char *ours, const char *theirs)
{
  return ours != NULL && theirs != NULL && strcmp (ours, theirs) == 0;
}

bool
dialog_has_request (const Dialog *self, const SipMessage *request)
{
  return is_same_tag (self->call_id, request->call_id) &&
         is_same_tag (self->local_tag, request->to_tag) &&
         (self->remote_tag == NULL || is_same_tag (self->remote_tag, request->from_tag));
}

bool
dialog_has_response (const Dialog *self, const SipMessage *response)
{
  return is_same_tag (self->call_id, response->call_id) &&
         is_same_tag (self->local_tag, response->from_tag) &&
         (self->remote_tag == NULL || response->to_tag == NULL || response->status >= 300 ||
          is_same_tag (self->remote_tag, response->to_tag));
}

bool
dialog_advance (Dialog *self, const SipMessage *request)
{
  if (request->cseq <= self->remote_cseq)
    return false;
  self->remote_cseq = request->cseq;
  set_text (&self->target, request->contact_uri);
  return true;
}

static void
write_line (GString *text, const char *name, const char *value)
{
  if (value != NULL)
    g_string_append_printf (text, "%s: %s\r\n", name, value);
}

char *
dialog_write (Dialog *self,
              const NodePorts *ports,
              const SipIdentity *identity,
              const SipRequest *request)
{
  GString *text = g_string_new (NULL);
  char branch[DIALOG_TOKEN_SIZE];
  uint32_t cseq = request->cseq != 0 ? request->cseq : ++self->local_cseq;

  g_string_append_printf (text, "%s %s SIP/2.0\r\n", request->method, self->target);
  g_string_append_printf (text, "Via: SIP/2.0/TLS %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n",
                          identity->host, dialog_token (ports, branch));
  g_string_append_printf (text, "From: %s <sip:%s>;tag=%s\r\n", identity->display_name,
                          self->local_address, self->local_tag);
  g_string_append_printf (text, "To: <sip:%s>", self->remote_address);
  if (self->remote_tag != NULL)
    g_string_append_printf (text, ";tag=%s", self->remote_tag);
  g_string_append_printf (text, "\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", self->call_id, cseq,
                          request->method);
  g_string_append_printf (text, "Contact: <%s>\r\n", identity->contact);
  write_line (text, "Route", self->route_set);
  if (request->headers != NULL)
    g_string_append (text, request->headers);
  write_line (text, "Content-Type", request->body != NULL ? request->content_type : NULL);
  g_string_append_printf (text, "Content-Length: %zu\r\n\r\n%s",
                          request->body != NULL ? strlen (request->body) : 0,
                          request->body != NULL ? request->body : "");
  return g_string_free (text, FALSE);
}
