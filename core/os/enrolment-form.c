/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A body is parts between delimiter lines (RFC 2046, 5.1.1):
 *
 *   --BOUNDARY CRLF  headers CRLF CRLF  content CRLF  --BOUNDARY ...  --BOUNDARY--
 *
 * It comes from strangers, before anybody has shown a password: what is odd is refused, not mended.
 * Whatever stands before the first delimiter and after the last is passed over. */
#include "core/os/enrolment-form.h"

#include "core/base/limits.h"
#include "core/os/private-file.h"

#include <string.h>

enum { BOUNDARY_MAX = 70, BOUNDARY_RANDOM = 16, USERNAME_MAX = 64 };

static const char form_type[] = "multipart/form-data";
static const char csr_type[] = "application/pkcs10"; /* RFC 2311 */

/* ---- Reading ---- */

static bool
starts_with (Bytes bytes, const char *text)
{
  return bytes.size >= strlen (text) && memcmp (bytes.data, text, strlen (text)) == 0;
}

static Bytes
skip (Bytes bytes, size_t size)
{
  return (Bytes){ bytes.data + size, bytes.size - size };
}

/* The value of `name=value` or `name="value"` among the parameters behind a header's first word;
 * false when it is not there or has characters that need escapes. */
static bool
find_parameter (const char *header, const char *name, char *ret_value, size_t value_size)
{
  for (const char *p = strchr (header, ';'); p != NULL; p = strchr (p, ';')) {
    size_t size;

    p += 1 + strspn (p + 1, " \t");
    if (g_ascii_strncasecmp (p, name, strlen (name)) != 0 || p[strlen (name)] != '=')
      continue;
    p += strlen (name) + 1;
    size = *p == '"' ? strcspn (p + 1, "\"\\") : strcspn (p, "; \t\"\\");
    if ((*p == '"' && p[size + 1] != '"') || size == 0 || size >= value_size)
      return false;
    memcpy (ret_value, *p == '"' ? p + 1 : p, size);
    ret_value[size] = '\0';
    return true;
  }
  return false;
}

/* Whether the header's first word is `type`, whatever its parameters say. */
static bool
has_type (const char *header, const char *type)
{
  size_t size = strlen (type);

  return g_ascii_strncasecmp (header, type, size) == 0 &&
         (header[size] == '\0' || strchr ("; \t", header[size]) != NULL);
}

typedef struct Part {
  char name[16]; /* longer ones are none of ours */
  char type[64];
  Bytes content;
} Part;

/* One header line, as a text. What is too long for us is not ours to know. */
static void
read_header (Part *part, const char *line)
{
  static const char disposition[] = "content-disposition:";
  static const char type[] = "content-type:";

  if (g_ascii_strncasecmp (line, disposition, strlen (disposition)) == 0) {
    line += strlen (disposition);
    line += strspn (line, " \t");
    if (!has_type (line, "form-data") ||
        !find_parameter (line, "name", part->name, sizeof part->name))
      part->name[0] = '\0';
  } else if (g_ascii_strncasecmp (line, type, strlen (type)) == 0) {
    line += strlen (type);
    g_strlcpy (part->type, line + strspn (line, " \t"), sizeof part->type);
  }
}

/* The headers of a part, up to the empty line. */
static bool
read_head (Part *part, Bytes *rest)
{
  size_t read = 0;

  for (;;) {
    const uint8_t *end = memmem (rest->data, rest->size, "\r\n", 2);
    size_t size = end != NULL ? (size_t) (end - rest->data) : 0;
    g_autofree char *line = NULL;

    read += size + 2;
    if (end == NULL || read > LIMIT_ENROLMENT_PART_HEAD || memchr (rest->data, 0, size) != NULL)
      return false;
    line = g_strndup ((const char *) rest->data, size);
    *rest = skip (*rest, size + 2);
    if (size == 0)
      return true;
    read_header (part, line);
  }
}

/* Words are UTF-8 without NUL, so that they can be compared as C strings. */
static bool
take_text (Bytes content, size_t size_max, Bytes *field)
{
  if (field->data != NULL || content.size > size_max ||
      !g_utf8_validate ((const char *) content.data, (gssize) content.size, NULL))
    return false;
  *field = content;
  return true;
}

static bool
take_count (Bytes content, EnrolmentForm *form)
{
  g_autofree char *text = NULL;
  guint64 number;

  if (form->node_id_count != 0 || content.size == 0 || content.size > 4)
    return false;
  text = g_strndup ((const char *) content.data, content.size);
  if (strlen (text) != content.size ||
      !g_ascii_string_to_unsigned (text, 10, 1, 9999, &number, NULL))
    return false;
  form->node_id_count = (unsigned) number;
  return true;
}

static bool
take_part (const Part *part, EnrolmentForm *form)
{
  if (strcmp (part->name, "username") == 0)
    return take_text (part->content, USERNAME_MAX, &form->username);
  if (strcmp (part->name, "password") == 0)
    return take_text (part->content, LIMIT_ENROLMENT_PASSWORD, &form->password);
  if (strcmp (part->name, "nodeids") == 0)
    return take_count (part->content, form);
  if (strcmp (part->name, "csr") != 0)
    return true;
  if (form->csr.data != NULL || !has_type (part->type, csr_type))
    return false;
  form->csr = part->content;
  return true;
}

/* Goes behind the next delimiter; `*ret_before` is what stood before it, without its CRLF. */
static bool
next_delimiter (Bytes *rest, const char *delimiter, Bytes *ret_before)
{
  const uint8_t *found = memmem (rest->data, rest->size, delimiter, strlen (delimiter));

  if (found == NULL)
    return false;
  *ret_before = (Bytes){ rest->data, (size_t) (found - rest->data) };
  *rest = skip (*rest, ret_before->size + strlen (delimiter));
  return true;
}

static bool
read_parts (Bytes rest, const char *delimiter, EnrolmentForm *form)
{
  for (int i = 0; i < LIMIT_ENROLMENT_PARTS; i++) {
    Part part = { .name = "" };

    if (starts_with (rest, "--"))
      return true;
    if (!starts_with (rest, "\r\n"))
      return false;
    rest = skip (rest, 2);
    if (!read_head (&part, &rest) || !next_delimiter (&rest, delimiter, &part.content) ||
        !take_part (&part, form))
      return false;
  }
  return false;
}

bool
enrolment_form_read (Bytes body, const char *content_type, EnrolmentForm *ret_form)
{
  char delimiter[BOUNDARY_MAX + 5] = "\r\n--";
  EnrolmentForm form = { .node_id_count = 0 };
  Bytes preamble, rest = body;

  if (body.size == 0 || body.size > LIMIT_ENROLMENT_FORM || !has_type (content_type, form_type) ||
      !find_parameter (content_type, "boundary", delimiter + 4, BOUNDARY_MAX + 1))
    return false;
  if (starts_with (body, delimiter + 2))
    rest = skip (body, strlen (delimiter + 2));
  else if (!next_delimiter (&rest, delimiter, &preamble))
    return false;
  if (!read_parts (rest, delimiter, &form) || form.csr.size == 0)
    return false;
  if (form.node_id_count == 0)
    form.node_id_count = 1;
  *ret_form = form;
  return true;
}

/* ---- Writing ---- */

static void
append_field (
  GByteArray *body, const char *boundary, const char *name, const char *type, Bytes value)
{
  g_autofree char *head =
    g_strdup_printf ("--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n%s%s%s\r\n", boundary,
                     name, type != NULL ? "Content-Type: " : "", type != NULL ? type : "",
                     type != NULL ? "\r\n" : "");

  g_byte_array_append (body, (const uint8_t *) head, (guint) strlen (head));
  g_byte_array_append (body, value.data, (guint) value.size);
  g_byte_array_append (body, (const uint8_t *) "\r\n", 2);
}

/* The boundary is random, so that nothing that is sent can hold it. */
GBytes *
enrolment_form_write (const EnrolmentForm *form, char **ret_content_type)
{
  GByteArray *body = g_byte_array_new ();
  uint8_t random[BOUNDARY_RANDOM];
  g_autofree char *boundary = NULL, *end = NULL, *count = NULL;

  private_random (random, sizeof random);
  boundary = bytes_to_hex ((Bytes){ random, sizeof random });
  append_field (body, boundary, "username", "text/plain; charset=utf-8", form->username);
  append_field (body, boundary, "password", "text/plain; charset=utf-8", form->password);
  if (form->node_id_count > 1) {
    count = g_strdup_printf ("%u", form->node_id_count);
    append_field (body, boundary, "nodeids", NULL, bytes_of_text (count));
  }
  append_field (body, boundary, "csr", csr_type, form->csr);
  end = g_strdup_printf ("--%s--\r\n", boundary);
  g_byte_array_append (body, (const uint8_t *) end, (guint) strlen (end));
  *ret_content_type = g_strdup_printf ("%s; boundary=%s", form_type, boundary);
  return g_byte_array_free_to_bytes (body);
}
