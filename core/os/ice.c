/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/ice.h"

#include "core/os/exposure.h"
#include "core/os/ports.h"
#include "core/os/socket.h"

#include <netinet/in.h>
#include <nice/agent.h>
#include <string.h>
#include <sys/socket.h>

/* A NiceAgent of its own for each session, full ICE without trickling (RFC 6940, 6.5.1).
 *
 * - Nothing is read before a receive function is attached, so that comes before gathering.
 * - CONNECTED is enough: READY waits until every better pair has failed, seconds through NATs.
 * - consent-freshness gives connections up for good at moderate loss. Who uses the link watches it.
 * - UPnP is port-mapping.c's.
 * - ICE-TCP (RFC 6544) is left out. libnice 0.1.21 accepts whoever connects, without end, and puts
 *   the streams of a component together in one buffer: after two bytes of a stranger, what the peer
 *   says is cut in the wrong places. It would also ask each relay over TCP for room twice. Only who
 *   is let out by TCP alone and calls somebody without any filter would go directly by it, and such
 *   calls have a relay.
 * - Each socket sends through the interface of its own address only, with several ways into the
 *   world the right thing to do. A peer that listens on loopback alone is out of reach that way.
 *
 * libnice hands over datagrams only from addresses that have passed a check with the right
 * password, so nobody can race for the handshake (threat 4.2).
 *
 * Who is not to learn our addresses is told of relayed candidates alone, and those are all that
 * libnice uses from then on; or of those in the network that both are on, and then only what is
 * said to be there is checked.
 *
 * A server that does not answer would hold up gathering for seconds: what is there after
 * LIMIT_GATHER_MS is told, and what comes later is told to nobody. Relays that have no room for us
 * say so at once. When links have just been replaced, what the former ones had there goes in a
 * moment: who may wait so long gathers anew after ROOM_PAUSE, with another agent.
 *
 * Its signals come at any time, also from inside our own calls: they only set flags, and a timer
 * tells the owner. */

enum { COMPONENT = 1, RETRANSMISSIONS = 7 };

/* By then the other side has chosen the same pair. */
static const uint64_t SETTLED = 3 * TIME_SECOND;
static const uint64_t ROOM_PAUSE = 200 * TIME_MS;

struct Ice {
  NiceAgent *agent; /* owned */
  unsigned stream;
  const IceEvents *events;
  void *owner;
  Timers *timers;
  Timer news;
  Timer patience; /* with servers that do not answer */
  Timer room;     /* until relays are asked again */
  IceOptions options;
  IceDescription *remote; /* owned; what the other side had said before we gathered, or NULL */
  IceDescription *near;   /* owned; the candidates near the other side, when only they count */
  bool is_walled;         /* no datagram gets out: the relays are used over TCP */
  bool is_gathered;
  bool is_connected;
  bool is_failed;
  bool is_ready;    /* every better pair has failed */
  bool has_settled; /* needs no relay any more */
  bool is_hasty;    /* was content before all servers had answered */
  bool has_told_gathered;
  bool has_told_connected;
  bool has_told_failed;
  Candidate told[LIMIT_CANDIDATES]; /* to the other side */
  size_t told_count;
  Candidate checked[LIMIT_CANDIDATES]; /* the other side's */
  size_t checked_count;
  Address asked[LIMIT_RELAYS_USED]; /* relays */
  size_t asked_count;
  uint64_t checking_since;
  uint64_t checked_until; /* 0: they go on */
};

static void
address_to_nice (const Address *address, NiceAddress *ret_nice)
{
  struct sockaddr_storage system;

  socket_address_to_system (address, &system);
  nice_address_init (ret_nice);
  nice_address_set_from_sockaddr (ret_nice, (struct sockaddr *) &system);
}

static Address
address_from_nice (const NiceAddress *nice)
{
  struct sockaddr_storage system = { 0 };
  Address address = { 0 };

  if (nice_address_is_valid (nice)) {
    nice_address_copy_to_sockaddr (nice, (struct sockaddr *) &system);
    socket_address_from_system (&system, &address);
  }
  address.scope = 0; /* means nothing on another machine */
  return address;
}

static bool
candidate_from_nice (const NiceCandidate *nice, Candidate *ret_candidate)
{
  static const CandidateType types[] = { [NICE_CANDIDATE_TYPE_HOST] = CANDIDATE_HOST,
                                         [NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE] =
                                           CANDIDATE_SERVER_REFLEXIVE,
                                         [NICE_CANDIDATE_TYPE_RELAYED] = CANDIDATE_RELAYED };

  if ((size_t) nice->type >= G_N_ELEMENTS (types) || types[nice->type] == 0 ||
      nice->transport != NICE_CANDIDATE_TRANSPORT_UDP)
    return false;
  *ret_candidate = (Candidate){ .type = types[nice->type],
                                .address = address_from_nice (&nice->addr),
                                .priority = nice->priority };
  if (nice->type != NICE_CANDIDATE_TYPE_HOST)
    ret_candidate->related = address_from_nice (&nice->base_addr);
  g_strlcpy (ret_candidate->foundation, nice->foundation, sizeof ret_candidate->foundation);
  return true;
}

static NiceCandidate *
candidate_to_nice (const Candidate *candidate, unsigned stream)
{
  NiceCandidateType type = candidate->type == CANDIDATE_HOST ? NICE_CANDIDATE_TYPE_HOST
                           : candidate->type == CANDIDATE_RELAYED
                             ? NICE_CANDIDATE_TYPE_RELAYED
                             : NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
  NiceCandidate *nice = nice_candidate_new (type);

  nice->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  nice->stream_id = stream;
  nice->component_id = COMPONENT;
  nice->priority = candidate->priority;
  address_to_nice (&candidate->address, &nice->addr);
  if (candidate->related.family != ADDRESS_NONE)
    address_to_nice (&candidate->related, &nice->base_addr);
  else
    nice->base_addr = nice->addr;
  g_strlcpy (nice->foundation, candidate->foundation, sizeof nice->foundation);
  return nice;
}

static void
ice_describe (Ice *self, IceDescription *ret_description)
{
  char *ufrag = NULL;
  char *password = NULL;
  GSList *candidates = nice_agent_get_local_candidates (self->agent, self->stream, COMPONENT);

  *ret_description = (IceDescription){ 0 };
  nice_agent_get_local_credentials (self->agent, self->stream, &ufrag, &password);
  g_strlcpy (ret_description->ufrag, ufrag, sizeof ret_description->ufrag);
  g_strlcpy (ret_description->password, password, sizeof ret_description->password);
  for (GSList *i = candidates; i != NULL; i = i->next) {
    size_t count = ret_description->candidate_count;
    if (count < LIMIT_CANDIDATES &&
        candidate_from_nice (i->data, &ret_description->candidates[count]))
      ret_description->candidate_count++;
  }
  g_slist_free_full (candidates, (GDestroyNotify) nice_candidate_free);
  g_free (ufrag);
  g_free (password);
}

static void
ice_hide (Ice *self, IceDescription *description)
{
  OwnNetwork networks[OWN_NETWORKS_MAX];
  size_t count = socket_own_networks (networks, OWN_NETWORKS_MAX);

  switch (exposure_of (self->options.exposure, description, self->remote, networks, count)) {
  case EXPOSURE_ALL:
    return;
  case EXPOSURE_NEAR:
    exposure_keep_near (description, self->remote, networks, count, self->is_walled);
    self->near = g_memdup2 (description, sizeof *description);
    return;
  case EXPOSURE_RELAYED:
    g_object_set (self->agent, "force-relay", TRUE, NULL);
    exposure_keep_relayed (description);
    return;
  }
}

/* Once a direct way is settled, the relays have their room back. As long as either end is a
 * relay's, ours stays: the other side may send over it even if we do not. */
static void
ice_settle (Ice *self)
{
  if (!self->is_ready || !ice_is_direct (self))
    return;
  self->has_settled = true;
  nice_agent_forget_relays (self->agent, self->stream, COMPONENT);
}

static void
on_news (Timer *timer, void *owner)
{
  Ice *self = owner;

  if (self->is_gathered && !self->has_told_gathered) {
    IceDescription description;
    self->has_told_gathered = true;
    ice_describe (self, &description);
    ice_hide (self, &description);
    self->told_count = description.candidate_count;
    memcpy (self->told, description.candidates, sizeof self->told);
    self->events->gathered (self->owner, self, &description);
  }
  if ((self->is_connected || self->is_failed) && self->checked_until == 0)
    self->checked_until = timers_now (self->timers);
  if (self->is_connected && !self->has_told_connected) {
    self->has_told_connected = true;
    self->events->connected (self->owner, self);
  }
  if (self->is_ready)
    timer_start (&self->patience, self->timers, SETTLED);
  if (self->is_failed && !self->has_told_failed) {
    self->has_told_failed = true;
    self->events->failed (self->owner, self);
  }
}

static bool
has_relayed (Ice *self)
{
  IceDescription description;

  ice_describe (self, &description);
  for (size_t i = 0; i < description.candidate_count; i++)
    if (description.candidates[i].type == CANDIDATE_RELAYED)
      return true;
  return false;
}

static void
on_gathering_done (NiceAgent *agent, unsigned stream, void *user_data)
{
  Ice *self = user_data;

  if (self->options.waits_for_room && self->options.relay_count > 0 && !self->is_gathered &&
      !has_relayed (self)) {
    timer_start (&self->room, self->timers, ROOM_PAUSE);
    return;
  }
  timer_stop (&self->patience);
  self->is_gathered = true;
  timer_start (&self->news, self->timers, 0);
}

static void
on_patience (Timer *timer, void *owner)
{
  Ice *self = owner;

  if (self->has_told_gathered) {
    ice_settle (self);
    return;
  }
  timer_stop (&self->room);
  self->is_hasty = true;
  self->is_gathered = true;
  on_news (&self->news, self);
}

static void
on_state_changed (
  NiceAgent *agent, unsigned stream, unsigned component, unsigned state, void *user_data)
{
  Ice *self = user_data;

  self->is_connected =
    state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY;
  self->is_failed = state == NICE_COMPONENT_STATE_FAILED;
  self->is_ready = state == NICE_COMPONENT_STATE_READY;
  timer_start (&self->news, self->timers, 0);
}

static void
on_datagram (NiceAgent *agent,
             unsigned stream,
             unsigned component,
             unsigned size,
             char *bytes,
             void *user_data)
{
  Ice *self = user_data;

  self->events->receive (self->owner, self, (Bytes){ (const uint8_t *) bytes, size });
}

static void
add_own_addresses (Ice *self)
{
  Address own[LIMIT_CANDIDATES];
  size_t count = socket_reachable_addresses (ADDRESS_IPV6, own, LIMIT_CANDIDATES);

  for (size_t i = 0; i < count; i++) {
    NiceAddress nice;
    address_to_nice (&own[i], &nice);
    nice_agent_add_local_address (self->agent, &nice);
  }
}

static void
host_text (const Address *address, char ret_host[NICE_ADDRESS_STRING_LEN])
{
  NiceAddress nice;

  address_to_nice (address, &nice);
  nice_address_to_string (&nice, ret_host);
}

static void
ice_set_server (Ice *self, const Address *server)
{
  char host[NICE_ADDRESS_STRING_LEN];

  host_text (server, host);
  g_object_set (self->agent, "stun-server", host, "stun-server-port", (unsigned) server->port,
                NULL);
}

static void
ice_add_relay (Ice *self, const RelayPlace *relay)
{
  char host[NICE_ADDRESS_STRING_LEN];

  self->asked[self->asked_count++] = relay->address;
  host_text (&relay->address, host);
  nice_agent_set_relay_info (self->agent, self->stream, COMPONENT, host, relay->address.port,
                             relay->credential.user, relay->credential.password,
                             relay->is_stream ? NICE_RELAY_TYPE_TURN_TCP
                                              : NICE_RELAY_TYPE_TURN_UDP);
}

static void
ice_set_addresses (Ice *self, const Address *only)
{
  Address any_port = *only;
  NiceAddress nice;

  if (only->family == ADDRESS_NONE) {
    add_own_addresses (self);
    return;
  }
  any_port.port = 0;
  address_to_nice (&any_port, &nice);
  nice_agent_add_local_address (self->agent, &nice);
}

static void
ice_begin (Ice *self)
{
  const IceOptions *options = &self->options;
  GMainContext *context = g_main_context_ref_thread_default ();

  self->agent = nice_agent_new_full (context, NICE_COMPATIBILITY_RFC5245, NICE_AGENT_OPTION_NONE);
  g_object_set (self->agent, "upnp", FALSE, "ice-tcp", FALSE, "controlling-mode",
                options->is_controlling, "stun-max-retransmissions", RETRANSMISSIONS, NULL);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathering_done), self);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state_changed), self);
  ice_set_addresses (self, &options->only);
  if (options->stun.family != ADDRESS_NONE && options->relay_count == 0)
    ice_set_server (self, &options->stun);
  self->stream = nice_agent_add_stream (self->agent, 1);
  self->asked_count = 0;
  for (size_t i = 0; i < options->relay_count; i++)
    ice_add_relay (self, &options->relays[i]);
  self->is_walled = options->relay_count > 0 && options->relays[0].is_stream;
  nice_agent_attach_recv (self->agent, self->stream, COMPONENT, context, on_datagram, self);
  if (!nice_agent_gather_candidates (self->agent, self->stream)) {
    self->is_failed = true;
    timer_start (&self->news, self->timers, 0);
  }
  g_main_context_unref (context);
}

/* Relays are told that they have their room back. */
static void
ice_end (Ice *self)
{
  g_signal_handlers_disconnect_by_data (self->agent, self);
  nice_agent_attach_recv (self->agent, self->stream, COMPONENT, NULL, NULL, NULL);
  if (self->options.relay_count > 0) {
    /* A relay that does not hear it forgets us by itself. */
    g_object_set (self->agent, "stun-max-retransmissions", 1, NULL);
    nice_agent_close_async (self->agent, NULL, NULL);
  } else {
    nice_agent_remove_stream (self->agent, self->stream);
  }
  g_clear_object (&self->agent);
}

static void
on_room (Timer *timer, void *owner)
{
  ice_end (owner);
  ice_begin (owner);
}

Ice *
ice_new (Loop *loop, const IceOptions *options, const IceEvents *events, void *owner)
{
  Ice *self = g_new0 (Ice, 1);

  self->events = events;
  self->owner = owner;
  self->timers = loop_timers (loop);
  self->options = *options;
  if (options->remote != NULL)
    self->options.remote = self->remote = g_memdup2 (options->remote, sizeof *options->remote);
  timer_init (&self->news, on_news, self);
  timer_init (&self->patience, on_patience, self);
  timer_init (&self->room, on_room, self);
  timer_start (&self->patience, self->timers, LIMIT_GATHER_MS * TIME_MS);
  ice_begin (self);
  return self;
}

void
ice_free (Ice *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->news);
  timer_stop (&self->patience);
  timer_stop (&self->room);
  ice_end (self);
  g_free (self->remote);
  g_free (self->near);
  g_free (self);
}

/* Whom to check: with an end that has to be near, only those who are. */
static void
ice_choose_remote (const Ice *self, const IceDescription *remote, IceDescription *ret_chosen)
{
  OwnNetwork networks[OWN_NETWORKS_MAX];
  size_t count = socket_own_networks (networks, OWN_NETWORKS_MAX);

  *ret_chosen = *remote;
  if (self->options.exposure == LINK_EXPOSURE_DIRECT)
    exposure_keep_direct (ret_chosen);
  if (self->near != NULL)
    exposure_keep_reachable (ret_chosen, self->near, networks, count);
}

static bool
is_on_this_machine (const IceDescription *remote)
{
  for (size_t i = 0; i < remote->candidate_count; i++)
    if (address_is_loopback (&remote->candidates[i].address))
      return true;
  return false;
}

/* Lets the system choose the way again. */
static void
free_sockets (Ice *self)
{
  const uint32_t any_interface = 0;
  GPtrArray *sockets = nice_agent_get_sockets (self->agent, self->stream, COMPONENT);

  for (guint i = 0; sockets != NULL && i < sockets->len; i++) {
    int fd = g_socket_get_fd (g_ptr_array_index (sockets, i));
    setsockopt (fd, IPPROTO_IP, IP_UNICAST_IF, &any_interface, sizeof any_interface);
    setsockopt (fd, IPPROTO_IPV6, IPV6_UNICAST_IF, &any_interface, sizeof any_interface);
  }
  g_clear_pointer (&sockets, g_ptr_array_unref);
}

void
ice_check (Ice *self, const IceDescription *remote, bool is_controlling)
{
  GSList *candidates = NULL;
  IceDescription chosen;

  ice_choose_remote (self, remote, &chosen);
  self->checking_since = timers_now (self->timers);
  self->checked_count = chosen.candidate_count;
  memcpy (self->checked, chosen.candidates, sizeof self->checked);
  if (is_on_this_machine (remote))
    free_sockets (self);
  g_object_set (self->agent, "controlling-mode", is_controlling, NULL);
  nice_agent_set_remote_credentials (self->agent, self->stream, remote->ufrag, remote->password);
  for (size_t i = 0; i < chosen.candidate_count; i++)
    candidates =
      g_slist_append (candidates, candidate_to_nice (&chosen.candidates[i], self->stream));
  nice_agent_set_remote_candidates (self->agent, self->stream, COMPONENT, candidates);
  g_slist_free_full (candidates, (GDestroyNotify) nice_candidate_free);
}

bool
ice_is_direct (const Ice *self)
{
  NiceCandidate *local = NULL;
  NiceCandidate *remote = NULL;

  return nice_agent_get_selected_pair (self->agent, self->stream, COMPONENT, &local, &remote) &&
         local->type != NICE_CANDIDATE_TYPE_RELAYED && remote->type != NICE_CANDIDATE_TYPE_RELAYED;
}

/* libnice does not say which relay gave a candidate; but a relay gives addresses of its own host.
 */
static bool
has_given (const Ice *self, const Address *relay)
{
  for (size_t i = 0; i < self->told_count; i++) {
    Address given = self->told[i].address;

    given.port = relay->port;
    if (self->told[i].type == CANDIDATE_RELAYED && address_equal (&given, relay))
      return true;
  }
  return false;
}

bool
ice_has_room (const Ice *self, const Address *relay)
{
  for (size_t i = 0; i < self->asked_count; i++)
    if (address_equal (&self->asked[i], relay))
      return !self->has_settled &&
             (!self->has_told_gathered || self->is_hasty || has_given (self, relay));
  return false;
}

/* What the checks themselves found, peer-reflexive ones, is told as server-reflexive: it is seen
 * from outside in the same way. */
static void
report_end (const NiceCandidate *nice, Candidate *ret_candidate)
{
  if (candidate_from_nice (nice, ret_candidate))
    return;
  *ret_candidate = (Candidate){ .type = CANDIDATE_SERVER_REFLEXIVE,
                                .address = address_from_nice (&nice->addr),
                                .related = address_from_nice (&nice->base_addr) };
}

void
ice_report (const Ice *self, PathReport *ret_report)
{
  NiceCandidate *ends[2] = { NULL, NULL };
  uint64_t until = self->checked_until != 0 ? self->checked_until : timers_now (self->timers);

  *ret_report = (PathReport){ .local_count = self->told_count,
                              .remote_count = self->checked_count,
                              .state = self->is_failed             ? PATH_FAILED
                                       : self->is_connected        ? PATH_CONNECTED
                                       : self->checking_since != 0 ? PATH_CHECKING
                                                                   : PATH_GATHERING };
  memcpy (ret_report->local, self->told, sizeof self->told);
  memcpy (ret_report->remote, self->checked, sizeof self->checked);
  if (self->checking_since != 0)
    ret_report->checked_ms = (unsigned) ((until - self->checking_since) / TIME_MS);
  ret_report->relay_count = self->asked_count;
  for (size_t i = 0; i < self->asked_count; i++)
    ret_report->relays[i] = (PathRelay){ self->asked[i], has_given (self, &self->asked[i]) };
  ret_report->has_pair =
    nice_agent_get_selected_pair (self->agent, self->stream, COMPONENT, &ends[0], &ends[1]);
  for (size_t i = 0; ret_report->has_pair && i < G_N_ELEMENTS (ends); i++)
    report_end (ends[i], &ret_report->pair[i]);
}

bool
ice_get_remote (const Ice *self, Address *ret_address)
{
  NiceCandidate *local, *remote;

  if (!nice_agent_get_selected_pair (self->agent, self->stream, COMPONENT, &local, &remote))
    return false;
  *ret_address = address_from_nice (&remote->addr);
  return true;
}

void
ice_send (Ice *self, Bytes datagram)
{
  if (datagram.size > 0)
    nice_agent_send (self->agent, self->stream, COMPONENT, (unsigned) datagram.size,
                     (const char *) datagram.data);
}
