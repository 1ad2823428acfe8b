/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pki-names.h"

#include <string.h>

#define LABEL_MAX 63
#define NAME_MAX_SIZE 253

char *
pt_pki_urn (const char *area, const char *device)
{
  g_return_val_if_fail (area != NULL && device != NULL, NULL);
  return g_strconcat (PT_PKI_URN, area, ":", device, NULL);
}

gboolean
pt_pki_urn_parse (const char *urn, char area[PT_AREA_MAX + 1], char device[PT_ID_MAX + 1])
{
  const char *rest = NULL, *colon = NULL;
  gsize size = 0;

  g_return_val_if_fail (urn != NULL && area != NULL && device != NULL, FALSE);
  area[0] = device[0] = '\0';
  if (!g_str_has_prefix (urn, PT_PKI_URN))
    return FALSE;
  rest = urn + strlen (PT_PKI_URN);
  colon = strchr (rest, ':');
  size = colon != NULL ? (gsize) (colon - rest) : 0;
  if (colon == NULL || !pt_is_area_id (pt_span (rest, size))
      || !pt_is_id (pt_span (colon + 1, strlen (colon + 1))))
    return FALSE;
  memcpy (area, rest, size);
  area[size] = '\0';
  g_strlcpy (device, colon + 1, PT_ID_MAX + 1);
  return TRUE;
}

static gboolean
is_label (const char *label)
{
  gsize size = strlen (label);

  if (size == 0 || size > LABEL_MAX || label[0] == '-' || label[size - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (label[i]) && label[i] != '-')
      return FALSE;
  return TRUE;
}

char *
pt_pki_dns_name (const char *area, const char *device)
{
  g_autofree char *name = NULL;
  g_auto (GStrv) labels = NULL;

  g_return_val_if_fail (area != NULL && device != NULL, NULL);
  name = g_strconcat (device, ".", area, NULL);
  if (strlen (name) > NAME_MAX_SIZE)
    return NULL;
  labels = g_strsplit (name, ".", -1);
  for (guint i = 0; labels[i] != NULL; i++)
    if (!is_label (labels[i]))
      return NULL;
  return g_steal_pointer (&name);
}
