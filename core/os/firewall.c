/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/firewall.h"

#include <glib.h>
#include <stdbool.h>

/* The rules themselves are for root's eyes. But ufw's switch stands in a file that all may read,
 * systemd has a control group for firewalld while it runs, and keeps a link for nftables while its
 * rules are loaded at each start. */

static bool
has_file (const char *root, const char *path)
{
  g_autofree char *whole = g_build_filename (root, path, NULL);

  return g_file_test (whole, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

static bool
is_ufw_on (const char *root)
{
  g_autofree char *path = g_build_filename (root, "etc/ufw/ufw.conf", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) &&
         g_regex_match_simple ("^ENABLED=[\"']?yes[\"']?\\s*$", text,
                               G_REGEX_CASELESS | G_REGEX_MULTILINE, 0);
}

Firewall
firewall_find (const char *root)
{
  if (is_ufw_on (root))
    return FIREWALL_UFW;
  if (has_file (root, "sys/fs/cgroup/system.slice/firewalld.service") ||
      has_file (root, "sys/fs/cgroup/systemd/system.slice/firewalld.service"))
    return FIREWALL_FIREWALLD;
  if (has_file (root, "etc/systemd/system/sysinit.target.wants/nftables.service") ||
      has_file (root, "etc/systemd/system/multi-user.target.wants/nftables.service"))
    return FIREWALL_NFTABLES;
  return FIREWALL_UNKNOWN;
}
