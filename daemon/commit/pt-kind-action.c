/* SPDX-License-Identifier: Apache-2.0 */
/* Actions: the chain of a complaint, what the devices say of a resolve, and what stays here. */
#include <string.h>

#include "pt-kind-said.h"

/* A private part is that of its entry; only an official's comment tells of one that is forgotten.
 */
static gboolean
attachment_fits (const PtAttachment *attachment, const PtEntry *entry)
{
  PtHash hash;
  gsize size;
  const void *data;

  if (attachment == NULL)
    return TRUE;
  if (attachment->erases != 0
      && (entry->action != PT_ACTION_COMMENT || pt_entry_signer (entry) != PT_SIGNER_OFFICIAL
          || attachment->erases < 1 || attachment->erases >= entry->n))
    return FALSE;
  if (attachment->text == NULL)
    return attachment->photo_count == 0;
  data = g_bytes_get_data (attachment->text, &size);
  pt_sha256 (data, size, &hash);
  return entry->has_note_hash && memcmp (&hash, &entry->note_hash, sizeof hash) == 0;
}

/* A PtLatestFunc: with the reports of the group, which stand before its actions. */
static const PtSighting *
group_latest (const PtDevice *device, gpointer user_data)
{
  return &pt_group_builder_known (user_data, device)->latest;
}

static void
action_add (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  PtEntry entry;

  if (!pt_kind_said_may_add (log, group, line, &entry))
    return;
  if (!attachment_fits (line->attachment, &entry))
    {
      pt_line_refuse (line, PT_ERROR_MALFORMED);
      return;
    }
  /* What became of the other complaint is not known before the group is durable. */
  if (entry.action == PT_ACTION_DUPLICATE && pt_kind_said_is_in (group, line->area, entry.of))
    {
      pt_line_refuse (line, PT_ERROR_BUSY);
      return;
    }
  pt_kind_said_add (group, line, &entry,
                    pt_registry_evidence (line->area, &entry, group_latest, group));
}

const PtKind pt_kind_action = {
  .entries = 1u << PT_ENTRY_ACTION,
  .ahead = PT_KIND_AHEAD_MS,
  .is_last = TRUE,
  .find_signer = pt_kind_said_find_signer,
  .judge = pt_kind_said_judge,
  .add = action_add,
  .apply = pt_kind_said_apply,
  .recover = pt_kind_said_recover,
};
