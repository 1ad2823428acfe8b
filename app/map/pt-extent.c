/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-extent.h"

void
pt_extent_init (PtExtent *extent)
{
  g_return_if_fail (extent != NULL);
  for (guint i = 0; i < PT_EXTENT_PARTS; i++)
    {
      extent->least[i] = 2;
      extent->most[i] = -1;
    }
  extent->north = 1;
  extent->south = 0;
  extent->count = 0;
}

void
pt_extent_add (PtExtent *extent, double x, double y)
{
  guint part;

  g_return_if_fail (extent != NULL);
  part = (guint) CLAMP (x * PT_EXTENT_PARTS, 0, PT_EXTENT_PARTS - 1);
  extent->least[part] = MIN (extent->least[part], x);
  extent->most[part] = MAX (extent->most[part], x);
  extent->north = MIN (extent->north, y);
  extent->south = MAX (extent->south, y);
  extent->count++;
}

gboolean
pt_extent_get (const PtExtent *extent, double *west, double *east)
{
  double before = -1, widest = -1, first = -1;

  g_return_val_if_fail (extent != NULL && west != NULL && east != NULL, FALSE);
  for (guint i = 0; i < PT_EXTENT_PARTS; i++)
    {
      if (extent->least[i] > 1)
        continue;
      if (first < 0)
        first = extent->least[i];
      else if (extent->least[i] - before > widest)
        {
          widest = extent->least[i] - before;
          *west = extent->least[i];
          *east = before + 1;
        }
      before = extent->most[i];
    }
  /* The gap over the date line wins where it is as wide. */
  if (first >= 0 && first + 1 - before >= widest)
    {
      *west = first;
      *east = before;
    }
  return first >= 0;
}
