/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-link-private.h"

char *
pt_link_address (PtLink *self, const char *path)
{
  return g_strconcat (self->url, "/api/v1", path, NULL);
}

void
pt_link_heard (PtLink *self)
{
  self->heard = g_get_monotonic_time ();
}

void
pt_link_set_clock (PtLink *self, gint64 now, double speed)
{
  self->now = now;
  self->now_at = g_get_monotonic_time ();
  self->speed = speed;
}
