/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"

/* What a device is called in a certificate. */

#define PT_PKI_URN "urn:powertrack:"
#define PT_PKI_URN_MAX (sizeof PT_PKI_URN + PT_AREA_MAX + 1 + PT_ID_MAX)

/* "urn:powertrack:{area}:{device}". An area has no colon in it, a device may. */
char *pt_pki_urn (const char *area, const char *device);
/* FALSE where it is none of a device. */
gboolean pt_pki_urn_parse (const char *urn, char area[PT_AREA_MAX + 1], char device[PT_ID_MAX + 1]);

/* "{device}.{area}" where that is a DNS name (RFC 1123 section 2.1), else NULL. */
char *pt_pki_dns_name (const char *area, const char *device);

/* Of a certificate (DER): the one such URI that it has. Who signed it is not looked at. */
gboolean pt_pki_certificate_name (const guint8 *der, gsize size, char area[PT_AREA_MAX + 1],
                                  char device[PT_ID_MAX + 1]);
