/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/flood.h"

#include "core/base/list.h"

#include <math.h>

/* Gnutella 0.4: whoever comes opens a few links to random peers; a query goes to all neighbors but
 * the one that it came from, a peer passes it on once, and seven links are as far as it gets. Who
 * is looked for answers, and the answer goes back the way of the query. Neighbors ping each other;
 * who has too few left opens links to random peers that live, which is kind to the model: it knows
 * them all. Queries do not disturb each other: one is made when the last is over. */

enum {
  OPENED = 3, /* links by each peer; with those of others it has six on average */
  LINKS_MAX = 24,
  TTL = 7,
  MESSAGE = 100, /* bytes */
  PING_S = 15,
  OFF_SHARE = 4, /* a peer is off a quarter as long as it is on, as in churn.c */
};

#define NOTICED (20 * TIME_SECOND) /* a ping that has no answer */
#define STEP    TIME_SECOND
#define SPAN    (5 * TIME_SECOND) /* from one query to the next, at least */

typedef struct Peer {
  bool is_dead;
  uint64_t until; /* its session, or its absence, lasts */
  unsigned count;
  unsigned links[LINKS_MAX];
  uint64_t lost_at[LINKS_MAX]; /* 0: who is there lives */
  unsigned query;              /* the last one that it has passed on, */
  unsigned from;               /* and who asked it */
} Peer;

struct Flood {
  Post post;
  Peer *peers;
  uint64_t median;
  unsigned query;
  unsigned target;
  unsigned asker;
  uint64_t asked_at;
  uint64_t answered_at; /* 0: not yet */
  unsigned flying;
};

typedef struct Message {
  Timer timer; /* its owner is the flood */
  unsigned from;
  unsigned to;
  unsigned ttl;
  bool is_answer;
} Message;

static uint64_t
now (const Flood *self)
{
  return timers_now (self->post.timers);
}

/* Somebody else who lives, and has room for a link. */
static unsigned
random_peer (Flood *self, unsigned but)
{
  unsigned i;

  do
    i = post_random (&self->post, self->post.count);
  while (i == but || self->peers[i].is_dead || self->peers[i].count == LINKS_MAX);
  return i;
}

static void
add_link (Peer *peer, unsigned to)
{
  peer->lost_at[peer->count] = 0;
  peer->links[peer->count++] = to;
}

static void
open_links (Flood *self, unsigned index)
{
  Peer *peer = &self->peers[index];

  for (unsigned i = 0; i < OPENED && peer->count < LINKS_MAX; i++) {
    unsigned other = random_peer (self, index);
    add_link (peer, other);
    add_link (&self->peers[other], index);
  }
}

Flood *
flood_new (unsigned peers, uint64_t seed)
{
  Flood *self = g_new0 (Flood, 1);

  g_assert (peers > 1);
  post_init (&self->post, peers, seed);
  timers_advance (self->post.timers, TIME_HOUR, SIZE_MAX);
  self->peers = g_new0 (Peer, peers);
  for (unsigned i = 0; i < peers; i++)
    open_links (self, i);
  return self;
}

void
flood_free (Flood *self)
{
  if (self == NULL)
    return;
  post_clear (&self->post);
  g_free (self->peers);
  g_free (self);
}

/* ---- Queries ---- */

static void on_arrival (Timer *timer, void *owner);

static void
send (Flood *self, unsigned from, unsigned to, unsigned ttl, bool is_answer)
{
  Message *message = g_new (Message, 1);

  *message = (Message){ .from = from, .to = to, .ttl = ttl, .is_answer = is_answer };
  timer_init (&message->timer, on_arrival, self);
  timer_start (&message->timer, self->post.timers, post_send (&self->post, from, to, MESSAGE));
  self->flying++;
}

static void
pass_on (Flood *self, unsigned index, unsigned from, unsigned ttl)
{
  const Peer *peer = &self->peers[index];

  for (unsigned i = 0; i < peer->count; i++)
    if (peer->links[i] != from)
      send (self, index, peer->links[i], ttl - 1, false);
}

static void
on_query (Flood *self, const Message *message)
{
  Peer *peer = &self->peers[message->to];

  if (peer->query == self->query)
    return;
  peer->query = self->query;
  peer->from = message->from;
  if (message->to == self->target)
    send (self, message->to, message->from, TTL, true);
  else if (message->ttl > 0)
    pass_on (self, message->to, message->from, message->ttl);
}

static void
on_arrival (Timer *timer, void *owner)
{
  Flood *self = owner;
  Message *message = list_element (timer, Message, timer);

  self->flying--;
  if (self->peers[message->to].is_dead) {
    g_free (message);
    return;
  }
  if (!message->is_answer)
    on_query (self, message);
  else if (message->to == self->asker)
    self->answered_at = now (self);
  else
    send (self, message->to, self->peers[message->to].from, TTL, true);
  g_free (message);
}

/* ---- Life and death ---- */

static void
note_deaths (Flood *self, Peer *peer)
{
  for (unsigned i = 0; i < peer->count; i++)
    if (!self->peers[peer->links[i]].is_dead)
      peer->lost_at[i] = 0;
    else if (peer->lost_at[i] == 0)
      peer->lost_at[i] = now (self);
}

static void
mend_links (Flood *self, unsigned index, uint64_t after)
{
  Peer *peer = &self->peers[index];

  note_deaths (self, peer);
  for (unsigned i = 0; i < peer->count;)
    if (peer->lost_at[i] != 0 && peer->lost_at[i] + after <= now (self)) {
      peer->count--;
      peer->links[i] = peer->links[peer->count];
      peer->lost_at[i] = peer->lost_at[peer->count];
    } else {
      i++;
    }
  if (peer->count < OPENED)
    open_links (self, index);
}

static uint64_t
draw_session (Flood *self, uint64_t median)
{
  double uniform = (post_random (&self->post, 1000000) + 0.5) / 1000000;

  return (uint64_t) (-log (uniform) / G_LN2 * (double) median);
}

static void
change (Flood *self, unsigned index)
{
  Peer *peer = &self->peers[index];

  peer->is_dead = !peer->is_dead;
  peer->until =
    now (self) + draw_session (self, peer->is_dead ? self->median / OFF_SHARE : self->median);
  peer->count = 0;
  if (!peer->is_dead)
    open_links (self, index);
}

/* Links of a peer that has come back are not those that it had: who had one to it drops it. */
static void
drop_one_sided (Flood *self, unsigned index)
{
  Peer *peer = &self->peers[index];

  for (unsigned i = 0; i < peer->count;) {
    const Peer *other = &self->peers[peer->links[i]];
    bool is_known = other->is_dead;
    for (unsigned k = 0; k < other->count; k++)
      is_known = is_known || other->links[k] == index;
    if (is_known) {
      i++;
      continue;
    }
    peer->count--;
    peer->links[i] = peer->links[peer->count];
    peer->lost_at[i] = peer->lost_at[peer->count];
  }
}

static void
live (Flood *self)
{
  for (unsigned i = 0; i < self->post.count; i++)
    if (self->peers[i].until <= now (self))
      change (self, i);
  for (unsigned i = 0; i < self->post.count; i++)
    if (!self->peers[i].is_dead) {
      drop_one_sided (self, i);
      mend_links (self, i, NOTICED);
    }
}

static void
step (Flood *self)
{
  if (self->median > 0)
    live (self);
  timers_advance (self->post.timers, now (self) + STEP, SIZE_MAX);
}

void
flood_ask (Flood *self, unsigned count, PostTally *tally)
{
  for (unsigned i = 0; i < count; i++) {
    self->asker = random_peer (self, self->post.count);
    self->target = random_peer (self, self->asker);
    self->query++;
    self->answered_at = 0;
    self->asked_at = now (self);
    self->peers[self->asker].query = self->query;
    pass_on (self, self->asker, self->asker, TTL);
    while (self->flying > 0 || now (self) < self->asked_at + SPAN)
      step (self);
    tally->asked++;
    if (self->answered_at > 0)
      post_tally_add (tally, self->answered_at - self->asked_at);
  }
}

uint64_t
flood_messages (const Flood *self)
{
  return self->post.messages;
}

void
flood_kill (Flood *self, double share)
{
  for (unsigned i = 0; i < self->post.count; i++)
    self->peers[i].is_dead =
      self->peers[i].is_dead || post_random (&self->post, 1000000) < share * 1000000;
}

void
flood_mend (Flood *self)
{
  for (unsigned i = 0; i < self->post.count; i++)
    if (!self->peers[i].is_dead)
      mend_links (self, i, 0);
}

void
flood_churn (Flood *self, uint64_t median_session)
{
  self->median = median_session;
  for (unsigned i = 0; i < self->post.count; i++)
    self->peers[i].until = now (self) + draw_session (self, median_session);
}

double
flood_upkeep (const Flood *self)
{
  return 2.0 * OPENED * 2 / PING_S; /* a ping and its answer from both sides of each link */
}
