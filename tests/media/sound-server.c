/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pulseaudio runs as our child in the foreground, so that it ends with us; its folder holds socket,
 * configuration and log, and stands in for home and runtime folder. */
#include "tests/media/sound-server.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_TRIES = 500, START_PAUSE_MS = 20 };

struct SoundServer {
  char *folder, *socket, *script;
  GPid pid;        /* 0 when stopped */
  GArray *players; /* of GPid */
};

bool
sound_server_is_installed (void)
{
  g_autofree char *server = g_find_program_in_path ("pulseaudio");
  g_autofree char *control = g_find_program_in_path ("pactl");
  return server != NULL && control != NULL;
}

/* In the child: dies with the test program, whatever ends that. */
static void
on_child_start (void *user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GPid
spawn (SoundServer *self, const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  GPid pid;
  g_auto (GStrv) environment = g_get_environ ();
  environment = g_environ_setenv (environment, "HOME", self->folder, true);
  environment = g_environ_setenv (environment, "XDG_RUNTIME_DIR", self->folder, true);
  environment = g_environ_unsetenv (environment, "LD_PRELOAD");
  GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                      G_SPAWN_STDERR_TO_DEV_NULL;
  g_spawn_async (NULL, (char **) arguments, environment, flags, on_child_start, NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

static void
end (GPid pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_spawn_close_pid (pid);
}

static void
write_script (SoundServer *self, const char *phones)
{
  static const char sink[] = "load-module module-null-sink sink_name=%c_%s rate=48000 channels=1 "
                             "format=s16le sink_properties=device.description=%c-%s\n";
  g_autoptr (GString) script = g_string_new (NULL);
  g_string_append_printf (script,
                          "load-module module-native-protocol-unix auth-anonymous=1 socket=%s\n",
                          self->socket);
  for (const char *phone = phones; *phone != '\0'; phone++) {
    g_string_append_printf (script, sink, *phone, "out", *phone, "Speaker");
    g_string_append_printf (script, sink, *phone, "in", *phone, "Feed");
    g_string_append_printf (script,
                            "load-module module-remap-source source_name=%c_mic "
                            "master=%c_in.monitor "
                            "source_properties=device.description=%c-Microphone\n",
                            *phone, *phone, *phone);
  }
  g_file_set_contents (self->script, script->str, -1, NULL);
}

static bool
is_answering (const SoundServer *self)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_strlcpy (address.sun_path, self->socket, sizeof address.sun_path);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool is_there = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
  close (fd);
  return is_there;
}

SoundServer *
sound_server_new_stopped (const char *phones)
{
  g_autoptr (GError) error = NULL;
  SoundServer *self = g_new0 (SoundServer, 1);
  self->folder = g_dir_make_tmp ("peal-pulse-XXXXXX", &error);
  g_assert_no_error (error);
  self->socket = g_build_filename (self->folder, "native", NULL);
  self->script = g_build_filename (self->folder, "test.pa", NULL);
  self->players = g_array_new (false, false, sizeof (GPid));
  write_script (self, phones);
  g_autofree char *address = g_strconcat ("unix:", self->socket, NULL);
  g_setenv ("PULSE_SERVER", address, true);
  return self;
}

/* The modules are loaded in the script's order, the socket first: the last device is waited for. */
void
sound_server_start (SoundServer *self)
{
  g_assert (self->pid == 0);
  const char *arguments[] = { "pulseaudio",
                              "-n",
                              "-F",
                              self->script,
                              "--daemonize=no",
                              "--exit-idle-time=-1",
                              "--realtime=no",
                              "--high-priority=no",
                              "--use-pid-file=no",
                              "--log-target=stderr",
                              NULL };
  self->pid = spawn (self, arguments);
  for (unsigned i = 0; i < START_TRIES && !is_answering (self); i++)
    g_poll (NULL, 0, START_PAUSE_MS);
  g_assert_true (is_answering (self));
  g_free (sound_server_control (self, "info", NULL));
}

SoundServer *
sound_server_new (const char *phones)
{
  SoundServer *self = sound_server_new_stopped (phones);
  sound_server_start (self);
  return self;
}

void
sound_server_stop (SoundServer *self)
{
  for (unsigned i = 0; i < self->players->len; i++)
    end (g_array_index (self->players, GPid, i));
  g_array_set_size (self->players, 0);
  if (self->pid != 0)
    end (self->pid);
  self->pid = 0;
  g_remove (self->socket);
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    remove_tree (child);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

void
sound_server_free (SoundServer *self)
{
  if (self == NULL)
    return;
  sound_server_stop (self);
  remove_tree (self->folder);
  g_array_unref (self->players);
  g_free (self->folder);
  g_free (self->socket);
  g_free (self->script);
  g_free (self);
}

char *
sound_server_control (SoundServer *self, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_ptr_array_add (arguments, (char *) "pactl");
  va_list list;
  va_start (list, self);
  char *argument;
  do
    g_ptr_array_add (arguments, argument = va_arg (list, char *));
  while (argument != NULL);
  va_end (list);
  char *output = NULL;
  g_autoptr (GError) error = NULL;
  g_spawn_sync (NULL, (char **) arguments->pdata, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL, NULL,
                &error);
  g_assert_no_error (error);
  return g_strstrip (output);
}

void
sound_server_speak (SoundServer *self, char letter, const char *raw_path)
{
  g_autofree char *device = g_strdup_printf ("--device=%c_in", letter);
  const char *arguments[] = { "pacat",        "--playback",     "--rate=48000",
                              "--channels=1", "--format=s16le", "--latency-msec=20",
                              device,         raw_path,         NULL };
  GPid pid = spawn (self, arguments);
  g_array_append_val (self->players, pid);
}

const char *
sound_server_folder (SoundServer *self)
{
  return self->folder;
}
