/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/find.h"

#include "core/wire/walk.h"

static void
walk_kind_id (Wire *w, KindId *kind)
{
  wire_u32 (w, "kind", kind);
}

WIRE_DEFINE_LIST (KindId, kind_id)

/* RFC 6940, 7.4.4.1 */
void
walk_find_req (Wire *w, FindReq *f)
{
  walk_resource_id (w, "resource", &f->resource);
  walk_kind_ids (w, "kinds", 1, &f->kinds);
}

/* RFC 6940, 7.4.4.2 */
static void
walk_find_kind_data (Wire *w, FindKindData *f)
{
  wire_u32 (w, "kind", &f->kind);
  walk_resource_id (w, "closest", &f->closest);
}

WIRE_DEFINE_LIST (FindKindData, find_kind_data)

/* RFC 6940, 7.4.4.2 */
void
walk_find_ans (Wire *w, FindAns *f)
{
  walk_find_kind_datas (w, "results", 2, &f->results);
}

WIRE_DEFINE (FindReq, find_req)
WIRE_DEFINE (FindAns, find_ans)
