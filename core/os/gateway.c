/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/gateway.h"

#include "core/os/pcp.h"
#include "core/os/private-file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <natpmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* PCP goes first, then NAT-PMP, its elder: a datagram to the router, and one back. UPnP has to look
 * for the router, and to speak XML with it. What has worked once is used again until it fails.
 *
 * The port of the listener is what is mapped, and nothing else. A port for sound would make a
 * direct way of a relayed one between two routers of the worst kind, and of no other; for that,
 * every call would have to ask the router before it rings. And who is behind a router relays for
 * nobody: each of his allocations would need a port of its own.
 *
 * A router whose own address is a private one stands behind another: what it maps is of no use. */

enum {
  LIFETIME_S = 3600,
  NATPMP_PATIENCE_MS = 700,
  UPNP_PATIENCE_MS = 1000,
  UPNP_TTL = 2,
  UPNP_PORTS = 4, /* that are tried, one after the other */
  UPNP_CONFLICT = 718,
  UPNP_ONLY_PERMANENT = 725,
  UPNP_CONNECTED = 1,
};

typedef enum Method { METHOD_NONE, METHOD_PCP, METHOD_NATPMP, METHOD_UPNP } Method;

struct Gateway {
  Method method;
  uint16_t outside_port; /* by UPnP */
  uint8_t nonce[PCP_NONCE_SIZE];
  bool has_urls;
  struct UPNPUrls urls;
  struct IGDdatas data;
  char own[64]; /* our address as the router knows it */
};

static bool
set_outside (const char *text, uint16_t port, Address *ret_outside)
{
  Address outside;

  if (!address_from_text (text, &outside) || outside.family != ADDRESS_IPV4 ||
      address_is_private (&outside) || port == 0)
    return false;
  outside.port = port;
  *ret_outside = outside;
  return true;
}

/* The router of the default route. */
static bool
find_router (Address *ret_router)
{
  natpmp_t natpmp;

  if (initnatpmp (&natpmp, 0, 0) != 0)
    return false;
  *ret_router = (Address){ .family = ADDRESS_IPV4, .port = PCP_PORT };
  memcpy (ret_router->bytes, &natpmp.gateway, 4);
  closenatpmp (&natpmp);
  return true;
}

/* ---- PCP ---- */

static bool
pcp_map_one (const Gateway *self,
             const Address *router,
             PcpProtocol protocol,
             uint16_t port,
             unsigned lifetime_s,
             PcpMapped *ret_mapped)
{
  PcpMap map = { .protocol = protocol,
                 .inside.port = port,
                 .outside_port = lifetime_s > 0 ? port : 0,
                 .lifetime_s = lifetime_s };

  memcpy (map.nonce, self->nonce, sizeof map.nonce);
  return pcp_ask (router, &map, ret_mapped);
}

static void
pcp_unmap (const Gateway *self, uint16_t port)
{
  Address router;
  PcpMapped ignored;

  if (!find_router (&router))
    return;
  pcp_map_one (self, &router, PCP_UDP, port, 0, &ignored);
  pcp_map_one (self, &router, PCP_TCP, port, 0, &ignored);
}

static bool
pcp_map (const Gateway *self, uint16_t port, GatewayMapping *ret_mapping)
{
  Address router;
  PcpMapped mapped, ignored;

  if (!find_router (&router) || !pcp_map_one (self, &router, PCP_UDP, port, LIFETIME_S, &mapped))
    return false;
  if (mapped.outside.family != ADDRESS_IPV4 || address_is_private (&mapped.outside) ||
      mapped.outside.port == 0) {
    pcp_unmap (self, port);
    return false;
  }
  pcp_map_one (self, &router, PCP_TCP, port, LIFETIME_S, &ignored);
  *ret_mapping = (GatewayMapping){ mapped.outside, mapped.lifetime_s };
  return true;
}

/* ---- NAT-PMP ---- */

static bool
natpmp_await (natpmp_t *natpmp, natpmpresp_t *ret_response)
{
  gint64 end = g_get_monotonic_time () + NATPMP_PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
  int result;

  while ((result = readnatpmpresponseorretry (natpmp, ret_response)) == NATPMP_TRYAGAIN &&
         g_get_monotonic_time () < end) {
    struct pollfd readable = { .fd = natpmp->s, .events = POLLIN };
    struct timeval patience = { 0 };

    getnatpmprequesttimeout (natpmp, &patience);
    poll (&readable, 1,
          (int) CLAMP (patience.tv_sec * 1000 + patience.tv_usec / 1000, 1, NATPMP_PATIENCE_MS));
  }
  return result == 0;
}

static bool
natpmp_map_one (
  natpmp_t *natpmp, int protocol, uint16_t port, unsigned lifetime_s, natpmpresp_t *ret_response)
{
  uint16_t outside = lifetime_s > 0 ? port : 0; /* RFC 6886, 3.4 */

  return sendnewportmappingrequest (natpmp, protocol, port, outside, lifetime_s) > 0 &&
         natpmp_await (natpmp, ret_response);
}

static void
natpmp_unmap (natpmp_t *natpmp, uint16_t port)
{
  natpmpresp_t ignored;

  natpmp_map_one (natpmp, NATPMP_PROTOCOL_UDP, port, 0, &ignored);
  natpmp_map_one (natpmp, NATPMP_PROTOCOL_TCP, port, 0, &ignored);
}

static bool
natpmp_map (natpmp_t *natpmp, uint16_t port, GatewayMapping *ret_mapping)
{
  natpmpresp_t address, mapped, ignored;
  char text[INET_ADDRSTRLEN];

  if (sendpublicaddressrequest (natpmp) <= 0 || !natpmp_await (natpmp, &address) ||
      address.type != NATPMP_RESPTYPE_PUBLICADDRESS ||
      !natpmp_map_one (natpmp, NATPMP_PROTOCOL_UDP, port, LIFETIME_S, &mapped) ||
      mapped.type != NATPMP_RESPTYPE_UDPPORTMAPPING)
    return false;
  natpmp_map_one (natpmp, NATPMP_PROTOCOL_TCP, port, LIFETIME_S, &ignored);
  inet_ntop (AF_INET, &address.pnu.publicaddress.addr, text, sizeof text);
  ret_mapping->lifetime_s = mapped.pnu.newportmapping.lifetime;
  if (set_outside (text, mapped.pnu.newportmapping.mappedpublicport, &ret_mapping->outside))
    return true;
  natpmp_unmap (natpmp, port);
  return false;
}

/* By the router of the default route; without `ret_mapping` takes back. */
static bool
natpmp_ask (uint16_t port, GatewayMapping *ret_mapping)
{
  natpmp_t natpmp;
  bool is_mapped = false;

  if (initnatpmp (&natpmp, 0, 0) != 0)
    return false;
  if (ret_mapping != NULL)
    is_mapped = natpmp_map (&natpmp, port, ret_mapping);
  else
    natpmp_unmap (&natpmp, port);
  closenatpmp (&natpmp);
  return is_mapped;
}

/* ---- UPnP ---- */

static void
upnp_forget (Gateway *self)
{
  if (self->has_urls)
    FreeUPNPUrls (&self->urls);
  self->has_urls = false;
}

static bool
upnp_find (Gateway *self)
{
  int error = 0, found;
  struct UPNPDev *devices =
    upnpDiscover (UPNP_PATIENCE_MS, NULL, NULL, UPNP_LOCAL_PORT_ANY, 0, UPNP_TTL, &error);

  upnp_forget (self);
  if (devices == NULL)
    return false;
#if MINIUPNPC_API_VERSION >= 18
  found =
    UPNP_GetValidIGD (devices, &self->urls, &self->data, self->own, sizeof self->own, NULL, 0);
#else
  found = UPNP_GetValidIGD (devices, &self->urls, &self->data, self->own, sizeof self->own);
#endif
  self->has_urls = found != 0;
  freeUPNPDevlist (devices);
  return found == UPNP_CONNECTED;
}

static int
upnp_add (
  const Gateway *self, const char *protocol, uint16_t outside, uint16_t port, unsigned lifetime_s)
{
  g_autofree char *outside_text = g_strdup_printf ("%u", outside);
  g_autofree char *port_text = g_strdup_printf ("%u", port);
  g_autofree char *lifetime = g_strdup_printf ("%u", lifetime_s);

  return UPNP_AddPortMapping (self->urls.controlURL, self->data.first.servicetype, outside_text,
                              port_text, self->own, "Peal", protocol, NULL, lifetime);
}

/* Some routers know no end; then it is taken back when we leave, or stays. */
static int
upnp_map_one (const Gateway *self, const char *protocol, uint16_t outside, uint16_t port)
{
  int result = upnp_add (self, protocol, outside, port, LIFETIME_S);

  return result == UPNP_ONLY_PERMANENT ? upnp_add (self, protocol, outside, port, 0) : result;
}

static void
upnp_unmap (const Gateway *self)
{
  g_autofree char *outside = g_strdup_printf ("%u", self->outside_port);

  UPNP_DeletePortMapping (self->urls.controlURL, self->data.first.servicetype, outside, "UDP",
                          NULL);
  UPNP_DeletePortMapping (self->urls.controlURL, self->data.first.servicetype, outside, "TCP",
                          NULL);
}

static bool
upnp_map (Gateway *self, uint16_t port, GatewayMapping *ret_mapping)
{
  char text[64] = "";
  int result = UPNP_CONFLICT;

  if (UPNP_GetExternalIPAddress (self->urls.controlURL, self->data.first.servicetype, text) !=
        UPNPCOMMAND_SUCCESS ||
      !set_outside (text, port, &ret_mapping->outside))
    return false;
  for (unsigned i = 0; i < UPNP_PORTS && result == UPNP_CONFLICT && port + i <= G_MAXUINT16; i++) {
    ret_mapping->outside.port = (uint16_t) (port + i);
    result = upnp_map_one (self, "UDP", ret_mapping->outside.port, port);
  }
  if (result != UPNPCOMMAND_SUCCESS)
    return false;
  self->outside_port = ret_mapping->outside.port;
  ret_mapping->lifetime_s = LIFETIME_S;
  upnp_map_one (self, "TCP", self->outside_port, port);
  return true;
}

/* ---- Either ---- */

Gateway *
gateway_new (void)
{
  Gateway *self = g_new0 (Gateway, 1);

  private_random (self->nonce, sizeof self->nonce);
  return self;
}

void
gateway_free (Gateway *self)
{
  if (self == NULL)
    return;
  upnp_forget (self);
  g_free (self);
}

bool
gateway_map (Gateway *self, uint16_t port, GatewayMapping *ret_mapping)
{
  GatewayMapping mapping = { 0 };
  Method method = METHOD_NONE;

  if (self->method == METHOD_UPNP && upnp_map (self, port, &mapping))
    method = METHOD_UPNP;
  else if (pcp_map (self, port, &mapping))
    method = METHOD_PCP;
  else if (natpmp_ask (port, &mapping))
    method = METHOD_NATPMP;
  else if (upnp_find (self) && upnp_map (self, port, &mapping))
    method = METHOD_UPNP;
  self->method = method;
  if (method != METHOD_NONE)
    *ret_mapping = mapping;
  return method != METHOD_NONE;
}

void
gateway_unmap (Gateway *self, uint16_t port)
{
  switch (self->method) {
  case METHOD_NONE:
    break;
  case METHOD_PCP:
    pcp_unmap (self, port);
    break;
  case METHOD_NATPMP:
    natpmp_ask (port, NULL);
    break;
  case METHOD_UPNP:
    upnp_unmap (self);
    break;
  }
  self->method = METHOD_NONE;
}
