/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/os/enrolment-form.h"

#include <string.h>

#define TYPE "multipart/form-data; boundary=xyz"
#define CSR                                                               \
  "--xyz\r\nContent-Disposition: form-data; name=\"csr\"; filename=\"r\"" \
  "\r\nContent-Type: application/pkcs10\r\n\r\n\x30\x82\r\n"
#define USER(name) "--xyz\r\ncontent-disposition: Form-Data; name=username\r\n\r\n" name "\r\n"
#define COUNT(number) \
  "--xyz\r\nContent-Disposition: form-data; name=\"nodeids\"\r\n\r\n" number "\r\n"
#define END "--xyz--"

static bool
read_text (const char *type, const char *body, EnrolmentForm *ret_form)
{
  return enrolment_form_read (bytes_of_text (body), type, ret_form);
}

static void
assert_bytes (Bytes bytes, const char *text)
{
  g_assert_cmpmem (bytes.data, bytes.size, text, strlen (text));
}

static void
test_written_is_read (void)
{
  const uint8_t csr[] = { 0x30, 0x82, 0x00, 0x0d, 0x0a, 0x2d, 0x2d, 0xff };
  const EnrolmentForm form = { .username = bytes_of_text ("bob"),
                               .password = bytes_of_text ("abcd-efgh"),
                               .csr = { csr, sizeof csr },
                               .node_id_count = 3 };
  g_autofree char *type = NULL;
  g_autoptr (GBytes) body = enrolment_form_write (&form, &type);
  EnrolmentForm read;
  gsize size;
  const void *data = g_bytes_get_data (body, &size);

  g_assert_true (enrolment_form_read ((Bytes){ data, size }, type, &read));
  assert_bytes (read.username, "bob");
  assert_bytes (read.password, "abcd-efgh");
  g_assert_cmpmem (read.csr.data, read.csr.size, csr, sizeof csr);
  g_assert_cmpuint (read.node_id_count, ==, 3);
}

static void
test_others_forms (void)
{
  EnrolmentForm form;

  g_assert_true (read_text ("Multipart/Form-Data; charset=utf-8; Boundary=\"xyz\"",
                            "preamble\r\n" USER ("bob") CSR END "\r\nepilogue", &form));
  assert_bytes (form.username, "bob");
  assert_bytes (form.csr, "\x30\x82");
  g_assert_cmpuint (form.password.size, ==, 0);
  g_assert_cmpuint (form.node_id_count, ==, 1);
  g_assert_true (read_text (TYPE,
                            "--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n"
                            "\r\n" CSR COUNT ("2") END,
                            &form));
  g_assert_cmpuint (form.node_id_count, ==, 2);
}

static void
test_refused (void)
{
  static const struct {
    const char *type, *body;
  } rows[] = {
    { "application/x-www-form-urlencoded", CSR END },
    { "multipart/form-data", CSR END },
    { "multipart/form-data; boundary=\"xyz", CSR END },
    { "multipart/form-data; boundary=", CSR END },
    { "multipart/form-datax; boundary=xyz", CSR END },
    { "multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      CSR END },
    { TYPE, "" },
    { TYPE, END },
    { TYPE, USER ("bob") END },
    { TYPE, CSR },
    { TYPE, CSR "--xyz" },
    { TYPE, CSR CSR END },
    { TYPE, CSR USER ("bob") USER ("eve") END },
    { TYPE, CSR USER ("b\xff") END },
    { TYPE, CSR COUNT ("0") END },
    { TYPE, CSR COUNT ("two") END },
    { TYPE, CSR COUNT ("") END },
    { TYPE, CSR COUNT ("99999") END },
    { TYPE, CSR COUNT ("1") COUNT ("1") END },
    { TYPE, "--xyz\r\nContent-Disposition: form-data; name=\"csr\"\r\n\r\n\x30\r\n" END },
    { TYPE, "--xyz\nContent-Disposition: form-data; name=\"csr\"\n\n\x30\n" END },
  };

  EnrolmentForm form;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (read_text (rows[i].type, rows[i].body, &form))
      g_error ("row %" G_GSIZE_FORMAT " was read", i);
}

static void
test_limits (void)
{
  g_autoptr (GString) long_name = g_string_new ("--xyz\r\nX: ");
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) large = g_string_new (CSR "--xyz\r\n\r\n");
  EnrolmentForm form;

  for (int i = 0; i <= LIMIT_ENROLMENT_PART_HEAD; i++)
    g_string_append_c (long_name, 'a');
  g_string_append (long_name, "\r\n\r\n\r\n" CSR END);
  g_assert_false (read_text (TYPE, long_name->str, &form));

  for (int i = 0; i <= LIMIT_ENROLMENT_PARTS; i++)
    g_string_append (many, "--xyz\r\n\r\n\r\n");
  g_string_append (many, CSR END);
  g_assert_false (read_text (TYPE, many->str, &form));

  for (int i = 0; i < LIMIT_ENROLMENT_FORM; i++)
    g_string_append_c (large, 'a');
  g_string_append (large, "\r\n" END);
  g_assert_false (read_text (TYPE, large->str, &form));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/enrolment-form/written-is-read", test_written_is_read);
  g_test_add_func ("/enrolment-form/others-forms-are-read", test_others_forms);
  g_test_add_func ("/enrolment-form/what-is-odd-is-refused", test_refused);
  g_test_add_func ("/enrolment-form/limits", test_limits);
  return g_test_run ();
}
