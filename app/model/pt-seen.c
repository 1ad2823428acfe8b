/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-seen.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-format.h"

#define SEEN_MAX 20000 /* complaints; of those beyond nothing is kept */

struct _PtSeen
{
  GHashTable *sights; /* "url area/complaint": PtSight */
};

PtSeen *
pt_seen_new (void)
{
  PtSeen *seen = g_new0 (PtSeen, 1);

  seen->sights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return seen;
}

void
pt_seen_free (PtSeen *seen)
{
  if (seen == NULL)
    return;
  g_hash_table_unref (seen->sights);
  g_free (seen);
}

static char *
sight_name (const char *url, const char *area, const char *complaint)
{
  return g_strdup_printf ("%s %s/%s", url != NULL ? url : "", area, complaint);
}

PtSight
pt_seen_get (PtSeen *seen, const char *url, const char *area, const char *complaint)
{
  const PtSight none = { 0 };
  g_autofree char *name = NULL;
  const PtSight *sight;

  g_return_val_if_fail (seen != NULL && area != NULL && complaint != NULL, none);
  name = sight_name (url, area, complaint);
  sight = g_hash_table_lookup (seen->sights, name);
  return sight != NULL ? *sight : none;
}

void
pt_seen_take (PtSeen *seen, const char *url, const PtComplaintDetail *detail, gint64 time,
              gboolean is_own)
{
  const PtComplaint *complaint;
  const PtComplaintStep *last;
  PtSight sight;

  g_return_if_fail (seen != NULL && detail != NULL);
  complaint = detail->complaint;
  last = pt_complaint_detail_last (detail);
  sight = pt_seen_get (seen, url, complaint->area, complaint->complaint);
  if (last == NULL || last->n < sight.n
      || (sight.n == 0 && g_hash_table_size (seen->sights) >= SEEN_MAX))
    return;
  sight.n = last->n;
  sight.leaf = last->leaf;
  sight.time = time;
  if (is_own)
    sight.own = last->n;
  g_hash_table_replace (seen->sights, sight_name (url, complaint->area, complaint->complaint),
                        g_memdup2 (&sight, sizeof sight));
}

/* Whether the step that was seen is there as it was. Those before it are in its hash. */
static gboolean
sight_stands (const PtSight *sight, const PtComplaintDetail *detail)
{
  const PtComplaintStep *step;

  if (detail->steps->len < sight->n)
    return FALSE;
  step = detail->steps->pdata[sight->n - 1];
  return memcmp (&step->leaf, &sight->leaf, sizeof sight->leaf) == 0;
}

char *
pt_sight_contradicted (const PtSight *sight, const PtComplaintDetail *detail, gint64 now)
{
  g_autofree char *when = NULL, *count = NULL, *steps = NULL, *own = NULL, *yours = NULL;

  g_return_val_if_fail (sight != NULL, NULL);
  if (sight->n == 0 || (detail != NULL && sight_stands (sight, detail)))
    return NULL;
  when = pt_format_time (sight->time, now);
  count = pt_format_number (sight->n);
  steps = g_strdup_printf (ngettext ("%s step", "%s steps", (gulong) sight->n), count);
  if (sight->own > 0)
    own = pt_format_number (sight->own);
  if (own != NULL)
    yours = g_strdup_printf (_ (" It had taken step %s from you."), own);
  return g_strdup_printf (
      detail == NULL
          ? _ ("This complaint was dropped: at %s the daemon showed it with %s, and now it says "
               "that there is none.%s Nothing that was filed can go away. Tell the auditor.")
          : _ ("This complaint was rewritten: at %s the daemon showed it with %s, and they are no "
               "longer there as they were.%s Nothing that was done can go away. Tell the auditor."),
      when, steps, yours != NULL ? yours : "");
}
