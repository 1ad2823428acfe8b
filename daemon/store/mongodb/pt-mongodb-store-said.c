/* SPDX-License-Identifier: Apache-2.0 */
/* What officials and citizens said: {_id: area.kind.length.name.n, a: area, e: entry, k: kind,
 * m: name, n: n, leaf, signer, evidence, later, receipt, b: body}. */
#include "pt-mongodb-store-private.h"

#include <string.h>

/* The length before the name, so that no name's keys lie among another's. */
static PtMongodbKey
said_key (guint32 area, PtSaidKind kind, const char *name, gint64 n)
{
  return pt_mongodb_key ("%06x.%x.%02x.%s.%016" G_GINT64_MODIFIER "x", area, (guint) kind,
                         (guint) strlen (name), name, n);
}

/* Writing */

static gboolean
was_said (const bson_t *document, gpointer data, GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT, "That was said before.");
  return FALSE;
}

static gboolean
check_new (PtMongodb *mongodb, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->said_count; i++)
    {
      const PtSaidRow *row = &group->said[i];
      g_autoptr (bson_t) filter
          = pt_bson_by_key (said_key (row->area, row->kind, row->name, row->n).text);

      if (!pt_mongodb_find (mongodb, PT_MONGODB_SAID, filter, NULL, was_said, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static bson_t *
said_op (const PtSaidRow *row)
{
  g_autoptr (bson_t) members = bson_new ();

  BSON_APPEND_INT64 (members, "a", row->area);
  BSON_APPEND_INT64 (members, "e", (gint64) row->entry);
  BSON_APPEND_INT64 (members, "k", row->kind);
  BSON_APPEND_UTF8 (members, "m", row->name);
  BSON_APPEND_INT64 (members, "n", row->n);
  pt_bson_add_bytes (members, "leaf", &row->leaf, PT_HASH_SIZE);
  pt_bson_add_bytes (members, "signer", row->signer, PT_PUBLIC_KEY_SIZE);
  BSON_APPEND_INT64 (members, "evidence", (gint64) row->evidence);
  BSON_APPEND_INT64 (members, "later", (gint64) row->later);
  if (row->receipt != NULL)
    pt_bson_add_gbytes (members, "receipt", row->receipt);
  pt_bson_add_gbytes (members, "b", row->body);
  return pt_mongodb_put (PT_MONGODB_SAID, said_key (row->area, row->kind, row->name, row->n).text,
                         members);
}

/* A receipt where it has none: also when it is written a second time. */
static void
add_later_ops (const PtSaidLater *later, GHashTable *ops)
{
  PtMongodbKey key = said_key (later->area, later->kind, later->name, later->n);
  g_autoptr (bson_t) filter = pt_bson_by_key (key.text), members = bson_new ();

  if (later->later != PT_AFTERMATH_NONE)
    {
      BSON_APPEND_INT64 (members, "later", (gint64) later->later);
      pt_mongodb_add_op (ops, later->area, pt_mongodb_edit (PT_MONGODB_SAID, filter, members));
    }
  if (later->receipt != NULL)
    {
      g_autoptr (bson_t) without = pt_bson_by_key (key.text), receipt = bson_new ();
      bson_t exists;

      bson_append_document_begin (without, "receipt", -1, &exists);
      BSON_APPEND_BOOL (&exists, "$exists", FALSE);
      bson_append_document_end (without, &exists);
      pt_bson_add_gbytes (receipt, "receipt", later->receipt);
      pt_mongodb_add_op (ops, later->area, pt_mongodb_edit (PT_MONGODB_SAID, without, receipt));
    }
}

gboolean
pt_mongodb_said_ops (PtMongodb *mongodb, const PtGroup *group, GHashTable *ops, GError **error)
{
  g_return_val_if_fail (group != NULL && ops != NULL, FALSE);

  if (!check_new (mongodb, group, error))
    return FALSE;
  for (guint i = 0; i < group->said_count; i++)
    pt_mongodb_add_op (ops, group->said[i].area, said_op (&group->said[i]));
  for (guint i = 0; i < group->later_count; i++)
    add_later_ops (&group->laters[i], ops);
  return TRUE;
}

/* Reading */

typedef struct
{
  PtSaidRowFunc func;
  gpointer user_data;
} SaidScan;

static gboolean
tell_said (const bson_t *document, gpointer data, GError **error)
{
  const SaidScan *scan = data;
  g_autoptr (GBytes) receipt = pt_bson_bytes (document, "receipt");
  g_autoptr (GBytes) body = pt_bson_bytes (document, "b");
  PtSaidRow row = { .area = (guint32) pt_bson_int (document, "a"),
                    .entry = (guint64) pt_bson_int (document, "e"),
                    .kind = (PtSaidKind) pt_bson_int (document, "k"),
                    .name = pt_bson_text (document, "m"),
                    .n = pt_bson_int (document, "n"),
                    .evidence = (PtEvidence) pt_bson_int (document, "evidence"),
                    .later = (PtAftermath) pt_bson_int (document, "later"),
                    .receipt = receipt,
                    .body = body };

  if (row.name == NULL || body == NULL || !pt_bson_fixed (document, "leaf", &row.leaf, PT_HASH_SIZE)
      || !pt_bson_fixed (document, "signer", row.signer, PT_PUBLIC_KEY_SIZE))
    return pt_mongodb_damaged ("What was said", error);
  return scan->func (&row, scan->user_data, error);
}

static gboolean
scan_said (PtStore *parent, const bson_t *filter, const bson_t *options, PtSaidRowFunc func,
           gpointer user_data, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  SaidScan scan = { func, user_data };

  return pt_mongodb_settle_to_read (store, &mongodb, error)
         && pt_mongodb_find (&mongodb, PT_MONGODB_SAID, filter, options, tell_said, &scan, error);
}

gboolean
pt_mongodb_store_scan_said (PtStore *store, guint32 area, guint64 after, PtSaidRowFunc func,
                            gpointer user_data, GError **error)
{
  g_autoptr (bson_t) filter = bson_new (), in_order = pt_bson_sorted (0, "e", "+", NULL);

  BSON_APPEND_INT64 (filter, "a", area);
  pt_bson_add_compare (filter, "e", "$gt", (gint64) MIN (after, PT_MONGODB_NUMBER_MAX));
  return scan_said (store, filter, in_order, func, user_data, error);
}

gboolean
pt_mongodb_store_scan_chain (PtStore *store, const PtChainQuery *query, PtSaidRowFunc func,
                             gpointer user_data, GError **error)
{
  g_autoptr (bson_t) filter = bson_new (),
                     options = pt_bson_sorted (query->limit, "_id", "+", NULL);
  PtMongodbKey first = said_key (query->area, query->kind, query->name, MAX (query->n, 0));
  PtMongodbKey last = said_key (query->area, query->kind, query->name, G_MAXINT64);
  bson_t range;

  if (query->limit == 0)
    return TRUE;
  bson_append_document_begin (filter, "_id", -1, &range);
  BSON_APPEND_UTF8 (&range, "$gte", first.text);
  BSON_APPEND_UTF8 (&range, "$lte", last.text);
  bson_append_document_end (filter, &range);
  return scan_said (store, filter, options, func, user_data, error);
}
