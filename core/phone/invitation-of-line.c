/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/digest.h"
#include "core/os/enrolment-client.h"
#include "core/phone/line-private.h"
#include <string.h>

/* The invitation to a line's overlay: how the invited come in, and by whom. */

void
line_remember_peer (Line *self, LinkTransport transport, const Address *address)
{
  size_t at = 0;

  while (at < self->peer_count && !address_equal (&self->peers[at].address, address))
    at++;
  if (at == self->peer_count && self->peer_count < LINE_PEERS_REMEMBERED)
    self->peer_count++;
  at = MIN (at, LINE_PEERS_REMEMBERED - 1);
  memmove (&self->peers[1], &self->peers[0], at * sizeof self->peers[0]);
  self->peers[0] = (InvitationPeer){ .transport = transport, .address = *address };
}

static void
add_peer (Invitation *invitation, LinkTransport transport, const Address *address)
{
  if (invitation->peer_count == INVITATION_PEERS || address_is_link_local (address))
    return;
  invitation->peers[invitation->peer_count++] =
    (InvitationPeer){ .transport = transport, .address = *address };
}

/* As many whole characters as fit. */
static void
copy_text (char *ret_text, size_t size, const char *text)
{
  const char *end;

  g_utf8_validate (text, (gssize) MIN (strlen (text), size - 1), &end);
  memcpy (ret_text, text, (size_t) (end - text));
  ret_text[end - text] = '\0';
}

/* The server is asked for the rest. */
static void
fill_enrolment (const Configuration *configuration, Invitation *invitation)
{
  invitation->is_enrolled = true;
  if (!enrolment_is_found_by_name (configuration->instance_name))
    copy_text (invitation->server, sizeof invitation->server, configuration->enrollment_servers[0]);
  digest_sha256 (configuration->roots[0], invitation->root_hash);
}

static void
add_remembered (const Line *self, Invitation *invitation, bool is_private)
{
  for (size_t i = 0; i < self->peer_count; i++)
    if (address_is_private (&self->peers[i].address) == is_private)
      add_peer (invitation, self->peers[i].transport, &self->peers[i].address);
}

/* Our own listeners first, then peers attached lately, the latest first; but who can be reached
 * from everywhere before those who can not: the invitation may be opened anywhere. */
void
line_fill_invitation (Line *self, Invitation *ret_invitation)
{
  Invitation invitation = { .has_secret = self->keys->has_secret };
  Address own[INVITATION_PEERS - 2];
  size_t own_count = world_listening (self->world, own, G_N_ELEMENTS (own));

  copy_text (invitation.instance_name, sizeof invitation.instance_name, self->keys->instance_name);
  copy_text (invitation.label, sizeof invitation.label, self->current->label);
  copy_text (invitation.inviter, sizeof invitation.inviter, self->keys->display_name);
  memcpy (invitation.configuration_hash, self->keys->configuration_hash,
          sizeof invitation.configuration_hash);
  memcpy (invitation.secret, self->keys->secret, sizeof invitation.secret);
  if (self->current->shared_secret)
    copy_text (invitation.shared_secret, sizeof invitation.shared_secret,
               self->current->shared_secret);
  if (self->current->enrollment_server_count > 0 && self->current->root_count > 0)
    fill_enrolment (self->current, &invitation);
  for (size_t i = 0; i < own_count; i++)
    add_peer (&invitation, LINK_TRANSPORT_DTLS, &own[i]);
  add_remembered (self, &invitation, false);
  add_remembered (self, &invitation, true);
  *ret_invitation = invitation;
  explicit_bzero (&invitation, sizeof invitation);
}

char *
line_invite (Line *self)
{
  Invitation invitation;
  char *text;

  line_fill_invitation (self, &invitation);
  text = invitation_to_text (&invitation);
  explicit_bzero (&invitation, sizeof invitation);
  return text;
}
