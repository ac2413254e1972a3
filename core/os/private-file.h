/* SPDX-License-Identifier: GPL-3.0-or-later */
/* private-file.h: files that hold keys: nobody else may read them, and a crash leaves either the
 * old or the new contents. And what goes into them. */
#pragma once
#include "core/base/bytes.h"
#include "core/os/store-error.h"

/* Makes the folder and those above it where they are missing, 0700, and takes the permissions of
 * others away from an existing one. */
bool private_folder_make (const char *path, GError **error);

/* The contents, wiped when they are freed. Refuses symbolic links, files of other users, files that
 * others may read, and those above `size_max` bytes. */
GBytes *private_file_read (const char *path, size_t size_max, GError **error);

/* Replaces the contents in one step; when it returns true they are on the disk. */
bool private_file_write (const char *path, Bytes contents, GError **error);

/* Takes the permissions of others away, so that the file can be read again. */
bool private_file_repair (const char *path, GError **error);

/* Fresh secret bytes, from the system. */
void private_random (uint8_t *ret_bytes, size_t size);
