/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What is known of a site now; daemon and console use the same words. */
typedef enum
{
  PT_SITE_ON,
  PT_SITE_OFF,
  PT_SITE_SILENT, /* not heard for longer than configured */
  PT_SITE_UNKNOWN /* never heard */
} PtSiteState;

#define PT_SITE_STATES 4

const char *pt_site_state_name (PtSiteState state);
gboolean pt_site_state_parse (const char *text, PtSiteState *out);
