/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-est-body.h"

#include <string.h>

#include "pt-error.h"

#define BASIC "Basic "
#define BASIC_MAX 512 /* characters */

static gboolean
refuse (const char *sentence, GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, sentence);
  return FALSE;
}

/* Without white space; NULL: it has other letters than base64's, or padding in between. */
static char *
strip_base64 (const char *text, gsize size)
{
  g_autoptr (GString) clean = g_string_sized_new (size);
  gsize padding = 0;

  for (gsize i = 0; i < size; i++)
    if (text[i] == '=')
      padding++;
    else if (!g_ascii_isspace (text[i]))
      {
        if (padding > 0 || (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/'))
          return NULL;
        g_string_append_c (clean, text[i]);
      }
  if (padding > 2 || clean->len == 0 || (clean->len + padding) % 4 != 0)
    return NULL;
  for (; padding > 0; padding--)
    g_string_append_c (clean, '=');
  return g_string_free (g_steal_pointer (&clean), FALSE);
}

gboolean
pt_est_body_parse (GBytes *body, PtCsr *out, char **clean, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree guint8 *der = NULL;
  g_autoptr (GError) local = NULL;
  const char *data;
  gsize size;

  g_return_val_if_fail (body != NULL && out != NULL && clean != NULL, FALSE);

  *clean = NULL;
  data = g_bytes_get_data (body, &size);
  text = size <= PT_EST_BODY_MAX ? strip_base64 (data, size) : NULL;
  if (text == NULL)
    return refuse ("The body is not base64 of a request (PKCS#10).", error);
  der = g_base64_decode (text, &size);
  /* One in PEM inside would be another than whoever registers it sees. */
  if (g_strstr_len ((const char *) der, (gssize) size, "-----BEGIN ") != NULL)
    return refuse ("The body is base64 of PEM. Send that of the DER.", error);
  if (!pt_csr_parse ((const char *) der, size, out, &local))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, "The request (PKCS#10) can't be taken: %s.",
                   local->message);
      return FALSE;
    }
  *clean = g_steal_pointer (&text);
  return TRUE;
}

gboolean
pt_est_basic_parse (const char *header, char area[PT_AREA_MAX + 1], char device[PT_ID_MAX + 1],
                    char **password)
{
  g_autofree char *clean = NULL;
  g_autofree char *text = NULL;
  g_autofree guint8 *decoded = NULL;
  char *colon, *slash;
  gsize size;

  g_return_val_if_fail (area != NULL && device != NULL && password != NULL, FALSE);

  area[0] = device[0] = '\0';
  *password = NULL;
  if (header == NULL || strlen (header) > BASIC_MAX
      || g_ascii_strncasecmp (header, BASIC, strlen (BASIC)) != 0)
    return FALSE;
  clean = strip_base64 (header + strlen (BASIC), strlen (header + strlen (BASIC)));
  if (clean == NULL)
    return FALSE;
  decoded = g_base64_decode (clean, &size);
  text = g_strndup ((const char *) decoded, size);
  slash = strchr (text, '/');
  colon = strrchr (text, ':'); /* a device may have one in its name, a password of ours has none */
  if (strlen (text) != size || slash == NULL || colon == NULL || colon < slash
      || !pt_is_area_id (pt_span (text, (gsize) (slash - text)))
      || !pt_is_id (pt_span (slash + 1, (gsize) (colon - slash - 1))))
    return FALSE;
  *slash = *colon = '\0';
  g_strlcpy (area, text, PT_AREA_MAX + 1);
  g_strlcpy (device, slash + 1, PT_ID_MAX + 1);
  *password = g_strdup (colon + 1);
  return TRUE;
}
