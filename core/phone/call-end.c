/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-end.h"
#include "core/crypto/safety-words.h"
#include "core/phone/word-list.h"
#include "core/phone/words.h"

/* The sentence comes from how the call ended, and the remedy with it. Who is among the contacts
 * already is not offered to be added once more, but to be called again. */

bool
call_end_is_missed (PealCall *call, const CallEnd *how)
{
  return peal_call_get_is_incoming (call) && !how->is_answered &&
         how->end != NODE_CALL_END_DECLINED && how->end != NODE_CALL_END_ELSEWHERE;
}

bool
call_end_is_failure (const CallEnd *how)
{
  return how->end == NODE_CALL_END_UNREACHABLE || how->end == NODE_CALL_END_NO_MEDIA_PATH ||
         how->end == NODE_CALL_END_LOST || how->end == NODE_CALL_END_FAILED;
}

void
call_end_offer (PealCall *call, Contacts *contacts, const UserKey *owners, size_t count)
{
  g_autofree PealCallChoice *choices = g_new0 (PealCallChoice, count);

  for (size_t i = 0; i < count; i++) {
    uint16_t words[SAFETY_KEY_WORDS];

    safety_words_of_key (&owners[i], words);
    choices[i].name = (char *) contacts_name_of_key (contacts, &owners[i]);
    choices[i].words = word_list_join (words, SAFETY_KEY_WORDS);
  }
  peal_call_show_choices (call, choices, count);
  for (size_t i = 0; i < count; i++)
    g_free (choices[i].words);
}

/* There was no path, for want of a relay to hide behind. */
static bool
has_no_relay (PealContact *contact, const CallEnd *how)
{
  return (how->end == NODE_CALL_END_UNREACHABLE || how->end == NODE_CALL_END_NO_MEDIA_PATH) &&
         contact && peal_contact_get_is_relayed (contact) && !how->has_relays;
}

static PealCallRemedy
find_remedy (PealContact *contact, const CallEnd *how)
{
  PealCallRemedy remedy = words_call_remedy (how->end);

  if (contact && remedy == PEAL_CALL_REMEDY_ADD_FOR_LATER)
    return PEAL_CALL_REMEDY_CALL_AGAIN;
  /* What was found out shall be read. */
  if (how->is_doubtful && remedy == PEAL_CALL_REMEDY_NONE)
    return PEAL_CALL_REMEDY_CALL_AGAIN;
  return remedy;
}

void
call_end_show (PealCall *call, PealContact *contact, const CallEnd *how)
{
  WordsCall words = { .state = PEAL_CALL_ENDED,
                      .name = peal_call_get_name (call),
                      .display_address = peal_call_get_display_address (call),
                      .is_incoming = peal_call_get_is_incoming (call),
                      .duration = how->duration,
                      .seen = contact ? peal_contact_get_seen (contact) : 0,
                      .key_since = contact ? peal_contact_get_key_since (contact) : 0 };
  g_autofree char *text = words_call_end (&words, how->end);
  g_autofree char *report =
    words_call_report (how->end, peal_call_get_address (call), peal_call_get_state (call));

  if (report)
    peal_call_show_quality (call, PEAL_CALL_QUALITY_UNKNOWN, report);
  peal_call_show_duration (call, how->duration);
  peal_call_show_end (call, text,
                      has_no_relay (contact, how) ? words_no_relay () : words_call_hint (how->end),
                      find_remedy (contact, how));
}
