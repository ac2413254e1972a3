/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/log.h"

#include <stdarg.h>

void
log_write (const NodePorts *ports, LogLevel level, const char *domain, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  ports->log (ports->world, level, domain, text);
}
