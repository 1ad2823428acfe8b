/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-complaints.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-complaint-words.h"
#include "pt-format.h"
#include "pt-read.h"

#define MANY 5 /* of an area that are one line */

G_DEFINE_FINAL_TYPE (PtComplaint, pt_complaint, G_TYPE_OBJECT)

static void
pt_complaint_finalize (GObject *object)
{
  PtComplaint *complaint = PT_COMPLAINT (object);

  g_free (complaint->area);
  g_free (complaint->complaint);
  g_free (complaint->category);
  g_free (complaint->title);
  g_free (complaint->site);
  g_free (complaint->place);
  g_free (complaint->feeder);
  g_free (complaint->assigned);
  G_OBJECT_CLASS (pt_complaint_parent_class)->finalize (object);
}

static void
pt_complaint_class_init (PtComplaintClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_complaint_finalize;
}

static void
pt_complaint_init (PtComplaint *complaint)
{
}

/* Reading */

typedef const char *(*NameFunc) (int value);

/* The member @name as one of the first @count names; @none where it isn't there. */
static int
read_choice (JsonObject *object, const char *name, NameFunc name_of, int count, int none,
             GError **error)
{
  const char *text = pt_read_text (object, name, PT_READ_OPTIONAL, error);

  if (text == NULL)
    return none;
  for (int value = 0; value < count; value++)
    if (strcmp (text, name_of (value)) == 0)
      return value;
  pt_read_refuse (name, error);
  return none;
}

static const char *
state_name (int value)
{
  return pt_complaint_state_name ((PtComplaintState) value);
}

static const char *
evidence_name (int value)
{
  return pt_evidence_name ((PtEvidence) value);
}

static const char *
aftermath_name (int value)
{
  return pt_aftermath_name ((PtAftermath) value);
}

static const char *
closed_name (int value)
{
  return pt_closed_name ((PtClosed) value);
}

/* An id, or NULL. */
static char *
read_optional_id (JsonObject *object, const char *name, GError **error)
{
  const char *text = pt_read_text (object, name, PT_READ_OPTIONAL, error);

  if (text != NULL && !pt_is_id (pt_span (text, strlen (text))))
    pt_read_refuse (name, error);
  return g_strdup (text);
}

/* In the reader's language, else in English; NULL: it has none. */
static char *
read_title (JsonObject *object, GError **error)
{
  JsonObject *titles = pt_read_object (object, "title", PT_READ_OPTIONAL, error);
  const char *const *languages = g_get_language_names ();
  const char *title = NULL;

  for (guint i = 0; titles != NULL && title == NULL && languages[i] != NULL; i++)
    title = pt_read_text (titles, languages[i], PT_READ_OPTIONAL, error);
  if (titles != NULL && title == NULL)
    title = pt_read_text (titles, "en", PT_READ_OPTIONAL, error);
  return title != NULL ? g_utf8_make_valid (title, -1) : NULL;
}

/* Where it is: a site, or a cell. */
static void
read_where (JsonObject *object, PtComplaint *complaint, GError **error)
{
  complaint->site = read_optional_id (object, "site", error);
  complaint->place = g_strdup (pt_read_place (object, error));
  complaint->feeder = g_strdup (pt_read_feeder (object, error));
  if (complaint->site != NULL)
    return;
  if (!json_object_has_member (object, "lat") || !json_object_has_member (object, "lon"))
    pt_read_refuse ("site", error);
  complaint->lat = (gint64) pt_read_number (object, "lat", error);
  complaint->lon = (gint64) pt_read_number (object, "lon", error);
}

static void
read_times (JsonObject *object, PtComplaint *complaint, GError **error)
{
  const struct
  {
    const char *name;
    gint64 *out;
  } times[] = { { "acknowledge_by", &complaint->acknowledge_by },
                { "acknowledged_at", &complaint->acknowledged_at },
                { "resolve_by", &complaint->resolve_by },
                { "resolved_at", &complaint->resolved_at },
                { "outage_since", &complaint->outage_since },
                { "supply_back_at", &complaint->supply_back_at },
                { "confirmed", &complaint->confirmed },
                { "reopened", &complaint->reopened } };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    *times[i].out = pt_read_integer (object, times[i].name, PT_READ_OPTIONAL, error);
  complaint->filed_at = pt_read_integer (object, "filed_at", PT_READ_NEEDED, error);
  complaint->changed_at = pt_read_integer (object, "changed_at", PT_READ_NEEDED, error);
}

static void
read_members (JsonObject *object, PtComplaint *complaint, GError **error)
{
  complaint->area = g_strdup (pt_read_id (object, "area", error));
  complaint->complaint = g_strdup (pt_read_id (object, "complaint", error));
  complaint->category = g_strdup (pt_read_id (object, "category", error));
  complaint->title = read_title (object, error);
  complaint->assigned = read_optional_id (object, "assigned", error);
  complaint->n = pt_read_integer (object, "n", PT_READ_NEEDED, error);
  complaint->people = pt_read_integer (object, "people", PT_READ_NEEDED, error);
  complaint->by_service
      = g_strcmp0 (pt_read_text (object, "by", PT_READ_OPTIONAL, error), "service") == 0;
  complaint->state = (PtComplaintState) read_choice (
      object, "state", state_name, PT_COMPLAINT_STATE_COUNT, PT_COMPLAINT_NONE, error);
  if (complaint->state == PT_COMPLAINT_NONE)
    pt_read_refuse ("state", error);
  complaint->evidence = (PtEvidence) read_choice (
      object, "evidence", evidence_name, PT_EVIDENCE_CONTRADICTED + 1, PT_EVIDENCE_NONE, error);
  complaint->later = (PtAftermath) read_choice (
      object, "later", aftermath_name, PT_AFTERMATH_FELL_AGAIN + 1, PT_AFTERMATH_NONE, error);
  complaint->closed = (PtClosed) read_choice (object, "closed", closed_name, PT_CLOSED_AGAINST + 1,
                                              PT_CLOSED_NONE, error);
}

gpointer
pt_complaint_read (JsonNode *node, GError **error)
{
  g_autoptr (PtComplaint) complaint = g_object_new (PT_TYPE_COMPLAINT, NULL);
  g_autoptr (GError) local = NULL;
  JsonObject *object = pt_read_as_object (node, "complaints", &local);

  if (object != NULL)
    {
      read_members (object, complaint, &local);
      read_where (object, complaint, &local);
      read_times (object, complaint, &local);
    }
  if (local == NULL)
    return g_steal_pointer (&complaint);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

const char *
pt_complaint_title (const PtComplaint *complaint)
{
  g_return_val_if_fail (complaint != NULL, "");
  return complaint->title != NULL ? complaint->title : complaint->category;
}

char *
pt_complaint_where (const PtComplaint *complaint)
{
  g_return_val_if_fail (complaint != NULL, NULL);
  if (complaint->place != NULL && complaint->site != NULL)
    return g_strdup_printf ("%s, %s", complaint->place, complaint->site);
  if (complaint->site != NULL)
    return g_strdup (complaint->site);
  if (complaint->place != NULL)
    return g_strdup (complaint->place);
  /* Translators: a square of about a kilometre, by the latitude and longitude of its corner. */
  return g_strdup_printf (_ ("cell %.2f, %.2f"), (double) complaint->lat / 1e7,
                          (double) complaint->lon / 1e7);
}

/* As a list */

static char *
complaint_key (gconstpointer record)
{
  const PtComplaint *complaint = record;

  return g_strconcat (complaint->area, "/", complaint->complaint, NULL);
}

static gboolean
same_words (const PtComplaint *one, const PtComplaint *other)
{
  return g_strcmp0 (one->complaint, other->complaint) == 0
         && g_strcmp0 (one->area, other->area) == 0
         && g_strcmp0 (one->category, other->category) == 0
         && g_strcmp0 (one->title, other->title) == 0 && g_strcmp0 (one->site, other->site) == 0
         && g_strcmp0 (one->place, other->place) == 0 && g_strcmp0 (one->feeder, other->feeder) == 0
         && g_strcmp0 (one->assigned, other->assigned) == 0;
}

static gboolean
complaint_is_same (gconstpointer a, gconstpointer b)
{
  const PtComplaint *one = a, *other = b;

  return one->n == other->n && one->changed_at == other->changed_at && one->state == other->state
         && one->people == other->people && one->confirmed == other->confirmed
         && one->reopened == other->reopened && one->evidence == other->evidence
         && one->later == other->later && one->closed == other->closed
         && one->acknowledge_by == other->acknowledge_by && one->resolve_by == other->resolve_by
         && one->acknowledged_at == other->acknowledged_at && one->resolved_at == other->resolved_at
         && one->outage_since == other->outage_since && one->supply_back_at == other->supply_back_at
         && same_words (one, other);
}

/* "7 complaints, area east" */
static void
complaints_sum (PtEventLine *line)
{
  g_autofree char *number = pt_format_number (line->count);
  g_autofree char *complaints
      = g_strdup_printf (ngettext ("%s complaint", "%s complaints", line->count), number);

  g_free (line->what);
  g_free (line->more);
  line->what = g_strdup_printf (_ ("%s, area %s"), complaints,
                                (const char *) g_ptr_array_index (line->areas, 0));
  line->more = g_strdup ("");
}

static PtEventLine *
complaint_line (const PtComplaint *complaint, const char *word, gboolean urgent)
{
  g_autofree char *number = pt_format_complaint (complaint->complaint);
  g_autofree char *where = pt_complaint_where (complaint);
  PtEventLine *line
      = pt_event_line_new (PT_EVENT_COMPLAINT, word, g_strdup_printf ("%s, %s", where, number),
                           g_strdup (pt_complaint_title (complaint)), -1);

  line->urgent = urgent;
  pt_event_line_set_group (line, g_strdup_printf ("complaint %s %s", word, complaint->area), MANY,
                           complaints_sum, complaint->area, complaint->place, 1);
  return line;
}

/* It is new, in another state, against the evidence, or only has other words. */
static void
complaint_apply (PtFeedList *list, gpointer record)
{
  PtRecordList *records = pt_feed_list_records (list);
  g_autofree char *key = complaint_key (record);
  g_autoptr (PtComplaint) known = pt_record_list_find (records, key);
  const PtComplaint *complaint = record;
  gboolean against = complaint->closed == PT_CLOSED_AGAINST;

  if (known != NULL)
    g_object_ref (known);
  if (known != NULL && known->n > complaint->n)
    return; /* told late */
  pt_record_list_put (records, record);
  if (against && (known == NULL || known->closed != PT_CLOSED_AGAINST))
    pt_feed_tell (PT_FEED (list), complaint_line (complaint, _ ("against the evidence"), TRUE));
  else if (known == NULL && complaint->n == 1)
    pt_feed_tell (PT_FEED (list), complaint_line (complaint, _ ("filed"), FALSE));
  else if (known != NULL && known->state != complaint->state)
    pt_feed_tell (PT_FEED (list), complaint_line (complaint,
                                                  complaint->reopened > known->reopened
                                                      ? _ ("reopened")
                                                      : pt_complaint_state_word (complaint->state),
                                                  FALSE));
}

const PtListSpec pt_list_complaints = {
  .name = "complaints",
  .path = "/complaints?sort=clock&limit=1000",
  .maximum = 100000,
  .is_optional = TRUE,
  .type = pt_complaint_get_type,
  .read = pt_complaint_read,
  .key = complaint_key,
  .same = complaint_is_same,
  .events = { { "complaint", pt_complaint_read, complaint_apply } },
};
