/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-row.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"

#define DEGREE G_GINT64_CONSTANT (10000000)

/* A member of a row: what it is called, and what becomes of its value. FALSE: it cannot be. */
typedef struct
{
  const char *name;
  gboolean (*take) (const PtJsonValue *value, PtSiteText *out);
  gboolean optional;
} Member;

static gboolean
refuse_form (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                       _ ("A site's row is not canonical JSON."));
  return FALSE;
}

static gboolean
refuse_value (GError **error, const Member *member)
{
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               _ ("In a site's row the value of “%s” is not one that can be."), member->name);
  return FALSE;
}

PtResult
pt_site_row_skip (PtJsonReader *reader)
{
  int outside;

  g_return_val_if_fail (reader != NULL && reader->depth > 0, PT_MALFORMED);
  outside = reader->depth - 1;
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

/* Values */

static gboolean
take_id (const PtJsonValue *value, bool (*is_id) (PtSpan), char *out)
{
  if (value->type != PT_JSON_STRING || !is_id (value->text))
    return FALSE;
  memcpy (out, value->text.data, value->text.size);
  out[value->text.size] = '\0';
  return TRUE;
}

static gboolean
take_integer (const PtJsonValue *value, gint64 min, gint64 max, gint64 *out)
{
  if (value->type != PT_JSON_INTEGER || value->integer < min || value->integer > max)
    return FALSE;
  *out = value->integer;
  return TRUE;
}

static gboolean
take_degrees (const PtJsonValue *value, gint64 max, gint32 *out)
{
  gint64 degrees;

  if (!take_integer (value, -max, max, &degrees))
    return FALSE;
  *out = (gint32) degrees;
  return TRUE;
}

static gboolean
take_area (const PtJsonValue *value, PtSiteText *out)
{
  return take_id (value, pt_is_area_id, out->area);
}

static gboolean
take_customers (const PtJsonValue *value, PtSiteText *out)
{
  return take_integer (value, 0, PT_INTEGER_MAX, &out->row.customers);
}

static gboolean
take_feeder (const PtJsonValue *value, PtSiteText *out)
{
  out->row.feeder = out->feeder;
  return take_id (value, pt_is_id, out->feeder);
}

static gboolean
take_last_report (const PtJsonValue *value, PtSiteText *out)
{
  return take_integer (value, 0, PT_INTEGER_MAX, &out->row.last_report);
}

static gboolean
take_lat (const PtJsonValue *value, PtSiteText *out)
{
  return take_degrees (value, 90 * DEGREE, &out->row.lat);
}

static gboolean
take_level (const PtJsonValue *value, PtSiteText *out)
{
  return value->type == PT_JSON_STRING && pt_level_parse (value->text, &out->row.level);
}

static gboolean
take_lon (const PtJsonValue *value, PtSiteText *out)
{
  return take_degrees (value, 180 * DEGREE, &out->row.lon);
}

static gboolean
take_place (const PtJsonValue *value, PtSiteText *out)
{
  size_t size;

  if (value->type != PT_JSON_STRING
      || pt_json_unescape (value->text, out->place, PT_PLACE_NAME_MAX, &size) != PT_OK
      || !pt_place_name_is_good (out->place, size))
    return FALSE;
  out->place[size] = '\0';
  out->row.place = out->place;
  return TRUE;
}

static gboolean
take_since (const PtJsonValue *value, PtSiteText *out)
{
  return take_integer (value, 0, PT_INTEGER_MAX, &out->row.since);
}

static gboolean
take_site (const PtJsonValue *value, PtSiteText *out)
{
  return take_id (value, pt_is_id, out->site);
}

static gboolean
take_state (const PtJsonValue *value, PtSiteText *out)
{
  char name[16];

  if (value->type != PT_JSON_STRING || value->text.size >= sizeof name)
    return FALSE;
  memcpy (name, value->text.data, value->text.size);
  name[value->text.size] = '\0';
  return pt_site_state_parse (name, &out->row.state);
}

/* In the order in which they stand. */
static const Member members[] = {
  { "area", take_area },
  { "customers", take_customers },
  { "feeder", take_feeder, TRUE },
  { "last_report", take_last_report, TRUE },
  { "lat", take_lat },
  { "level", take_level },
  { "lon", take_lon },
  { "place", take_place, TRUE },
  { "since", take_since, TRUE },
  { "site", take_site },
  { "state", take_state },
};

#define MEMBERS G_N_ELEMENTS (members)

/* Rows */

/* The member of this name that comes at or after *@next; MEMBERS: one that isn't known here. Keys
 * come sorted, so whatever is passed over is missing. */
static guint
find_member (PtSpan key, guint next)
{
  for (guint member = next; member < MEMBERS; member++)
    if (pt_span_is (key, members[member].name))
      return member;
  return MEMBERS;
}

static gboolean
check_missing (guint from, guint to, GError **error)
{
  for (guint member = from; member < to; member++)
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
  guint next = 0;

  g_return_val_if_fail (reader != NULL && out != NULL, FALSE);
  memset (out, 0, sizeof *out);
  out->row.area = out->area;
  out->row.site = out->site;
  for (;;)
    {
      PtJsonValue value;
      guint member;
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
          if (!members[member].take (&value, out))
            return refuse_value (error, &members[member]);
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

  g_return_val_if_fail (out != NULL, FALSE);
  pt_json_reader_init (&reader, text);
  if (pt_json_open (&reader) != PT_OK)
    return refuse_form (error);
  if (!pt_site_row_read (&reader, out, error))
    return FALSE;
  if (pt_json_finish (&reader) != PT_OK)
    return refuse_form (error);
  return TRUE;
}
