/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/ports.h"

#include "core/os/socket.h"
#include "tests/unit/fake-node.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Both sides of one asking. */
typedef struct Asking {
  Peer *member;
  InviteRequest *request;
  unsigned asked;
  unsigned answered;
  uint32_t number;
  char *invitation;
  GError *error;
} Asking;

static void
on_asked (uint32_t request,
          const Address *from,
          const char *user_name,
          const char *computer_name,
          void *user_data)
{
  Asking *self = user_data;

  self->asked++;
  self->number = request;
  g_assert_cmpstr (user_name, ==, "zoë");
  g_assert_cmpstr (computer_name, ==, "laptop");
  g_assert_true (address_is_loopback (from));
}

/* Frees the request, as its receiver may. */
static void
on_answered (const char *invitation, const GError *error, void *user_data)
{
  Asking *self = user_data;

  self->answered++;
  self->invitation = g_strdup (invitation);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  g_assert_true ((invitation == NULL) == (error != NULL));
  g_clear_pointer (&self->request, invite_request_free);
}

static void
asking_begin (Asking *self, unsigned timeout_s)
{
  *self = (Asking){ .member = peer_member () };
  world_set_invite_func (self->member->world, on_asked, self);
  self->request =
    invite_request_new (&self->member->address, "zoë", "laptop", timeout_s, on_answered, self);
  g_assert_cmpuint (self->answered, ==, 0);
}

static void
asking_end (Asking *self)
{
  invite_request_free (self->request);
  peer_free (self->member);
  g_free (self->invitation);
  g_clear_error (&self->error);
}

static void
test_yes (void)
{
  g_autofree char *longest = g_strnfill (LIMIT_INVITATION_SIZE, 'x');
  Asking asking;

  asking_begin (&asking, 20);
  wait_for (&asking.asked, 1);
  g_assert_cmpuint (peer_incoming_up (asking.member), ==, 0);
  world_invite_answer (asking.member->world, asking.number, longest);
  wait_for (&asking.answered, 1);
  g_assert_cmpstr (asking.invitation, ==, longest);
  asking_end (&asking);
}

static void
test_no (void)
{
  Asking asking;

  asking_begin (&asking, 20);
  wait_for (&asking.asked, 1);
  world_invite_answer (asking.member->world, asking.number, NULL);
  wait_for (&asking.answered, 1);
  g_assert_error (asking.error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  asking_end (&asking);
}

static void
test_nobody_decides (void)
{
  Asking asking;

  asking_begin (&asking, 1);
  wait_for (&asking.answered, 1);
  g_assert_error (asking.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (asking.asked, ==, 1);
  wait_ms (20);
  world_invite_answer (asking.member->world, asking.number, "too late");
  asking_end (&asking);
}

static void
test_nobody_there (void)
{
  g_autoptr (GError) error = NULL;
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  Asking asking = { 0 };
  int fd = socket_bind (SOCK_STREAM, &address, false);

  address = socket_address (fd);
  close (fd);
  asking.request = invite_request_new (&address, "zoë", "laptop", 20, on_answered, &asking);
  wait_for (&asking.answered, 1);
  g_assert_error (asking.error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  asking_end (&asking);
}

static void
test_teardown (void)
{
  Asking asking;

  for (unsigned turns = 0; turns < 12; turns++) {
    asking_begin (&asking, 20);
    for (unsigned i = 0; i < turns; i++)
      g_main_context_iteration (NULL, FALSE);
    asking_end (&asking);
  }
}

/* With nobody to ask, nobody waits. */
static void
test_closed_desk (void)
{
  Asking asking = { .member = peer_member () };

  asking.request =
    invite_request_new (&asking.member->address, "zoë", "laptop", 20, on_answered, &asking);
  wait_for (&asking.answered, 1);
  g_assert_nonnull (asking.error);
  asking_end (&asking);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invite-request/yes", test_yes);
  g_test_add_func ("/invite-request/no", test_no);
  g_test_add_func ("/invite-request/nobody-decides-in-time", test_nobody_decides);
  g_test_add_func ("/invite-request/nobody-there", test_nobody_there);
  g_test_add_func ("/invite-request/teardown-at-every-step", test_teardown);
  g_test_add_func ("/invite-request/members-who-let-nobody-in", test_closed_desk);
  return g_test_run ();
}
