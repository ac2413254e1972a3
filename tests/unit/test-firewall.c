/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/firewall.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>

typedef struct Row {
  const char *path;
  const char *text;
  Firewall firewall;
} Row;

static const Row rows[] = {
  { "etc/hostname", "here\n", FIREWALL_UNKNOWN },
  { "etc/ufw/ufw.conf", "# /etc/ufw/ufw.conf\nENABLED=no\nLOGLEVEL=low\n", FIREWALL_UNKNOWN },
  { "etc/ufw/ufw.conf", "# ENABLED=yes\n", FIREWALL_UNKNOWN },
  { "etc/ufw/ufw.conf", "# Set to yes\nENABLED=yes\nLOGLEVEL=low\n", FIREWALL_UFW },
  { "etc/ufw/ufw.conf", "ENABLED=\"yes\"\n", FIREWALL_UFW },
  { "sys/fs/cgroup/system.slice/firewalld.service/cgroup.procs", "7\n", FIREWALL_FIREWALLD },
  { "etc/systemd/system/sysinit.target.wants/nftables.service", "", FIREWALL_NFTABLES },
};

/* Removes a file and the folders that it stands in. */
static void
remove_up_to (const char *root, const char *path)
{
  g_autofree char *whole = g_build_filename (root, path, NULL);

  g_remove (whole);
  for (char *slash; g_str_has_prefix (whole, root) && (slash = strrchr (whole, '/')) != NULL;) {
    *slash = '\0';
    g_rmdir (whole);
  }
}

static void
test_rows (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *root = g_dir_make_tmp ("peal-XXXXXX", NULL);
    g_autofree char *path = g_build_filename (root, rows[i].path, NULL);
    g_autofree char *folder = g_path_get_dirname (path);
    bool is_written = g_mkdir_with_parents (folder, 0700) == 0 &&
                      g_file_set_contents (path, rows[i].text, -1, NULL);
    g_assert_true (is_written);
    g_test_message ("%s", rows[i].path);
    g_assert_cmpint (firewall_find (root), ==, rows[i].firewall);
    remove_up_to (root, rows[i].path);
    g_assert_false (g_file_test (root, G_FILE_TEST_EXISTS));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firewall/known-by-what-all-may-read", test_rows);
  return g_test_run ();
}
