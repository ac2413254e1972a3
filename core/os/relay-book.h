/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-book.h: the relays that we may use: their addresses, and our credentials for them. */
#pragma once
#include "core/os/loop.h"
#include "core/os/relay-credential.h"
#include "core/os/tls.h"

#include "core/base/address.h"

typedef struct RelayBook RelayBook;

typedef struct RelayPlace {
  Address address;
  bool is_stream; /* over TCP: no datagram reaches it */
  RelayCredential credential;
} RelayPlace;

RelayBook *relay_book_new (Loop *loop, Tls *tls);
void relay_book_free (RelayBook *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RelayBook, relay_book_free)

/* A peer that may be a relay: it is asked whether it is, but not when all that are known let us in
 * or are being asked. One that is known over TCP may turn out to be reached by datagrams too. */
void relay_book_add (RelayBook *self, const Address *address, bool is_stream);

/* Our network has changed, as it seems, and every link has been asked for a sign of life: the
 * relays that let us in are told, and say new credentials. */
void relay_book_moved (RelayBook *self);

/* It does not answer datagrams any more. */
void relay_book_remove (RelayBook *self, const Address *address);

/* Whether that relay lets us in now. */
bool relay_book_has (const RelayBook *self, const Address *address);

/* What was known of relays over TCP was known of another network. */
void relay_book_forget_streams (RelayBook *self);

/* Those that let us in now, as many as fit: by datagrams, or by streams. Doubtful
 * ones, when there are no others. */
size_t
relay_book_choose (const RelayBook *self, bool is_stream, RelayPlace *ret_places, size_t size);
