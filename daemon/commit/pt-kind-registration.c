/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations of devices and officials: the newest holds, and changes who may sign. */
#include "pt-kind.h"

static const guint8 *
registration_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  line->area = pt_registry_area (registry, entry->area);
  return pt_kind_registered_signer (registry, line, entry);
}

const PtKind pt_kind_registration = {
  .entries = 1u << PT_ENTRY_DEVICE | 1u << PT_ENTRY_OFFICIAL,
  .ahead = PT_KIND_AHEAD_MS,
  .has_key = TRUE,
  .alone = TRUE,
  .find_signer = registration_find_signer,
};
