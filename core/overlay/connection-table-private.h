/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection-table-private.h: how the connections of a node stand in memory. */
#pragma once
#include "core/overlay/connection-table.h"

struct ConnectionTable {
  LinkHost host; /* of the links of all connections */
  const NodePorts *ports;
  const ConnectionEvents *events;
  void *user_data;
  NodeId own;
  unsigned count;
  unsigned standing; /* overlay links, of these */
  unsigned room;     /* of each of these columns, all owned */
  uint32_t *numbers; /* of the connections; 0 of those that are closed */
  uint32_t *peers;   /* first bytes of Node-IDs; 0 while one is not known */
  uint64_t *dues;    /* when their links are to be woken */
  Connection **connections;
  uint32_t next_number;
  uint64_t due; /* the first of these */
  Timer wake_timer;
  Timer sweep_timer;
};
