/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/enrolment-client.h"

#include "core/base/limits.h"
#include "core/crypto/authority.h"
#include "core/crypto/digest.h"
#include "tests/unit/fake-names.h"

#include <string.h>

/* Servers that say what ours would not, and one that only DNS knows. For our own see
 * test-enrolment-server.c. */

#define INSTANCE "club.example.org"

static FakeNames names = { .record = "_reload-config._tcp." INSTANCE };

typedef struct Fixture {
  Authority *authority;
  GSocketService *service;
  GTlsCertificate *certificate;
  unsigned visits;
  uint8_t root_hash[CERTIFICATE_HASH_SIZE];
  unsigned port;
  unsigned status; /* what it says */
  const char *body;
  size_t body_size;
  EnrolmentQuestion *question;
  GBytes *answer;
  GError *error;
} Fixture;

/* ---- The server ---- */

static void
append_pem (GString *pem, Bytes der)
{
  g_autofree char *base64 = g_base64_encode (der.data, der.size);

  g_string_append_printf (pem, "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n",
                          base64);
}

static GTlsCertificate *
make_certificate (const Authority *authority)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = authority_issue_server (authority, key, "elsewhere.example.org",
                                                   g_get_real_time () / G_USEC_PER_SEC);
  g_autoptr (GString) pem = g_string_new (NULL);
  char *key_text = private_key_to_pem (key);
  GTlsCertificate *certificate;

  append_pem (pem, bytes_borrow (der));
  append_pem (pem, authority_root (authority));
  g_string_append (pem, key_text);
  secret_text_free (key_text);
  certificate = g_tls_certificate_new_from_pem (pem->str, (gssize) pem->len, NULL);
  g_assert_nonnull (certificate);
  return certificate;
}

/* One connection. */
typedef struct Visit {
  Fixture *server;
  GIOStream *tls;
  char request[8192];
  GString *answer;
} Visit;

static void
visit_free (Visit *visit)
{
  visit->server->visits--;
  g_object_unref (visit->tls);
  g_string_free (visit->answer, TRUE);
  g_free (visit);
}

static void
on_closed (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  visit_free (user_data);
}

/* Whoever has read enough hangs up. */
static void
on_written (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  Visit *visit = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, NULL);
  g_io_stream_close_async (visit->tls, G_PRIORITY_DEFAULT, NULL, on_closed, visit);
}

static void
on_read (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  Visit *visit = user_data;
  Fixture *self = visit->server;

  if (g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL) <= 0) {
    visit_free (visit);
    return;
  }
  g_string_append_printf (visit->answer,
                          "HTTP/1.1 %u Said\r\nContent-Length: %zu\r\nConnection: close\r\n"
                          "Location: https://127.0.0.1/\r\n\r\n",
                          self->status, self->body_size);
  g_string_append_len (visit->answer, self->body, (gssize) self->body_size);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (visit->tls), visit->answer->str,
                                   visit->answer->len, G_PRIORITY_DEFAULT, NULL, on_written, visit);
}

static gboolean
on_connection (GSocketService *service,
               GSocketConnection *connection,
               GObject *source,
               gpointer user_data)
{
  Fixture *self = user_data;
  Visit *visit = g_new0 (Visit, 1);

  self->visits++;
  visit->server = self;
  visit->answer = g_string_new (NULL);
  visit->tls = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
  g_input_stream_read_async (g_io_stream_get_input_stream (visit->tls), visit->request,
                             sizeof visit->request, G_PRIORITY_DEFAULT, NULL, on_read, visit);
  return TRUE;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  self->authority = authority_new (INSTANCE, g_get_real_time () / G_USEC_PER_SEC);
  digest_sha256 (authority_root (self->authority), self->root_hash);
  self->certificate = make_certificate (self->authority);
  self->service = g_socket_service_new ();
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), any,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                                &bound, NULL));
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_connection), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  enrolment_question_free (self->question);
  while (self->visits > 0)
    g_main_context_iteration (NULL, TRUE);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_object_unref (self->certificate);
  authority_free (self->authority);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_error (&self->error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* ---- Asking ---- */

static void
on_answer (GBytes *answer, const GError *error, void *user_data)
{
  Fixture *self = user_data;

  g_clear_pointer (&self->question, enrolment_question_free);
  if (answer != NULL)
    self->answer = g_bytes_ref (answer);
  else
    self->error = g_error_copy (error);
}

static void
ask (Fixture *self)
{
  const EnrolmentPlace place = { .instance_name = INSTANCE, .root_hash = self->root_hash };

  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_error (&self->error);
  self->question = enrolment_ask_configuration (&place, on_answer, self);
  while (self->answer == NULL && self->error == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* ---- Tests ---- */

static void
say (Fixture *self, unsigned status, const char *body, size_t size)
{
  self->status = status;
  self->body = body;
  self->body_size = size;
  names.port = self->port;
  ask (self);
}

static void
assert_refused (Fixture *self, EnrolmentError code)
{
  g_assert_null (self->answer);
  g_assert_error (self->error, ENROLMENT_ERROR, (int) code);
  g_assert_true (g_utf8_validate (self->error->message, -1, NULL));
}

static void
test_tokens (Fixture *self, gconstpointer data)
{
  static const struct {
    unsigned status;
    const char *body;
    EnrolmentError code;
  } rows[] = {
    { 403, "failed_authentication", ENROLMENT_ERROR_NOT_AUTHENTICATED },
    { 403, " username_not_available\r\n", ENROLMENT_ERROR_NAME_NOT_AVAILABLE },
    { 403, "Node-IDs_not_available", ENROLMENT_ERROR_REFUSED },
    { 403, "bad_CSR", ENROLMENT_ERROR_REFUSED },
    { 403, "account_suspended", ENROLMENT_ERROR_REFUSED },
    { 403, "failed_authentication_twice", ENROLMENT_ERROR_REFUSED },
    { 403, "", ENROLMENT_ERROR_REFUSED },
    { 403, "\x1b[2J\xff\xfe", ENROLMENT_ERROR_REFUSED },
    { 404, "failed_authentication", ENROLMENT_ERROR_REFUSED },
    { 500, "failed_authentication", ENROLMENT_ERROR_REFUSED },
    { 302, "elsewhere", ENROLMENT_ERROR_REFUSED },
    { 200, "", ENROLMENT_ERROR_REFUSED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    say (self, rows[i].status, rows[i].body, strlen (rows[i].body));
    assert_refused (self, rows[i].code);
  }
}

static void
test_flood (Fixture *self, gconstpointer data)
{
  g_autofree char *long_text = g_strnfill (4 * LIMIT_CONFIGURATION_SIZE, 'x');

  say (self, 200, long_text, strlen (long_text));
  assert_refused (self, ENROLMENT_ERROR_REFUSED);
  say (self, 403, long_text, strlen (long_text));
  assert_refused (self, ENROLMENT_ERROR_REFUSED);
}

static void
test_found_by_name (Fixture *self, gconstpointer data)
{
  say (self, 200, "<overlay/>", strlen ("<overlay/>"));
  g_assert_no_error (self->error);
  g_assert_cmpmem (bytes_borrow (self->answer).data, bytes_borrow (self->answer).size, "<overlay/>",
                   strlen ("<overlay/>"));
  names.port = 0;
  ask (self);
  assert_refused (self, ENROLMENT_ERROR_AWAY);
}

/* Whoever has a hand in DNS can lead us elsewhere, and gains nothing. */
static void
test_led_astray (Fixture *self, gconstpointer data)
{
  g_autoptr (Authority) namesake = authority_new (INSTANCE, g_get_real_time () / G_USEC_PER_SEC);

  g_object_unref (self->certificate);
  self->certificate = make_certificate (namesake);
  say (self, 200, "<overlay/>", strlen ("<overlay/>"));
  assert_refused (self, ENROLMENT_ERROR_UNTRUSTED);
}

static void
test_names (void)
{
  g_assert_true (enrolment_is_found_by_name ("club.example.org"));
  g_assert_false (enrolment_is_found_by_name ("club-abcdefgh.peal.alt"));
  g_assert_false (enrolment_is_found_by_name ("alt"));
  g_assert_false (enrolment_is_found_by_name ("localhost"));
}

#define ADD(path, func) \
  g_test_add ("/enrolment-client/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_names_install (&names);
  ADD ("rfc6940-11.3-25-unknown-tokens-are-failures-for-unknown-reasons", test_tokens);
  ADD ("what-is-too-long-is-not-read", test_flood);
  ADD ("rfc6940-11.2-2-a-server-is-found-by-name", test_found_by_name);
  ADD ("rfc6940-11.2-5-threat-1.7-dns-leads-nobody-astray", test_led_astray);
  g_test_add_func ("/enrolment-client/names-that-dns-may-know", test_names);
  return g_test_run ();
}
