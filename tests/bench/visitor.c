/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/guest.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A phone that joins an overlay, and then looks up and stores as it is told, one after the other,
 * over the links that it has: visitor STATE INVITATION NAME. Orders are lines on standard input,
 * answers lines of JSON; the times are those that it took inside this process.
 *
 *   get ADDRESS    {"us", "found"}
 *   put            {"us", "stored"}: a new record of this node, at a place nobody used before */

enum { PATIENCE_S = 40 };

typedef struct Visitor {
  Guest *guest;
  GMainLoop *loop;
  gint64 since;
  unsigned puts;
  bool is_over; /* the order, or the time for it */
} Visitor;

static void
say (const Visitor *self, const char *key, bool has_worked)
{
  printf ("{\"us\": %" G_GINT64_FORMAT ", \"%s\": %s}\n", g_get_monotonic_time () - self->since,
          key, has_worked ? "true" : "false");
  fflush (stdout);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visitor *self = user_data;
  g_autoptr (PealLookup) lookup = peal_phone_lookup_finish (PEAL_PHONE (source), result, NULL);

  say (self, "found", lookup != NULL);
  self->is_over = true;
}

static void
get (Visitor *self, const char *address)
{
  self->is_over = false;
  self->since = g_get_monotonic_time ();
  peal_phone_lookup_async (guest_phone (self->guest), address, NULL, on_found, self);
  while (!self->is_over)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
on_late (gpointer user_data)
{
  ((Visitor *) user_data)->is_over = true;
  return G_SOURCE_REMOVE;
}

static void
put (Visitor *self)
{
  g_autofree char *service = g_strdup_printf ("bench-%u", self->puts++);
  Publication *publication = guest_record (self->guest, service);
  guint late = g_timeout_add_seconds (PATIENCE_S, on_late, self);

  self->is_over = false;
  self->since = g_get_monotonic_time ();
  publication_start (publication);
  while (!self->is_over && !publication_is_settled (publication))
    g_main_context_iteration (NULL, TRUE);
  say (self, "stored", publication_is_stored (publication));
  if (!self->is_over)
    g_source_remove (late);
  publication_free (publication);
}

static gboolean
on_order (gint descriptor, GIOCondition condition, gpointer user_data)
{
  Visitor *self = user_data;
  char line[256];

  if (fgets (line, sizeof line, stdin) == NULL) {
    g_main_loop_quit (self->loop);
    return G_SOURCE_REMOVE;
  }
  g_strchomp (line);
  if (g_str_has_prefix (line, "get "))
    get (self, line + strlen ("get "));
  else if (strcmp (line, "put") == 0)
    put (self);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Visitor self = { .loop = g_main_loop_new (NULL, FALSE) };

  if (argc != 4)
    return 2;
  self.guest = guest_new (argv[1], argv[2], argv[3]);
  puts ("{\"ready\": true}");
  setvbuf (stdin, NULL, _IONBF, 0); /* a line that is read is not left in between */
  fflush (stdout);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_order, &self);
  g_main_loop_run (self.loop);
  guest_free (self.guest);
  g_main_loop_unref (self.loop);
  return 0;
}
