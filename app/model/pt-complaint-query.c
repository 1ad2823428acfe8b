/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-query.h"

#include <string.h>

#include "pt-text-search.h"

#define HOUR_MS 3600000
#define NUMBER_MAX 64

gboolean
pt_complaint_is_open (const PtComplaint *complaint)
{
  g_return_val_if_fail (complaint != NULL, FALSE);
  return complaint->state == PT_COMPLAINT_OPEN || complaint->state == PT_COMPLAINT_ACKNOWLEDGED
         || complaint->state == PT_COMPLAINT_ASSIGNED || complaint->state == PT_COMPLAINT_REJECTING;
}

gint64
pt_complaint_deadline (const PtComplaint *complaint)
{
  gint64 deadline = 0;

  g_return_val_if_fail (complaint != NULL, 0);
  if (!pt_complaint_is_open (complaint))
    return 0;
  if (complaint->acknowledged_at == 0)
    deadline = complaint->acknowledge_by;
  if (complaint->resolve_by != 0 && (deadline == 0 || complaint->resolve_by < deadline))
    deadline = complaint->resolve_by;
  return deadline;
}

gboolean
pt_complaint_is_overdue (const PtComplaint *complaint, gint64 now)
{
  gint64 deadline;

  g_return_val_if_fail (complaint != NULL, FALSE);
  deadline = pt_complaint_deadline (complaint);
  return deadline != 0 && deadline < now;
}

static gboolean
is_closed_since (const PtComplaint *complaint, gint64 since)
{
  return (complaint->state == PT_COMPLAINT_RESOLVED || complaint->state == PT_COMPLAINT_CONFIRMED)
         && MAX (complaint->resolved_at, complaint->changed_at) >= since;
}

gboolean
pt_complaint_is_in (const PtComplaint *complaint, PtComplaintSet set, const PtComplaintQuery *query)
{
  gint64 deadline, left;

  g_return_val_if_fail (complaint != NULL && query != NULL, FALSE);
  deadline = pt_complaint_deadline (complaint);
  left = deadline - query->now;
  switch (set)
    {
    case PT_COMPLAINTS_OPEN:
      return pt_complaint_is_open (complaint);
    case PT_COMPLAINTS_OVERDUE:
      return deadline != 0 && left < 0;
    case PT_COMPLAINTS_DUE:
      return deadline != 0 && left >= 0 && left <= HOUR_MS;
    case PT_COMPLAINTS_IN_TIME:
      return pt_complaint_is_open (complaint) && (deadline == 0 || left > HOUR_MS);
    case PT_COMPLAINTS_AGAINST:
      return complaint->closed == PT_CLOSED_AGAINST;
    case PT_COMPLAINTS_MINE:
      return query->official != NULL && pt_complaint_is_open (complaint)
             && g_strcmp0 (complaint->assigned, query->official) == 0;
    case PT_COMPLAINTS_CLOSED:
      return is_closed_since (complaint, query->midnight);
    case PT_COMPLAINTS_ALL:
    case PT_COMPLAINT_SETS:
      break;
    }
  return TRUE;
}

/* The digits of what may be a number as somebody says it; FALSE: it is none. */
static gboolean
digits_of (const char *words, char out[NUMBER_MAX])
{
  gsize size = 0;

  for (; *words != '\0'; words++)
    {
      if (*words == ' ' || *words == '-')
        continue;
      if (!g_ascii_isdigit (*words) || size + 1 >= NUMBER_MAX)
        return FALSE;
      out[size++] = *words;
    }
  out[size] = '\0';
  return size > 0;
}

static gboolean
holds_words (const PtComplaint *complaint, const char *words)
{
  char digits[NUMBER_MAX];

  if (digits_of (words, digits) && strstr (complaint->complaint, digits) != NULL)
    return TRUE;
  return strcasestr (complaint->complaint, words) != NULL
         || pt_text_search_holds (complaint->site, words)
         || pt_text_search_holds (complaint->place, words)
         || pt_text_search_holds (complaint->feeder, words)
         || pt_text_search_holds (complaint->category, words)
         || pt_text_search_holds (complaint->title, words)
         || pt_text_search_holds (complaint->assigned, words);
}

/* In all but the set. */
static gboolean
matches_rest (const PtComplaint *complaint, const PtComplaintQuery *query)
{
  return (query->area == NULL || strcmp (query->area, complaint->area) == 0)
         && (query->category == NULL || strcmp (query->category, complaint->category) == 0)
         && (query->words == NULL || holds_words (complaint, query->words));
}

gboolean
pt_complaint_matches (const PtComplaint *complaint, const PtComplaintQuery *query)
{
  g_return_val_if_fail (complaint != NULL && query != NULL, FALSE);
  return pt_complaint_is_in (complaint, query->set, query) && matches_rest (complaint, query);
}

gint64
pt_complaint_rank (const PtComplaint *complaint, PtComplaintOrder order)
{
  gint64 deadline;

  g_return_val_if_fail (complaint != NULL, 0);
  switch (order)
    {
    case PT_COMPLAINT_BY_PEOPLE:
      return -complaint->people;
    case PT_COMPLAINT_BY_FILED:
      return -complaint->filed_at;
    case PT_COMPLAINT_BY_CHANGED:
      return -complaint->changed_at;
    case PT_COMPLAINT_BY_CLOCK:
      break;
    }
  deadline = pt_complaint_deadline (complaint);
  if (deadline != 0)
    return deadline;
  /* Without a limit the oldest first, and what is closed after all that isn't, newest first. */
  return pt_complaint_is_open (complaint) ? G_MAXINT64 / 4 + complaint->filed_at
                                          : G_MAXINT64 - complaint->changed_at;
}

void
pt_complaint_count (const PtComplaint *complaint, const PtComplaintQuery *query,
                    PtComplaintCounts *counts)
{
  g_return_if_fail (complaint != NULL && query != NULL && counts != NULL);
  if (!matches_rest (complaint, query))
    return;
  for (int set = 0; set < PT_COMPLAINT_SETS; set++)
    counts->sets[set] += pt_complaint_is_in (complaint, (PtComplaintSet) set, query);
  if (pt_complaint_is_in (complaint, PT_COMPLAINTS_CLOSED, query))
    counts->closed[complaint->closed]++;
}

gint64
pt_complaint_midnight (gint64 now)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autoptr (GDateTime) midnight = NULL;

  if (local == NULL)
    return 0;
  midnight = g_date_time_new_local (g_date_time_get_year (local), g_date_time_get_month (local),
                                    g_date_time_get_day_of_month (local), 0, 0, 0);
  return midnight != NULL ? g_date_time_to_unix (midnight) * 1000 : 0;
}
