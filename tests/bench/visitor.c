/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/overlay/redir-tree.h"
#include "core/phone/phone-private.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A phone that joins an overlay, and then looks up and stores as it is told, one after the other,
 * over the links that it has: visitor STATE INVITATION NAME. Orders are lines on standard input,
 * answers lines of JSON; the times are those that it took inside this process.
 *
 *   get ADDRESS    {"us", "found"}
 *   put            {"us", "stored"}: a new record of this node, at a place nobody used before
 *
 * What is put is a service's record in a tree (RFC 7374), since a peer may store those at as many
 * places as it has names for: signed, and checked by whoever keeps it, like a registration. */

enum { LIFETIME_S = 600, NEVER_S = 24 * 3600, PATIENCE_S = 40 };

typedef struct Visitor {
  PealPhone *phone;
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
  peal_phone_lookup_async (self->phone, address, NULL, on_found, self);
  while (!self->is_over)
    g_main_context_iteration (NULL, TRUE);
}

static Overlay *
overlay_of (const Visitor *self)
{
  return line_get_node (g_ptr_array_index (self->phone->lines, 0))->overlay;
}

static Publication *
new_record (Visitor *self)
{
  Overlay *overlay = overlay_of (self);
  g_autofree char *service = g_strdup_printf ("bench-%u", self->puts++);
  g_autoptr (GByteArray) value = g_byte_array_new ();
  Destination here = destination_of_node (&overlay->id);
  RedirServiceProvider record = { .destination_list = { &here, 1 },
                                  .namespace = bytes_of_text (service) };
  PublicationOptions options = {
    .resource = redir_resource (record.namespace, record.level, record.node),
    .kind = KIND_REDIR,
    .key = node_id_bytes (&overlay->id),
    .lifetime_s = LIFETIME_S,
    .refresh_s = NEVER_S,
  };

  redir_service_provider_encode (&record, value);
  options.value = (Bytes){ value->data, value->len };
  return publication_new (overlay, &options);
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
  Publication *publication = new_record (self);
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

static void
join (Visitor *self, const char *invitation, const char *name)
{
  g_autoptr (GError) error = NULL;
  PealAccount *account = peal_phone_join (self->phone, invitation, name, name, &error);

  if (account == NULL)
    g_error ("%s", error->message);
  while (peal_account_get_state (account) != PEAL_ACCOUNT_READY)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  Visitor self = { .loop = g_main_loop_new (NULL, FALSE) };
  PealPhoneOptions options = { .listen = "127.0.0.1:0", .is_user = true, .log_level = 2 };
  g_autoptr (GError) error = NULL;

  if (argc != 4)
    return 2;
  options.state_path = argv[1];
  self.phone = peal_phone_new (&options, &error);
  if (self.phone == NULL)
    g_error ("%s", error->message);
  join (&self, argv[2], argv[3]);
  puts ("{\"ready\": true}");
  setvbuf (stdin, NULL, _IONBF, 0); /* a line that is read is not left in between */
  fflush (stdout);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_order, &self);
  g_main_loop_run (self.loop);
  peal_phone_leave (self.phone);
  g_object_unref (self.phone);
  g_main_loop_unref (self.loop);
  return 0;
}
