/* SPDX-License-Identifier: Apache-2.0 */
/* The list of complaints. */
#include <string.h>

#include "pt-api.h"

#define COMPLAINTS_DEFAULT 100
#define WORDS_MAX 200 /* bytes */

/* Rows */

/* Milliseconds, where there are any. */
static void
write_time (PtJsonText *json, const char *name, gint64 ms)
{
  if (ms != 0)
    pt_json_text_integer (json, name, ms);
}

static void
write_text (PtJsonText *json, const char *name, const char *text)
{
  if (text != NULL)
    pt_json_text_string (json, name, text);
}

static void
write_where (PtJsonText *json, const PtComplaintRow *row)
{
  write_text (json, "site", row->site);
  if (row->site == NULL)
    {
      pt_json_text_integer (json, "lat", row->lat);
      pt_json_text_integer (json, "lon", row->lon);
    }
  write_text (json, "place", row->place);
  write_text (json, "feeder", row->feeder);
}

static void
write_clocks (PtJsonText *json, const PtComplaintRow *row)
{
  write_time (json, "acknowledge_by", row->acknowledge_by);
  write_time (json, "acknowledged_at", row->acknowledged_at);
  write_time (json, "resolve_by", row->resolve_by);
  write_time (json, "resolved_at", row->resolved_at);
  pt_json_text_boolean (json, "overdue", row->overdue);
}

void
pt_api_write_complaint_members (PtJsonText *json, const PtComplaintRow *row)
{
  g_return_if_fail (json != NULL && row != NULL);

  pt_json_text_string (json, "area", row->area);
  pt_json_text_string (json, "complaint", row->complaint);
  pt_json_text_string (json, "category", row->category);
  if (row->title != NULL)
    pt_json_text_raw (json, "title", row->title, strlen (row->title));
  write_where (json, row);
  pt_json_text_string (json, "state", pt_complaint_state_name (row->state));
  pt_json_text_integer (json, "filed_at", row->filed_at);
  pt_json_text_integer (json, "changed_at", row->changed_at);
  pt_json_text_integer (json, "n", row->n);
  pt_json_text_integer (json, "people", row->people);
  pt_json_text_integer (json, "confirmed", row->confirmed);
  pt_json_text_integer (json, "reopened", row->reopened);
  pt_json_text_string (json, "by", row->by_service ? "service" : "citizen");
  write_text (json, "assigned", row->assigned);
  write_clocks (json, row);
  if (row->evidence != PT_EVIDENCE_NONE)
    pt_json_text_string (json, "evidence", pt_evidence_name (row->evidence));
  if (row->later != PT_AFTERMATH_NONE)
    pt_json_text_string (json, "later", pt_aftermath_name (row->later));
  if (row->closed != PT_CLOSED_NONE)
    pt_json_text_string (json, "closed", pt_closed_name (row->closed));
  write_time (json, "outage_since", row->outage_since);
  write_time (json, "supply_back_at", row->supply_back_at);
}

void
pt_api_write_complaint_row (PtJsonText *json, const PtComplaintRow *row)
{
  g_return_if_fail (json != NULL && row != NULL);

  pt_json_text_begin_object (json, NULL);
  pt_api_write_complaint_members (json, row);
  pt_json_text_end_object (json);
}

void
pt_api_write_complaint_counts (PtJsonText *json, const char *name, const PtComplaintCounts *counts)
{
  g_return_if_fail (json != NULL && counts != NULL);

  pt_json_text_begin_object (json, name);
  pt_json_text_integer (json, "open", counts->open);
  pt_json_text_integer (json, "overdue", counts->overdue);
  pt_json_text_integer (json, "due_hour", counts->due_hour);
  pt_json_text_integer (json, "against", counts->closed[PT_CLOSED_AGAINST]);
  pt_json_text_begin_object (json, "closed");
  for (int closed = PT_CLOSED_CITIZEN; closed < PT_CLOSED_COUNT; closed++)
    pt_json_text_integer (json, pt_closed_name ((PtClosed) closed), counts->closed[closed]);
  pt_json_text_end_object (json);
  pt_json_text_end_object (json);
}

/* What is asked */

typedef const char *(*NameFunc) (guint value);

static const char *
state_name (guint value)
{
  return pt_complaint_state_name ((PtComplaintState) value);
}

static const char *
closed_name (guint value)
{
  return pt_closed_name ((PtClosed) value);
}

/* A list of names from @first to before @end, as bits; 0: it is none. */
static guint
read_names (const char *text, NameFunc name, guint first, guint end)
{
  g_auto (GStrv) words = g_strsplit (text, ",", (gint) (end - first) + 1);
  guint bits = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint value = first;

      while (value < end && strcmp (words[i], name (value)) != 0)
        value++;
      if (value == end)
        return 0;
      bits |= PT_COMPLAINT_BIT (value);
    }
  return bits;
}

static gboolean
refuse (const char *sentence, GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, sentence);
  return FALSE;
}

static gboolean
read_states (PtRequest *request, PtComplaintQuery *query, GError **error)
{
  const char *states = pt_request_value (request, "state");
  const char *closed = pt_request_value (request, "closed");
  const char *overdue = pt_request_value (request, "overdue");

  if (g_strcmp0 (states, "all-open") == 0)
    query->states = PT_COMPLAINT_ALL_OPEN;
  else if (states != NULL)
    query->states = read_names (states, state_name, PT_COMPLAINT_OPEN, PT_COMPLAINT_STATE_COUNT);
  if (states != NULL && query->states == 0)
    return refuse ("state is all-open, or a list of open, acknowledged, assigned, resolved, "
                   "rejecting, rejected, duplicate, confirmed and withdrawn.",
                   error);
  if (closed != NULL)
    query->closed = read_names (closed, closed_name, PT_CLOSED_CITIZEN, PT_CLOSED_COUNT);
  if (closed != NULL && query->closed == 0)
    return refuse ("closed is a list of citizen, devices, unconfirmed and against.", error);
  if (overdue != NULL && strcmp (overdue, "true") != 0)
    return refuse ("overdue can only be true.", error);
  query->only_overdue = overdue != NULL;
  return TRUE;
}

static gboolean
read_words (PtRequest *request, PtComplaintQuery *query, GError **error)
{
  query->words = pt_request_value (request, "q");
  if (query->words == NULL
      || (strlen (query->words) <= WORDS_MAX && g_utf8_validate (query->words, -1, NULL)))
    return TRUE;
  return refuse ("q is at most 200 bytes of text.", error);
}

static gboolean
read_sort (PtRequest *request, PtComplaintQuery *query, GError **error)
{
  static const char *const sorts[] = { [PT_COMPLAINT_BY_CLOCK] = "clock",
                                       [PT_COMPLAINT_BY_FILED] = "filed",
                                       [PT_COMPLAINT_BY_CHANGED] = "changed",
                                       [PT_COMPLAINT_BY_PEOPLE] = "people" };
  const char *sort = pt_request_value (request, "sort");
  const char *order = pt_request_value (request, "order");
  guint i = 0;

  while (sort != NULL && i < G_N_ELEMENTS (sorts) && strcmp (sort, sorts[i]) != 0)
    i++;
  if (i == G_N_ELEMENTS (sorts))
    return refuse ("sort is clock, filed, changed or people.", error);
  query->sort = (PtComplaintSort) i;
  /* What is next first, or what is newest and largest. */
  query->descending = query->sort != PT_COMPLAINT_BY_CLOCK;
  if (order == NULL)
    return TRUE;
  query->descending = strcmp (order, "desc") == 0;
  return query->descending || strcmp (order, "asc") == 0 || refuse ("order is asc or desc.", error);
}

/* What answer_complaints () wrote: the sort's key, an area and a place in its log. */
static const PtBounds cursor_bounds[]
    = { { 0, PT_CURSOR_TIME_MAX }, { 0, PT_CURSOR_NUMBER_MAX }, { 0, PT_CURSOR_TIME_MAX } };

static gboolean
read_page (PtRequest *request, PtComplaintQuery *query, PtComplaintPlace *place, GError **error)
{
  gint64 cursor[3] = { -1 };
  gint64 limit;

  if (!pt_request_integer (request, "limit", 1, PT_COMPLAINT_PAGE_MAX, COMPLAINTS_DEFAULT, &limit,
                           error)
      || !pt_request_cursor (request, cursor_bounds, G_N_ELEMENTS (cursor), cursor, error))
    return FALSE;
  query->limit = (guint) limit;
  if (cursor[0] < 0)
    return TRUE;
  *place = (PtComplaintPlace){ cursor[0], (guint32) MIN (cursor[1], G_MAXUINT32),
                               (guint64) cursor[2] };
  query->after = place;
  return TRUE;
}

static gboolean
read_query (PtRequest *request, PtDirectory *directory, PtComplaintQuery *query,
            PtComplaintPlace *place, GError **error)
{
  const char *format = pt_request_value (request, "format");

  *query = (PtComplaintQuery){ 0 };
  if (format != NULL && strcmp (format, "json") != 0)
    return refuse ("format can only be json.", error);
  return pt_request_area (request, directory, &query->area, error)
         && pt_request_id (request, "category", &query->category, error)
         && pt_request_id (request, "site", &query->site, error)
         && pt_request_id (request, "assigned", &query->assigned, error)
         && read_states (request, query, error) && read_words (request, query, error)
         && read_sort (request, query, error) && read_page (request, query, place, error);
}

static const char *const complaint_filters[]
    = { "area",   "state", "category", "site",  "assigned", "overdue",
        "closed", "q",     "sort",     "order", NULL };

static gboolean
answer_complaints (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = ((const PtApiComplaints *) context)->reads;
  g_autoptr (GArray) rows = NULL;
  g_autofree char *cursor = NULL;
  PtComplaintPlace place, next = { 0 };
  PtComplaintCounts counts;
  PtComplaintQuery query;
  gboolean has_more;
  PtJsonText *json;

  if (!read_query (request, reads->directory, &query, &place, error))
    return FALSE;
  rows = pt_complaint_book_list (reads->book, &query, &counts, &next, &has_more);
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "complaints");
  for (guint i = 0; i < rows->len; i++)
    pt_api_write_complaint_row (json, &g_array_index (rows, PtComplaintRow, i));
  pt_json_text_end_array (json);
  if (has_more)
    cursor = g_strdup_printf ("%" G_GINT64_FORMAT ".%u.%" G_GUINT64_FORMAT, next.key, next.area,
                              next.order);
  pt_api_write_complaint_counts (json, "counts", &counts);
  pt_request_write_next (request, json, complaint_filters, cursor, query.limit);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

const PtRoute pt_api_complaints_routes[] = {
  { "GET", "/api/v1/complaints", answer_complaints, PT_RUNS_ON_PAGER, .open = TRUE },
  { NULL },
};
