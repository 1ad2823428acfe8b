/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pki-names.h"

#include <string.h>

#include "pt-pki-private.h"

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

gboolean
pt_pki_urn_find (const GENERAL_NAMES *names, char area[PT_AREA_MAX + 1], char device[PT_ID_MAX + 1])
{
  gboolean good = TRUE;

  g_return_val_if_fail (area != NULL && device != NULL, FALSE);
  area[0] = device[0] = '\0';
  for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num (names); i++)
    {
      const GENERAL_NAME *name = sk_GENERAL_NAME_value (names, i);
      g_autofree char *uri = NULL;
      gsize size;

      if (name->type != GEN_URI)
        continue;
      size = (gsize) ASN1_STRING_length (name->d.uniformResourceIdentifier);
      uri = g_strndup ((const char *) ASN1_STRING_get0_data (name->d.uniformResourceIdentifier),
                       size);
      if (g_str_has_prefix (uri, PT_PKI_URN))
        good = good && strlen (uri) == size && *device == '\0'
               && pt_pki_urn_parse (uri, area, device);
    }
  return good;
}

gboolean
pt_pki_certificate_name (const guint8 *der, gsize size, char area[PT_AREA_MAX + 1],
                         char device[PT_ID_MAX + 1])
{
  g_autoptr (X509) certificate = NULL;
  g_autoptr (GENERAL_NAMES) names = NULL;

  g_return_val_if_fail (der != NULL && area != NULL && device != NULL, FALSE);
  area[0] = device[0] = '\0';
  certificate = d2i_X509 (NULL, &der, (long) MIN (size, G_MAXINT));
  if (certificate != NULL)
    names = X509_get_ext_d2i (certificate, NID_subject_alt_name, NULL, NULL);
  ERR_clear_error ();
  return pt_pki_urn_find (names, area, device) && *device != '\0';
}
