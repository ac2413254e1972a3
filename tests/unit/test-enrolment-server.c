/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/crypto/certificate-request.h"
#include "core/crypto/digest.h"
#include "core/os/enrolment-client.h"
#include "core/os/enrolment-form.h"
#include "core/os/enrolment-server.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

/* The server and our client, over loopback; and strangers with clients of their own. */

#define INSTANCE "club-abcd2345.peal.alt"
#define DOCUMENT "<overlay/>"

typedef struct Fixture {
  char *folder, *path, *url;
  Authority *authority;
  EnrolmentUsers *users;
  EnrolmentServer *server;
  PrivateKey *key;
  uint8_t root_hash[CERTIFICATE_HASH_SIZE];
  EnrolmentQuestion *question;
  GBytes *answer;
  GError *error;
} Fixture;

static GBytes *
get_document (void *user_data)
{
  return g_bytes_new_static (DOCUMENT, strlen (DOCUMENT));
}

static void
start_server (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  const EnrolmentServerOptions options = { .listen = "127.0.0.1:0",
                                           .host = "127.0.0.1",
                                           .authority = self->authority,
                                           .users = self->users,
                                           .document = get_document };
  char text[ADDRESS_TEXT_SIZE];

  self->server = enrolment_server_new (&options, &error);
  g_assert_no_error (error);
  self->url = g_strdup_printf ("https://%s/",
                               address_to_text (enrolment_server_address (self->server), text));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("enrol-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "users.db", NULL);
  self->users = enrolment_users_new (self->path, NULL);
  self->authority = authority_new (INSTANCE, g_get_real_time () / G_USEC_PER_SEC);
  self->key = private_key_new ();
  digest_sha256 (authority_root (self->authority), self->root_hash);
  start_server (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  enrolment_question_free (self->question);
  enrolment_server_free (self->server);
  enrolment_users_free (self->users);
  authority_free (self->authority);
  private_key_free (self->key);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_error (&self->error);
  /* What was given up ends in the main loop. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_unlink (self->path);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->url);
}

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
await_answer (Fixture *self)
{
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_error (&self->error);
  while (self->answer == NULL && self->error == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static EnrolmentPlace
place (Fixture *self)
{
  return (
    EnrolmentPlace){ .url = self->url, .instance_name = INSTANCE, .root_hash = self->root_hash };
}

static void
add (Fixture *self, const char *user, char ret_code[ENROLMENT_CODE_SIZE])
{
  g_assert_cmpint (enrolment_users_add (self->users, user, false,
                                        g_get_real_time () / G_USEC_PER_SEC, ret_code),
                   ==, ENROLMENT_GRANTED);
}

static void
enrol (Fixture *self, const char *user, const char *requested, const char *code)
{
  const EnrolmentPlace where = place (self);
  g_autoptr (GBytes) request = certificate_request_make (self->key, requested);

  self->question =
    enrolment_ask_certificate (&where, user, code, bytes_borrow (request), on_answer, self);
  await_answer (self);
}

static void
test_configuration (Fixture *self, gconstpointer data)
{
  const EnrolmentPlace where = place (self);

  self->question = enrolment_ask_configuration (&where, on_answer, self);
  await_answer (self);
  g_assert_no_error (self->error);
  g_assert_cmpmem (bytes_borrow (self->answer).data, bytes_borrow (self->answer).size, DOCUMENT,
                   strlen (DOCUMENT));
}

static void
test_certificate (Fixture *self, gconstpointer data)
{
  Bytes root = authority_root (self->authority);
  const CertificateTrust trust = { .instance_name = INSTANCE, .roots = &root, .root_count = 1 };
  g_autoptr (Certificate) first = NULL, again = NULL;
  char code[ENROLMENT_CODE_SIZE];

  add (self, "bob", code);
  enrol (self, "bob", "bob@" INSTANCE, code);
  g_assert_no_error (self->error);
  g_assert_cmpint (certificate_check (&trust, bytes_borrow (self->answer), NULL, 0,
                                      g_get_real_time () / G_USEC_PER_SEC, &first),
                   ==, CERTIFICATE_GOOD);
  g_assert_cmpstr (first->user, ==, "bob@" INSTANCE);
  enrol (self, "bob", "bob@" INSTANCE, code);
  g_assert_no_error (self->error);
  g_assert_cmpint (certificate_check (&trust, bytes_borrow (self->answer), NULL, 0,
                                      g_get_real_time () / G_USEC_PER_SEC, &again),
                   ==, CERTIFICATE_GOOD);
  g_assert_true (node_id_equal (&first->node_ids[0], &again->node_ids[0]));
}

static void
test_refusals (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE], any[ENROLMENT_CODE_SIZE];

  add (self, "bob", code);
  add (self, NULL, any);
  enrol (self, "bob", "bob@" INSTANCE, "aaaa-aaaa-aaaa-aaaa");
  g_assert_error (self->error, ENROLMENT_ERROR, ENROLMENT_ERROR_NOT_AUTHENTICATED);
  enrol (self, "bob", "bob@" INSTANCE, any);
  g_assert_error (self->error, ENROLMENT_ERROR, ENROLMENT_ERROR_NAME_NOT_AVAILABLE);
  enrol (self, "bob", "eve@" INSTANCE, code);
  g_assert_error (self->error, ENROLMENT_ERROR, ENROLMENT_ERROR_NAME_NOT_AVAILABLE);
}

static void
test_away (Fixture *self, gconstpointer data)
{
  const EnrolmentPlace where = place (self);

  g_clear_pointer (&self->server, enrolment_server_free);
  self->question = enrolment_ask_configuration (&where, on_answer, self);
  await_answer (self);
  g_assert_error (self->error, ENROLMENT_ERROR, ENROLMENT_ERROR_AWAY);
}

/* The same names, the same place, another root. */
static void
test_impostor (Fixture *self, gconstpointer data)
{
  const EnrolmentPlace where = place (self);

  self->root_hash[0] ^= 1;
  self->question = enrolment_ask_configuration (&where, on_answer, self);
  await_answer (self);
  g_assert_error (self->error, ENROLMENT_ERROR, ENROLMENT_ERROR_UNTRUSTED);
}

static void
test_other_overlay (Fixture *self, gconstpointer data)
{
  EnrolmentPlace where = place (self);

  where.instance_name = "club-zzzz2345.peal.alt";
  self->question = enrolment_ask_configuration (&where, on_answer, self);
  await_answer (self);
  g_assert_error (self->error, ENROLMENT_ERROR, ENROLMENT_ERROR_UNTRUSTED);
}

static void
test_giving_up (Fixture *self, gconstpointer data)
{
  const EnrolmentPlace where = place (self);

  self->question = enrolment_ask_configuration (&where, on_answer, self);
  g_main_context_iteration (NULL, FALSE);
  g_clear_pointer (&self->question, enrolment_question_free);
  enrolment_question_free (enrolment_ask_configuration (&where, on_answer, self));
}

/* ---- Strangers ---- */

static gboolean
on_any_certificate (SoupMessage *message,
                    GTlsCertificate *certificate,
                    GTlsCertificateFlags errors,
                    gpointer user_data)
{
  return TRUE;
}

typedef struct Stranger {
  const char *method, *path, *type, *accept;
  const char *body;
  size_t body_size; /* 0: all of it */
  const char *text; /* the answer that is expected; NULL: any */
  unsigned status;
} Stranger;

static void
on_sent (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GBytes **ret_bytes = user_data;
  g_autoptr (GError) error = NULL;

  *ret_bytes = soup_session_send_and_read_finish (SOUP_SESSION (object), result, &error);
  if (*ret_bytes == NULL)
    *ret_bytes = g_bytes_new_static ("", 0);
}

static unsigned
send (Fixture *self, const Stranger *row, char **ret_text)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree char *url = g_strconcat (self->url, row->path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (row->method, url);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  g_autoptr (GBytes) bytes = NULL;

  soup_session_set_proxy_resolver (session, NULL);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (on_any_certificate), NULL);
  if (row->accept != NULL)
    soup_message_headers_replace (headers, "Accept", row->accept);
  if (row->body != NULL) {
    g_autoptr (GBytes) body =
      g_bytes_new (row->body, row->body_size != 0 ? row->body_size : strlen (row->body));

    soup_message_set_request_body_from_bytes (message, row->type, body);
  }
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, on_sent, &bytes);
  while (bytes == NULL)
    g_main_context_iteration (NULL, TRUE);
  *ret_text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return soup_message_get_status (message);
}

static void
test_strangers (Fixture *self, gconstpointer data)
{
  static const char form[] = "multipart/form-data; boundary=x";
  static const char cert[] = "application/pkix-cert";
  static const char bad_csr[] = "--x\r\nContent-Disposition: form-data; name=\"csr\"\r\n"
                                "Content-Type: application/pkcs10\r\n\r\nnonsense\r\n--x--";
  g_autofree char *large = g_strnfill (LIMIT_ENROLMENT_FORM + 1, 'a');
  const Stranger rows[] = {
    { "GET", ".well-known/reload-config", .status = 200, .text = DOCUMENT },
    { "GET", "", .status = 405 },
    { "PUT", ".well-known/reload-config", form, cert, "x", .status = 405 },
    { "GET", "etc/passwd", .status = 404 },
    { "POST", "", form, cert, bad_csr, .status = 403, .text = "bad_CSR" },
    { "POST", "", form, "*/*", bad_csr, .status = 406 },
    { "POST", "", form, NULL, bad_csr, .status = 406 },
    { "POST", "", "application/pkcs10", cert, bad_csr, .status = 400 },
    { "POST", "", form, cert, "--x\r\n", .status = 400 },
    { "POST", "", form, cert, large, .status = 413 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = NULL;

    g_assert_cmpuint (send (self, &rows[i], &text), ==, rows[i].status);
    if (rows[i].text != NULL)
      g_assert_cmpstr (text, ==, rows[i].text);
  }
}

static void
test_too_many_node_ids (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) request = certificate_request_make (self->key, "bob@" INSTANCE);
  char code[ENROLMENT_CODE_SIZE];
  EnrolmentForm form = { .username = bytes_of_text ("bob"),
                         .csr = bytes_borrow (request),
                         .node_id_count = LIMIT_ENROLMENT_NODE_IDS + 1 };
  g_autofree char *type = NULL, *text = NULL;
  g_autoptr (GBytes) body = NULL;
  Stranger row = { "POST", "", .accept = "text/plain, application/pkix-cert" };

  add (self, "bob", code);
  form.password = bytes_of_text (code);
  body = enrolment_form_write (&form, &type);
  row.type = type;
  row.body = g_bytes_get_data (body, &row.body_size);
  g_assert_cmpuint (send (self, &row, &text), ==, 403);
  g_assert_cmpstr (text, ==, "Node-IDs_not_available");
}

/* Those who come and say nothing do not keep others out for ever, nor fill the memory. */
static void
test_silent_visitors (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) silent = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  char text[ADDRESS_TEXT_SIZE];
  char byte;

  address_to_text (enrolment_server_address (self->server), text);
  for (int i = 0; i <= LIMIT_ENROLMENT_VISITORS; i++) {
    GSocketConnection *connection = g_socket_client_connect_to_host (client, text, 0, NULL, NULL);

    g_assert_nonnull (connection);
    g_ptr_array_add (silent, connection);
  }
  /* All are taken in, and the last is sent away. */
  for (;;) {
    GSocketConnection *last = g_ptr_array_index (silent, LIMIT_ENROLMENT_VISITORS);
    GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (last));
    g_autoptr (GError) error = NULL;
    gssize size = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), &byte,
                                                            1, NULL, &error);

    if (size == 0 || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      break;
    g_main_context_iteration (NULL, TRUE);
  }
  /* When they have gone there is room again. */
  g_ptr_array_set_size (silent, 0);
  do {
    const EnrolmentPlace where = place (self);

    self->question = enrolment_ask_configuration (&where, on_answer, self);
    await_answer (self);
  } while (self->error != NULL);
}

#define ADD(path, func) \
  g_test_add ("/enrolment-server/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("configuration", test_configuration);
  ADD ("certificate-and-its-renewal", test_certificate);
  ADD ("refusals-have-their-tokens", test_refusals);
  ADD ("nobody-there", test_away);
  ADD ("threat-1.7-another-root-is-not-trusted", test_impostor);
  ADD ("threat-1.7-another-overlay-is-not-trusted", test_other_overlay);
  ADD ("giving-up", test_giving_up);
  ADD ("strangers", test_strangers);
  ADD ("threat-2.5-too-many-node-ids", test_too_many_node_ids);
  ADD ("threat-5.9-silent-visitors", test_silent_visitors);
  return g_test_run ();
}
