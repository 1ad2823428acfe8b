/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-csr.h"

/* What a device sends (RFC 7030). */

#define PT_EST_BODY_MAX 8192 /* bytes */

/* A request as base64, with or without line ends (section 4.2.1); *@clean gets it without. Its
 * signature is its key's, which is on P-256. */
gboolean pt_est_body_parse (GBytes *body, PtCsr *out, char **clean, GError **error);

/* Authorization: Basic (RFC 7617) of a device: `area/device` and a password. FALSE: it is none. */
gboolean pt_est_basic_parse (const char *header, char area[PT_AREA_MAX + 1],
                             char device[PT_ID_MAX + 1], char **password);
