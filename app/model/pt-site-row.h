/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-json.h"
#include "pt-place-name.h"
#include "pt-site-store.h"

/* A site as the daemon writes it: canonical JSON, docs/ARCHITECTURE.md "HTTP interface". Members
 * that this console doesn't know are passed over, so that a newer daemon may have more. */
typedef struct
{
  PtSiteRow row; /* its strings point into this struct: don't copy it; x, y are 0 */
  char area[PT_AREA_MAX + 1], site[PT_ID_MAX + 1], feeder[PT_ID_MAX + 1];
  char place[PT_PLACE_NAME_MAX + 1];
} PtSiteText;

/* One row. FALSE: PT_ERROR_MALFORMED with a translated sentence of what is wrong. */
gboolean pt_site_row_parse (PtSpan text, PtSiteText *out, GError **error);
/* The same where @reader already stands inside the row's object; it is left after its end. */
gboolean pt_site_row_read (PtJsonReader *reader, PtSiteText *out, GError **error);
/* Passes over the rest of the object or array that @reader stands in. */
PtResult pt_site_row_skip (PtJsonReader *reader);
