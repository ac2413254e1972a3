/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding.h: what a peer said of itself, as `ping` and `path` print it. */
#pragma once
#include "app/command-private.h"
#include "app/json.h"
#include "core/phone/diagnosis.h"

/* "node_id", "error", "hops", "rtt_ms", "link_rtt", "software" and what else it told. */
void finding_write_json (const PealFinding *finding, Json *json);

/* A line for each thing it told, by its technical name. */
void finding_print_facts (const PealFinding *finding, Command *command);
