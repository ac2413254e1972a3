/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"

/* Pings and paths (RFC 7851). A person is looked up first; then the first device that is registered
 * is asked like any other node. One number names the whole of it, look-up and inquiry. */

void
diagnosis_free (Diagnosis *diagnosis)
{
  list_remove (&diagnosis->all);
  g_free (diagnosis->address);
  g_free (diagnosis);
}

Diagnosis *
node_diagnosis_by_number (Node *self, uint32_t number)
{
  list_for_each (&self->diagnoses, l)
  {
    Diagnosis *diagnosis = list_element (l, Diagnosis, all);
    if (diagnosis->number == number)
      return diagnosis;
  }
  return NULL;
}

static void
begin (Diagnosis *diagnosis)
{
  Overlay *overlay = diagnosis->node->overlay;

  if (diagnosis->is_path)
    overlay_path (overlay, diagnosis->number, &diagnosis->target);
  else
    overlay_ping (overlay, diagnosis->number, &diagnosis->target);
}

static void
conclude (Diagnosis *diagnosis, NodeCallEnd end, const Findings *findings)
{
  Node *self = diagnosis->node;
  NodeEvent event = { .type = NODE_EVENT_DIAGNOSIS };

  event.diagnosis.diagnosis = diagnosis->number;
  event.diagnosis.end = end;
  event.diagnosis.address = diagnosis->address;
  event.diagnosis.target = diagnosis->target;
  event.diagnosis.findings = findings;
  list_remove (&diagnosis->all);
  node_emit (self, &event);
  diagnosis_free (diagnosis);
}

void
node_diagnosis_found (Diagnosis *diagnosis, const Registration *found)
{
  if (found->device_count > 0) {
    diagnosis->target = found->devices[0].node_id;
    begin (diagnosis);
  } else if (!found->was_answered) {
    conclude (diagnosis, NODE_CALL_END_NOT_CONNECTED, NULL);
  } else {
    conclude (diagnosis, found->name_exists ? NODE_CALL_END_OFFLINE : NODE_CALL_END_NO_SUCH_NAME,
              NULL);
  }
}

void
node_diagnosis_end (Diagnosis *diagnosis, const Findings *findings)
{
  conclude (diagnosis, NODE_CALL_END_NONE, findings);
}

uint32_t
node_diagnose (Node *self, const NodeDiagnosisOptions *options)
{
  Diagnosis *diagnosis = g_new0 (Diagnosis, 1);

  diagnosis->node = self;
  diagnosis->number = self->next_lookup++;
  diagnosis->is_path = options->is_path;
  diagnosis->address = g_strdup (options->address);
  diagnosis->target = options->node_id;
  list_append (&self->diagnoses, &diagnosis->all);
  if (options->address != NULL)
    overlay_lookup (self->overlay, diagnosis->number, options->address);
  else
    begin (diagnosis);
  return diagnosis->number;
}
