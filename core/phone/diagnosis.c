/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/diagnosis.h"

#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* Pings and paths wait among the look-ups: one of them begins most. */

void
peal_diagnosis_free (PealDiagnosis *diagnosis)
{
  if (!diagnosis)
    return;
  for (size_t i = 0; i < diagnosis->count; i++) {
    g_free (diagnosis->findings[i].node_id);
    g_free (diagnosis->findings[i].problem);
    g_free (diagnosis->findings[i].software);
  }
  g_free (diagnosis->findings);
  g_free (diagnosis->address);
  g_free (diagnosis->target);
  g_free (diagnosis);
}

static void
free_result (gpointer data)
{
  peal_diagnosis_free (data);
}

/* A Node-ID as people copy it; it is of the first network. */
static bool
read_node (PealPhone *self, const char *typed, Line **ret_line, NodeId *ret_id)
{
  g_autofree char *text = g_strstrip (g_strdup (typed));

  if (!node_id_from_hex (text, ret_id) || self->lines->len == 0)
    return false;
  *ret_line = self->lines->pdata[0];
  return true;
}

void
peal_phone_diagnose_async (PealPhone *self,
                           const char *typed,
                           bool is_path,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  NodeDiagnosisOptions options = { .is_path = is_path };
  g_autofree char *address = NULL;
  GError *error = NULL;
  Line *line;

  g_task_set_source_tag (task, peal_phone_diagnose_async);
  if (!read_node (self, typed, &line, &options.node_id)) {
    address = peal_phone_resolve (self, typed, &error);
    if (!address) {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
    options.address = address;
    line = phone_line_of_address (self, address);
  }
  phone_add_lookup (self, task, line, node_diagnose (line_get_node (line), &options));
}

PealDiagnosis *
peal_phone_diagnose_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static const char *const fact_names[FINDING_KINDS] = {
  [DIAGNOSTIC_STATUS_INFO] = "congestion",
  [DIAGNOSTIC_ROUTING_TABLE_SIZE] = "routing_table_size",
  [DIAGNOSTIC_PROCESS_POWER] = "process_power_mips",
  [DIAGNOSTIC_UPSTREAM_BANDWIDTH] = "upstream_kbit_s",
  [DIAGNOSTIC_DOWNSTREAM_BANDWIDTH] = "downstream_kbit_s",
  [DIAGNOSTIC_MACHINE_UPTIME] = "machine_uptime_s",
  [DIAGNOSTIC_APP_UPTIME] = "app_uptime_s",
  [DIAGNOSTIC_MEMORY_FOOTPRINT] = "memory_kib",
  [DIAGNOSTIC_DATASIZE_STORED] = "stored_bytes",
  [DIAGNOSTIC_INSTANCES_STORED] = "stored_values",
  [DIAGNOSTIC_EWMA_BYTES_SENT] = "sent_bytes_s",
  [DIAGNOSTIC_EWMA_BYTES_RCVD] = "received_bytes_s",
  [DIAGNOSTIC_UNDERLAY_HOP] = "underlay_hops",
  [DIAGNOSTIC_BATTERY_STATUS] = "battery",
};

static char *
hex_of (const NodeId *id)
{
  char hex[2 * NODE_ID_SIZE + 1];

  return g_strdup (node_id_to_hex (id, hex));
}

static void
read_finding (const Finding *finding, PealFinding *result)
{
  NodeProblem problem = node_problem_of (finding->code);

  result->node_id = hex_of (&finding->node_id);
  result->hops = finding->hops;
  result->rtt_ms = finding->rtt_ms;
  result->is_link_rtt = finding->is_link_rtt;
  if (problem != NODE_PROBLEM_NONE) {
    result->error = node_error_name (finding->code);
    result->problem = g_strdup (words_problem (problem));
  }
  if (finding->software[0] != '\0')
    result->software = g_strdup (finding->software);
  for (unsigned kind = 1; kind < FINDING_KINDS; kind++)
    if ((finding->known >> kind & 1) != 0 && fact_names[kind])
      result->facts[result->fact_count++] = (PealFact){ fact_names[kind], finding->numbers[kind] };
}

static PealDiagnosis *
make_result (const NodeEvent *event)
{
  const Findings *findings = event->diagnosis.findings;
  PealDiagnosis *result = g_new0 (PealDiagnosis, 1);

  result->address = g_strdup (event->diagnosis.address);
  result->target = hex_of (&event->diagnosis.target);
  result->count = findings->count;
  result->findings = g_new0 (PealFinding, findings->count);
  for (size_t i = 0; i < findings->count; i++)
    read_finding (&findings->items[i], &result->findings[i]);
  result->is_reached =
    findings->is_complete && findings->count > 0 &&
    node_id_equal (&findings->items[findings->count - 1].node_id, &event->diagnosis.target);
  return result;
}

void
phone_on_diagnosis (PealPhone *self, Line *line, const NodeEvent *event)
{
  g_autoptr (GTask) task = phone_take_lookup (self, line, event->diagnosis.diagnosis);

  if (!task) {
    calls_on_diagnosis (self->calls, line, event);
    return;
  }
  if (event->diagnosis.findings)
    g_task_return_pointer (task, make_result (event), free_result);
  else
    g_task_return_error (task,
                         phone_lookup_error (self, event->diagnosis.address, event->diagnosis.end));
}
