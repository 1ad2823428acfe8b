/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-row.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"

typedef enum
{
  AREA,
  CUSTOMERS,
  LAST_REPORT,
  LAT,
  LEVEL,
  LON,
  PLACE,
  SINCE,
  SITE,
  STATE,
  MEMBERS
} Member;

/* In the order in which they stand. */
static const struct
{
  const char *name;
  PtJsonType type;
  gboolean optional;
  gint64 min, max;
} members[MEMBERS] = {
  [AREA] = { "area", PT_JSON_STRING },
  [CUSTOMERS] = { "customers", PT_JSON_INTEGER, FALSE, 0, PT_INTEGER_MAX },
  [LAST_REPORT] = { "last_report", PT_JSON_INTEGER, TRUE, 0, PT_INTEGER_MAX },
  [LAT] = { "lat", PT_JSON_INTEGER, FALSE, -900000000, 900000000 },
  [LEVEL] = { "level", PT_JSON_STRING },
  [LON] = { "lon", PT_JSON_INTEGER, FALSE, -1800000000, 1800000000 },
  [PLACE] = { "place", PT_JSON_STRING, TRUE },
  [SINCE] = { "since", PT_JSON_INTEGER, TRUE, 0, PT_INTEGER_MAX },
  [SITE] = { "site", PT_JSON_STRING },
  [STATE] = { "state", PT_JSON_STRING },
};

static gboolean
refuse_form (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                       _ ("A site's row is not canonical JSON."));
  return FALSE;
}

static gboolean
refuse_value (GError **error, Member member)
{
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               _ ("In a site's row the value of “%s” is not one that can be."),
               members[member].name);
  return FALSE;
}

PtResult
pt_site_row_skip (PtJsonReader *reader)
{
  int outside = reader->depth - 1;

  while (reader->depth > outside)
    {
      gboolean in_array = reader->kind[reader->depth - 1] == PT_JSON_ARRAY;
      PtJsonValue value;
      PtResult result;
      PtSpan key;
      bool more;

      result = in_array ? pt_json_element (reader, &more, &value)
                        : pt_json_member (reader, &more, &key, &value, NULL);
      if (result != PT_OK)
        return result;
    }
  return PT_OK;
}

static gboolean
take_id (PtSpan text, gboolean area, char *out)
{
  if (!(area ? pt_is_area_id (text) : pt_is_id (text)))
    return FALSE;
  memcpy (out, text.data, text.size);
  out[text.size] = '\0';
  return TRUE;
}

static gboolean
take_state (PtSpan text, PtSiteState *out)
{
  char name[16];

  if (text.size >= sizeof name)
    return FALSE;
  memcpy (name, text.data, text.size);
  name[text.size] = '\0';
  return pt_site_state_parse (name, out);
}

static gboolean
take_place (PtSpan text, PtSiteText *out)
{
  size_t size;

  if (pt_json_unescape (text, out->place, PT_PLACE_NAME_MAX, &size) != PT_OK
      || !pt_place_name_is_good (out->place, size))
    return FALSE;
  out->place[size] = '\0';
  out->row.place = out->place;
  return TRUE;
}

static gboolean
take_string (PtSiteText *out, Member member, PtSpan text)
{
  switch (member)
    {
    case AREA:
      return take_id (text, TRUE, out->area);
    case PLACE:
      return take_place (text, out);
    case SITE:
      return take_id (text, FALSE, out->site);
    case LEVEL:
      return pt_level_parse (text, &out->row.level);
    case STATE:
      return take_state (text, &out->row.state);
    default:
      return FALSE;
    }
}

static gboolean
take_integer (PtSiteRow *row, Member member, gint64 value)
{
  if (value < members[member].min || value > members[member].max)
    return FALSE;
  switch (member)
    {
    case CUSTOMERS:
      row->customers = value;
      return TRUE;
    case LAST_REPORT:
      row->last_report = value;
      return TRUE;
    case LAT:
      row->lat = (gint32) value;
      return TRUE;
    case LON:
      row->lon = (gint32) value;
      return TRUE;
    case SINCE:
      row->since = value;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
take (PtSiteText *out, Member member, const PtJsonValue *value)
{
  if (value->type != members[member].type)
    return FALSE;
  return value->type == PT_JSON_STRING ? take_string (out, member, value->text)
                                       : take_integer (&out->row, member, value->integer);
}

/* The member of this name that comes at or after *@next; MEMBERS: one that isn't known here. Keys
 * come sorted, so whatever is passed over is missing. */
static Member
find_member (PtSpan key, Member next)
{
  for (Member member = next; member < MEMBERS; member++)
    if (pt_span_is (key, members[member].name))
      return member;
  return MEMBERS;
}

static gboolean
check_missing (Member from, Member to, GError **error)
{
  for (Member member = from; member < to; member++)
    if (!members[member].optional)
      {
        g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, _ ("A site's row lacks “%s”."),
                     members[member].name);
        return FALSE;
      }
  return TRUE;
}

gboolean
pt_site_row_read (PtJsonReader *reader, PtSiteText *out, GError **error)
{
  Member next = AREA;

  memset (out, 0, sizeof *out);
  out->row.area = out->area;
  out->row.site = out->site;
  for (;;)
    {
      PtJsonValue value;
      Member member;
      PtSpan key;
      bool more;

      if (pt_json_member (reader, &more, &key, &value, NULL) != PT_OK)
        return refuse_form (error);
      if (!more)
        return check_missing (next, MEMBERS, error);
      member = find_member (key, next);
      if (member < MEMBERS)
        {
          if (!check_missing (next, member, error))
            return FALSE;
          if (!take (out, member, &value))
            return refuse_value (error, member);
          next = member + 1;
        }
      else if (value.type >= PT_JSON_OBJECT && pt_site_row_skip (reader) != PT_OK)
        return refuse_form (error);
    }
}

gboolean
pt_site_row_parse (PtSpan text, PtSiteText *out, GError **error)
{
  PtJsonReader reader;

  pt_json_reader_init (&reader, text);
  if (pt_json_open (&reader) != PT_OK)
    return refuse_form (error);
  if (!pt_site_row_read (&reader, out, error))
    return FALSE;
  if (pt_json_finish (&reader) != PT_OK)
    return refuse_form (error);
  return TRUE;
}
