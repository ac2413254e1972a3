/* SPDX-License-Identifier: GPL-3.0-or-later */
/* find.h: the Find method (RFC 6940, 7.4.4). */
#pragma once
#include "core/wire/destination.h"

WIRE_LIST (KindId);
void walk_kind_ids (Wire *w, const char *label, unsigned length_bytes, KindIdList *list);

/* RFC 6940, 7.4.4.1 */
typedef struct FindReq {
  ResourceId resource;
  KindIdList kinds;
} FindReq;

/* RFC 6940, 7.4.4.2 */
typedef struct FindKindData {
  KindId kind;
  ResourceId closest;
} FindKindData;

WIRE_LIST (FindKindData);

/* RFC 6940, 7.4.4.2 */
typedef struct FindAns {
  FindKindDataList results;
} FindAns;

WIRE_DECLARE (FindReq, find_req)
WIRE_DECLARE (FindAns, find_ans)
