/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log.h: what the pure core says to developers. Keys, passwords, message bodies and contact names
 * are never logged above debug; text from the network only at debug. */
#pragma once
#include "core/base/ports.h"

void log_write (const NodePorts *ports, LogLevel level, const char *domain, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

/* The level is asked before anything is formatted. */
#define log_at(ports, level, ...)                              \
  do {                                                         \
    if ((level) <= (ports)->log_level)                         \
      log_write ((ports), (level), G_LOG_DOMAIN, __VA_ARGS__); \
  } while (0)

#define log_error(ports, ...)   log_at (ports, LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(ports, ...) log_at (ports, LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(ports, ...)    log_at (ports, LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(ports, ...)   log_at (ports, LOG_LEVEL_DEBUG, __VA_ARGS__)
