/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/pinhole.h"

#include "core/os/default-route.h"
#include "core/os/pcp.h"
#include "core/os/private-file.h"
#include "core/os/socket.h"

#include <glib.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <string.h>

/* With IPv6 there are addresses for everybody and nothing to translate, but routers at home let
 * nobody in all the same (RFC 6092). They open a hole when they are asked, for each address of ours
 * by itself: PCP has us ask from the address that is meant; UPnP routers open one for the address
 * that speaks with them and no other. What has worked once is used again until it fails. */

enum {
  LIFETIME_S = 3600,
  ADDRESSES_MAX = 4, /* a machine has one that stays, and some that come and go (RFC 8981) */
  OWN_MAX = 32,
  UPNP_PATIENCE_MS = 1000,
  UPNP_TTL = 2,
  UPNP_PROTOCOLS = 2,
  UPNP_ID_SIZE = 8, /* what the library writes: a number of 16 bits */
};

typedef enum Method { METHOD_NONE, METHOD_PCP, METHOD_UPNP } Method;

struct Pinhole {
  Method method;
  Address opened[ADDRESSES_MAX]; /* by PCP */
  size_t opened_count;
  uint8_t nonce[PCP_NONCE_SIZE];
  bool has_urls;
  struct UPNPUrls urls;
  struct IGDdatas data;
  char own[64]; /* our address as the router knows it */
  char ids[UPNP_PROTOCOLS][UPNP_ID_SIZE];
};

static const char *const upnp_protocols[UPNP_PROTOCOLS] = { "17", "6" }; /* UDP, TCP */

static size_t
public_addresses (Address ret_addresses[ADDRESSES_MAX])
{
  Address own[OWN_MAX];
  size_t own_count = socket_reachable_addresses (ADDRESS_IPV6, own, OWN_MAX);
  size_t count = 0;

  for (size_t i = 0; i < own_count && count < ADDRESSES_MAX; i++)
    if (own[i].family == ADDRESS_IPV6 && !address_is_private (&own[i]))
      ret_addresses[count++] = own[i];
  return count;
}

/* ---- PCP ---- */

static bool
pcp_open_one (const Pinhole *self,
              const Address *router,
              const Address *address,
              PcpProtocol protocol,
              unsigned lifetime_s,
              PcpMapped *ret_mapped)
{
  PcpMap map = { .protocol = protocol,
                 .inside = *address,
                 .outside_port = lifetime_s > 0 ? address->port : 0,
                 .lifetime_s = lifetime_s };

  memcpy (map.nonce, self->nonce, sizeof map.nonce);
  return pcp_ask (router, &map, ret_mapped);
}

static void
pcp_close_one (const Pinhole *self, const Address *router, const Address *address)
{
  PcpMapped ignored;

  if (pcp_open_one (self, router, address, PCP_UDP, 0, &ignored))
    pcp_open_one (self, router, address, PCP_TCP, 0, &ignored);
}

/* A router that would lead another address to ours is of no use: nobody would look for us there. */
static bool
pcp_open_address (const Pinhole *self,
                  const Address *router,
                  const Address *address,
                  PcpMapped *ret_mapped)
{
  PcpMapped ignored;

  if (!pcp_open_one (self, router, address, PCP_UDP, LIFETIME_S, ret_mapped))
    return false;
  if (!address_equal (&ret_mapped->outside, address)) {
    pcp_close_one (self, router, address);
    return false;
  }
  pcp_open_one (self, router, address, PCP_TCP, LIFETIME_S, &ignored);
  return true;
}

/* Where the router does not answer for one address it does for none. */
static bool
pcp_open (
  Pinhole *self, const Address *own, size_t own_count, uint16_t port, GatewayMapping *ret_mapping)
{
  Address router;

  self->opened_count = 0;
  if (!default_route_find (&router))
    return false;
  router.port = PCP_PORT;
  for (size_t i = 0; i < own_count; i++) {
    Address address = own[i];
    PcpMapped mapped;
    address.port = port;
    if (!pcp_open_address (self, &router, &address, &mapped))
      break;
    if (self->opened_count == 0 || mapped.lifetime_s < ret_mapping->lifetime_s)
      ret_mapping->lifetime_s = mapped.lifetime_s;
    self->opened[self->opened_count++] = address;
  }
  ret_mapping->outside = self->opened[0];
  return self->opened_count > 0;
}

static void
pcp_close (Pinhole *self)
{
  Address router;

  if (!default_route_find (&router))
    return;
  router.port = PCP_PORT;
  for (size_t i = 0; i < self->opened_count; i++)
    pcp_close_one (self, &router, &self->opened[i]);
  self->opened_count = 0;
}

/* ---- UPnP ---- */

static void
upnp_forget (Pinhole *self)
{
  if (self->has_urls)
    FreeUPNPUrls (&self->urls);
  self->has_urls = false;
}

static bool
upnp_find (Pinhole *self)
{
  int error = 0;
  struct UPNPDev *devices =
    upnpDiscover (UPNP_PATIENCE_MS, NULL, NULL, UPNP_LOCAL_PORT_ANY, 1, UPNP_TTL, &error);

  upnp_forget (self);
  if (devices == NULL)
    return false;
#if MINIUPNPC_API_VERSION >= 18
  self->has_urls =
    UPNP_GetValidIGD (devices, &self->urls, &self->data, self->own, sizeof self->own, NULL, 0) != 0;
#else
  self->has_urls =
    UPNP_GetValidIGD (devices, &self->urls, &self->data, self->own, sizeof self->own) != 0;
#endif
  freeUPNPDevlist (devices);
  return self->has_urls && self->urls.controlURL_6FC != NULL && self->urls.controlURL_6FC[0] != 0;
}

static bool
upnp_open_one (Pinhole *self, unsigned protocol, uint16_t port)
{
  g_autofree char *port_text = g_strdup_printf ("%u", port);
  g_autofree char *lifetime = g_strdup_printf ("%u", LIFETIME_S);

  return UPNP_AddPinhole (self->urls.controlURL_6FC, self->data.IPv6FC.servicetype, "empty", "0",
                          self->own, port_text, upnp_protocols[protocol], lifetime,
                          self->ids[protocol]) == UPNPCOMMAND_SUCCESS;
}

/* A hole that is there already is opened for longer. */
static bool
upnp_open (Pinhole *self, uint16_t port, GatewayMapping *ret_mapping)
{
  Address own;

  if (!address_from_text (self->own, &own) || own.family != ADDRESS_IPV6 ||
      address_is_private (&own) || !upnp_open_one (self, 0, port))
    return false;
  upnp_open_one (self, 1, port);
  own.port = port;
  *ret_mapping = (GatewayMapping){ own, LIFETIME_S };
  return true;
}

static void
upnp_close (Pinhole *self)
{
  for (unsigned i = 0; i < UPNP_PROTOCOLS; i++) {
    if (self->ids[i][0] != '\0')
      UPNP_DeletePinhole (self->urls.controlURL_6FC, self->data.IPv6FC.servicetype, self->ids[i]);
    self->ids[i][0] = '\0';
  }
}

/* ---- Either ---- */

Pinhole *
pinhole_new (void)
{
  Pinhole *self = g_new0 (Pinhole, 1);

  private_random (self->nonce, sizeof self->nonce);
  return self;
}

void
pinhole_free (Pinhole *self)
{
  if (self == NULL)
    return;
  upnp_forget (self);
  g_free (self);
}

bool
pinhole_open (Pinhole *self, uint16_t port, GatewayMapping *ret_mapping)
{
  Address own[ADDRESSES_MAX];
  size_t own_count = public_addresses (own);
  GatewayMapping mapping = { 0 };
  Method method = METHOD_NONE;

  if (own_count > 0 && self->method == METHOD_UPNP && upnp_open (self, port, &mapping))
    method = METHOD_UPNP;
  else if (own_count > 0 && pcp_open (self, own, own_count, port, &mapping))
    method = METHOD_PCP;
  else if (own_count > 0 && upnp_find (self) && upnp_open (self, port, &mapping))
    method = METHOD_UPNP;
  self->method = method;
  if (method != METHOD_NONE)
    *ret_mapping = mapping;
  return method != METHOD_NONE;
}

void
pinhole_close (Pinhole *self, uint16_t port)
{
  switch (self->method) {
  case METHOD_NONE:
    break;
  case METHOD_PCP:
    pcp_close (self);
    break;
  case METHOD_UPNP:
    upnp_close (self);
    break;
  }
  self->method = METHOD_NONE;
}
