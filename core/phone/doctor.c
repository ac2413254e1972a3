/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/doctor.h"
#include "core/phone/signs.h"

/* Links that have ended take what is known of them along, so it is noted again and again while they
 * stand. What the signs say is for those who help, and is not translated; their names are. */

enum { SLOW_LOOKS = 5 };

struct Doctor {
  PealCall *call;   /* owned */
  Line *line;       /* borrowed; NULL once it is gone */
  uint32_t link;    /* the last that was looked at; 0: none yet */
  GPtrArray *signs; /* owned; of the sound */
  GPtrArray *way;   /* owned; through the overlay */
  uint32_t diagnosis;
  bool has_asked;
  unsigned looks; /* in vain, at a phone that is sought */
};

static void
show (Doctor *self)
{
  g_autoptr (GPtrArray) all = signs_new ();

  signs_add_all (all, self->signs);
  signs_add_all (all, self->way);
  peal_call_show_signs (self->call, all);
}

Doctor *
doctor_new (PealCall *call, Line *line)
{
  Doctor *self = g_new0 (Doctor, 1);

  self->call = g_object_ref (call);
  self->line = line;
  self->signs = signs_new ();
  self->way = signs_new ();
  return self;
}

void
doctor_free (Doctor *self)
{
  if (!self)
    return;
  g_object_unref (self->call);
  g_ptr_array_unref (self->signs);
  g_ptr_array_unref (self->way);
  g_free (self);
}

/* ---- ICE ---- */

static const char *
type_name (CandidateType type)
{
  switch (type) {
  case CANDIDATE_HOST:
    return "host";
  case CANDIDATE_SERVER_REFLEXIVE:
    return "reflexive";
  case CANDIDATE_RELAYED:
    return "relayed";
  }
  return "?";
}

static char *
candidate_text (const Candidate *candidate)
{
  char address[ADDRESS_TEXT_SIZE];

  return g_strdup_printf ("%s %s", type_name (candidate->type),
                          address_to_text (&candidate->address, address));
}

static void
add_candidates (GPtrArray *signs, PealCallSignKind kind, const Candidate *candidates, size_t count)
{
  for (size_t i = 0; i < count; i++)
    signs_add (signs, kind, candidate_text (&candidates[i]));
}

static void
add_path (GPtrArray *signs, const PathReport *report)
{
  static const char *const states[] = { [PATH_GATHERING] = "gathering",
                                        [PATH_CHECKING] = "checking",
                                        [PATH_CONNECTED] = "connected",
                                        [PATH_FAILED] = "failed" };

  signs_add (signs, PEAL_CALL_SIGN_CHECKS,
             g_strdup_printf ("%s, %u ms", states[report->state], report->checked_ms));
  if (report->has_pair) {
    g_autofree char *ours = candidate_text (&report->pair[0]);
    g_autofree char *theirs = candidate_text (&report->pair[1]);

    signs_add (signs, PEAL_CALL_SIGN_PAIR, g_strdup_printf ("%s - %s", ours, theirs));
  }
  add_candidates (signs, PEAL_CALL_SIGN_LOCAL, report->local, report->local_count);
  add_candidates (signs, PEAL_CALL_SIGN_REMOTE, report->remote, report->remote_count);
  for (size_t i = 0; i < report->relay_count; i++) {
    char address[ADDRESS_TEXT_SIZE];

    signs_add (signs, PEAL_CALL_SIGN_RELAY,
               g_strdup_printf ("%s %s", address_to_text (&report->relays[i].address, address),
                                report->relays[i].has_answered ? "answered" : "no answer"));
  }
}

static void
add_sound (GPtrArray *signs, const CallMediaQuality *quality)
{
  static const char *const hearings[] = { [CALL_MEDIA_HEARING_UNKNOWN] = "not reported",
                                          [CALL_MEDIA_HEARING_HEARD] = "arrives",
                                          [CALL_MEDIA_HEARING_UNHEARD] = "does not arrive" };

  signs_add (signs, PEAL_CALL_SIGN_SENT, g_strdup (hearings[quality->hearing]));
  signs_add (signs, PEAL_CALL_SIGN_RECEIVED,
             quality->silence_s < 1 ? g_strdup ("arrives")
                                    : g_strdup_printf ("nothing for %.0f s", quality->silence_s));
}

void
doctor_ask_way (Doctor *self)
{
  NodeDiagnosisOptions options = { .address = peal_call_get_address (self->call), .is_path = true };

  if (self->has_asked || !self->line)
    return;
  self->has_asked = true;
  self->diagnosis = node_diagnose (line_get_node (self->line), &options);
}

/* It takes long to find them, or they are lost. */
static bool
is_in_trouble (Doctor *self)
{
  PealCallState state = peal_call_get_state (self->call);

  self->looks = state == PEAL_CALL_CONNECTING ? self->looks + 1 : 0;
  return self->looks > SLOW_LOOKS || state == PEAL_CALL_RECONNECTING;
}

void
doctor_look (Doctor *self, uint32_t number, const CallMediaQuality *quality)
{
  PathReport report;
  uint32_t link;
  bool has_report;

  if (!self->line)
    return;
  if (is_in_trouble (self))
    doctor_ask_way (self);
  link = node_call_link (line_get_node (self->line), number);
  if (link != 0)
    self->link = link;
  has_report = world_media_report (line_get_world (self->line), self->link, &report);
  if (!has_report && !quality)
    return;
  g_ptr_array_set_size (self->signs, 0);
  if (has_report)
    add_path (self->signs, &report);
  if (quality)
    add_sound (self->signs, quality);
  show (self);
}

/* ---- The overlay ---- */

static char *
hop_text (unsigned number, const Finding *finding)
{
  char hex[2 * NODE_ID_SIZE + 1];

  node_id_to_hex (&finding->node_id, hex);
  if (node_problem_of (finding->code) != NODE_PROBLEM_NONE)
    return g_strdup_printf ("%u. %s %s", number, hex, node_error_name (finding->code));
  return g_strdup_printf ("%u. %s %.0f ms", number, hex, finding->rtt_ms);
}

void
doctor_on_diagnosis (Doctor *self, const Line *line, const NodeEvent *event)
{
  const Findings *findings = event->diagnosis.findings;

  if (!self->has_asked || self->line != line || self->diagnosis != event->diagnosis.diagnosis)
    return;
  g_ptr_array_set_size (self->way, 0);
  for (size_t i = 0; findings && i < findings->count; i++)
    signs_add (self->way, PEAL_CALL_SIGN_WAY, hop_text ((unsigned) i + 1, &findings->items[i]));
  if (self->way->len == 0)
    signs_add (self->way, PEAL_CALL_SIGN_WAY, g_strdup ("nobody found"));
  show (self);
}

void
doctor_drop_line (Doctor *self, const Line *line)
{
  if (self->line == line)
    self->line = NULL;
}

void
doctor_forget (Doctor *self)
{
  self->line = NULL;
  g_ptr_array_set_size (self->signs, 0);
  g_ptr_array_set_size (self->way, 0);
  show (self);
}
