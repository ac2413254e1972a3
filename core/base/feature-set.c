/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/feature-set.h"

#include "core/base/limits.h"

#include <string.h>

/* One feature is given, all others are open: each part of the predicate is true, false or open, and
 * so is the whole, by the rules of a logic of three values. */

typedef enum Truth {
  TRUTH_FALSE,
  TRUTH_OPEN,
  TRUTH_TRUE,
} Truth;

typedef struct Reader {
  const char *at;
  const char *end;
  const char *tag;
  const char *value;
  unsigned depth;
  bool has_failed;
} Reader;

static void
skip_space (Reader *self)
{
  while (self->at < self->end && g_ascii_isspace (*self->at))
    self->at++;
}

static bool
take (Reader *self, char c)
{
  skip_space (self);
  if (self->at == self->end || *self->at != c)
    return false;
  self->at++;
  return true;
}

static void
expect (Reader *self, char c)
{
  if (!take (self, c))
    self->has_failed = true;
}

/* Up to one of `stops`; without the space around it. */
static Bytes
take_until (Reader *self, const char *stops)
{
  const char *start;
  size_t size;

  skip_space (self);
  start = self->at;
  while (self->at < self->end && strchr (stops, *self->at) == NULL)
    self->at++;
  size = (size_t) (self->at - start);
  while (size > 0 && g_ascii_isspace (start[size - 1]))
    size--;
  self->has_failed = self->has_failed || size == 0;
  return (Bytes){ (const uint8_t *) start, size };
}

static bool
is_text (Bytes bytes, const char *text)
{
  return bytes.size == strlen (text) &&
         g_ascii_strncasecmp ((const char *) bytes.data, text, bytes.size) == 0;
}

/* [a, b, c]: one of them will do. */
static Truth
read_values (Reader *self)
{
  Truth truth = TRUTH_FALSE;

  do {
    if (is_text (take_until (self, ",]"), self->value))
      truth = TRUTH_TRUE;
  } while (take (self, ','));
  expect (self, ']');
  return truth;
}

/* tag=value, tag=[value, value]; of >= and <= only the tag is understood. */
static Truth
read_item (Reader *self)
{
  bool is_tag = is_text (take_until (self, "=<>()"), self->tag);
  bool is_equal = take (self, '=');
  Truth truth;

  if (!is_equal) {
    if (!take (self, '<') && !take (self, '>'))
      self->has_failed = true;
    expect (self, '=');
  }
  if (is_equal && take (self, '['))
    truth = read_values (self);
  else
    truth = is_text (take_until (self, "()"), self->value) ? TRUTH_TRUE : TRUTH_FALSE;
  return is_tag && is_equal ? truth : TRUTH_OPEN;
}

static Truth read_filter (Reader *self);

static Truth
read_list (Reader *self, bool is_and)
{
  Truth truth = is_and ? TRUTH_TRUE : TRUTH_FALSE;

  do {
    Truth next = read_filter (self);
    truth = is_and ? MIN (truth, next) : MAX (truth, next);
    skip_space (self);
  } while (!self->has_failed && self->at < self->end && *self->at == '(');
  return truth;
}

static Truth
read_filter (Reader *self)
{
  Truth truth;

  expect (self, '(');
  if (self->has_failed || ++self->depth > LIMIT_FEATURE_DEPTH) {
    self->has_failed = true;
    return TRUTH_OPEN;
  }
  if (take (self, '&'))
    truth = read_list (self, true);
  else if (take (self, '|'))
    truth = read_list (self, false);
  else if (take (self, '!'))
    truth = (Truth) (TRUTH_TRUE - read_filter (self));
  else
    truth = read_item (self);
  expect (self, ')');
  /* Qualities say how much, not whether (RFC 2533, 4). */
  while (!self->has_failed && take (self, ';'))
    take_until (self, ";()");
  self->depth--;
  return truth;
}

bool
feature_set_permits (Bytes predicate, const char *tag, const char *value)
{
  Reader reader = { .tag = tag, .value = value };
  Truth truth;

  if (predicate.size == 0 || predicate.size > LIMIT_FEATURE_SET_SIZE)
    return true;
  reader.at = (const char *) predicate.data;
  reader.end = reader.at + predicate.size;
  truth = read_filter (&reader);
  skip_space (&reader);
  return reader.has_failed || reader.at < reader.end || truth != TRUTH_FALSE;
}
