/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ticket-desk.h"

#include <string.h>

#include "pt-answer.h"

#define KNOWN_MAX 5 /* open complaints that are told */
#define NOTICES_MAX 20

typedef struct
{
  PtFilings *filings;
  PtRequest *request;
  PtForm *form;
} Asked;

static void
asked_free (Asked *asked)
{
  pt_form_free (asked->form);
  g_free (asked);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

static gboolean
refuse (GError **error, PtErrorCode code, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, (int) code, sentence);
  return FALSE;
}

gboolean
pt_ticket_desk_read_place (PtForm *form, PtFormPlace *out, GError **error)
{
  const gint64 north = 900000000, east = 1800000000;

  g_return_val_if_fail (form != NULL && out != NULL, FALSE);

  *out = (PtFormPlace){ 0 };
  if (pt_form_has (form, "site"))
    return (!pt_form_has (form, "lat") && !pt_form_has (form, "lon"))
               ? pt_form_id (form, "site", &out->site, error)
               : refuse (error, PT_ERROR_MALFORMED, "site: it has one, or lat and lon.");
  if (!pt_form_integer (form, "lat", -north, north, &out->lat, error)
      || !pt_form_integer (form, "lon", -east, east, &out->lon, error))
    return FALSE;
  return (out->lat % PT_HOUSE_CELL == 0 && out->lon % PT_HOUSE_CELL == 0)
         || refuse (error, PT_ERROR_TOO_PRECISE,
                    "lat, lon: they have to be multiples of 100000, so that no home is found.");
}

/* With the door held. */
static PtErrorCode
check_area (PtRegistry *registry, const char *area_id, const char *category,
            const PtFormPlace *place, gint32 *number)
{
  PtArea *area = pt_registry_area (registry, pt_span (area_id, strlen (area_id)));
  const PtProfile *profile;

  if (area == NULL)
    return PT_ERROR_UNKNOWN_AREA;
  *number = (gint32) area->number;
  profile = pt_promises_profile (area->promises);
  if (profile != NULL
      && pt_profile_category (profile, pt_span (category, strlen (category))) == NULL)
    return PT_ERROR_MALFORMED;
  if (place->site != NULL && g_hash_table_lookup (area->sites, place->site) == NULL)
    return PT_ERROR_NOT_FOUND;
  return PT_ERROR_COUNT;
}

gboolean
pt_ticket_desk_check (PtFilings *filings, const char *area_id, const char *category,
                      const PtFormPlace *place, gint32 *area, GError **error)
{
  PtDirectory *directory;
  PtErrorCode code;

  g_return_val_if_fail (filings != NULL && area_id != NULL && category != NULL, FALSE);
  g_return_val_if_fail (place != NULL && area != NULL, FALSE);

  directory = filings->api->reads->directory;
  pt_door_begin_read (&directory->door);
  code = check_area (directory->registry, area_id, category, place, area);
  pt_door_end_read (&directory->door);
  if (code == PT_ERROR_COUNT)
    return pt_complaint_book_has_room (filings->api->reads->book)
           || refuse (error, PT_ERROR_BUSY, "There are too many complaints for this daemon.");
  return refuse (error, code,
                 code == PT_ERROR_UNKNOWN_AREA ? "area: there is none of this name."
                 : code == PT_ERROR_NOT_FOUND
                     ? "site: the area has none of this name. Give lat and lon instead."
                     : "category: the area's profile has none of this name.");
}

static gboolean
number_is_taken (const char *number, gpointer data)
{
  PtComplaintRow row;

  return pt_complaint_book_find (data, -1, number, &row) > 0;
}

gboolean
pt_ticket_desk_draw (PtFilings *filings, char *out, GError **error)
{
  PtComplaintBook *book;

  g_return_val_if_fail (filings != NULL && out != NULL, FALSE);

  book = filings->api->reads->book;
  if (!pt_complaint_book_has_room (book))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY,
                           "There are as many complaints as this daemon keeps in memory.");
      return FALSE;
    }
  return pt_tickets_draw (number_is_taken, book, out, error);
}

/* What is known there */

static void
write_complaints (PtFilings *filings, PtJsonText *json, gint32 area, const PtFormPlace *place)
{
  PtComplaintQuery query = { .area = area,
                             .states = PT_COMPLAINT_ALL_OPEN,
                             .site = place->site,
                             .has_cell = place->site == NULL,
                             .lat = (gint32) place->lat,
                             .lon = (gint32) place->lon,
                             .sort = PT_COMPLAINT_BY_FILED,
                             .descending = TRUE,
                             .limit = KNOWN_MAX };
  PtComplaintPlace next;
  gboolean has_more;
  g_autoptr (GArray) rows
      = pt_complaint_book_list (filings->api->reads->book, &query, NULL, &next, &has_more);

  pt_json_text_begin_array (json, "complaints");
  for (guint i = 0; i < rows->len; i++)
    pt_api_write_complaint_row (json, &g_array_index (rows, PtComplaintRow, i));
  pt_json_text_end_array (json);
}

typedef struct
{
  PtJsonText *json;
  guint count;
} Notices;

static void
write_notice (const PtNotice *notice, gpointer data)
{
  Notices *notices = data;

  if (notices->count++ < NOTICES_MAX)
    pt_api_write_notice (notices->json, notice);
}

/* The line that feeds a site, as its devices say; NULL: none does. To be freed. */
static char *
feeder_of (PtDirectory *directory, gint32 area_number, const char *site)
{
  char *feeder = NULL;
  GPtrArray *devices;

  pt_door_begin_read (&directory->door);
  devices = g_hash_table_lookup (
      pt_registry_area_at (directory->registry, (guint) area_number)->sites, site);
  for (guint i = 0; devices != NULL && i < devices->len && feeder == NULL; i++)
    feeder = g_strdup (((const PtDevice *) g_ptr_array_index (devices, i))->feeder);
  pt_door_end_read (&directory->door);
  return feeder;
}

static gboolean
write_known (PtFilings *filings, PtJsonText *json, gint32 area, const PtFormPlace *place,
             GError **error)
{
  const PtReads *reads = filings->api->reads;
  g_autofree char *feeder
      = place->site != NULL ? feeder_of (reads->directory, area, place->site) : NULL;
  PtNoticeQuery query
      = { .area = area, .site = place->site, .feeder = feeder, .now = pt_clock_now (reads->clock) };
  Notices notices = { .json = json };

  pt_json_text_begin_object (json, "known");
  if (place->site != NULL
      && !pt_api_write_open_outage (json, "outage", filings->api->sites, area, place->site, error))
    return FALSE;
  write_complaints (filings, json, area, place);
  pt_json_text_begin_array (json, "notices");
  pt_notice_board_each (reads->notices, &query, write_notice, &notices);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  return TRUE;
}

/* Tickets */

static gboolean
asked_to_file (Asked *asked, PtTicketWords *ticket, gint32 *area, PtFormPlace *place,
               GError **error)
{
  const char *area_id, *category;

  if (!pt_form_area (asked->form, &area_id, error)
      || !pt_form_id (asked->form, "category", &category, error)
      || !pt_ticket_desk_read_place (asked->form, place, error)
      || !pt_ticket_desk_check (asked->filings, area_id, category, place, area, error)
      || !pt_ticket_desk_draw (asked->filings, ticket->complaint, error))
    return FALSE;
  g_strlcpy (ticket->area, area_id, sizeof ticket->area);
  g_strlcpy (ticket->category, category, sizeof ticket->category);
  if (place->site != NULL)
    g_strlcpy (ticket->site, place->site, sizeof ticket->site);
  ticket->lat = place->lat;
  ticket->lon = place->lon;
  return TRUE;
}

static gboolean
asked_to_join (Asked *asked, PtTicketWords *ticket, gint32 *area, PtFormPlace *place,
               GError **error)
{
  const char *area_id, *complaint;
  PtComplaintRow row;

  if (!pt_form_area (asked->form, &area_id, error)
      || !pt_form_id (asked->form, "complaint", &complaint, error))
    return FALSE;
  if (pt_form_has (asked->form, "category") || pt_form_has (asked->form, "site")
      || pt_form_has (asked->form, "lat") || pt_form_has (asked->form, "lon"))
    return refuse (error, PT_ERROR_MALFORMED,
                   "complaint: who joins one says neither category nor place.");
  *area = pt_filings_area (asked->filings, area_id);
  if (*area < 0)
    return refuse (error, PT_ERROR_UNKNOWN_AREA, "area: there is none of this name.");
  if (pt_complaint_book_find (asked->filings->api->reads->book, *area, complaint, &row) == 0)
    return refuse (error, PT_ERROR_NOT_FOUND, "complaint: the area has none of this number.");
  ticket->joins = TRUE;
  g_strlcpy (ticket->area, area_id, sizeof ticket->area);
  g_strlcpy (ticket->complaint, complaint, sizeof ticket->complaint);
  *place = row.site != NULL ? (PtFormPlace){ .site = row.site }
                            : (PtFormPlace){ .lat = row.lat, .lon = row.lon };
  return TRUE;
}

static gboolean
asked_answer (Asked *asked, GError **error)
{
  PtOffice *office = asked->filings->office;
  g_autoptr (PtJsonText) json = pt_json_text_new ();
  g_autofree char *text = NULL;
  PtTicketWords ticket = { 0 };
  PtFormPlace place = { 0 };
  gint32 area = -1;

  if (!(pt_form_has (asked->form, "complaint")
            ? asked_to_join (asked, &ticket, &area, &place, error)
            : asked_to_file (asked, &ticket, &area, &place, error)))
    return FALSE;
  ticket.bits = pt_work_ask (office->work, g_get_monotonic_time ());
  text = pt_tickets_issue (office->tickets, &ticket, error);
  if (text == NULL)
    return FALSE;
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", ticket.area);
  pt_json_text_string (json, "complaint", ticket.complaint);
  pt_json_text_string (json, "ticket", text);
  pt_json_text_integer (json, "bits", ticket.bits);
  pt_json_text_integer (json, "expires", ticket.expires);
  if (!write_known (asked->filings, json, area, &place, error))
    return FALSE;
  pt_json_text_end_object (json);
  pt_request_take_json (asked->request, g_steal_pointer (&json));
  asked->request->cache_control = "no-store";
  return TRUE;
}

/* A clerk's. */
static void
asked_work (gpointer data, gpointer user_data)
{
  g_autoptr (Asked) asked = data;
  g_autoptr (GError) error = NULL;

  asked_answer (asked, &error);
  pt_request_answer (asked->request, error);
}

gboolean
pt_ticket_desk_take (PtFilings *filings, PtRequest *request, GError **error)
{
  static const char *const names[]
      = { "area", "category", "site", "lat", "lon", "complaint", NULL };
  PtForm *form;
  Asked *asked;

  g_return_val_if_fail (filings != NULL && request != NULL, FALSE);

  form = pt_form_read (request->content, names, error);
  if (form == NULL)
    return FALSE;
  asked = g_new0 (Asked, 1);
  asked->filings = filings;
  asked->form = form;
  asked->request = pt_request_answer_later (request);
  pt_filings_run (filings, asked_work, asked);
  return TRUE;
}
