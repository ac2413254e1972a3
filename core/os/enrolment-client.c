/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "enrolment"
#include "core/os/enrolment-client.h"

#include "core/base/limits.h"
#include "core/crypto/authority.h"
#include "core/os/enrolment-form.h"

#include <libsoup/soup.h>
#include <string.h>

/* The session has no certificates that it would trust, so every one of a server comes before
 * on_certificate(), which asks for the overlay's root and nothing else. No redirection, proxy or
 * cookie is followed.
 *
 * A server that is found by name is one of those that the SRV records of _reload-config._tcp name;
 * it is known by the overlay's name all the same. */

enum { CHAIN_MAX = 4 };

struct EnrolmentQuestion {
  char *instance_name;
  char *host;
  uint8_t root_hash[CERTIFICATE_HASH_SIZE];
  SoupSession *session;
  SoupMessage *message;
  GCancellable *cancellable;
  GSource *deadline;
  GInputStream *stream;
  uint8_t *buffer;
  size_t size_max;
  bool is_busy; /* an operation is under way, and holds us */
  bool is_trusted;
  EnrolmentAnswerFunc func;
  void *user_data;
};

G_DEFINE_QUARK (enrolment - error - quark, enrolment_error)

bool
enrolment_url_is_usable (const char *url, char **ret_host)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri == NULL || strcmp (g_uri_get_scheme (uri), "https") != 0 ||
      g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0' ||
      g_uri_get_user (uri) != NULL || g_uri_get_query (uri) != NULL)
    return false;
  if (ret_host != NULL)
    *ret_host = g_strdup (g_uri_get_host (uri));
  return true;
}

bool
enrolment_is_found_by_name (const char *instance_name)
{
  return strchr (instance_name, '.') != NULL && !g_str_has_suffix (instance_name, ".alt");
}

/* ---- Trust ---- */

static gboolean
on_certificate (SoupMessage *message,
                GTlsCertificate *certificate,
                GTlsCertificateFlags errors,
                gpointer user_data)
{
  EnrolmentQuestion *self = user_data;
  GByteArray *ders[CHAIN_MAX];
  Bytes chain[CHAIN_MAX];
  size_t count = 0;

  for (; certificate != NULL && count < CHAIN_MAX; count++) {
    g_object_get (certificate, "certificate", &ders[count], NULL);
    chain[count] = (Bytes){ ders[count]->data, ders[count]->len };
    certificate = g_tls_certificate_get_issuer (certificate);
  }
  self->is_trusted = authority_vouches (self->root_hash, chain, count, self->instance_name,
                                        self->host, g_get_real_time () / G_USEC_PER_SEC);
  for (size_t i = 0; i < count; i++)
    g_byte_array_unref (ders[i]);
  return self->is_trusted;
}

/* ---- Answers ---- */

static void
tell (EnrolmentQuestion *self, GBytes *answer, const GError *error)
{
  EnrolmentAnswerFunc func = self->func;

  self->func = NULL;
  func (answer, error, self->user_data);
}

static void
fail (EnrolmentQuestion *self, EnrolmentError code, const char *why)
{
  g_autoptr (GError) error = g_error_new_literal (ENROLMENT_ERROR, (int) code, why);

  tell (self, NULL, error);
}

/* 11.3's tokens. */
static EnrolmentError
error_of_token (const char *token)
{
  if (strcmp (token, "failed_authentication") == 0)
    return ENROLMENT_ERROR_NOT_AUTHENTICATED;
  if (strcmp (token, "username_not_available") == 0)
    return ENROLMENT_ERROR_NAME_NOT_AVAILABLE;
  return ENROLMENT_ERROR_REFUSED;
}

static void
settle (EnrolmentQuestion *self, size_t size)
{
  unsigned status = soup_message_get_status (self->message);

  if (status == SOUP_STATUS_OK && size > 0 && size <= self->size_max) {
    g_autoptr (GBytes) answer = g_bytes_new (self->buffer, size);

    tell (self, answer, NULL);
  } else if (status == SOUP_STATUS_FORBIDDEN) {
    g_autofree char *text = g_strndup ((const char *) self->buffer, size);
    g_autofree char *shown = bytes_to_text (bytes_of_text (g_strstrip (text)));

    fail (self, error_of_token (text), shown);
  } else {
    fail (self, ENROLMENT_ERROR_REFUSED, soup_status_get_phrase (status));
  }
}

/* ---- The exchange ---- */

static void
question_dispose (EnrolmentQuestion *self)
{
  g_source_destroy (self->deadline);
  g_source_unref (self->deadline);
  g_object_unref (self->cancellable);
  g_clear_object (&self->stream);
  g_object_unref (self->message);
  g_object_unref (self->session);
  g_free (self->buffer);
  g_free (self->instance_name);
  g_free (self->host);
  g_free (self);
}

/* An operation is over. False when nobody waits for it any more, and then `self` is gone. */
static bool
end_operation (EnrolmentQuestion *self)
{
  self->is_busy = false;
  if (self->func != NULL)
    return true;
  question_dispose (self);
  return false;
}

static void
on_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  EnrolmentQuestion *self = user_data;
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  bool is_read = g_input_stream_read_all_finish (G_INPUT_STREAM (object), result, &size, &error);

  if (!end_operation (self))
    return;
  if (is_read)
    settle (self, size);
  else
    fail (self, ENROLMENT_ERROR_AWAY, error->message);
}

static void
on_head (GObject *object, GAsyncResult *result, gpointer user_data)
{
  EnrolmentQuestion *self = user_data;
  g_autoptr (GError) error = NULL;
  GInputStream *stream = soup_session_send_finish (SOUP_SESSION (object), result, &error);

  if (!end_operation (self)) {
    g_clear_object (&stream);
    return;
  }
  self->stream = stream;
  if (stream == NULL) {
    fail (self, error->domain == G_TLS_ERROR ? ENROLMENT_ERROR_UNTRUSTED : ENROLMENT_ERROR_AWAY,
          error->message);
  } else if (!self->is_trusted) {
    fail (self, ENROLMENT_ERROR_UNTRUSTED, "no certificate was seen");
  } else {
    self->is_busy = true;
    g_input_stream_read_all_async (stream, self->buffer, self->size_max + 1, G_PRIORITY_DEFAULT,
                                   self->cancellable, on_read, self);
  }
}

static gboolean
on_deadline (gpointer user_data)
{
  EnrolmentQuestion *self = user_data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static SoupSession *
make_session (const EnrolmentPlace *place)
{
  g_autoptr (GSocketConnectable) service =
    place->url == NULL ? g_network_service_new ("reload-config", "tcp", place->instance_name)
                       : NULL;
  SoupSession *session = soup_session_new_with_options ("remote-connectable", service, NULL);

  soup_session_set_tls_database (session, NULL);
  soup_session_set_proxy_resolver (session, NULL);
  soup_session_set_timeout (session, LIMIT_ENROLMENT_S);
  return session;
}

/* Takes the message. */
static EnrolmentQuestion *
ask (const EnrolmentPlace *place,
     SoupMessage *message,
     size_t size_max,
     EnrolmentAnswerFunc func,
     void *user_data)
{
  EnrolmentQuestion *self = g_new0 (EnrolmentQuestion, 1);

  self->instance_name = g_strdup (place->instance_name);
  self->host = g_strdup (g_uri_get_host (soup_message_get_uri (message)));
  memcpy (self->root_hash, place->root_hash, sizeof self->root_hash);
  self->func = func;
  self->user_data = user_data;
  self->size_max = size_max;
  self->buffer = g_malloc (size_max + 1);
  self->session = make_session (place);
  self->message = message;
  self->cancellable = g_cancellable_new ();
  self->deadline = g_timeout_source_new_seconds (LIMIT_ENROLMENT_S);
  g_source_set_callback (self->deadline, on_deadline, self, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (on_certificate), self);
  self->is_busy = true;
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, self->cancellable, on_head,
                           self);
  return self;
}

EnrolmentQuestion *
enrolment_ask_configuration (const EnrolmentPlace *place, EnrolmentAnswerFunc func, void *user_data)
{
  g_autofree char *by_name = g_strconcat ("https://", place->instance_name, NULL);
  g_autoptr (GUri) base =
    g_uri_parse (place->url != NULL ? place->url : by_name, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) uri = NULL;

  g_assert (base != NULL);
  uri = soup_uri_copy (base, SOUP_URI_PATH, "/.well-known/reload-config", SOUP_URI_NONE);
  return ask (place, soup_message_new_from_uri (SOUP_METHOD_GET, uri), LIMIT_CONFIGURATION_SIZE,
              func, user_data);
}

EnrolmentQuestion *
enrolment_ask_certificate (const EnrolmentPlace *place,
                           const char *user,
                           const char *code,
                           Bytes request,
                           EnrolmentAnswerFunc func,
                           void *user_data)
{
  const EnrolmentForm form = { .username = bytes_of_text (user),
                               .password = bytes_of_text (code),
                               .csr = request,
                               .node_id_count = 1 };
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, place->url);
  g_autofree char *type = NULL;
  g_autoptr (GBytes) body = enrolment_form_write (&form, &type);

  g_assert (message != NULL);
  soup_message_set_request_body_from_bytes (message, type, body);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/pkix-cert");
  return ask (place, message, LIMIT_CERTIFICATE_SIZE, func, user_data);
}

void
enrolment_question_free (EnrolmentQuestion *self)
{
  if (self == NULL)
    return;
  self->func = NULL;
  if (!self->is_busy) {
    question_dispose (self);
    return;
  }
  g_source_destroy (self->deadline);
  g_cancellable_cancel (self->cancellable);
}
