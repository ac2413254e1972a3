/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-book.h"

#include "core/base/limits.h"
#include "core/os/relay-ticket.h"
#include "core/os/socket.h"
#include "core/os/tls-stream.h"

#include <string.h>
#include <sys/socket.h>

/* A page for each peer. A visit is one TLS connection, whose certificates tell both ends that the
 * other is a member; the relay says a credential, or that it does not relay, and that is all.
 *
 *   visiting --credential--> good --two thirds of its time--> visiting ...
 *       '--no, or nothing--> not good --AGAIN--> visiting ...
 *
 * After a change of networks the relays that let us in are visited at once, and when there is
 * another a moment later, then: our allocations of before are in the way of new ones. One that
 * cannot be visited then is doubtful: not used where another is, since gathering would wait for it.
 *
 * Who is to be used over TCP and does not answer may listen at the port of the web, which all
 * firewalls leave open: both are tried in turn.
 *
 * Credentials are kept fresh for WANTED relays; others are asked when one of these is gone. */

enum { WANTED = 2 };

static const uint64_t AGAIN = 10 * TIME_MINUTE;
static const uint64_t SOON = 5 * TIME_SECOND;
static const uint64_t MOVED_PAUSE = 1 * TIME_SECOND;
static const uint64_t PATIENCE = 1 * TIME_SECOND; /* while a call may wait */
static const uint64_t PATIENCE_STREAM = 3 * TIME_SECOND;
static const uint64_t MARGIN = 30 * TIME_SECOND; /* an allocation still has to be made */

typedef struct Page {
  RelayBook *book;
  Address listener; /* that it was added by */
  RelayPlace place;
  uint64_t good_until;
  bool was_visited;
  bool is_doubtful;    /* the last visit found nobody */
  bool has_moved;      /* and the relay is still to be told */
  uint64_t moved_last; /* when it was told that */
  TlsStream *visit;    /* owned; NULL between visits */
  uint8_t heard[RELAY_TICKET_SIZE];
  size_t heard_size;
  Timer timer;
} Page;

struct RelayBook {
  Loop *loop;
  Tls *tls;
  Page *pages[LIMIT_RELAYS_KNOWN];
  size_t count;
  GPtrArray *ended; /* TlsStreams to be freed in the next turn */
  Timer sweep;
};

static uint64_t
now_of (const RelayBook *self)
{
  return timers_now (loop_timers (self->loop));
}

static bool
is_good (const Page *page)
{
  return page->good_until > now_of (page->book) + MARGIN;
}

static bool
is_trusted (const Page *page)
{
  return is_good (page) && !page->is_doubtful;
}

static size_t
count_trusted (const RelayBook *self)
{
  size_t count = 0;

  for (size_t i = 0; i < self->count; i++)
    count += is_trusted (self->pages[i]);
  return count;
}

static void
page_end_visit (Page *page, uint64_t pause)
{
  RelayBook *book = page->book;
  Timers *timers = loop_timers (book->loop);

  if (page->visit != NULL) {
    tls_stream_close (page->visit);
    g_ptr_array_add (book->ended, g_steal_pointer (&page->visit));
    timer_start (&book->sweep, timers, 0);
  }
  timer_start (&page->timer, timers, pause);
}

/* Whoever might take its place is asked at once. */
static void
ask_others (RelayBook *self)
{
  for (size_t i = 0; i < self->count; i++)
    if (!is_good (self->pages[i]) && self->pages[i]->visit == NULL)
      timer_start (&self->pages[i]->timer, loop_timers (self->loop), 0);
}

/* Nobody is there. Where the network has just changed, the next visit may be luckier. */
static void
page_fail (Page *page)
{
  bool was_trusted = is_trusted (page);
  bool is_web;

  page->is_doubtful = true;
  page_end_visit (page, is_good (page) ? SOON : AGAIN);
  if (was_trusted)
    ask_others (page->book);
  if (!page->place.is_stream || is_good (page))
    return;
  is_web = page->place.address.port == PORT_WEB;
  page->place.address.port = is_web ? page->listener.port : PORT_WEB;
  timer_start (&page->timer, loop_timers (page->book->loop), is_web ? SOON : 0);
}

static void
page_take (Page *page, const RelayTicket *ticket)
{
  uint64_t lifetime = MIN (ticket->lifetime_s, LIMIT_RELAY_CREDENTIAL_S) * TIME_SECOND;

  if (ticket->credential.user[0] == '\0' || lifetime <= 2 * MARGIN) {
    page_end_visit (page, AGAIN);
    return;
  }
  page->place.credential = ticket->credential;
  page->good_until = now_of (page->book) + lifetime;
  page->is_doubtful = false;
  page_end_visit (page, page->has_moved ? MOVED_PAUSE : lifetime * 2 / 3);
}

static void
on_up (void *owner)
{
  Page *page = owner;

  if (page->has_moved)
    tls_stream_send (page->visit, (Bytes){ (const uint8_t[]){ RELAY_MOVED }, 1 });
  page->has_moved = false;
}

static void
on_receive (void *owner, Bytes bytes)
{
  Page *page = owner;
  RelayTicket ticket;
  size_t size = MIN (bytes.size, sizeof page->heard - page->heard_size);

  memcpy (page->heard + page->heard_size, bytes.data, size);
  page->heard_size += size;
  if (size < bytes.size) {
    page_end_visit (page, AGAIN);
    return;
  }
  switch (relay_ticket_decode ((Bytes){ page->heard, page->heard_size }, &ticket)) {
  case RELAY_TICKET_MORE:
    break;
  case RELAY_TICKET_DONE:
    page_take (page, &ticket);
    break;
  case RELAY_TICKET_BAD:
    page_end_visit (page, AGAIN);
    break;
  }
}

static void
on_down (void *owner, LinkEnd end)
{
  page_fail (owner);
}

static const TlsStreamEvents stream_events = { on_up, on_receive, on_down };

static uint64_t
patience_of (const Page *page)
{
  if (page->has_moved && !page->is_doubtful)
    return PATIENCE;
  return page->place.is_stream ? PATIENCE_STREAM : LIMIT_HANDSHAKE_S * TIME_SECOND;
}

static void
page_visit (Page *page)
{
  RelayBook *book = page->book;
  int fd = socket_connect (SOCK_STREAM, &page->place.address, NULL);
  SSL *ssl;

  page->was_visited = true;
  if (page->has_moved)
    page->moved_last = now_of (book);
  if (fd < 0) {
    page_fail (page);
    return;
  }
  page->heard_size = 0;
  ssl = tls_relay_connection (book->tls);
  page->visit = tls_stream_new (book->loop, fd, book->tls, ssl, &stream_events, page);
  tls_key_by_secret (ssl);
  timer_start (&page->timer, loop_timers (book->loop), patience_of (page));
}

static void
page_free (Page *page)
{
  timer_stop (&page->timer);
  tls_stream_free (page->visit);
  g_free (page);
}

static void
remove_page (Page *page)
{
  RelayBook *self = page->book;
  size_t at = 0;

  while (self->pages[at] != page)
    at++;
  self->count--;
  memmove (&self->pages[at], &self->pages[at + 1], (self->count - at) * sizeof self->pages[0]);
  page_free (page);
}

static void
tear_out (Page *page)
{
  RelayBook *self = page->book;
  bool was_good = is_good (page);

  remove_page (page);
  if (was_good)
    ask_others (self);
}

static void
on_page_timer (Timer *timer, void *owner)
{
  Page *page = owner;

  if (page->visit != NULL) {
    page_fail (page); /* it takes too long */
  } else if (!page->has_moved && count_trusted (page->book) - is_trusted (page) >= WANTED) {
    timer_start (&page->timer, loop_timers (page->book->loop), AGAIN);
  } else {
    page_visit (page);
  }
}

static void
on_sweep (Timer *timer, void *owner)
{
  RelayBook *self = owner;

  g_ptr_array_set_size (self->ended, 0);
}

RelayBook *
relay_book_new (Loop *loop, Tls *tls)
{
  RelayBook *self = g_new0 (RelayBook, 1);

  self->loop = loop;
  self->tls = tls;
  self->ended = g_ptr_array_new_with_free_func ((GDestroyNotify) tls_stream_free);
  timer_init (&self->sweep, on_sweep, self);
  return self;
}

void
relay_book_free (RelayBook *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->count; i++)
    page_free (self->pages[i]);
  timer_stop (&self->sweep);
  g_ptr_array_unref (self->ended);
  g_free (self);
}

static Page *
find_page (const RelayBook *self, const Address *address)
{
  for (size_t i = 0; i < self->count; i++)
    if (address_equal (&self->pages[i]->listener, address))
      return self->pages[i];
  return NULL;
}

/* Who has been asked in vain, the longest known first, leaves a page to somebody new. */
static bool
make_room (RelayBook *self)
{
  for (size_t i = 0; i < self->count && self->count == LIMIT_RELAYS_KNOWN; i++)
    if (self->pages[i]->was_visited && self->pages[i]->visit == NULL && !is_good (self->pages[i]))
      remove_page (self->pages[i]);
  return self->count < LIMIT_RELAYS_KNOWN;
}

void
relay_book_add (RelayBook *self, const Address *address, bool is_stream)
{
  Page *page;

  page = find_page (self, address);
  if (page != NULL && !is_stream) {
    page->place.address = *address;
    page->place.is_stream = false;
  }
  if (page != NULL || !make_room (self))
    return;
  page = g_new0 (Page, 1);
  page->book = self;
  page->listener = *address;
  page->place = (RelayPlace){ .address = *address, .is_stream = is_stream };
  timer_init (&page->timer, on_page_timer, page);
  self->pages[self->count++] = page;
  timer_start (&page->timer, loop_timers (self->loop), 0);
}

void
relay_book_moved (RelayBook *self)
{
  uint64_t now = now_of (self);

  for (size_t i = 0; i < self->count; i++) {
    Page *page = self->pages[i];
    uint64_t earliest = page->moved_last > 0 ? page->moved_last + MOVED_PAUSE : now;
    if (!is_good (page))
      continue;
    page->has_moved = true;
    if (page->visit == NULL && now < earliest)
      timer_start (&page->timer, loop_timers (self->loop), earliest - now);
    else if (page->visit == NULL)
      page_visit (page);
  }
}

void
relay_book_remove (RelayBook *self, const Address *address)
{
  Page *page = find_page (self, address);

  if (page != NULL && !page->place.is_stream)
    tear_out (page);
}

void
relay_book_forget_streams (RelayBook *self)
{
  for (size_t i = self->count; i-- > 0;)
    if (self->pages[i]->place.is_stream)
      tear_out (self->pages[i]);
}

bool
relay_book_has (const RelayBook *self, const Address *address)
{
  const Page *page = find_page (self, address);

  return page != NULL && is_good (page);
}

size_t
relay_book_choose (const RelayBook *self, bool is_stream, RelayPlace *ret_places, size_t size)
{
  bool has_trusted = false;
  size_t count = 0;

  for (size_t i = 0; i < self->count; i++)
    has_trusted |= self->pages[i]->place.is_stream == is_stream && is_trusted (self->pages[i]);
  for (size_t i = 0; i < self->count && count < size; i++) {
    const Page *page = self->pages[i];
    if (page->place.is_stream == is_stream && (has_trusted ? is_trusted (page) : is_good (page)))
      ret_places[count++] = page->place;
  }
  return count;
}
