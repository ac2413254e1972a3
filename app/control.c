/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/control.h"
#include "app/command.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The socket has mode 0600 in a folder of mode 0700, and every caller's user is asked of the
 * kernel besides. A caller that goes away, or sends a second packet, ends its command; one that
 * does not read loses its connection rather than make us wait. */

enum { ANSWER_MAX = 16384 };

typedef struct Client {
  Control *control;
  GSocket *socket;  /* owned */
  GSource *source;  /* owned */
  Command *command; /* owned; NULL before the request */
} Client;

struct Control {
  int folder; /* descriptor of the folder, so that its path may be longer than a socket's */
  int lock;   /* descriptor of the lock file */
  GSocket *socket;
  GSource *source;
  GPtrArray *clients; /* of Client */
  PealPhone *phone;   /* borrowed; NULL while there is none */
};

static char *
folder_path (const char *state_path)
{
  if (state_path != NULL)
    return g_strdup (state_path);
  return g_build_filename (g_get_user_runtime_dir (), "peal", NULL);
}

static GSocketAddress *
socket_address (int folder)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/control", folder);

  return g_unix_socket_address_new (path);
}

static void
drop_client (Client *self)
{
  g_ptr_array_remove (self->control->clients, self);
}

static void
free_client (gpointer data)
{
  Client *self = data;

  command_free (self->command);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_free (self);
}

static void
answer (Client *self, char output, const char *text, size_t size)
{
  g_autofree char *packet = g_malloc (size + 1);

  packet[0] = output;
  memcpy (packet + 1, text, size);
  g_socket_send_with_blocking (self->socket, packet, size + 1, FALSE, NULL, NULL);
}

static void
answer_line (Client *self, char output, const char *line)
{
  for (size_t left = strlen (line); left > ANSWER_MAX; left -= ANSWER_MAX, line += ANSWER_MAX)
    answer (self, output, line, ANSWER_MAX);
  answer (self, output, line, strlen (line));
  answer (self, output, "\n", 1);
}

static void
on_print (void *user_data, const char *line)
{
  answer_line (user_data, 'o', line);
}

static void
on_say (void *user_data, const char *sentence)
{
  answer_line (user_data, 'e', sentence);
}

static void
on_command_done (void *user_data, int status)
{
  const char code = (char) status;

  answer (user_data, 'x', &code, 1);
  drop_client (user_data);
}

/* The request's strings, or NULL when it is none. */
static char **
read_request (const char *packet, size_t size)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  size_t count = 0;

  if (size == 0 || size > CONTROL_REQUEST_MAX || packet[size - 1] != '\0')
    return NULL;
  for (size_t at = 0; at < size; at += strlen (packet + at) + 1) {
    if (++count > CONTROL_ARGUMENTS_MAX || !g_utf8_validate (packet + at, -1, NULL))
      return NULL;
    g_strv_builder_add (words, packet + at);
  }
  return count >= 2 ? g_strv_builder_end (words) : NULL;
}

static void
run_request (Client *self, char **words)
{
  const CommandReply reply = { on_print, on_say, on_command_done, self };
  g_autoptr (GError) error = NULL;

  self->command = command_new (words + 1, words[0], &error);
  if (self->command != NULL) {
    command_start (self->command, self->control->phone, &reply);
    return;
  }
  on_say (self, error->message);
  on_command_done (self, 2);
}

static gboolean
on_client_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Client *self = user_data;
  char packet[CONTROL_REQUEST_MAX + 1];
  gssize size = g_socket_receive_with_blocking (socket, packet, sizeof packet, FALSE, NULL, NULL);
  g_auto (GStrv) words =
    size > 0 && self->command == NULL ? read_request (packet, (size_t) size) : NULL;

  if (words != NULL)
    run_request (self, words);
  else
    drop_client (self);
  return G_SOURCE_CONTINUE;
}

static bool
is_same_user (GSocket *socket)
{
  g_autoptr (GCredentials) credentials = g_socket_get_credentials (socket, NULL);

  return credentials != NULL && g_credentials_get_unix_user (credentials, NULL) == geteuid ();
}

static gboolean
on_caller (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Control *self = user_data;
  g_autoptr (GSocket) caller = g_socket_accept (socket, NULL, NULL);
  Client *client;

  if (caller == NULL || !is_same_user (caller) || self->clients->len >= CONTROL_CLIENTS_MAX)
    return G_SOURCE_CONTINUE;
  client = g_new0 (Client, 1);
  client->control = self;
  client->socket = g_steal_pointer (&caller);
  client->source = g_socket_create_source (client->socket, G_IO_IN, NULL);
  g_source_set_callback (client->source, G_SOURCE_FUNC (on_client_ready), client, NULL);
  g_source_attach (client->source, NULL);
  g_ptr_array_add (self->clients, client);
  return G_SOURCE_CONTINUE;
}

static void
set_errno_error (GError **error, int code, const char *path)
{
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code),
               /* Translators: a folder, and why the system refuses it. */
               _ ("The folder “%s” cannot be used: %s"), path, g_strerror (code));
}

static bool
take_lock (Control *self, const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) != 0)
    return set_errno_error (error, errno, path), false;
  self->folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->folder < 0)
    return set_errno_error (error, errno, path), false;
  self->lock = openat (self->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock < 0)
    return set_errno_error (error, errno, path), false;
  if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
    return true;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                       _ ("Peal is already running with this data."));
  return false;
}

static bool
listen_here (Control *self, GError **error)
{
  g_autoptr (GSocketAddress) address = socket_address (self->folder);
  mode_t mask;
  bool bound;

  self->socket =
    g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_SEQPACKET, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (self->socket == NULL)
    return false;
  g_socket_set_blocking (self->socket, FALSE);
  unlinkat (self->folder, "control", 0);
  mask = umask (0177);
  bound = g_socket_bind (self->socket, address, FALSE, error);
  umask (mask);
  return bound && g_socket_listen (self->socket, error);
}

Control *
control_new (const char *state_path, GError **error)
{
  g_autoptr (Control) self = g_new0 (Control, 1);
  g_autofree char *path = folder_path (state_path);

  self->folder = self->lock = -1;
  self->clients = g_ptr_array_new_with_free_func (free_client);
  if (!take_lock (self, path, error) || !listen_here (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
stop_serving (Control *self)
{
  if (self->source != NULL) {
    g_source_destroy (self->source);
    g_clear_pointer (&self->source, g_source_unref);
  }
  g_ptr_array_set_size (self->clients, 0);
}

void
control_free (Control *self)
{
  if (self == NULL)
    return;
  stop_serving (self);
  g_ptr_array_unref (self->clients);
  if (self->socket != NULL) {
    unlinkat (self->folder, "control", 0);
    g_object_unref (self->socket);
  }
  if (self->lock >= 0)
    close (self->lock);
  if (self->folder >= 0)
    close (self->folder);
  g_free (self);
}

void
control_serve (Control *self, PealPhone *phone)
{
  stop_serving (self);
  self->phone = phone;
  if (phone == NULL)
    return;
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_caller), self, NULL);
  g_source_attach (self->source, NULL);
}

static GSocket *
connect_to_owner (const char *state_path)
{
  g_autofree char *path = folder_path (state_path);
  int folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  bool connected;

  if (folder < 0)
    return NULL;
  address = socket_address (folder);
  socket =
    g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_SEQPACKET, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  connected = socket != NULL && g_socket_connect (socket, address, NULL, NULL);
  close (folder);
  return connected && is_same_user (socket) ? g_steal_pointer (&socket) : NULL;
}

static bool
send_request (GSocket *socket, char **arguments)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autoptr (GString) packet = g_string_new (folder);

  g_string_append_c (packet, '\0');
  for (char **argument = arguments; *argument != NULL; argument++)
    g_string_append_len (packet, *argument, (gssize) strlen (*argument) + 1);
  return packet->len <= CONTROL_REQUEST_MAX &&
         g_socket_send (socket, packet->str, packet->len, NULL, NULL) > 0;
}

bool
control_ask (const char *state_path, char **arguments, int *ret_status)
{
  g_autoptr (GSocket) socket = connect_to_owner (state_path);
  char packet[ANSWER_MAX + 1];
  gssize size;

  if (socket == NULL)
    return false;
  *ret_status = 1;
  if (!send_request (socket, arguments))
    return true;
  while ((size = g_socket_receive (socket, packet, sizeof packet, NULL, NULL)) > 0) {
    if (packet[0] == 'x') {
      *ret_status = size > 1 ? packet[1] : 1;
      return true;
    }
    fwrite (packet + 1, 1, (size_t) size - 1, packet[0] == 'o' ? stdout : stderr);
    fflush (packet[0] == 'o' ? stdout : stderr);
  }
  g_printerr ("%s\n", _ ("Peal stopped before the command was done."));
  return true;
}
