/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/misrouter.h"

#include "core/node-private.h"

/* To another member if there is a link to one, else to the peer from which the way is longest. A
 * message that has been everywhere ends here. */

static bool
is_way (const Overheard *message, const Connection *connection)
{
  return connection->is_up && connection->is_peer && !connection->is_closed &&
         connection->kind != CONNECTION_APPLICATION &&
         !overheard_came_by (message, &connection->peer);
}

/* How little it helps. */
static double
badness (const Gang *gang, const NodeId *target, const NodeId *peer)
{
  NodeId distance = node_id_distance (peer, target);

  return node_id_fraction (&distance) + gang_has (gang, peer);
}

bool
misrouter_takes (Gang *gang, Overheard *message)
{
  const NodeId *target = &message->target;
  Connection *worst = NULL;

  if (!message->is_transit)
    return message->code == MESSAGE_FETCH_REQ;
  connection_table_for_each (message->self->node->overlay->connections, connection)
  {
    if (is_way (message, connection) &&
        (worst == NULL ||
         badness (gang, target, &connection->peer) > badness (gang, target, &worst->peer)))
      worst = connection;
  }
  overheard_pass_on (message, worst);
  return true;
}
