/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/private-file.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* A secret is written beside its place, with O_EXCL and O_NOFOLLOW and the mode 0600 from the first
 * moment, flushed to the disk, renamed over the old file, and the folder is flushed in turn. What a
 * crash leaves behind is at most the file beside it, which the next write removes. */

enum { MODE_FOLDER = 0700, MODE_FILE = 0600, MODE_OTHERS = 077 };

/* The contents of a secret file and how many bytes to wipe. */
typedef struct Secret {
  size_t size;
  uint8_t bytes[];
} Secret;

static void
secret_free (gpointer data)
{
  Secret *self = data;

  explicit_bzero (self->bytes, self->size);
  g_free (self);
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
}

typedef int Fd;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fd, close_fd)

bool
private_folder_make (const char *path, GError **error)
{
  struct stat status;

  if (g_mkdir_with_parents (path, MODE_FOLDER) != 0) {
    store_error_set_errno (error, "make folder", path, errno);
    return false;
  }
  if (stat (path, &status) != 0 ||
      ((status.st_mode & MODE_OTHERS) != 0 && chmod (path, MODE_FOLDER) != 0)) {
    store_error_set_errno (error, "set mode of", path, errno);
    return false;
  }
  return true;
}

static bool
check_status (int fd, const char *path, size_t size_max, size_t *ret_size, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0) {
    store_error_set_errno (error, "read", path, errno);
    return false;
  }
  if (!S_ISREG (status.st_mode) || status.st_size < 0 || (uint64_t) status.st_size > size_max) {
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s is no file of ours", path);
    return false;
  }
  if (status.st_uid != geteuid () || (status.st_mode & MODE_OTHERS) != 0) {
    g_set_error (error, STORE_ERROR, STORE_ERROR_OPEN_TO_OTHERS, "%s can be read by others", path);
    return false;
  }
  *ret_size = (size_t) status.st_size;
  return true;
}

GBytes *
private_file_read (const char *path, size_t size_max, GError **error)
{
  g_auto (Fd) fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  size_t size, done = 0;
  Secret *secret;

  if (fd < 0) {
    store_error_set_errno (error, "open", path, errno);
    return NULL;
  }
  if (!check_status (fd, path, size_max, &size, error))
    return NULL;
  secret = g_malloc0 (sizeof *secret + size);
  secret->size = size;
  while (done < size) {
    ssize_t count = read (fd, secret->bytes + done, size - done);

    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      store_error_set_errno (error, "read", path, count < 0 ? errno : EIO);
      secret_free (secret);
      return NULL;
    }
    done += (size_t) count;
  }
  return g_bytes_new_with_free_func (secret->bytes, size, secret_free, secret);
}

static bool
write_all (int fd, Bytes contents)
{
  size_t done = 0;

  while (done < contents.size) {
    ssize_t count = write (fd, contents.data + done, contents.size - done);

    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    done += (size_t) count;
  }
  return fsync (fd) == 0;
}

static bool
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_auto (Fd) fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return fd >= 0 && fsync (fd) == 0;
}

/* Everything but the rename; sets errno. */
static bool
write_beside (const char *beside, Bytes contents)
{
  g_auto (Fd) fd = -1;

  if (unlink (beside) != 0 && errno != ENOENT)
    return false;
  fd = open (beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE_FILE);
  return fd >= 0 && write_all (fd, contents);
}

bool
private_file_write (const char *path, Bytes contents, GError **error)
{
  g_autofree char *beside = g_strconcat (path, ".new", NULL);
  int error_number;

  if (write_beside (beside, contents) && rename (beside, path) == 0 && sync_folder (path))
    return true;
  error_number = errno;
  unlink (beside);
  store_error_set_errno (error, "write", path, error_number);
  return false;
}

bool
private_file_repair (const char *path, GError **error)
{
  g_auto (Fd) fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd >= 0 && fchmod (fd, MODE_FILE) == 0)
    return true;
  store_error_set_errno (error, "set mode of", path, errno);
  return false;
}

void
private_random (uint8_t *ret_bytes, size_t size)
{
  size_t done = 0;

  while (done < size) {
    ssize_t count = getrandom (ret_bytes + done, size - done, 0);

    if (count < 0 && errno != EINTR)
      g_error ("the system gives no random bytes: %s", g_strerror (errno));
    done += count > 0 ? (size_t) count : 0;
  }
}
