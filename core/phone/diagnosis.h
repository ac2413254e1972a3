/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diagnosis.h: how a device or a peer of the network is, and the way to it. */
#pragma once
#include "core/phone/phone.h"

enum { PEAL_FACTS_MAX = 16 };

/* What a peer tells of itself to those who may know. */
typedef struct PealFact {
  const char *name; /* "app_uptime_s" */
  guint64 value;
} PealFact;

/* One peer that was asked. */
typedef struct PealFinding {
  char *node_id;
  const char *error; /* "Error_Forbidden"; NULL: it answered */
  char *problem;     /* the same for people; NULL */
  unsigned hops;
  double rtt_ms;
  bool is_link_rtt; /* measured by the link itself */
  char *software;   /* NULL when it does not say */
  PealFact facts[PEAL_FACTS_MAX];
  size_t fact_count;
} PealFinding;

typedef struct PealDiagnosis {
  char *address; /* canonical; NULL: no person was named */
  char *target;  /* the Node-ID asked for, in hexadecimal */
  PealFinding *findings;
  size_t count;
  bool is_reached; /* the last of them is the target, and it answered */
} PealDiagnosis;

void peal_diagnosis_free (PealDiagnosis *diagnosis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PealDiagnosis, peal_diagnosis_free)

/* Asks the device of a person, or the peer of that Node-ID in the first account's network; with
 * `is_path` each peer on the way. Fails with a sentence when there is nobody to ask; peers that do
 * not answer are findings. (transfer full) */
void peal_phone_diagnose_async (PealPhone *self,
                                const char *typed,
                                bool is_path,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
PealDiagnosis *peal_phone_diagnose_finish (PealPhone *self, GAsyncResult *result, GError **error);
