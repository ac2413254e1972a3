/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "enrolment"
#include "core/os/enrolment-server.h"

#include "core/base/limits.h"
#include "core/os/enrolment-form.h"
#include "core/os/handshake-limit.h"
#include "core/os/loop.h"
#include "core/os/socket.h"

#include <errno.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Anybody can connect. A connection is counted and held to its network's rate before TLS begins;
 * it serves one request and has LIMIT_ENROLMENT_S for all of it, however busy it looks. So a body
 * that is too long is not read, and a slow one is not waited for.
 *
 * The key of the HTTPS certificate lives as long as the server; the certificate is made anew each
 * day. */

enum { CERTIFICATE_AGE_S = 24 * 3600, BACKLOG = 32 };

static const char configuration_path[] = "/.well-known/reload-config";
static const char configuration_type[] = "application/p2p-overlay+xml";
static const char certificate_type[] = "application/pkix-cert";

struct EnrolmentServer {
  const Authority *authority;
  EnrolmentUsers *users;
  GBytes *(*document) (void *user_data);
  void *user_data;
  char *host;
  Loop *loop;
  HandshakeLimit *limit;
  int socket;
  GSource *connections;
  Address address;
  SoupServer *http;
  PrivateKey *key;
  GTlsCertificate *certificate;
  int64_t issued_s;
  GList *visitors; /* of Visitor, owned */
};

/* One connection, as long as its TLS stream lives; that belongs to the handshake, then to libsoup.
 */
typedef struct Visitor {
  EnrolmentServer *server;
  GSocket *socket;
  GIOStream *tls; /* weak */
  GCancellable *cancellable;
  GSource *deadline;
} Visitor;

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* ---- The certificate of the server ---- */

static void
append_pem (GString *pem, Bytes der)
{
  g_autofree char *base64 = g_base64_encode (der.data, der.size);

  g_string_append (pem, "-----BEGIN CERTIFICATE-----\n");
  for (const char *p = base64; *p != '\0'; p += MIN (strlen (p), 64))
    g_string_append_printf (pem, "%.64s\n", p);
  g_string_append (pem, "-----END CERTIFICATE-----\n");
}

/* The root goes along: all that a newcomer has of it is its hash. */
static bool
renew_certificate (EnrolmentServer *self, GError **error)
{
  g_autoptr (GBytes) der =
    authority_issue_server (self->authority, self->key, self->host, now_s ());
  g_autoptr (GString) pem = g_string_new (NULL);
  char *key = private_key_to_pem (self->key);
  GTlsCertificate *certificate;
  gsize size;
  const void *data = g_bytes_get_data (der, &size);

  append_pem (pem, (Bytes){ data, size });
  append_pem (pem, authority_root (self->authority));
  g_string_append (pem, key);
  secret_text_free (key);
  certificate = g_tls_certificate_new_from_pem (pem->str, (gssize) pem->len, error);
  explicit_bzero (pem->str, pem->len);
  if (certificate == NULL)
    return false;
  g_clear_object (&self->certificate);
  self->certificate = certificate;
  self->issued_s = now_s ();
  return true;
}

/* ---- Requests ---- */

static void
answer_text (SoupServerMessage *message, unsigned status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, text, strlen (text));
}

static void
answer_bytes (SoupServerMessage *message, const char *type, GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, data, size);
}

/* 11.3's tokens. */
static void
refuse (SoupServerMessage *message, EnrolmentVerdict verdict)
{
  switch (verdict) {
  case ENROLMENT_GRANTED:
  case ENROLMENT_NOT_KEPT:
    answer_text (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, "");
    return;
  case ENROLMENT_NOT_AUTHENTICATED:
    answer_text (message, SOUP_STATUS_FORBIDDEN, "failed_authentication");
    return;
  case ENROLMENT_NAME_NOT_AVAILABLE:
    answer_text (message, SOUP_STATUS_FORBIDDEN, "username_not_available");
    return;
  case ENROLMENT_NODE_IDS_NOT_AVAILABLE:
    answer_text (message, SOUP_STATUS_FORBIDDEN, "Node-IDs_not_available");
    return;
  }
}

static void
enrol (EnrolmentServer *self, SoupServerMessage *message, const EnrolmentForm *form)
{
  g_auto (CertificateRequest) request = { NULL };
  g_autofree char *user = g_strndup ((const char *) form->username.data, form->username.size);
  g_autofree char *code = g_strndup ((const char *) form->password.data, form->password.size);
  const char *instance_name = authority_instance_name (self->authority);
  NodeId node_ids[ENROLMENT_DEVICE_NODE_IDS];
  g_autoptr (GBytes) certificate = NULL;
  EnrolmentVerdict verdict;
  EnrolmentClaim claim = { .user = user,
                           .code = code,
                           .node_id_count = form->node_id_count,
                           .now_s = now_s (),
                           .until_s = now_s () + (int64_t) AUTHORITY_MEMBER_DAYS * 24 * 3600 };

  if (!certificate_request_read (form->csr, &request)) {
    answer_text (message, SOUP_STATUS_FORBIDDEN, "bad_CSR");
    return;
  }
  claim.requested = request.address;
  memcpy (claim.key_hash, request.key_hash, sizeof claim.key_hash);
  verdict = enrolment_users_claim (self->users, &claim, instance_name, node_ids);
  if (verdict != ENROLMENT_GRANTED) {
    refuse (message, verdict);
    return;
  }
  certificate = authority_issue (self->authority, request.key, request.address, node_ids,
                                 form->node_id_count, claim.now_s);
  answer_bytes (message, certificate_type, certificate);
}

static bool
accepts_certificates (SoupServerMessage *message)
{
  const char *accept =
    soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Accept");

  return accept != NULL && strstr (accept, certificate_type) != NULL;
}

static void
on_post (EnrolmentServer *self, SoupServerMessage *message)
{
  const char *type =
    soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                  "Content-Type");
  const GByteArray *body = g_object_get_data (G_OBJECT (message), "body");
  EnrolmentForm form;

  if (!accepts_certificates (message))
    answer_text (message, SOUP_STATUS_NOT_ACCEPTABLE, "");
  else if (body->len > LIMIT_ENROLMENT_FORM)
    answer_text (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "");
  else if (type == NULL || !enrolment_form_read ((Bytes){ body->data, body->len }, type, &form))
    answer_text (message, SOUP_STATUS_BAD_REQUEST, "");
  else
    enrol (self, message, &form);
}

static void
on_request (SoupServer *http,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  EnrolmentServer *self = user_data;
  const char *method = soup_server_message_get_method (message);

  if (strcmp (path, configuration_path) == 0 && strcmp (method, SOUP_METHOD_GET) == 0) {
    g_autoptr (GBytes) document = self->document (self->user_data);

    answer_bytes (message, configuration_type, document);
  } else if (strcmp (path, "/") == 0 && strcmp (method, SOUP_METHOD_POST) == 0) {
    on_post (self, message);
  } else if (strcmp (path, configuration_path) == 0 || strcmp (path, "/") == 0) {
    answer_text (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "");
  } else {
    answer_text (message, SOUP_STATUS_NOT_FOUND, "");
  }
}

static void
free_body (gpointer body)
{
  g_byte_array_unref (body);
}

/* What is beyond the limit is not kept, only seen. */
static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  GByteArray *body = user_data;
  gsize size;
  const uint8_t *data = g_bytes_get_data (chunk, &size);

  if (body->len <= LIMIT_ENROLMENT_FORM)
    g_byte_array_append (body, data, (guint) MIN (size, (gsize) LIMIT_ENROLMENT_FORM + 1));
}

static void
on_head (SoupServer *http,
         SoupServerMessage *message,
         const char *path,
         GHashTable *query,
         gpointer user_data)
{
  SoupMessageHeaders *answer = soup_server_message_get_response_headers (message);
  GByteArray *body = g_byte_array_new ();

  soup_message_headers_replace (answer, "Connection", "close");
  soup_message_headers_replace (answer, "Cache-Control", "no-store");
  g_object_set_data_full (G_OBJECT (message), "body", body, free_body);
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), body);
}

/* ---- Connections ---- */

static void
visitor_free (Visitor *visitor)
{
  EnrolmentServer *self = visitor->server;

  self->visitors = g_list_remove (self->visitors, visitor);
  g_source_destroy (visitor->deadline);
  g_source_unref (visitor->deadline);
  g_object_unref (visitor->socket);
  g_object_unref (visitor->cancellable);
  g_free (visitor);
}

static void
on_stream_gone (gpointer user_data, GObject *stream)
{
  visitor_free (user_data);
}

/* Cuts the connection under TLS and libsoup, who then let go of it. */
static void
visitor_cut (Visitor *visitor)
{
  g_socket_shutdown (visitor->socket, TRUE, TRUE, NULL);
  g_cancellable_cancel (visitor->cancellable);
}

/* The server goes before the stream does. */
static void
visitor_forget (Visitor *visitor)
{
  g_object_weak_unref (G_OBJECT (visitor->tls), on_stream_gone, visitor);
  g_object_set_data (G_OBJECT (visitor->tls), "visitor", NULL);
  visitor_cut (visitor);
  visitor_free (visitor);
}

static gboolean
on_deadline (gpointer user_data)
{
  visitor_cut (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_handshake_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GIOStream) tls = G_IO_STREAM (object); /* the handshake's reference */
  Visitor *visitor = g_object_get_data (object, "visitor");
  g_autoptr (GSocketAddress) local = NULL, remote = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_tls_connection_handshake_finish (G_TLS_CONNECTION (tls), result, &error)) {
    g_debug ("no handshake: %s", error->message);
    return;
  }
  if (visitor == NULL)
    return;
  local = g_socket_get_local_address (visitor->socket, NULL);
  remote = g_socket_get_remote_address (visitor->socket, NULL);
  if (local != NULL && remote != NULL)
    soup_server_accept_iostream (visitor->server->http, tls, local, remote, NULL);
}

static void
admit (EnrolmentServer *self, GSocket *socket)
{
  g_autoptr (GSocketConnection) connection = g_socket_connection_factory_create_connection (socket);
  GIOStream *tls = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
  Visitor *visitor;

  if (tls == NULL)
    return;
  visitor = g_new0 (Visitor, 1);
  visitor->server = self;
  visitor->socket = g_object_ref (socket);
  visitor->tls = tls;
  visitor->cancellable = g_cancellable_new ();
  visitor->deadline = g_timeout_source_new_seconds (LIMIT_ENROLMENT_S);
  g_source_set_callback (visitor->deadline, on_deadline, visitor, NULL);
  g_source_attach (visitor->deadline, g_main_context_get_thread_default ());
  self->visitors = g_list_prepend (self->visitors, visitor);
  g_object_set_data (G_OBJECT (tls), "visitor", visitor);
  g_object_weak_ref (G_OBJECT (tls), on_stream_gone, visitor);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT,
                                    visitor->cancellable, on_handshake_done, NULL);
}

static bool
is_welcome (EnrolmentServer *self, const Address *from)
{
  return g_list_length (self->visitors) < LIMIT_ENROLMENT_VISITORS &&
         handshake_limit_take (self->limit, from);
}

static gboolean
on_connection (int fd, GIOCondition condition, void *user_data)
{
  EnrolmentServer *self = user_data;
  g_autoptr (GSocket) socket = NULL;
  Address from;
  int accepted = socket_accept (fd, &from);

  if (accepted < 0)
    return G_SOURCE_CONTINUE;
  if (!is_welcome (self, &from) || (socket = g_socket_new_from_fd (accepted, NULL)) == NULL) {
    close (accepted);
    return G_SOURCE_CONTINUE;
  }
  if (now_s () - self->issued_s > CERTIFICATE_AGE_S)
    renew_certificate (self, NULL);
  admit (self, socket);
  return G_SOURCE_CONTINUE;
}

/* ---- The server ---- */

static bool
open_socket (EnrolmentServer *self, const char *listen, GError **error)
{
  Address address;

  if (!address_from_text (listen, &address)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no address: %s", listen);
    return false;
  }
  self->socket = socket_bind (SOCK_STREAM, &address, false);
  if (self->socket < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", listen,
                 g_strerror (errno));
    return false;
  }
  self->address = socket_address (self->socket);
  self->connections = loop_watch (self->loop, self->socket, G_IO_IN, on_connection, self);
  return true;
}

EnrolmentServer *
enrolment_server_new (const EnrolmentServerOptions *options, GError **error)
{
  g_autoptr (EnrolmentServer) self = g_new0 (EnrolmentServer, 1);

  self->authority = options->authority;
  self->users = options->users;
  self->document = options->document;
  self->user_data = options->user_data;
  self->host = g_strdup (options->host);
  self->loop = loop_new ();
  self->limit = handshake_limit_new (loop_timers (self->loop));
  self->key = private_key_new ();
  self->http = soup_server_new (NULL, NULL);
  self->socket = -1;
  soup_server_add_early_handler (self->http, NULL, on_head, self, NULL);
  soup_server_add_handler (self->http, NULL, on_request, self, NULL);
  if (!renew_certificate (self, error) || !open_socket (self, options->listen, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
enrolment_server_free (EnrolmentServer *self)
{
  if (self == NULL)
    return;
  loop_unwatch (&self->connections);
  if (self->socket >= 0)
    close (self->socket);
  while (self->visitors != NULL)
    visitor_forget (self->visitors->data);
  soup_server_disconnect (self->http);
  g_object_unref (self->http);
  g_clear_object (&self->certificate);
  private_key_free (self->key);
  handshake_limit_free (self->limit);
  loop_free (self->loop);
  g_free (self->host);
  g_free (self);
}

const Address *
enrolment_server_address (const EnrolmentServer *self)
{
  return &self->address;
}
