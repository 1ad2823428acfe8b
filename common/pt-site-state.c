/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-state.h"

#include <string.h>

static const char *const state_names[PT_SITE_STATES] = { "on", "off", "silent", "unknown" };

const char *
pt_site_state_name (PtSiteState state)
{
  g_return_val_if_fail ((guint) state < PT_SITE_STATES, "unknown");
  return state_names[state];
}

gboolean
pt_site_state_parse (const char *text, PtSiteState *out)
{
  for (guint i = 0; i < PT_SITE_STATES; i++)
    if (strcmp (text, state_names[i]) == 0)
      {
        *out = (PtSiteState) i;
        return TRUE;
      }
  return FALSE;
}
