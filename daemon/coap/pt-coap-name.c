/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-name.h"

#include <string.h>

#define URN "urn:powertrack:"

static gboolean
name_set (PtCoapName *name, PtSpan area, PtSpan device)
{
  memset (name, 0, sizeof *name);
  if (!pt_is_area_id (area) || !pt_is_id (device))
    return FALSE;
  memcpy (name->area, area.data, area.size);
  memcpy (name->device, device.data, device.size);
  return TRUE;
}

/* An area has none of the marks in its name, so what is between it and the device is clear. */
static gboolean
name_split (PtSpan text, const char *mark, gboolean area_first, PtCoapName *out)
{
  gsize before;
  PtSpan first, second;

  memset (out, 0, sizeof *out);
  if (mark == NULL)
    return FALSE;
  before = (gsize) (mark - text.data);
  first = pt_span (text.data, before);
  second = pt_span (mark + 1, text.size - before - 1);
  return area_first ? name_set (out, first, second) : name_set (out, second, first);
}

gboolean
pt_coap_name_from_identity (PtSpan text, PtCoapName *out)
{
  g_return_val_if_fail (out != NULL, FALSE);

  return name_split (text, text.size > 0 ? memchr (text.data, '/', text.size) : NULL, TRUE, out);
}

gboolean
pt_coap_name_from_urn (PtSpan text, PtCoapName *out)
{
  gsize start = strlen (URN);
  PtSpan rest;

  g_return_val_if_fail (out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  if (text.size <= start || memcmp (text.data, URN, start) != 0)
    return FALSE;
  rest = pt_span (text.data + start, text.size - start);
  return name_split (rest, memchr (rest.data, ':', rest.size), TRUE, out);
}

gboolean
pt_coap_name_from_dns (PtSpan text, PtCoapName *out)
{
  g_return_val_if_fail (out != NULL, FALSE);

  return name_split (text, text.size > 0 ? memrchr (text.data, '.', text.size) : NULL, FALSE, out);
}
