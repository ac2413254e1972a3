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

uint8_t
candidates_no_ice (const Configuration *configuration)
{
  return configuration->is_no_ice ? configuration->no_ice_transports : 0;
}

/* RFC 6940, 6.6.4 to 6.6.6. */
static uint8_t
overlay_link_of (bool is_no_ice, bool is_stream)
{
  if (!is_no_ice)
    return OVERLAY_LINK_DTLS_UDP_SR;
  return is_stream ? OVERLAY_LINK_TLS_TCP_FH_NO_ICE : OVERLAY_LINK_DTLS_UDP_SR_NO_ICE;
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
      .overlay_link = overlay_link_of (local->is_no_ice, candidate->is_stream),
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

/* Whether candidates of that type may be used, by ICE or by one of the transports. */
static bool
takes_link (uint8_t no_ice, uint8_t overlay_link)
{
  switch (overlay_link) {
  case OVERLAY_LINK_DTLS_UDP_SR:
    return no_ice == 0;
  case OVERLAY_LINK_DTLS_UDP_SR_NO_ICE:
    return (no_ice & LINK_TRANSPORT_DTLS) != 0;
  case OVERLAY_LINK_TLS_TCP_FH_NO_ICE:
    return (no_ice & LINK_TRANSPORT_TLS) != 0;
  default:
    return false;
  }
}

static bool
is_good_type (uint8_t type, bool is_ice)
{
  return type == CAND_HOST || (is_ice && (type == CAND_SRFLX || type == CAND_RELAY));
}

static bool
read_candidate (uint8_t no_ice, const IceCandidate *from, Candidate *to)
{
  if (!takes_link (no_ice, from->overlay_link) || from->addr_port.address.port == 0 ||
      from->addr_port.address.family == ADDRESS_NONE ||
      !is_ice_text (from->foundation, no_ice == 0, 32) || !is_good_type (from->type, no_ice == 0))
    return false;
  *to = (Candidate){
    .type = (CandidateType) from->type,
    .is_stream = from->overlay_link == OVERLAY_LINK_TLS_TCP_FH_NO_ICE,
    .address = from->addr_port.address,
    .priority = from->priority,
  };
  if (from->type != CAND_HOST)
    to->related = from->rel_addr_port.address;
  copy_text (to->foundation, from->foundation);
  return true;
}

/* 6.5.1.1: with ICE and without it is a contradiction. */
static bool
is_mixed (const IceCandidateList *list)
{
  bool has_ice = false;
  bool has_no_ice = false;

  for (size_t i = 0; i < list->count; i++) {
    uint8_t overlay_link = list->items[i].overlay_link;
    has_ice |= overlay_link == OVERLAY_LINK_DTLS_UDP_SR;
    has_no_ice |= overlay_link == OVERLAY_LINK_DTLS_UDP_SR_NO_ICE ||
                  overlay_link == OVERLAY_LINK_TLS_TCP_FH_NO_ICE;
  }
  return has_ice && has_no_ice;
}

static bool
read_credentials (Bytes ufrag, Bytes password, IceDescription *ret_remote)
{
  if (!is_ice_text (ufrag, UFRAG_MIN, ICE_TEXT_MAX) ||
      !is_ice_text (password, PASSWORD_MIN, ICE_TEXT_MAX))
    return false;
  copy_text (ret_remote->ufrag, ufrag);
  copy_text (ret_remote->password, password);
  return true;
}

bool
candidates_read (uint8_t no_ice,
                 Bytes ufrag,
                 Bytes password,
                 const IceCandidateList *list,
                 IceDescription *ret_remote)
{
  memset (ret_remote, 0, sizeof *ret_remote);
  ret_remote->is_no_ice = no_ice != 0;
  if (is_mixed (list) || (no_ice == 0 && !read_credentials (ufrag, password, ret_remote)))
    return false;
  for (size_t i = 0; i < list->count && ret_remote->candidate_count < LIMIT_CANDIDATES; i++)
    if (read_candidate (no_ice, &list->items[i],
                        &ret_remote->candidates[ret_remote->candidate_count]))
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
