/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/autostart.h"
#include <errno.h>
#include <glib/gstdio.h>

/* What is started is the program that runs now, wherever it is installed, as the service that
 * D-Bus would start: it rings and notifies, and shows its window when somebody asks for it. */

static char *
entry_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", "org.pealphone.Peal.desktop",
                           NULL);
}

bool
peal_autostart_get (void)
{
  g_autofree char *path = entry_path ();

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Desktop Entry Specification, "The Exec key". */
static char *
quote (const char *path)
{
  g_autoptr (GString) quoted = g_string_new ("\"");

  for (const char *p = path; *p; p++) {
    if (strchr ("\"`$\\", *p))
      g_string_append (quoted, "\\\\");
    if (*p == '%')
      g_string_append_c (quoted, '%');
    g_string_append_c (quoted, *p);
  }
  g_string_append_c (quoted, '"');
  return g_string_free (g_steal_pointer (&quoted), FALSE);
}

static bool
set_error (GError **error, const char *path)
{
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  return false;
}

static bool
write_entry (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *program = g_file_read_link ("/proc/self/exe", error);
  g_autofree char *quoted = program ? quote (program) : NULL;
  g_autofree char *text =
    g_strdup_printf ("[Desktop Entry]\nType=Application\nName=Peal\nIcon=org.pealphone.Peal\n"
                     "Exec=%s --gapplication-service\n",
                     quoted);

  if (!program)
    return false;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return set_error (error, folder);
  return g_file_set_contents (path, text, -1, error);
}

bool
peal_autostart_set (bool is_on, GError **error)
{
  g_autofree char *path = entry_path ();

  if (is_on)
    return write_entry (path, error);
  return g_unlink (path) == 0 || errno == ENOENT || set_error (error, path);
}
