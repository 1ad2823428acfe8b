/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-kind.h"

const guint8 *
pt_kind_registered_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  PtErrorCode code = PT_ERROR_FAILED;
  const char *why = NULL;
  const guint8 *key;

  g_return_val_if_fail (registry != NULL && line != NULL && entry != NULL, NULL);

  key = pt_registry_signer (registry, entry, &code, &why);
  if (key == NULL)
    pt_line_refuse (line, code);
  return key;
}
