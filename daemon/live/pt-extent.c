/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-extent.h"

#define HALF_TURN G_GINT64_CONSTANT (1800000000) /* 1e-7 degree */

void
pt_extent_init (PtExtent *extent)
{
  g_return_if_fail (extent != NULL);

  *extent = (PtExtent){ .south = G_MAXINT32, .north = G_MININT32 };
  for (guint i = 0; i < PT_EXTENT_PARTS; i++)
    {
      extent->least[i] = G_MAXINT32;
      extent->most[i] = G_MININT32;
    }
}

void
pt_extent_add (PtExtent *extent, gint32 lat, gint32 lon)
{
  gint64 part;

  g_return_if_fail (extent != NULL);

  part = (lon + HALF_TURN) * PT_EXTENT_PARTS / (2 * HALF_TURN);
  part = CLAMP (part, 0, PT_EXTENT_PARTS - 1);
  extent->count++;
  extent->south = MIN (extent->south, lat);
  extent->north = MAX (extent->north, lat);
  extent->least[part] = MIN (extent->least[part], lon);
  extent->most[part] = MAX (extent->most[part], lon);
}

static gboolean
has_part (const PtExtent *extent, guint part)
{
  return extent->least[part] <= extent->most[part];
}

/* West and east are the edges of the widest gap, of two as wide of the one over the date line. */
gboolean
pt_extent_box (const PtExtent *extent, PtExtentBox *out)
{
  gint32 first = 0, last = 0;
  gboolean has_some = FALSE;
  gint64 widest = 0;

  g_return_val_if_fail (extent != NULL && out != NULL, FALSE);

  if (extent->count == 0)
    return FALSE;
  *out = (PtExtentBox){ .south = extent->south, .north = extent->north };
  for (guint part = 0; part < PT_EXTENT_PARTS; part++)
    {
      if (!has_part (extent, part))
        continue;
      if (!has_some)
        first = extent->least[part];
      else if ((gint64) extent->least[part] - last > widest)
        {
          widest = (gint64) extent->least[part] - last;
          out->west = extent->least[part];
          out->east = last;
        }
      last = extent->most[part];
      has_some = TRUE;
    }
  if (first + 2 * HALF_TURN - last >= widest)
    {
      out->west = first;
      out->east = last;
    }
  return TRUE;
}
