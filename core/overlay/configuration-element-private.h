/* SPDX-License-Identifier: GPL-3.0-or-later */
/* configuration-element-private.h: what each element of the document means, for its parser. */
#pragma once
#include "core/base/limits.h"
#include "core/overlay/configuration-private.h"

#include <libxml/parser.h>

typedef enum Place {
  PLACE_DOCUMENT,
  PLACE_OVERLAY,
  PLACE_CONFIGURATION,
  PLACE_REQUIRED_KINDS,
  PLACE_KIND_BLOCK,
  PLACE_KIND,
  PLACE_DOMAIN_RESTRICTION,
  PLACE_DIAGNOSTIC_KIND,
  PLACE_VALUE,   /* an element that holds text only */
  PLACE_SKIPPED, /* not ours to know, or of another overlay */
} Place;

typedef struct Parse Parse;
typedef struct Element Element;

/* What an element holds: read when it ends, by the row's reader. */
struct Element {
  Place parent;
  const char *namespace;
  const char *name;
  Place place;
  bool (*start) (Parse *p, const xmlChar **attributes, int count);
  bool (*end) (Parse *p, const Element *element, const char *text);
  size_t offset; /* of the value in Configuration, or of the list in Parse */
  unsigned size; /* of the number */
  bool is_list;
  uint32_t min, max;
};

struct Parse {
  xmlParserCtxt *context;
  const char *wanted; /* instance name, or NULL for the first */
  Bytes document;
  Configuration *result;
  ConfigurationVerdict verdict;

  unsigned depth;

  struct {
    const Element *element; /* NULL when skipped */
    Place place;
    size_t start; /* of its < in the document */
  } stack[LIMIT_CONFIGURATION_DEPTH];

  GString *text; /* of the value being read */
  uint64_t seen; /* rows that may stand once */
  bool is_found; /* the configuration has been read */
  bool is_last;  /* ... and nothing but signatures after it */

  bool is_unsupported; /* it asks for what we cannot do */
  bool has_kind, has_link_protocol, has_tls;
  bool has_no_ice_link;
  uint8_t no_ice_links; /* of those named, the ones we know */
  ConfigurationKind kind;
  Bytes kind_signature; /* owned */
  unsigned kind_seen;   /* rows inside of this <kind> */
  uint16_t diagnostic_kind;

  GArray *roots, *enrollment_servers, *bootstrap_nodes, *bad_nodes;
  GArray *configuration_signers, *kind_signers, *kinds, *domain_patterns, *signatures;
  GArray *diagnostic_access;
};

/* NULL when nothing of that name may stand at that place. */
const Element *element_schema_find (Place parent, const char *namespace, const char *name);

/* Whether the row's element may stand once only and stands there for the second time. */
bool element_is_repeated (const Element *element, uint64_t *seen);

/* An attribute without a namespace, to be freed with g_free(); NULL when it is not there. */
char *element_attribute (const xmlChar **attributes, int count, const char *name);

/* From the first < to the last > of the element that is ending; empty when that cannot be told. */
Bytes parse_range (const Parse *p);
