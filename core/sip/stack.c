/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "sip"
#include "core/sip/stack.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/sip/gate.h"
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>

/* Behind this file stands libosip2: it matches messages to transactions and runs their timers. The
 * Via says TLS, so nothing is sent twice by it; frames are acknowledged and resent below.
 *
 *            gate -> find transaction -> its queue --.
 *   receive <                                         >-- run: state machines -> events
 *            gate -> new server transaction ---------'
 *
 * An event may call back in here; what it asks for is queued, and the running loop takes one more
 * round. A transaction that has ended is collected while the loop runs and freed after it, since
 * the library still holds it then.
 *
 * The library asks the process for the time. It is told the time of the ports, through a clock that
 * is set at each entry: the only variable of the pure core that lives outside its objects. */

enum { WAIT_MAX_S = 3600, TAG_SIZE = 8 };

struct SipStack {
  const NodePorts *ports;
  const SipStackEvents *events;
  void *user_data;
  osip_t *osip;    /* owned */
  GPtrArray *dead; /* of osip_transaction_t: off their lists, to be freed when nothing runs */
  Timer timer;
  bool is_running;
  bool has_work;
};

static uint64_t clock_now; /* microseconds */

int osip_gettimeofday (struct timeval *time, void *zone);
time_t osip_getsystemtime (time_t *ret_time);

/* The library's own functions of these names lose against ours when the program is linked. */
int
osip_gettimeofday (struct timeval *time, void *zone)
{
  time->tv_sec = (time_t) (clock_now / TIME_SECOND);
  time->tv_usec = (suseconds_t) (clock_now % TIME_SECOND);
  return 0;
}

time_t
osip_getsystemtime (time_t *ret_time)
{
  time_t seconds = (time_t) (clock_now / TIME_SECOND);

  if (ret_time != NULL)
    *ret_time = seconds;
  return seconds;
}

static void
enter (SipStack *self)
{
  clock_now = timers_now (self->ports->timers);
}

static void
on_trace (const char *file, int line, osip_trace_level_t level, const char *format, va_list args)
{
}

static SipStack *
stack_of (osip_transaction_t *transaction)
{
  return osip_get_application_context (transaction->config);
}

/* ---- Transactions by number ---- */

static osip_list_t *
transaction_list (const SipStack *self, osip_fsm_type_t type)
{
  switch (type) {
  case ICT:
    return &self->osip->osip_ict_transactions;
  case IST:
    return &self->osip->osip_ist_transactions;
  case NICT:
    return &self->osip->osip_nict_transactions;
  case NIST:
    return &self->osip->osip_nist_transactions;
  }
  g_assert_not_reached ();
}

static int
transaction_count (const SipStack *self)
{
  int count = 0;

  for (int type = ICT; type <= NIST; type++)
    count += osip_list_size (transaction_list (self, (osip_fsm_type_t) type));
  return count;
}

static osip_transaction_t *
find_transaction (const SipStack *self, osip_fsm_type_t type, uint32_t number)
{
  osip_list_iterator_t walk;

  for (osip_transaction_t *tr = osip_list_get_first (transaction_list (self, type), &walk);
       tr != NULL; tr = osip_list_get_next (&walk))
    if ((uint32_t) tr->transactionid == number)
      return tr;
  return NULL;
}

static void
bury (SipStack *self, osip_transaction_t *transaction)
{
  if (g_ptr_array_find (self->dead, transaction, NULL))
    return;
  osip_remove_transaction (self->osip, transaction);
  g_ptr_array_add (self->dead, transaction);
}

/* ---- Running ---- */

static void
free_dead (SipStack *self)
{
  for (guint i = 0; i < self->dead->len; i++)
    osip_transaction_free2 (self->dead->pdata[i]);
  g_ptr_array_set_size (self->dead, 0);
}

static void
arm (SipStack *self)
{
  struct timeval wait = { .tv_sec = WAIT_MAX_S };

  if (transaction_count (self) == 0) {
    timer_stop (&self->timer);
    return;
  }
  osip_timers_gettimeout (self->osip, &wait);
  if (wait.tv_sec > WAIT_MAX_S)
    wait = (struct timeval){ .tv_sec = WAIT_MAX_S };
  timer_start (&self->timer, self->ports->timers,
               MAX (TIME_MS, (uint64_t) wait.tv_sec * TIME_SECOND + (uint64_t) wait.tv_usec));
}

static void
run (SipStack *self)
{
  self->has_work = true;
  if (self->is_running)
    return;
  self->is_running = true;
  enter (self);
  while (self->has_work) {
    self->has_work = false;
    osip_timers_ict_execute (self->osip);
    osip_timers_nict_execute (self->osip);
    osip_timers_ist_execute (self->osip);
    osip_timers_nist_execute (self->osip);
    osip_ict_execute (self->osip);
    osip_nict_execute (self->osip);
    osip_ist_execute (self->osip);
    osip_nist_execute (self->osip);
  }
  free_dead (self);
  self->is_running = false;
  arm (self);
}

static void
on_stack_timer (Timer *timer, void *owner)
{
  run (owner);
}

static void
add_event (SipStack *self, osip_transaction_t *transaction, osip_event_t *event)
{
  event->transactionid = transaction->transactionid;
  osip_transaction_add_event (transaction, event);
  run (self);
}

/* ---- What the library reports ---- */

static int
on_send (osip_transaction_t *tr, osip_message_t *message, char *host, int port, int socket)
{
  SipStack *self = stack_of (tr);
  char *text = NULL;
  size_t size = 0;

  osip_message_force_update (message);
  if (osip_message_to_str (message, &text, &size) != OSIP_SUCCESS)
    return -1;
  self->events->send (self->user_data, (Bytes){ (const uint8_t *) text, size });
  osip_free (text);
  return 0;
}

static void
on_kill (int type, osip_transaction_t *tr)
{
  bury (stack_of (tr), tr);
}

static void
on_transport_error (int type, osip_transaction_t *tr, int error)
{
}

static void
report_response (SipStack *self, const osip_message_t *message, int made_up_status)
{
  g_autoptr (Arena) arena = arena_new ();
  SipMessage response = *message_read (message, arena);

  if (made_up_status != 0) {
    response.status = made_up_status;
    response.to_tag = NULL;
    response.body = (Bytes){ 0 };
  }
  self->events->response (self->user_data, &response);
}

static void
on_response (int type, osip_transaction_t *tr, osip_message_t *message)
{
  report_response (stack_of (tr), message, 0);
}

static void
on_timeout (int type, osip_transaction_t *tr, osip_message_t *message)
{
  if (tr->orig_request != NULL)
    report_response (stack_of (tr), tr->orig_request, 408);
}

static void
on_request (int type, osip_transaction_t *tr, osip_message_t *message)
{
  SipStack *self = stack_of (tr);
  g_autoptr (Arena) arena = arena_new ();

  self->events->request (self->user_data, (uint32_t) tr->transactionid,
                         message_read (message, arena));
}

/* The INVITE with the branch and sent-by of a CANCEL (RFC 3261, 9.2). */
static osip_transaction_t *
find_cancelled (SipStack *self, const osip_message_t *cancel)
{
  osip_via_t *via = osip_list_get (&cancel->vias, 0);
  osip_list_iterator_t walk;

  for (osip_transaction_t *tr = osip_list_get_first (transaction_list (self, IST), &walk);
       tr != NULL; tr = osip_list_get_next (&walk))
    if (tr->topvia != NULL && osip_via_match (tr->topvia, via) == OSIP_SUCCESS)
      return tr;
  return NULL;
}

static void
on_cancel (int type, osip_transaction_t *tr, osip_message_t *message)
{
  SipStack *self = stack_of (tr);
  osip_transaction_t *invite = find_cancelled (self, message);
  g_autoptr (Arena) arena = arena_new ();
  SipReply reply = { .status = invite != NULL ? 200 : 481 };

  sip_stack_reply (self, (uint32_t) tr->transactionid, &reply, NULL);
  if (invite != NULL && invite->your_instance == NULL)
    self->events->cancel (self->user_data, (uint32_t) invite->transactionid,
                          message_read (message, arena));
}

static void
set_callbacks (osip_t *osip)
{
  static const int requests[] = {
    OSIP_IST_INVITE_RECEIVED,     OSIP_NIST_REGISTER_RECEIVED,
    OSIP_NIST_BYE_RECEIVED,       OSIP_NIST_OPTIONS_RECEIVED,
    OSIP_NIST_INFO_RECEIVED,      OSIP_NIST_NOTIFY_RECEIVED,
    OSIP_NIST_SUBSCRIBE_RECEIVED, OSIP_NIST_UNKNOWN_REQUEST_RECEIVED,
  };
  static const int responses[] = {
    OSIP_ICT_STATUS_1XX_RECEIVED,  OSIP_ICT_STATUS_2XX_RECEIVED,  OSIP_ICT_STATUS_3XX_RECEIVED,
    OSIP_ICT_STATUS_4XX_RECEIVED,  OSIP_ICT_STATUS_5XX_RECEIVED,  OSIP_ICT_STATUS_6XX_RECEIVED,
    OSIP_NICT_STATUS_2XX_RECEIVED, OSIP_NICT_STATUS_3XX_RECEIVED, OSIP_NICT_STATUS_4XX_RECEIVED,
    OSIP_NICT_STATUS_5XX_RECEIVED, OSIP_NICT_STATUS_6XX_RECEIVED,
  };

  osip_set_cb_send_message (osip, on_send);
  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++)
    osip_set_message_callback (osip, requests[i], on_request);
  for (size_t i = 0; i < G_N_ELEMENTS (responses); i++)
    osip_set_message_callback (osip, responses[i], on_response);
  osip_set_message_callback (osip, OSIP_NIST_CANCEL_RECEIVED, on_cancel);
  osip_set_message_callback (osip, OSIP_ICT_STATUS_TIMEOUT, on_timeout);
  osip_set_message_callback (osip, OSIP_NICT_STATUS_TIMEOUT, on_timeout);
  for (int type = 0; type < OSIP_KILL_CALLBACK_COUNT; type++)
    osip_set_kill_transaction_callback (osip, type, on_kill);
  for (int type = 0; type < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; type++)
    osip_set_transport_error_callback (osip, type, on_transport_error);
}

/* ---- Receiving ---- */

/* An answer without a transaction, to a request that is wrong (RFC 3261, 8.2.7). */
static void
refuse (SipStack *self, const osip_message_t *request, int status)
{
  SipReply reply = { .status = status };
  uint8_t random[TAG_SIZE];
  g_autofree char *tag = NULL;
  osip_message_t *message;
  char *text = NULL;
  size_t size = 0;

  self->ports->random_bytes (self->ports->world, random, sizeof random);
  reply.to_tag = tag = bytes_to_hex ((Bytes){ random, sizeof random });
  message = message_new_reply (request, &reply);
  if (message == NULL)
    return;
  if (osip_message_to_str (message, &text, &size) == OSIP_SUCCESS)
    self->events->send (self->user_data, (Bytes){ (const uint8_t *) text, size });
  osip_free (text);
  osip_message_free (message);
}

static osip_event_t *
new_event (osip_message_t *message)
{
  osip_event_t *event = osip_malloc (sizeof *event);

  *event = (osip_event_t){ .sip = message };
  if (MSG_IS_RESPONSE (message))
    event->type = MSG_IS_STATUS_1XX (message)   ? RCV_STATUS_1XX
                  : MSG_IS_STATUS_2XX (message) ? RCV_STATUS_2XX
                                                : RCV_STATUS_3456XX;
  else
    event->type = MSG_IS_INVITE (message) ? RCV_REQINVITE
                  : MSG_IS_ACK (message)  ? RCV_REQACK
                                          : RCV_REQUEST;
  return event;
}

/* A message of no transaction: the ACK of a 2xx, a 2xx of an INVITE that has had one, or noise. */
static void
receive_stray (SipStack *self, osip_event_t *event)
{
  const osip_message_t *message = event->sip;
  g_autoptr (Arena) arena = arena_new ();

  if (event->type == RCV_REQACK)
    self->events->ack (self->user_data, message_read (message, arena));
  else if (event->type == RCV_STATUS_2XX && strcmp (message->cseq->method, "INVITE") == 0)
    report_response (self, message, 0);
  osip_event_free (event);
}

static int
receive_event (SipStack *self, osip_event_t *event)
{
  osip_transaction_t *transaction;

  if (osip_find_transaction_and_add_event (self->osip, event) == OSIP_SUCCESS) {
    run (self);
    return GATE_GOOD;
  }
  if (event->type != RCV_REQINVITE && event->type != RCV_REQUEST) {
    receive_stray (self, event);
    return GATE_GOOD;
  }
  transaction = transaction_count (self) < LIMIT_SIP_TRANSACTIONS_PAIR
                  ? osip_create_transaction (self->osip, event)
                  : NULL;
  if (transaction == NULL) {
    osip_event_free (event);
    return GATE_DROP;
  }
  add_event (self, transaction, event);
  return GATE_GOOD;
}

/* ---- Public ---- */

SipStack *
sip_stack_new (const NodePorts *ports, const SipStackEvents *events, void *user_data)
{
  SipStack *self = g_new0 (SipStack, 1);

  self->ports = ports;
  self->events = events;
  self->user_data = user_data;
  self->dead = g_ptr_array_new ();
  timer_init (&self->timer, on_stack_timer, self);
  osip_trace_initialize_func (END_TRACE_LEVEL, on_trace); /* without one it prints */
  if (osip_init (&self->osip) != OSIP_SUCCESS)
    g_error ("libosip2 cannot be started");
  osip_set_application_context (self->osip, self);
  set_callbacks (self->osip);
  return self;
}

void
sip_stack_free (SipStack *self)
{
  if (self == NULL)
    return;
  g_assert (!self->is_running);
  timer_stop (&self->timer);
  for (int type = ICT; type <= NIST; type++) {
    osip_list_t *list = transaction_list (self, (osip_fsm_type_t) type);

    while (osip_list_size (list) > 0)
      bury (self, osip_list_get (list, 0));
  }
  free_dead (self);
  g_ptr_array_unref (self->dead);
  osip_release (self->osip);
  g_free (self);
}

int
sip_stack_receive (SipStack *self, Bytes text)
{
  osip_message_t *message = NULL;
  int verdict = gate_check (text, &message);

  if (verdict == GATE_DROP) {
    g_autofree char *head = bytes_to_text (text);

    log_debug (self->ports, "dropped at the gate: %s", head);
    return verdict;
  }
  enter (self);
  if (verdict == GATE_GOOD)
    return receive_event (self, new_event (message));
  refuse (self, message, verdict);
  osip_message_free (message);
  return verdict;
}

uint32_t
sip_stack_request (SipStack *self, const char *text)
{
  osip_message_t *message = NULL;
  osip_transaction_t *transaction = NULL;
  osip_event_t *event;
  uint32_t number;

  if (gate_check (bytes_of_text (text), &message) != GATE_GOOD)
    return 0;
  enter (self);
  g_assert (MSG_IS_REQUEST (message) && !MSG_IS_ACK (message));
  if (osip_transaction_init (&transaction, MSG_IS_INVITE (message) ? ICT : NICT, self->osip,
                             message) != OSIP_SUCCESS) {
    osip_message_free (message);
    return 0;
  }
  number = (uint32_t) transaction->transactionid;
  event = osip_new_outgoing_sipmessage (message);
  add_event (self, transaction, event);
  return number;
}

bool
sip_stack_cancel (SipStack *self, uint32_t transaction, const char *reason)
{
  osip_transaction_t *invite = find_transaction (self, ICT, transaction);
  osip_transaction_t *cancel = NULL;
  osip_message_t *message;

  /* While a 1xx is being reported, the state is not yet ICT_PROCEEDING. */
  if (invite == NULL || invite->orig_request == NULL || invite->last_response == NULL ||
      (invite->state != ICT_CALLING && invite->state != ICT_PROCEEDING))
    return false;
  message = message_new_cancel (invite->orig_request, reason);
  if (message == NULL)
    return false;
  enter (self);
  if (osip_transaction_init (&cancel, NICT, self->osip, message) != OSIP_SUCCESS) {
    osip_message_free (message);
    return false;
  }
  add_event (self, cancel, osip_new_outgoing_sipmessage (message));
  return true;
}

bool
sip_stack_reply (SipStack *self, uint32_t transaction, const SipReply *reply, char **ret_text)
{
  osip_transaction_t *tr = find_transaction (self, IST, transaction);
  osip_message_t *message;

  if (tr == NULL)
    tr = find_transaction (self, NIST, transaction);
  if (tr == NULL || tr->orig_request == NULL || tr->your_instance != NULL)
    return false;
  message = message_new_reply (tr->orig_request, reply);
  if (message == NULL)
    return false;
  if (reply->status >= 200)
    tr->your_instance = self; /* it has its final answer, and takes no second one */
  if (ret_text != NULL) {
    char *text = NULL;
    size_t size = 0;

    osip_message_to_str (message, &text, &size);
    *ret_text = g_strndup (text, size);
    osip_free (text);
  }
  enter (self);
  add_event (self, tr, osip_new_outgoing_sipmessage (message));
  return true;
}

void
sip_stack_forget (SipStack *self, uint32_t transaction)
{
  for (int type = ICT; type <= NIST; type++) {
    osip_transaction_t *tr = find_transaction (self, (osip_fsm_type_t) type, transaction);

    if (tr != NULL)
      bury (self, tr);
  }
  run (self);
}

static bool
is_unanswered (const osip_transaction_t *tr)
{
  return tr->orig_request != NULL && (tr->state == ICT_CALLING || tr->state == ICT_PROCEEDING ||
                                      tr->state == NICT_TRYING || tr->state == NICT_PROCEEDING);
}

static void
repeat (SipStack *self, osip_fsm_type_t type)
{
  osip_list_iterator_t walk;

  for (osip_transaction_t *tr = osip_list_get_first (transaction_list (self, type), &walk);
       tr != NULL; tr = osip_list_get_next (&walk))
    if (is_unanswered (tr))
      on_send (tr, tr->orig_request, NULL, 0, 0);
}

void
sip_stack_repeat (SipStack *self)
{
  repeat (self, ICT);
  repeat (self, NICT);
}

/* The next request of ours that has no final answer yet. */
static osip_transaction_t *
next_unanswered (SipStack *self)
{
  osip_list_iterator_t walk;

  for (osip_transaction_t *tr = osip_list_get_first (transaction_list (self, ICT), &walk);
       tr != NULL; tr = osip_list_get_next (&walk))
    if (is_unanswered (tr))
      return tr;
  for (osip_transaction_t *tr = osip_list_get_first (transaction_list (self, NICT), &walk);
       tr != NULL; tr = osip_list_get_next (&walk))
    if (is_unanswered (tr))
      return tr;
  return NULL;
}

void
sip_stack_fail (SipStack *self)
{
  osip_transaction_t *tr;

  g_assert (!self->is_running);
  self->is_running = true; /* what the events ask for waits for the run below */
  while ((tr = next_unanswered (self)) != NULL) {
    bury (self, tr);
    report_response (self, tr->orig_request, 503);
  }
  self->is_running = false;
  run (self);
}

bool
sip_stack_is_idle (const SipStack *self)
{
  return transaction_count (self) == 0;
}
