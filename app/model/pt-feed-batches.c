/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-batches.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-format.h"
#include "pt-read.h"

#define BATCHES_MANY 2 /* that are one line of the log */

G_DEFINE_FINAL_TYPE (PtBatch, pt_batch, G_TYPE_OBJECT)

static void
pt_batch_finalize (GObject *object)
{
  PtBatch *batch = PT_BATCH (object);

  g_free (batch->area);
  g_free (batch->cid);
  g_free (batch->root);
  g_free (batch->transaction);
  g_free (batch->waits_for);
  G_OBJECT_CLASS (pt_batch_parent_class)->finalize (object);
}

static void
pt_batch_class_init (PtBatchClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_batch_finalize;
}

static void
pt_batch_init (PtBatch *batch)
{
}

/* As a list */

static char *
batch_key (gconstpointer record)
{
  const PtBatch *batch = record;

  return g_strdup_printf ("%s/%" G_GUINT64_FORMAT, batch->area, batch->batch);
}

static gboolean
batch_is_same (gconstpointer a, gconstpointer b)
{
  const PtBatch *one = a, *other = b;

  return one->batch == other->batch && one->from == other->from && one->to == other->to
         && one->prev_size == other->prev_size && one->size == other->size
         && one->bytes == other->bytes && one->block == other->block && one->state == other->state
         && g_strcmp0 (one->area, other->area) == 0 && g_strcmp0 (one->cid, other->cid) == 0
         && g_strcmp0 (one->root, other->root) == 0
         && g_strcmp0 (one->transaction, other->transaction) == 0
         && g_strcmp0 (one->waits_for, other->waits_for) == 0;
}

static void
read_batch_members (JsonObject *object, PtBatch *batch, GError **error)
{
  batch->area = g_strdup (pt_read_id (object, "area", error));
  batch->batch = (guint64) pt_read_integer (object, "batch", PT_READ_NEEDED, error);
  batch->from = pt_read_integer (object, "from", PT_READ_NEEDED, error);
  batch->to = pt_read_integer (object, "to", PT_READ_NEEDED, error);
  batch->prev_size = pt_read_integer (object, "prev_size", PT_READ_NEEDED, error);
  batch->size = pt_read_integer (object, "size", PT_READ_NEEDED, error);
  batch->bytes = pt_read_integer (object, "bytes", PT_READ_NEEDED, error);
  batch->block = pt_read_integer (object, "block", PT_READ_OPTIONAL, error);
  batch->cid = g_strdup (pt_read_text (object, "cid", PT_READ_NEEDED, error));
  batch->root = g_strdup (pt_read_text (object, "root", PT_READ_NEEDED, error));
  batch->transaction = g_strdup (pt_read_text (object, "transaction", PT_READ_OPTIONAL, error));
  batch->waits_for = g_strdup (pt_read_text (object, "waits_for", PT_READ_OPTIONAL, error));
  batch->state = pt_read_batch_state (object, error);
  if (batch->state == PT_BATCH_OPEN)
    pt_read_refuse ("state", error); /* a batch is listed from its sealing on */
}

static gpointer
batch_read (JsonNode *node, GError **error)
{
  g_autoptr (PtBatch) batch = g_object_new (PT_TYPE_BATCH, NULL);
  g_autoptr (GError) local = NULL;
  JsonObject *object = pt_read_as_object (node, "batches", &local);

  if (object != NULL)
    read_batch_members (object, batch, &local);
  if (local == NULL)
    return g_steal_pointer (&batch);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* The operator of areas that begin alike, "pge" of pge-04 and pge-10; NULL: they don't. */
static char *
common_beginning (const GPtrArray *areas)
{
  const char *first = g_ptr_array_index (areas, 0);
  gsize size = strlen (first);

  for (guint i = 1; i < areas->len; i++)
    {
      const char *other = g_ptr_array_index (areas, i);
      gsize same = 0;

      while (same < size && first[same] == other[same])
        same++;
      size = same;
    }
  while (size > 0 && strchr ("-_.:", first[size - 1]) == NULL)
    size--;
  return size > 1 ? g_strndup (first, size - 1) : NULL;
}

/* "pge: 12 batches, 3,412 entries" */
static void
batches_sum (PtEventLine *line)
{
  g_autofree char *alike = line->areas->len > 1 ? common_beginning (line->areas) : NULL;
  g_autofree char *count = pt_format_number (line->count);
  g_autofree char *amount = pt_format_number (line->amount);
  g_autofree char *batches
      = g_strdup_printf (ngettext ("%s batch", "%s batches", line->count), count);
  g_autofree char *entries
      = g_strdup_printf (ngettext ("%s entry", "%s entries", (gulong) line->amount), amount);
  g_autofree char *where = NULL;

  if (line->areas->len == 1)
    where = g_strdup_printf (_ ("area %s"), (char *) g_ptr_array_index (line->areas, 0));
  else if (alike != NULL)
    where = g_steal_pointer (&alike);
  else
    where = g_strdup_printf (ngettext ("%u area", "%u areas", line->areas->len), line->areas->len);
  g_free (line->what);
  line->what = g_strdup_printf ("%s: %s, %s", where, batches, entries);
}

static PtEventLine *
batch_line (const PtBatch *batch)
{
  g_autofree char *number = g_strdup_printf ("%" PRIu64, batch->batch);
  g_autofree char *entries = pt_format_number (batch->size - batch->prev_size);
  g_autofree char *block = pt_format_number (batch->block);
  PtEventLine *line;
  char *more;

  if (batch->block > 0)
    more = g_strdup_printf (_ ("block %s"), block);
  else if (batch->waits_for != NULL)
    more = g_strdup_printf (_ ("waits for %s"), pt_format_waits (batch->waits_for));
  else
    more = g_strdup ("");
  line = pt_event_line_new (
      PT_EVENT_ANCHORING, pt_format_batch_state (batch->state),
      g_strdup_printf (_ ("area %s, batch %s, %s entries"), batch->area, number, entries), more,
      -1);
  line->final = batch->state == PT_BATCH_FINAL;
  pt_event_line_set_group (
      line, g_strdup_printf ("%s %s", pt_batch_state_name (batch->state), more), BATCHES_MANY,
      batches_sum, batch->area, NULL, batch->size - batch->prev_size);
  return line;
}

/* It is new, or has taken a step, or only waits for something else. */
static void
batch_apply (PtFeedList *list, gpointer record)
{
  PtRecordList *records = pt_feed_list_records (list);
  g_autofree char *key = batch_key (record);
  const PtBatch *known = pt_record_list_find (records, key);
  gboolean has_moved = known == NULL || known->state != PT_BATCH (record)->state;

  pt_record_list_put (records, record);
  if (has_moved)
    pt_feed_tell (PT_FEED (list), batch_line (record));
}

const PtListSpec pt_list_batches = {
  .name = "batches",
  .path = "/batches?limit=1000",
  .maximum = 1000,
  .newest_first = TRUE,
  .type = pt_batch_get_type,
  .read = batch_read,
  .key = batch_key,
  .same = batch_is_same,
  .events = { { "batch", batch_read, batch_apply } },
};
