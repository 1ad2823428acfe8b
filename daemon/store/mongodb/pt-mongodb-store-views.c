/* SPDX-License-Identifier: Apache-2.0 */
/* What has no number in an area: evidence, refused reports; and sums. */
#include "pt-mongodb-store-private.h"

#include <string.h>

#define NUMBER "%016" G_GINT64_MODIFIER "x"

/* Evidence: {_id: number, s: subject, a: area, q: seq, r: received, b: body} */

typedef struct
{
  const PtEntryRow *row;
  guint of_subject, of_report;
  gboolean is_there;
} Kept;

static gboolean
count_kept (const bson_t *document, gpointer data, GError **error)
{
  Kept *kept = data;
  gsize size;
  gconstpointer body = pt_bson_data (document, "b", &size);

  kept->of_subject++;
  if (pt_bson_int (document, "q") != kept->row->seq)
    return TRUE;
  kept->of_report++;
  kept->is_there |= size == kept->row->size && memcmp (body, kept->row->body, size) == 0;
  return TRUE;
}

static gboolean
read_counter (PtMongodb *mongodb, const char *name, gint64 *value, GError **error)
{
  g_autoptr (bson_t) document = NULL;

  if (!pt_mongodb_get (mongodb, PT_MONGODB_META, name, &document, error))
    return FALSE;
  *value = document != NULL ? pt_bson_int (document, "value") : 0;
  return TRUE;
}

/* Nothing that is there twice, and nothing beyond the bounds; none is ever removed, so the counter
 * says how many there are. */
static gboolean
is_wanted (PtMongodb *mongodb, const PtEntryRow *row, gboolean *wanted, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();
  Kept kept = { .row = row };
  gint64 all;

  BSON_APPEND_INT64 (filter, "s", pt_subject_key (row->subject));
  if (!pt_mongodb_find (mongodb, PT_MONGODB_EVIDENCE, filter, NULL, count_kept, &kept, error)
      || !read_counter (mongodb, "evidence", &all, error))
    return FALSE;
  *wanted = !kept.is_there && kept.of_report < PT_EVIDENCE_PER_REPORT
            && kept.of_subject < PT_EVIDENCE_PER_SUBJECT && all < PT_EVIDENCE_MAX;
  return TRUE;
}

gboolean
pt_mongodb_write_evidence (PtMongodb *mongodb, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->evidence_count; i++)
    {
      const PtEntryRow *row = &group->evidence[i];
      g_autoptr (bson_t) document = NULL;
      gboolean wanted;
      gint64 number;

      if (!is_wanted (mongodb, row, &wanted, error))
        return FALSE;
      if (!wanted)
        continue;
      if (!pt_mongodb_count_on (mongodb, "evidence", 1, &number, error))
        return FALSE;
      document = pt_bson_by_key (pt_mongodb_key (NUMBER, number).text);
      BSON_APPEND_INT64 (document, "s", pt_subject_key (row->subject));
      BSON_APPEND_INT64 (document, "a", row->area);
      BSON_APPEND_INT64 (document, "q", row->seq);
      BSON_APPEND_INT64 (document, "r", row->received);
      pt_bson_add_bytes (document, "b", row->body, row->size);
      if (!pt_mongodb_insert (mongodb, PT_MONGODB_EVIDENCE, (const bson_t *[]){ document }, 1,
                              error))
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  PtEvidenceRowFunc func;
  gpointer user_data;
} EvidenceScan;

static gboolean
tell_evidence (const bson_t *document, gpointer data, GError **error)
{
  const EvidenceScan *scan = data;
  PtEvidenceRow row = { .subject = pt_subject_from_key (pt_bson_int (document, "s")),
                        .area = (guint32) pt_bson_int (document, "a"),
                        .seq = pt_bson_int (document, "q"),
                        .received = pt_bson_int (document, "r") };
  const char *key = pt_bson_text (document, "_id");

  row.body = pt_bson_data (document, "b", &row.size);
  if (key == NULL || row.body == NULL)
    return pt_mongodb_damaged ("A piece of evidence", error);
  row.number = g_ascii_strtoull (key, NULL, 16);
  return scan->func (&row, scan->user_data, error);
}

gboolean
pt_mongodb_store_evidence (PtStore *parent, const PtEvidenceQuery *query, PtEvidenceRowFunc func,
                           gpointer user_data, GError **error)
{
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take ((PtMongodbStore *) parent);
  g_autoptr (bson_t) filter = bson_new (),
                     options = pt_bson_sorted (query->limit, "_id", "+", NULL);
  EvidenceScan scan = { func, user_data };

  if (query->limit == 0)
    return TRUE;
  pt_bson_add_range (filter, "_id",
                     pt_mongodb_key (NUMBER, (gint64) MIN (query->after, G_MAXINT64)).text, NULL);
  if (query->area >= 0)
    BSON_APPEND_INT64 (filter, "a", query->area);
  if (query->subject != NULL)
    BSON_APPEND_INT64 (filter, "s", pt_subject_key (*query->subject));
  return pt_mongodb_find (&mongodb, PT_MONGODB_EVIDENCE, filter, options, tell_evidence, &scan,
                          error);
}

/* Refused reports: {_id: number, number, at, source, transport, ..., text} */

static bson_t *
rejected_document (const PtRejectedRow *row, gint64 number)
{
  bson_t *document = pt_bson_by_key (pt_mongodb_key (NUMBER, number).text);

  BSON_APPEND_INT64 (document, "number", number);
  BSON_APPEND_INT64 (document, "at", row->at);
  BSON_APPEND_UTF8 (document, "source", row->source);
  BSON_APPEND_UTF8 (document, "transport", row->transport);
  BSON_APPEND_UTF8 (document, "address", row->address);
  BSON_APPEND_UTF8 (document, "certificate", row->certificate);
  BSON_APPEND_UTF8 (document, "area", row->area);
  BSON_APPEND_UTF8 (document, "device", row->device);
  BSON_APPEND_UTF8 (document, "reason", row->reason);
  pt_bson_add_bytes (document, "text", row->text, row->size);
  return document;
}

/* The number of the newest that is one too many. */
typedef struct
{
  guint left;
  gint64 number;
} Excess;

static gboolean
count_down (const bson_t *document, gpointer data, GError **error)
{
  Excess *excess = data;

  if (excess->left > 0)
    {
      excess->left--;
      return TRUE;
    }
  excess->number = pt_bson_int (document, "number");
  return FALSE;
}

/* Of the source, NULL: of all: the newest @keep stay. */
static gboolean
trim (PtMongodb *mongodb, const char *source, guint keep, GError **error)
{
  g_autoptr (bson_t) filter = bson_new (), options = pt_bson_sorted (keep + 1, "number", "-", NULL);
  g_autoptr (GError) local = NULL;
  Excess excess = { keep, 0 };
  bson_t projection;

  if (source != NULL)
    BSON_APPEND_UTF8 (filter, "source", source);
  bson_append_document_begin (options, "projection", -1, &projection);
  BSON_APPEND_INT32 (&projection, "number", 1);
  bson_append_document_end (options, &projection);
  if (!pt_mongodb_find (mongodb, PT_MONGODB_REJECTED, filter, options, count_down, &excess, &local)
      && local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (excess.number == 0)
    return TRUE;
  pt_bson_add_compare (filter, "number", "$lte", excess.number);
  return pt_mongodb_remove (mongodb, PT_MONGODB_REJECTED, filter, error);
}

static gboolean
trim_all (PtMongodb *mongodb, const PtGroup *group, GError **error)
{
  g_autoptr (GHashTable) sources = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (bson_t) older = bson_new ();

  for (guint i = 0; i < group->rejected_count; i++)
    if (g_hash_table_add (sources, (char *) group->rejected[i].source)
        && !trim (mongodb, group->rejected[i].source, PT_REJECTED_PER_SOURCE, error))
      return FALSE;
  pt_bson_add_compare (older, "at", "$lt", group->rejected_from);
  return pt_mongodb_remove (mongodb, PT_MONGODB_REJECTED, older, error)
         && trim (mongodb, NULL, PT_REJECTED_MAX, error);
}

gboolean
pt_mongodb_write_rejected (PtMongodb *mongodb, const PtGroup *group, GError **error)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
  gint64 last;

  g_return_val_if_fail (group != NULL, FALSE);

  if (group->rejected_count == 0)
    return TRUE;
  if (!pt_mongodb_count_on (mongodb, "rejected", group->rejected_count, &last, error))
    return FALSE;
  for (guint i = 0; i < group->rejected_count; i++)
    g_ptr_array_add (documents,
                     rejected_document (&group->rejected[i], last - group->rejected_count + 1 + i));
  return pt_mongodb_insert (mongodb, PT_MONGODB_REJECTED, (const bson_t **) documents->pdata,
                            documents->len, error)
         && trim_all (mongodb, group, error);
}

typedef struct
{
  PtRejectedRowFunc func;
  gpointer user_data;
} RejectedScan;

static const char *
text_or_none (const bson_t *document, const char *name)
{
  const char *text = pt_bson_text (document, name);

  return text != NULL ? text : "";
}

static gboolean
tell_rejected (const bson_t *document, gpointer data, GError **error)
{
  const RejectedScan *scan = data;
  PtRejectedRow row = { .number = (guint64) pt_bson_int (document, "number"),
                        .at = pt_bson_int (document, "at"),
                        .source = text_or_none (document, "source"),
                        .transport = text_or_none (document, "transport"),
                        .address = text_or_none (document, "address"),
                        .certificate = text_or_none (document, "certificate"),
                        .area = text_or_none (document, "area"),
                        .device = text_or_none (document, "device"),
                        .reason = text_or_none (document, "reason") };

  row.text = pt_bson_data (document, "text", &row.size);
  return scan->func (&row, scan->user_data, error);
}

gboolean
pt_mongodb_store_rejected (PtStore *parent, const PtRejectedQuery *query, PtRejectedRowFunc func,
                           gpointer user_data, GError **error)
{
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take ((PtMongodbStore *) parent);
  g_autoptr (bson_t) filter = bson_new (),
                     options = pt_bson_sorted (query->limit, "_id", "-", NULL);
  RejectedScan scan = { func, user_data };

  if (query->limit == 0)
    return TRUE;
  if (query->before > 0)
    pt_bson_add_compare (filter, "number", "$lt", (gint64) MIN (query->before, G_MAXINT64));
  pt_bson_add_compare (filter, "at", "$gte", query->since);
  if (query->area != NULL)
    BSON_APPEND_UTF8 (filter, "area", query->area);
  if (query->device != NULL)
    BSON_APPEND_UTF8 (filter, "device", query->device);
  if (query->reason != NULL)
    BSON_APPEND_UTF8 (filter, "reason", query->reason);
  return pt_mongodb_find (&mongodb, PT_MONGODB_REJECTED, filter, options, tell_rejected, &scan,
                          error);
}

/* Sums */

static gboolean
add_area (const bson_t *document, gpointer data, GError **error)
{
  PtCounts *counts = data;

  counts->entries += (guint64) pt_bson_int (document, "tail");
  counts->unsealed
      += (guint64) (pt_bson_int (document, "tail") - pt_bson_int (document, "last_entry"));
  counts->reports += (guint64) pt_bson_int (document, "reports");
  counts->batches[PT_BATCH_FINAL] += (guint64) pt_bson_int (document, "batch");
  return TRUE;
}

static gboolean
count (PtMongodb *mongodb, PtMongodbPlace place, const char *name, gint64 value, guint64 *count,
       GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();
  bson_error_t failure;
  gint64 found;

  BSON_APPEND_INT64 (filter, name, value);
  found = mongoc_collection_count_documents (pt_mongodb_at (mongodb, place), filter, NULL, NULL,
                                             NULL, &failure);
  *count = (guint64) MAX (found, 0);
  return found >= 0 || pt_mongodb_fail (&failure, error);
}

/* An area's batches count from 1 without holes, so the heads tell how many there are. */
gboolean
pt_mongodb_store_counts (PtStore *parent, PtCounts *counts, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) every = bson_new ();
  gint64 evidence;

  *counts = (PtCounts){ 0 };
  if (!pt_mongodb_settle_to_read (store, &mongodb, error)
      || !pt_mongodb_find (&mongodb, PT_MONGODB_AREAS, every, NULL, add_area, counts, error)
      || !count (&mongodb, PT_MONGODB_OUTAGES, "y", PT_END_NONE, &counts->open_outages, error)
      || !read_counter (&mongodb, "evidence", &evidence, error))
    return FALSE;
  counts->evidence = (guint64) evidence;
  for (guint state = PT_BATCH_SEALED; state < PT_BATCH_FINAL; state++)
    {
      if (!count (&mongodb, PT_MONGODB_BATCHES, "state", state, &counts->batches[state], error))
        return FALSE;
      counts->batches[PT_BATCH_FINAL]
          -= MIN (counts->batches[state], counts->batches[PT_BATCH_FINAL]);
    }
  return TRUE;
}
