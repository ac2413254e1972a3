/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/attach-candidates.h"

#include <string.h>

/* The extension "listen" is a run of IpAddressPort. */

#define LISTEN "listen"

enum { UFRAG_MIN = 4, PASSWORD_MIN = 22, ICE_TEXT_MAX = 256 };

static Bytes
write_listening (Arena *arena, const Address *listening, size_t count)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (size_t i = 0; i < count; i++) {
    IpAddressPort address = ip_address_port_of (&listening[i]);
    ip_address_port_encode (&address, bytes);
  }
  return arena_dup (arena, (Bytes){ bytes->data, bytes->len });
}

IceCandidateList
candidates_write (Arena *arena,
                  const IceDescription *local,
                  const Address *listening,
                  size_t listening_count)
{
  IceCandidate *items = arena_new_array (arena, IceCandidate, local->candidate_count);

  for (size_t i = 0; i < local->candidate_count; i++) {
    const Candidate *candidate = &local->candidates[i];
    items[i] = (IceCandidate){
      .addr_port = ip_address_port_of (&candidate->address),
      .overlay_link = OVERLAY_LINK_DTLS_UDP_SR,
      .foundation = bytes_of_text (candidate->foundation),
      .priority = candidate->priority,
      .type = (uint8_t) candidate->type,
    };
    if (candidate->type != CANDIDATE_HOST)
      items[i].rel_addr_port = ip_address_port_of (&candidate->related);
  }
  if (local->candidate_count > 0 && listening_count > 0) {
    IceExtension *extension = arena_new_array (arena, IceExtension, 1);
    *extension = (IceExtension){
      .name = bytes_of_text (LISTEN),
      .value = write_listening (arena, listening, listening_count),
    };
    items[0].extensions = (IceExtensionList){ extension, 1 };
  }
  return (IceCandidateList){ items, local->candidate_count };
}

/* ice-char (RFC 8839, 5.1). */
static bool
is_ice_text (Bytes text, size_t least, size_t most)
{
  if (text.size < least || text.size > most)
    return false;
  for (size_t i = 0; i < text.size; i++)
    if (!g_ascii_isalnum (text.data[i]) && text.data[i] != '+' && text.data[i] != '/')
      return false;
  return true;
}

static void
copy_text (char *to, Bytes from)
{
  memcpy (to, from.data, from.size);
  to[from.size] = '\0';
}

static bool
read_candidate (const IceCandidate *from, Candidate *to)
{
  if (from->overlay_link != OVERLAY_LINK_DTLS_UDP_SR || from->addr_port.address.port == 0 ||
      from->addr_port.address.family == ADDRESS_NONE || !is_ice_text (from->foundation, 1, 32) ||
      (from->type != CAND_HOST && from->type != CAND_SRFLX && from->type != CAND_RELAY))
    return false;
  *to = (Candidate){
    .type = (CandidateType) from->type,
    .address = from->addr_port.address,
    .priority = from->priority,
  };
  if (from->type != CAND_HOST)
    to->related = from->rel_addr_port.address;
  copy_text (to->foundation, from->foundation);
  return true;
}

bool
candidates_read (Bytes ufrag,
                 Bytes password,
                 const IceCandidateList *list,
                 IceDescription *ret_remote)
{
  if (!is_ice_text (ufrag, UFRAG_MIN, ICE_TEXT_MAX) ||
      !is_ice_text (password, PASSWORD_MIN, ICE_TEXT_MAX))
    return false;
  memset (ret_remote, 0, sizeof *ret_remote);
  copy_text (ret_remote->ufrag, ufrag);
  copy_text (ret_remote->password, password);
  for (size_t i = 0; i < list->count && ret_remote->candidate_count < LIMIT_CANDIDATES; i++)
    if (read_candidate (&list->items[i], &ret_remote->candidates[ret_remote->candidate_count]))
      ret_remote->candidate_count++;
  return ret_remote->candidate_count > 0;
}

static size_t
read_listening (Bytes value, Address *ret_addresses, size_t size)
{
  g_autoptr (Arena) arena = arena_new ();
  size_t count = 0;

  while (value.size > 0 && count < size) {
    IpAddressPort address;
    size_t used;
    if (!wire_decode_part (&ip_address_port_type, value, arena, &address, &used, NULL) || used == 0)
      break;
    if (address.address.family != ADDRESS_NONE && address.address.port != 0)
      ret_addresses[count++] = address.address;
    value = (Bytes){ value.data + used, value.size - used };
  }
  return count;
}

size_t
candidates_read_listening (const IceCandidateList *list, Address *ret_addresses, size_t size)
{
  for (size_t i = 0; i < list->count; i++)
    for (size_t e = 0; e < list->items[i].extensions.count; e++) {
      const IceExtension *extension = &list->items[i].extensions.items[e];
      if (bytes_equal (extension->name, bytes_of_text (LISTEN)))
        return read_listening (extension->value, ret_addresses, size);
    }
  return 0;
}
