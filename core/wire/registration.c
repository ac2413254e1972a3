/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/registration.h"

#include "core/wire/walk.h"

/* RFC 7904, 3.2 */
void
walk_sip_registration (Wire *w, SipRegistration *r)
{
  static const uint8_t types[] = { SIP_REGISTRATION_URI, SIP_REGISTRATION_ROUTE, 3 };

  wire_choice (w, "type", &r->type, types, G_N_ELEMENTS (types));
  wire_open (w, "length", 2);
  switch (r->type) {
  case SIP_REGISTRATION_URI:
    wire_opaque (w, "uri", 2, &r->uri);
    break;
  case SIP_REGISTRATION_ROUTE:
    wire_opaque (w, "contact_prefs", 2, &r->contact_prefs);
    walk_destinations (w, "destination_list", 2, &r->destination_list);
    break;
  default:
    wire_rest (w, "unknown", &r->unknown);
    break;
  }
  wire_close (w);
}

WIRE_DEFINE (SipRegistration, sip_registration)
