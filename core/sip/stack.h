/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stack.h: the SIP transactions of one pair (RFC 3261, 17), by libosip2.
 *
 * Transactions have numbers, never used twice in a stack; functions ignore numbers that are gone.
 * All functions may be called from inside the events. */
#pragma once
#include "core/base/ports.h"
#include "core/sip/message.h"

typedef struct SipStack SipStack;

/* What is passed to these is borrowed until they return. */
typedef struct SipStackEvents {
  void (*send) (void *user_data, Bytes text);

  /* Neither ACK nor CANCEL; to be answered with sip_stack_reply(), now or later. */
  void (*request) (void *user_data, uint32_t transaction, const SipMessage *request);

  /* The ACK of a 2xx. */
  void (*ack) (void *user_data, const SipMessage *ack);

  /* The INVITE `transaction` is cancelled and waits for its 487; the CANCEL is answered. */
  void (*cancel) (void *user_data, uint32_t transaction, const SipMessage *cancel);

  /* Also a 2xx that came again, and those made up here: 408 when no answer came, 503 when no link
   * could be made (RFC 3261, 8.1.3.1). */
  void (*response) (void *user_data, const SipMessage *response);
} SipStackEvents;

/* The arguments outlive the stack. */
SipStack *sip_stack_new (const NodePorts *ports, const SipStackEvents *events, void *user_data);

/* Not from inside an event. */
void sip_stack_free (SipStack *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SipStack, sip_stack_free)

/* One whole message from the peer. Returns gate_check()'s verdict; GATE_DROP also when there are
 * too many transactions. */
int sip_stack_receive (SipStack *self, Bytes text);

/* Sends a request of ours, but no ACK. Returns its transaction, 0 when the text is no request. */
uint32_t sip_stack_request (SipStack *self, const char *text);

/* Sends CANCEL for an INVITE that has been answered provisionally; false when it has not, or is
 * done. */
bool sip_stack_cancel (SipStack *self, uint32_t transaction, const char *reason);

/* Answers a request; false when it is gone or has its final answer. `ret_text` may be NULL; else
 * it is what was sent, to be freed with g_free(). */
bool sip_stack_reply (SipStack *self, uint32_t transaction, const SipReply *reply, char **ret_text);

/* Nothing more is heard of that transaction. */
void sip_stack_forget (SipStack *self, uint32_t transaction);

/* The link was lost or replaced: sends our requests again that have no final answer. */
void sip_stack_repeat (SipStack *self);

/* No link: our own open requests are answered with 503. */
void sip_stack_fail (SipStack *self);

/* No transaction is left. */
bool sip_stack_is_idle (const SipStack *self);
