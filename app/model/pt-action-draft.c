/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-action-draft.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-complaint-words.h"
#include "pt-encoding.h"
#include "pt-error.h"

#define NOTE_MAX 8192 /* bytes */
#define TEXT_SIZE (PT_ENTRY_MAX + 32)

static PtSpan
span_of (const char *text)
{
  return pt_span (text != NULL ? text : "", text != NULL ? strlen (text) : 0);
}

void
pt_action_draft_init (PtActionDraft *draft, const PtComplaintDetail *detail, PtAction action,
                      const char *by, gint64 ts)
{
  const PtComplaintStep *last;

  g_return_if_fail (draft != NULL && detail != NULL && by != NULL);
  last = pt_complaint_detail_last (detail);
  g_return_if_fail (last != NULL);
  *draft = (PtActionDraft){ .area = detail->complaint->area,
                            .complaint = detail->complaint->complaint,
                            .site = detail->complaint->site,
                            .lat = detail->complaint->lat,
                            .lon = detail->complaint->lon,
                            .n = last->n + 1,
                            .prev = last->leaf,
                            .action = action,
                            .by = by,
                            .note = "",
                            .ts = ts };
}

/* What people have to fill in. */
static const char *
what_is_missing (const PtActionDraft *draft)
{
  if (pt_complaint_needs_note (draft->action) && draft->note[0] == '\0')
    return _ ("Write a note: everybody sees why.");
  if (strlen (draft->note) > NOTE_MAX || !g_utf8_validate (draft->note, -1, NULL))
    return _ ("The note is too long.");
  if (draft->action == PT_ACTION_ASSIGN && !pt_is_id (span_of (draft->to)))
    return _ ("Say to whom: the id of an operator or officer.");
  if (draft->action == PT_ACTION_DUPLICATE && !pt_is_id (span_of (draft->of)))
    return _ ("Say of which complaint it is a duplicate.");
  if (draft->action == PT_ACTION_DUPLICATE && strcmp (draft->of, draft->complaint) == 0)
    return _ ("A complaint is no duplicate of itself.");
  return NULL;
}

/* The unsigned entry into @out, and parsed. */
static gboolean
draft_write (const PtActionDraft *draft, char out[TEXT_SIZE], PtEntry *entry, GError **error)
{
  PtEntry fields = { .kind = PT_ENTRY_ACTION,
                     .area = span_of (draft->area),
                     .complaint = span_of (draft->complaint),
                     .site = span_of (draft->site),
                     .lat = draft->lat,
                     .lon = draft->lon,
                     .n = draft->n,
                     .prev = draft->prev,
                     .action = draft->action,
                     .by = span_of (draft->by),
                     .note = span_of (draft->note),
                     .to = span_of (draft->to),
                     .of = span_of (draft->of),
                     .ts = draft->ts };
  const char *missing = what_is_missing (draft);
  size_t size = 0;
  PtResult result = PT_OK;

  if (missing == NULL)
    {
      result = pt_entry_write (&fields, out, TEXT_SIZE, &size);
      if (result == PT_OK)
        result = pt_entry_parse (pt_span (out, size), PT_ENTRY_UNSIGNED, entry);
    }
  if (missing == NULL && result == PT_OK)
    return TRUE;
  g_set_error_literal (error, PT_ERROR,
                       missing != NULL ? PT_ERROR_MALFORMED : (int) pt_error_from_result (result),
                       missing != NULL ? missing : _ ("This can't be written as an entry."));
  return FALSE;
}

char *
pt_action_draft_text (const PtActionDraft *draft, GError **error)
{
  g_autofree char *bytes = g_malloc (TEXT_SIZE), *text = g_malloc (TEXT_SIZE + 1);
  PtEntry entry;
  size_t size = 0;

  g_return_val_if_fail (draft != NULL, NULL);
  if (!draft_write (draft, bytes, &entry, error))
    return NULL;
  if (pt_entry_signed_bytes (&entry, text, TEXT_SIZE, &size) != PT_OK)
    g_return_val_if_reached (NULL);
  text[size] = '\0';
  return g_steal_pointer (&text);
}

char *
pt_action_draft_sign (const PtActionDraft *draft, const PtP256Key *key, GError **error)
{
  g_autofree char *bytes = g_malloc (TEXT_SIZE), *text = g_malloc (TEXT_SIZE + 128);
  PtEntry entry;
  PtSigner signer;
  size_t size = 0;
  PtResult result = PT_BAD_KEY;

  g_return_val_if_fail (draft != NULL && key != NULL, NULL);
  if (!draft_write (draft, bytes, &entry, error))
    return NULL;
  if (pt_p256_signer_init (&signer, key))
    {
      result = pt_entry_sign (&entry, &signer, text, TEXT_SIZE + 127, &size);
      pt_p256_signer_clear (&signer);
    }
  if (result != PT_OK)
    {
      g_set_error_literal (error, PT_ERROR, (int) pt_error_from_result (result),
                           _ ("The key could not sign this."));
      return NULL;
    }
  text[size] = '\0';
  return g_steal_pointer (&text);
}
