/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/diagnostics.h"

#include "core/wire/walk.h"

/* RFC 7851, 5.1 */
static void
walk_diagnostic_extension (Wire *w, DiagnosticExtension *e)
{
  wire_u16 (w, "kind", &e->kind);
  wire_opaque (w, "diagnostic_extension_contents", 4, &e->diagnostic_extension_contents);
}

WIRE_DEFINE_LIST (DiagnosticExtension, diagnostic_extension)

/* RFC 7851, 5.1. ext_length says again how long the list is, without the list's own length. */
void
walk_diagnostics_request (Wire *w, DiagnosticsRequest *d)
{
  WireLength ext_length;

  wire_u64 (w, "expiration", &d->expiration);
  wire_u64 (w, "timestamp_initiated", &d->timestamp_initiated);
  wire_u64 (w, "dMFlags", &d->dm_flags);
  wire_length (w, "ext_length", 4, &ext_length);
  wire_open (w, "diagnostic_extensions_list", 4);
  wire_open_length (w, "ext_length", &ext_length);
  walk_diagnostic_extensions (w, "diagnostic_extensions_list", 0, &d->diagnostic_extensions_list);
  wire_close (w);
  wire_close (w);
}

/* RFC 7851, 5.2 */
static void
walk_diagnostic_info (Wire *w, DiagnosticInfo *i)
{
  wire_u16 (w, "kind", &i->kind);
  wire_opaque (w, "diagnostic_info_contents", 2, &i->diagnostic_info_contents);
}

WIRE_DEFINE_LIST (DiagnosticInfo, diagnostic_info)

/* RFC 7851, 5.2 */
void
walk_diagnostics_response (Wire *w, DiagnosticsResponse *d)
{
  WireLength ext_length;

  wire_u64 (w, "expiration", &d->expiration);
  wire_u64 (w, "timestamp_initiated", &d->timestamp_initiated);
  wire_u64 (w, "timestamp_received", &d->timestamp_received);
  wire_u8 (w, "hop_counter", &d->hop_counter);
  wire_length (w, "ext_length", 4, &ext_length);
  wire_open (w, "diagnostic_info_list", 4);
  wire_open_length (w, "ext_length", &ext_length);
  walk_diagnostic_infos (w, "diagnostic_info_list", 0, &d->diagnostic_info_list);
  wire_close (w);
  wire_close (w);
}

/* RFC 7851, 4.3.1.1 */
void
walk_path_track_req (Wire *w, PathTrackReq *p)
{
  wire_enter (w, "destination");
  walk_destination (w, &p->destination);
  wire_leave (w);
  wire_enter (w, "request");
  walk_diagnostics_request (w, &p->request);
  wire_leave (w);
}

/* RFC 7851, 4.3.1.2 */
void
walk_path_track_ans (Wire *w, PathTrackAns *p)
{
  wire_enter (w, "next_hop");
  walk_destination (w, &p->next_hop);
  wire_leave (w);
  wire_enter (w, "response");
  walk_diagnostics_response (w, &p->response);
  wire_leave (w);
}

WIRE_DEFINE (DiagnosticsRequest, diagnostics_request)
WIRE_DEFINE (DiagnosticsResponse, diagnostics_response)
WIRE_DEFINE (PathTrackReq, path_track_req)
WIRE_DEFINE (PathTrackAns, path_track_ans)
