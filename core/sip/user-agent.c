/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/display-name.h"
#include "core/sip/gruu.h"
#include "core/sip/user-agent-private.h"
#include <string.h>

/* Finds the pair that a link's event is about, and owns everything. What ends while messages are
 * handled may still be held by a function further up the stack, so it is only marked; the reaper's
 * timer frees it when nothing of ours runs. */

void
user_agent_emit (UserAgent *self, SipEvent event)
{
  self->delegate->event (self->user_data, &event);
}

void
user_agent_reap_later (UserAgent *self)
{
  if (!timer_is_set (&self->reaper))
    timer_start (&self->reaper, self->ports->timers, 0);
}

static void
on_reaper_timer (Timer *timer, void *owner)
{
  UserAgent *self = owner;

  session_reap (self, false);
  subscription_reap (self, false);
  list_for_each (&self->pairs, link)
  {
    Pair *pair = list_element (link, Pair, link);

    watcher_reap (pair, false);
    if (pair_is_idle (pair))
      pair_free (pair);
  }
}

UserAgent *
user_agent_new (const UserAgentOptions *options)
{
  UserAgent *self = g_new0 (UserAgent, 1);
  char *address = g_strdup (options->address);
  const char *at = strchr (address, '@');

  g_assert (at != NULL);
  self->ports = options->ports;
  self->delegate = options->delegate;
  self->user_data = options->user_data;
  self->node_id = options->node_id;
  self->user_key = options->user_key;
  self->presence = PRESENCE_AVAILABLE;
  self->identity = (SipIdentity){
    .address = address,
    .host = at + 1,
    .display_name = display_name_write (options->display_name),
    .contact = gruu_write (options->address, &options->node_id),
  };
  list_init (&self->pairs);
  list_init (&self->sessions);
  list_init (&self->buddies);
  timer_init (&self->reaper, on_reaper_timer, self);
  return self;
}

void
user_agent_free (UserAgent *self)
{
  if (self == NULL)
    return;
  session_reap (self, true);
  subscription_reap (self, true);
  list_for_each (&self->pairs, link)
  {
    Pair *pair = list_element (link, Pair, link);

    watcher_reap (pair, true);
    pair_free (pair);
  }
  timer_stop (&self->reaper);
  g_free (self->identity.address);
  g_free (self->identity.display_name);
  g_free (self->identity.contact);
  g_free (self->recent);
  g_free (self);
}

void
user_agent_stop (UserAgent *self)
{
  session_end_all (self);
  watcher_end_all (self);
}

void
user_agent_set_codecs (UserAgent *self, const MediaCodec *codecs, size_t count)
{
  g_assert (count <= MEDIA_CODECS_MAX);
  self->codecs = codecs;
  self->codec_count = count;
}

void
user_agent_link_up (UserAgent *self, const NodeId *peer, const Certificate *certificate)
{
  Pair *pair = pair_get (self, peer);

  g_assert (certificate != NULL && certificate->user != NULL);
  if (pair != NULL)
    pair_link_up (pair, certificate);
}

void
user_agent_link_down (UserAgent *self, const NodeId *peer, bool is_lost)
{
  Pair *pair = pair_find (self, peer);

  if (pair != NULL)
    pair_link_down (pair, is_lost);
}

void
user_agent_link_failed (UserAgent *self, const NodeId *peer, bool may_come)
{
  Pair *pair = pair_find (self, peer);

  if (pair != NULL)
    pair_link_failed (pair, may_come);
}

void
user_agent_receive (UserAgent *self, const NodeId *peer, Bytes frame)
{
  Pair *pair = pair_find (self, peer);

  if (pair != NULL)
    pair_receive (pair, frame);
}

bool
user_agent_needs_link (const UserAgent *self, const NodeId *peer)
{
  const Pair *pair = pair_find (self, peer);

  return pair != NULL && pair_is_busy (pair);
}

const SipCounters *
user_agent_counters (const UserAgent *self)
{
  return &self->counters;
}
