/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: a counter that is used once, histories and outages, repetitions told from clones. */
#include "pt-kind.h"

#define BEHIND_MS (G_GINT64_CONSTANT (7) * 24 * 60 * 60 * 1000)

static gboolean
position_is_cell (const PtEntry *entry)
{
  return entry->lat % PT_HOUSE_CELL == 0 && entry->lon % PT_HOUSE_CELL == 0;
}

static const guint8 *
report_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  line->area = pt_registry_area (registry, entry->area);
  line->device = line->area != NULL ? pt_registry_device (line->area, entry->device) : NULL;
  if (line->device == NULL)
    {
      pt_line_refuse (line, PT_ERROR_UNKNOWN_DEVICE);
      return NULL;
    }
  if (line->device->level == PT_LEVEL_HOUSE && !position_is_cell (entry))
    {
      pt_line_refuse (line, PT_ERROR_TOO_PRECISE);
      return NULL;
    }
  return pt_kind_registered_signer (registry, line, entry);
}

/* Only a counter that was used can make a badly signed line a duplicate. */
static gboolean
report_may_repeat (const PtLine *line)
{
  return pt_history_check (&line->device->history, line->seq) == PT_SEQ_USED;
}

const PtKind pt_kind_report = {
  .entries = 1u << PT_ENTRY_REPORT,
  .ahead = PT_KIND_AHEAD_MS,
  .behind = BEHIND_MS,
  .find_signer = report_find_signer,
  .may_repeat = report_may_repeat,
};
