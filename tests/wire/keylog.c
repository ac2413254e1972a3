/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library to be loaded before a program of ours: it hears the secrets that OpenSSL makes in it
 * and writes them to the file $SSLKEYLOGFILE, so that tshark can read what the program says. The
 * programs themselves have no such door. */
#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Several processes write to one file, a line at a time. */
static void
on_secret (const SSL *ssl, const char *line)
{
  const char *path = getenv ("SSLKEYLOGFILE");
  char text[512];
  size_t size = strlen (line);
  int file;

  if (path == NULL || size >= sizeof text)
    return;
  memcpy (text, line, size);
  text[size] = '\n';
  file = open (path, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (file < 0)
    return;
  if (write (file, text, size + 1) < 0)
    abort ();
  close (file);
}

SSL_CTX *
SSL_CTX_new (const SSL_METHOD *method)
{
  SSL_CTX *(*next) (const SSL_METHOD *) =
    (SSL_CTX * (*) (const SSL_METHOD *) ) dlsym (RTLD_NEXT, "SSL_CTX_new");
  SSL_CTX *context = next (method);

  if (context != NULL)
    SSL_CTX_set_keylog_callback (context, on_secret);
  return context;
}
