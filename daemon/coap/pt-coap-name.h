/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* Which device a session is of, as its secret or its certificate says it. Strangers choose these
 * texts; whether there is such a device is the registry's matter. */

typedef struct
{
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1];
} PtCoapName;

/* "area/device", of a pre-shared key or a certificate's common name. */
gboolean pt_coap_name_from_identity (PtSpan text, PtCoapName *out);
/* "urn:powertrack:area:device", of a certificate. */
gboolean pt_coap_name_from_urn (PtSpan text, PtCoapName *out);
/* "device.area", likewise. */
gboolean pt_coap_name_from_dns (PtSpan text, PtCoapName *out);
