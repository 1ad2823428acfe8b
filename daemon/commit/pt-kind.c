/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-kind.h"

const PtKind *
pt_kind_of_entry (PtEntryKind entry)
{
  static const PtKind *const kinds[]
      = { &pt_kind_report, &pt_kind_registration, &pt_kind_action, &pt_kind_notice };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((kinds[i]->entries & (1u << entry)) != 0)
      return kinds[i];
  return NULL;
}

const guint8 *
pt_kind_registered_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  const guint8 *key = NULL;
  PtRule rule;

  g_return_val_if_fail (registry != NULL && line != NULL && entry != NULL, NULL);

  rule = pt_registry_judge (registry, entry, &key);
  if (rule == PT_RULE_HOLDS)
    return key;
  pt_line_refuse_rule (line, rule);
  return NULL;
}

gboolean
pt_kind_damaged (const char *what, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "%s in the database can't be read. Stop, keep the files and restore a copy.", what);
  return FALSE;
}
