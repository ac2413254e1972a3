/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/finding.h"

void
finding_write_json (const PealFinding *finding, Json *json)
{
  json_text (json, "node_id", finding->node_id);
  json_text (json, "error", finding->error);
  json_whole (json, "hops", finding->error != NULL ? -1 : (gint64) finding->hops);
  json_share (json, "rtt_ms", finding->rtt_ms);
  json_truth (json, "link_rtt", finding->is_link_rtt);
  json_text (json, "software", finding->software);
  for (size_t i = 0; i < finding->fact_count; i++)
    json_whole (json, finding->facts[i].name, (gint64) MIN (finding->facts[i].value, G_MAXINT64));
}

void
finding_print_facts (const PealFinding *finding, Command *command)
{
  if (finding->software != NULL) {
    g_autofree char *line = g_strdup_printf ("    software %s", finding->software);
    command_print (command, line);
  }
  for (size_t i = 0; i < finding->fact_count; i++) {
    g_autofree char *line = g_strdup_printf ("    %s %" G_GUINT64_FORMAT, finding->facts[i].name,
                                             finding->facts[i].value);
    command_print (command, line);
  }
}
