/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "attach"
#include "core/overlay/attach.h"

#include "core/base/log.h"
#include "core/overlay/attach-candidates.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/attach.h"

/* The requester is ICE-controlling and TLS server (6.5.1.9, 6.5.1.13):
 *
 *   we ask:     GATHERING ──> ASKED ──answer──> CHECKING ──> up
 *   they ask:   GATHERING (the request waits) ──answer sent──> CHECKING ──> up
 *
 * When both ask at once, the larger Node-ID's request goes on (6.5.1.2). The answer says whom we
 * talk to, and the handshake must prove it: connection->peer is required from then on. */

#define CHECK_TIME (15 * TIME_SECOND)

typedef enum AttachState { ATTACH_GATHERING, ATTACH_ASKED, ATTACH_CHECKING } AttachState;

typedef struct Attach {
  ListLink all;
  Attaches *attaches;
  AttachState state;
  Connection *connection;
  uint16_t application;
  uint8_t no_ice; /* as in LinkSetup, like the next */
  LinkExposure exposure;

  /* Ours. */
  bool is_requester;
  bool wants_update;
  bool is_urgent;
  Destination destinations[LIMIT_DESTINATIONS];
  size_t destination_count;
  NodeId resource;
  FirstHop hop;
  NodeId target; /* zero when it is whoever is responsible */
  AttachFunc done;
  void *owner;

  /* Theirs. */
  Incoming *request; /* waits for gathering */
  IceDescription remote;
  bool update_wanted;

  ReloadCode code;
  Timer timer;
} Attach;

struct Attaches {
  Overlay *overlay;
  ListLink all;
};

static LinkSetup
setup_of (const Attach *attach)
{
  return (LinkSetup){
    .purpose = attach->application != 0 ? LINK_PURPOSE_APPLICATION : LINK_PURPOSE_OVERLAY,
    .is_controlling = attach->is_requester,
    .is_server = attach->is_requester,
    .no_ice = attach->no_ice,
    .peer = attach->connection->peer,
    .exposure = attach->exposure,
  };
}

static void
attach_free (Attach *attach)
{
  list_remove (&attach->all);
  timer_stop (&attach->timer);
  transport_cancel_owner (attach->attaches->overlay->transport, attach);
  g_free (attach);
}

/* Ends without a link. */
static void
give_up (Attach *attach, ReloadCode code)
{
  Overlay *overlay = attach->attaches->overlay;
  AttachFunc done = attach->done;
  void *owner = attach->owner;
  NodeId target = attach->target;

  if (attach->request != NULL)
    incoming_refuse (attach->request, RELOAD_NOT_FOUND, (Bytes){ NULL, 0 });
  connection_table_close (overlay->connections, attach->connection);
  attach_free (attach);
  if (done != NULL)
    done (owner, &target, NULL, code);
}

static void
on_attach_timer (Timer *timer, void *owner)
{
  Attach *attach = owner;

  give_up (attach, attach->code);
}

static Attach *
attach_new (Attaches *self, uint16_t application, bool is_requester, const NodeId *peer)
{
  Attach *attach = g_new0 (Attach, 1);
  Overlay *overlay = self->overlay;

  attach->attaches = self;
  attach->application = application;
  attach->no_ice = candidates_no_ice (overlay->configuration);
  attach->is_requester = is_requester;
  attach->code = RELOAD_REQUEST_TIMEOUT;
  attach->connection =
    connection_table_open (overlay->connections,
                           application != 0 ? CONNECTION_APPLICATION : CONNECTION_OVERLAY, peer);
  attach->connection->is_requested = is_requester;
  timer_init (&attach->timer, on_attach_timer, attach);
  timer_start (&attach->timer, overlay->ports->timers, CHECK_TIME);
  list_append (&self->all, &attach->all);
  return attach;
}

/* Peers of the overlay have to know each other; for SIP it is the person's to say. `signer` asks
 * for it, and has said `remote`; NULL: we do. */
static void
gather (Attach *attach, const Certificate *signer, const IceDescription *remote)
{
  Overlay *overlay = attach->attaches->overlay;
  const NodeId *peer = signer != NULL ? &attach->connection->peer : &attach->target;
  LinkSetup setup;

  if (attach->application != 0)
    attach->exposure = overlay->events->exposure (overlay->user_data, peer, signer);
  setup = setup_of (attach);
  setup.remote = remote;
  overlay->ports->link_gather (overlay->ports->world, attach->connection->number, &setup);
}

static Attach *
find (Attaches *self, const Connection *connection)
{
  list_for_each (&self->all, l)
  {
    Attach *attach = list_element (l, Attach, all);
    if (attach->connection == connection)
      return attach;
  }
  return NULL;
}

static bool
is_with (const Attach *attach, const NodeId *peer, uint16_t application)
{
  const Connection *connection = attach->connection;

  return attach->application == application &&
         (node_id_equal (&attach->target, peer) ||
          (connection->has_peer && node_id_equal (&connection->peer, peer)));
}

/* An Attach under way with that peer, for the same application. */
static Attach *
find_with (Attaches *self, const NodeId *peer, uint16_t application)
{
  list_for_each (&self->all, l)
  {
    Attach *attach = list_element (l, Attach, all);
    if (is_with (attach, peer, application))
      return attach;
  }
  return NULL;
}

/* ---- Asking ---- */

static void
note_listening (Overlay *overlay, const NodeId *peer, const IceCandidateList *candidates)
{
  Address addresses[LIMIT_CANDIDATES];
  size_t count = candidates_read_listening (candidates, addresses, LIMIT_CANDIDATES);

  bootstrap_note_listening (overlay->bootstrap, peer, addresses, count);
}

static bool
read_answer (Attach *attach, const Answer *answer, IceDescription *ret_remote)
{
  Overlay *overlay = attach->attaches->overlay;

  if (attach->application != 0) {
    AppAttachReqAns body;
    return answer_decode (answer, overlay, MESSAGE_APP_ATTACH_REQ, &body) &&
           body.application == attach->application &&
           candidates_read (attach->no_ice, body.ufrag, body.password, &body.candidates,
                            ret_remote);
  } else {
    AttachReqAns body;
    if (!answer_decode (answer, overlay, MESSAGE_ATTACH_REQ, &body) ||
        !candidates_read (attach->no_ice, body.ufrag, body.password, &body.candidates, ret_remote))
      return false;
    note_listening (overlay, &answer->responder, &body.candidates);
    return true;
  }
}

static void
on_answer (void *owner, const Answer *answer)
{
  Attach *attach = owner;
  Overlay *overlay = attach->attaches->overlay;
  LinkSetup setup;
  IceDescription remote;

  if (answer->code != RELOAD_OK) {
    give_up (attach, answer->code);
    return;
  }
  if (node_id_equal (&answer->responder, &overlay->id) || !read_answer (attach, answer, &remote)) {
    give_up (attach, RELOAD_INVALID_MESSAGE);
    return;
  }
  attach->state = ATTACH_CHECKING;
  attach->code = RELOAD_OK;
  attach->connection->has_peer = true;
  attach->connection->peer = answer->responder;
  setup = setup_of (attach);
  timer_start (&attach->timer, overlay->ports->timers, CHECK_TIME);
  overlay->ports->link_check (overlay->ports->world, attach->connection->number, &remote, &setup,
                              (Bytes){ NULL, 0 });
}

static void
ask (Attach *attach, const IceDescription *local)
{
  Overlay *overlay = attach->attaches->overlay;
  g_autoptr (Arena) arena = arena_new ();
  AttachReqAns attach_body;
  AppAttachReqAns app_body;
  Request request = {
    .destinations = attach->destinations,
    .destination_count = attach->destination_count,
    .hop = attach->hop,
    .is_urgent = attach->is_urgent,
    .answered = on_answer,
    .owner = attach,
  };

  if (attach->application != 0) {
    app_body = (AppAttachReqAns){
      .ufrag = bytes_of_text (local->ufrag),
      .password = bytes_of_text (local->password),
      .application = attach->application,
      .role = bytes_of_text ("passive"),
      .candidates = candidates_write (arena, local, NULL, 0),
    };
    request.code = MESSAGE_APP_ATTACH_REQ;
    request.body = &app_body;
  } else {
    attach_body = (AttachReqAns){
      .ufrag = bytes_of_text (local->ufrag),
      .password = bytes_of_text (local->password),
      .role = bytes_of_text ("passive"),
      .candidates = candidates_write (arena, local, overlay->listening, overlay->listening_count),
      .send_update = attach->wants_update,
    };
    request.code = MESSAGE_ATTACH_REQ;
    request.body = &attach_body;
  }
  attach->state = ATTACH_ASKED;
  timer_start (&attach->timer, overlay->ports->timers, 2 * CHECK_TIME);
  transport_request (overlay->transport, &request);
}

void
attach_start (Attaches *self, const AttachOptions *options)
{
  Attach *attach = attach_new (self, options->application, true, NULL);
  const Destination *last = &options->destinations[options->destination_count - 1];

  g_assert (options->destination_count <= LIMIT_DESTINATIONS);
  attach->wants_update = options->wants_update;
  attach->is_urgent = options->is_urgent;
  attach->exposure = options->is_direct ? LINK_EXPOSURE_DIRECT : LINK_EXPOSURE_OPEN;
  attach->hop = options->hop;
  attach->hop.exclude = NULL;
  attach->done = options->done;
  attach->owner = options->owner;
  attach->destination_count = options->destination_count;
  for (size_t i = 0; i < options->destination_count; i++)
    attach->destinations[i] = options->destinations[i];
  if (last->type == DESTINATION_NODE) {
    attach->target = last->node_id;
  } else if (node_id_from_bytes (last->resource_id, &attach->resource)) {
    attach->destinations[options->destination_count - 1] =
      destination_of_resource (node_id_bytes (&attach->resource));
  }
  gather (attach, NULL, NULL);
}

void
attach_cancel_owner (Attaches *self, const void *owner)
{
  list_for_each (&self->all, l)
  {
    Attach *attach = list_element (l, Attach, all);
    if (attach->owner != owner || attach->done == NULL)
      continue;
    connection_table_close (self->overlay->connections, attach->connection);
    attach_free (attach);
  }
}

void
attaches_give_up (Attaches *self)
{
  list_for_each (&self->all, l)
  {
    Attach *attach = list_element (l, Attach, all);
    attach->done = NULL;
    give_up (attach, RELOAD_OK);
  }
}

bool
attach_adopt (
  Attaches *self, const NodeId *peer, uint16_t application, AttachFunc done, void *owner)
{
  Attach *attach = find_with (self, peer, application);

  if (attach == NULL)
    return false;
  if (attach->done == NULL) {
    attach->done = done;
    attach->owner = owner;
    attach->target = *peer;
  }
  return true;
}

bool
attach_is_asked (Attaches *self, const NodeId *peer, uint16_t application)
{
  list_for_each (&self->all, l)
  {
    const Attach *attach = list_element (l, Attach, all);
    if (attach->is_requester && is_with (attach, peer, application))
      return true;
  }
  return false;
}

bool
attach_is_pending (Attaches *self, const NodeId *peer, uint16_t application)
{
  return find_with (self, peer, application) != NULL;
}

unsigned
attach_count_answered (Attaches *self, const void *owner)
{
  unsigned count = 0;

  list_for_each (&self->all, l)
  {
    const Attach *attach = list_element (l, Attach, all);
    if (attach->owner == owner && attach->done != NULL && attach->state == ATTACH_CHECKING)
      count++;
  }
  return count;
}

/* ---- Granting ---- */

static void
grant (Attach *attach, const IceDescription *local)
{
  Overlay *overlay = attach->attaches->overlay;
  g_autoptr (Arena) arena = arena_new ();
  Incoming *request = g_steal_pointer (&attach->request);
  LinkSetup setup = setup_of (attach);
  uint32_t number = attach->connection->number;

  attach->state = ATTACH_CHECKING;
  attach->code = RELOAD_OK;
  timer_start (&attach->timer, overlay->ports->timers, CHECK_TIME);
  overlay->ports->link_check (overlay->ports->world, number, &attach->remote, &setup,
                              (Bytes){ NULL, 0 });
  if (attach->application != 0) {
    AppAttachReqAns body = {
      .ufrag = bytes_of_text (local->ufrag),
      .password = bytes_of_text (local->password),
      .application = attach->application,
      .role = bytes_of_text ("active"),
      .candidates = candidates_write (arena, local, NULL, 0),
    };
    incoming_answer (request, &body, NULL);
  } else {
    AttachReqAns body = {
      .ufrag = bytes_of_text (local->ufrag),
      .password = bytes_of_text (local->password),
      .role = bytes_of_text ("active"),
      .candidates = candidates_write (arena, local, overlay->listening, overlay->listening_count),
    };
    incoming_answer (request, &body, NULL);
  }
}

/* 6.5.1.2: two Attaches that cross. True when theirs is to be refused. Who asks again while we
 * still check what was granted before has given that up: it has been started anew, perhaps. */
static bool
loses_to_ours (Attaches *self, const NodeId *from, uint16_t application)
{
  Attach *ours = find_with (self, from, application);

  if (ours == NULL)
    return false;
  if (ours->state == ATTACH_CHECKING)
    return ours->is_requester;
  if (!ours->is_requester || node_id_compare (&self->overlay->id, from) > 0)
    return true;
  /* Ours gives way; whoever wanted it gets the link of theirs. */
  return false;
}

/* Takes over the wishes of the Attach that gives way to theirs. */
static void
inherit (Attaches *self, Attach *theirs, const NodeId *from)
{
  Overlay *overlay = self->overlay;
  Attach *ours = NULL;

  list_for_each (&self->all, l)
  {
    Attach *attach = list_element (l, Attach, all);
    if (attach != theirs && is_with (attach, from, theirs->application))
      ours = attach;
  }
  if (ours == NULL)
    return;
  theirs->done = ours->done;
  theirs->owner = ours->owner;
  theirs->target = *from;
  connection_table_close (overlay->connections, ours->connection);
  attach_free (ours);
}

static bool
read_request (Attaches *self,
              Incoming *request,
              IceDescription *ret_remote,
              uint16_t *ret_application,
              bool *ret_update)
{
  uint8_t no_ice = candidates_no_ice (self->overlay->configuration);
  bool is_good;

  *ret_application = 0;
  *ret_update = false;
  if (request->message.contents.message_code == MESSAGE_APP_ATTACH_REQ) {
    AppAttachReqAns body;
    if (!incoming_decode (request, &body))
      return false;
    *ret_application = body.application;
    is_good = candidates_read (no_ice, body.ufrag, body.password, &body.candidates, ret_remote);
  } else {
    AttachReqAns body;
    if (!incoming_decode (request, &body))
      return false;
    *ret_update = body.send_update;
    is_good = candidates_read (no_ice, body.ufrag, body.password, &body.candidates, ret_remote);
    if (is_good)
      note_listening (self->overlay, &request->from, &body.candidates);
  }
  if (!is_good)
    incoming_refuse_text (request, RELOAD_INVALID_MESSAGE, "no usable candidates");
  return is_good;
}

static unsigned
count_all (Attaches *self)
{
  unsigned count = 0;

  list_for_each (&self->all, l) count++;
  return count;
}

void
attach_handle (Attaches *self, Incoming *request)
{
  Overlay *overlay = self->overlay;
  IceDescription remote;
  uint16_t application;
  bool wants_update;
  Attach *attach;

  if (!read_request (self, request, &remote, &application, &wants_update))
    return;
  if (node_id_equal (&request->from, &overlay->id)) {
    incoming_refuse_text (request, RELOAD_NOT_FOUND, "you are the one you look for");
    return;
  }
  if (application != 0 && application != APPLICATION_SIP && application != APPLICATION_SIPS) {
    incoming_refuse_text (request, RELOAD_NOT_FOUND, "no such application here");
    return;
  }
  if (application == 0 && guests_is_expelled (overlay->guests, &request->from)) {
    overlay->counters.over_rate++;
    incoming_refuse_text (request, RELOAD_FORBIDDEN, "you ask for too much");
    return;
  }
  if (count_all (self) >= LIMIT_PENDING_PEERS) {
    overlay->counters.over_rate++;
    incoming_refuse_text (request, RELOAD_FORBIDDEN, "too many links under way");
    return;
  }
  if (loses_to_ours (self, &request->from, application)) {
    incoming_refuse (request, RELOAD_IN_PROGRESS, (Bytes){ NULL, 0 });
    return;
  }
  attach = attach_new (self, application, false, &request->from);
  attach->request = request;
  attach->remote = remote;
  attach->update_wanted = wants_update;
  gather (attach, request->signer, &attach->remote);
  inherit (self, attach, &request->from);
}

/* ---- Events of links ---- */

void
attach_on_gathered (Attaches *self, Connection *connection, const IceDescription *local)
{
  Attach *attach = find (self, connection);

  if (attach == NULL || attach->state != ATTACH_GATHERING)
    return;
  if (local->candidate_count == 0)
    give_up (attach, attach->code);
  else if (attach->is_requester)
    ask (attach, local);
  else
    grant (attach, local);
}

void
attach_on_up (Attaches *self, Connection *connection)
{
  Attach *attach = find (self, connection);
  AttachFunc done;
  void *owner;
  bool update_wanted;

  if (attach == NULL)
    return;
  done = attach->done;
  owner = attach->owner;
  update_wanted = attach->update_wanted;
  attach_free (attach);
  if (update_wanted)
    self->overlay->topology.plugin->send_update (self->overlay->topology.self, connection);
  if (done != NULL)
    done (owner, &connection->peer, connection, RELOAD_OK);
}

void
attach_on_down (Attaches *self, Connection *connection)
{
  Attach *attach = find (self, connection);

  if (attach != NULL)
    give_up (attach, attach->code);
}

Attaches *
attaches_new (Overlay *overlay)
{
  Attaches *self = g_new0 (Attaches, 1);

  self->overlay = overlay;
  list_init (&self->all);
  return self;
}

void
attaches_free (Attaches *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->all, l)
  {
    Attach *attach = list_element (l, Attach, all);
    if (attach->request != NULL)
      incoming_refuse (attach->request, RELOAD_NOT_FOUND, (Bytes){ NULL, 0 });
    attach_free (attach);
  }
  g_free (self);
}
