/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-outages.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-format.h"
#include "pt-read.h"
#include "pt-site-state.h"

G_DEFINE_FINAL_TYPE (PtOutage, pt_outage, G_TYPE_OBJECT)

static void
pt_outage_finalize (GObject *object)
{
  PtOutage *outage = PT_OUTAGE (object);

  g_free (outage->area);
  g_free (outage->site);
  g_free (outage->device);
  g_clear_pointer (&outage->place, g_ref_string_release);
  g_clear_pointer (&outage->feeder, g_ref_string_release);
  G_OBJECT_CLASS (pt_outage_parent_class)->finalize (object);
}

static void
pt_outage_class_init (PtOutageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_outage_finalize;
}

static void
pt_outage_init (PtOutage *outage)
{
}

PtOutage *
pt_outage_new (const char *area, const char *site, const char *device, gint64 start, gint64 end,
               gint64 customers)
{
  PtOutage *outage;

  g_return_val_if_fail (area != NULL && site != NULL && device != NULL, NULL);
  outage = g_object_new (PT_TYPE_OUTAGE, NULL);
  outage->area = g_strdup (area);
  outage->site = g_strdup (site);
  outage->device = g_strdup (device);
  outage->start = start;
  outage->end = end;
  outage->customers = customers;
  return outage;
}

void
pt_outage_set_place (PtOutage *outage, const char *place)
{
  g_return_if_fail (PT_IS_OUTAGE (outage));
  g_clear_pointer (&outage->place, g_ref_string_release);
  outage->place = place != NULL ? g_ref_string_new_intern (place) : NULL;
}

void
pt_outage_set_feeder (PtOutage *outage, const char *feeder)
{
  g_return_if_fail (PT_IS_OUTAGE (outage));
  g_clear_pointer (&outage->feeder, g_ref_string_release);
  outage->feeder = feeder != NULL ? g_ref_string_new_intern (feeder) : NULL;
}

/* As a list */

/* A device has one outage that lasts. */
static char *
outage_key (gconstpointer record)
{
  const PtOutage *outage = record;

  return g_strconcat (outage->area, "/", outage->device, NULL);
}

static gboolean
outage_is_same (gconstpointer a, gconstpointer b)
{
  const PtOutage *one = a, *other = b;

  return one->start == other->start && one->end == other->end && one->customers == other->customers
         && g_strcmp0 (one->device, other->device) == 0 && g_strcmp0 (one->site, other->site) == 0
         && g_strcmp0 (one->area, other->area) == 0 && one->place == other->place
         && one->feeder == other->feeder;
}

/* A clock that never ran says 0. */
static void
outage_read_end (PtOutage *outage, JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "ended_by");
  const char *by
      = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

  outage->is_cut = by != NULL && strcmp (by, "report") != 0;
  if (by != NULL)
    outage->end = MAX (outage->end, 1);
}

static gpointer
outage_read (JsonNode *node, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *object = pt_read_as_object (node, "outages", &local);

  if (object != NULL)
    {
      const char *area = pt_read_id (object, "area", &local);
      const char *site = pt_read_id (object, "site", &local);
      const char *device = pt_read_id (object, "device", &local);
      gint64 start = pt_read_integer (object, "start", PT_READ_NEEDED, &local);
      gint64 end = pt_read_integer (object, "end", PT_READ_OPTIONAL, &local);
      gint64 customers = pt_read_integer (object, "customers", PT_READ_NEEDED, &local);
      gint64 start_seq = pt_read_integer (object, "start_seq", PT_READ_OPTIONAL, &local);
      gint64 end_seq = pt_read_integer (object, "end_seq", PT_READ_OPTIONAL, &local);
      const char *place = pt_read_place (object, &local);
      const char *feeder = pt_read_feeder (object, &local);

      if (local == NULL)
        {
          PtOutage *outage = pt_outage_new (area, site, device, start, end, customers);

          outage->start_seq = start_seq;
          outage->end_seq = end_seq;
          outage_read_end (outage, object);

          pt_outage_set_place (outage, place);
          pt_outage_set_feeder (outage, feeder);
          return outage;
        }
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Takes @what. @word says what became of the sites. */
static PtEventLine *
site_line (const PtOutage *outage, const char *word, PtSiteState state, char *what, gint64 at)
{
  PtEventLine *line = pt_event_line_new (PT_EVENT_POWER, word, what,
                                         pt_format_any_customers (outage->customers), (int) state);

  line->at = at;
  pt_event_line_set_group (line, g_strdup_printf ("%d %s", (int) state, outage->area),
                           PT_EVENT_SITES_MANY, pt_event_sum_sites, outage->area, outage->place,
                           outage->customers);
  return line;
}

static PtEventLine *
outage_line (const PtOutage *outage)
{
  g_autofree char *site = pt_format_site (outage->place, outage->site, outage->area);
  g_autofree char *lasted = NULL;

  if (outage->end == 0)
    return site_line (outage, _ ("off"), PT_SITE_OFF, g_steal_pointer (&site), outage->start);
  lasted = pt_format_duration (outage->end - outage->start);
  if (outage->is_cut)
    return site_line (outage, _ ("not followed"), PT_SITE_UNKNOWN,
                      g_strdup_printf (_ ("%s, off for %s until then"), site, lasted), outage->end);
  return site_line (outage, _ ("on"), PT_SITE_ON,
                    g_strdup_printf (_ ("%s, after %s"), site, lasted), outage->end);
}

/* Whether what ended is what was known to last. Two may begin at the same time where a clock stands
 * still, so counters say it where they are there. */
static gboolean
outage_is_over (const PtOutage *known, const PtOutage *ended)
{
  if (known->start_seq != 0 && ended->end_seq != 0)
    return known->start_seq < ended->end_seq && known->start_seq >= ended->start_seq;
  return known->start >= ended->start && known->start <= ended->end;
}

/* It ended: what is listed of the device goes, unless it is a later one. */
static void
outage_end (PtFeedList *list, const PtOutage *outage)
{
  PtRecordList *records = pt_feed_list_records (list);
  g_autofree char *key = outage_key (outage);
  const PtOutage *known = pt_record_list_find (records, key);

  if (known != NULL && outage_is_over (known, outage))
    pt_record_list_remove (records, key);
  pt_feed_tell (PT_FEED (list), outage_line (outage));
}

static void
outage_apply_began (PtFeedList *list, gpointer record)
{
  PtRecordList *records = pt_feed_list_records (list);
  g_autofree char *key = outage_key (record);
  gboolean is_known = pt_record_list_find (records, key) != NULL;

  if (PT_OUTAGE (record)->end != 0)
    {
      outage_end (list, record);
      return;
    }
  pt_record_list_put (records, record);
  if (!is_known)
    pt_feed_tell (PT_FEED (list), outage_line (record));
}

static void
outage_apply_changed (PtFeedList *list, gpointer record)
{
  if (PT_OUTAGE (record)->end != 0)
    outage_end (list, record);
  else
    pt_record_list_put (pt_feed_list_records (list), record);
}

/* Those that last. */
const PtListSpec pt_list_outages = {
  .name = "outages",
  .path = "/outages?open=true&limit=10000",
  .maximum = 200000,
  .type = pt_outage_get_type,
  .read = outage_read,
  .key = outage_key,
  .same = outage_is_same,
  .events = { { "outage", outage_read, outage_apply_began },
              { "outage-changed", outage_read, outage_apply_changed } },
};
