/* SPDX-License-Identifier: Apache-2.0 */
/* The private parts of actions, which can be forgotten: {_id: area.length.complaint.n, m:
 * complaint, n: n, text, hidden, by, at, reason, photos: [{sent, type}]}, and each photo by itself
 * under its step's key and number: {_id: ....i, b: bytes}. */
#include "pt-mongodb-store-private.h"

#include <string.h>

static PtMongodbKey
private_key (guint32 area, const char *complaint, gint64 n)
{
  return pt_mongodb_key ("%06x.%02x.%s.%016" G_GINT64_MODIFIER "x", area,
                         (guint) strlen (complaint), complaint, n);
}

static PtMongodbKey
photo_key (const char *private, guint index)
{
  return pt_mongodb_key ("%s.%u", private, index);
}

/* Writing */

static void
add_moderation (bson_t *members, const PtModeration *moderation)
{
  BSON_APPEND_BOOL (members, "hidden", moderation->hidden);
  if (moderation->reason == NULL)
    return;
  BSON_APPEND_UTF8 (members, "by", moderation->by);
  BSON_APPEND_INT64 (members, "at", moderation->at);
  BSON_APPEND_UTF8 (members, "reason", moderation->reason);
}

static bson_t *
photo_op (const char *private, guint index, GBytes *bytes)
{
  g_autoptr (bson_t) members = bson_new ();

  pt_bson_add_gbytes (members, "b", bytes);
  return pt_mongodb_put (PT_MONGODB_PHOTOS, photo_key (private, index).text, members);
}

static void
add_photo_list (bson_t *members, const PtPrivateRow *row)
{
  bson_t list;

  bson_append_array_begin (members, "photos", -1, &list);
  for (guint i = 0; i < row->photo_count; i++)
    {
      char index[16];
      bson_t photo;

      g_snprintf (index, sizeof index, "%u", i);
      bson_append_document_begin (&list, index, -1, &photo);
      pt_bson_add_bytes (&photo, "sent", &row->photos[i].sent, PT_HASH_SIZE);
      BSON_APPEND_UTF8 (&photo, "type", row->photos[i].type);
      bson_append_document_end (&list, &photo);
    }
  bson_append_array_end (members, &list);
}

static void
add_private_ops (const PtPrivateRow *row, GHashTable *ops)
{
  PtMongodbKey key = private_key (row->area, row->complaint, row->n);
  g_autoptr (bson_t) members = bson_new ();

  BSON_APPEND_INT64 (members, "n", row->n);
  if (row->text != NULL)
    pt_bson_add_gbytes (members, "text", row->text);
  add_moderation (members, &row->moderation);
  add_photo_list (members, row);
  pt_mongodb_add_op (ops, row->area, pt_mongodb_put (PT_MONGODB_PRIVATES, key.text, members));
  for (guint i = 0; i < row->photo_count; i++)
    pt_mongodb_add_op (ops, row->area, photo_op (key.text, i, row->photos[i].bytes));
}

/* A photo is not deleted but emptied, so that nobody can put it there again. */
static void
add_erasure_ops (const PtErasure *erasure, GHashTable *ops)
{
  PtMongodbKey key = private_key (erasure->area, erasure->complaint, erasure->n);
  g_autoptr (bson_t) filter = pt_bson_by_key (key.text), members = bson_new ();
  g_autoptr (bson_t) empty = bson_new ();
  bson_t none;

  BSON_APPEND_NULL (members, "text");
  bson_append_array_begin (members, "photos", -1, &none);
  bson_append_array_end (members, &none);
  pt_mongodb_add_op (ops, erasure->area, pt_mongodb_edit (PT_MONGODB_PRIVATES, filter, members));
  pt_bson_add_bytes (empty, "b", "", 0);
  for (guint i = 0; i < PT_PHOTOS_MAX; i++)
    {
      g_autoptr (bson_t) photo = pt_bson_by_key (photo_key (key.text, i).text);

      pt_mongodb_add_op (ops, erasure->area, pt_mongodb_edit (PT_MONGODB_PHOTOS, photo, empty));
    }
}

void
pt_mongodb_private_ops (const PtGroup *group, GHashTable *ops)
{
  g_return_if_fail (group != NULL && ops != NULL);

  for (guint i = 0; i < group->private_count; i++)
    add_private_ops (&group->privates[i], ops);
  for (guint i = 0; i < group->erasure_count; i++)
    add_erasure_ops (&group->erasures[i], ops);
}

gboolean
pt_mongodb_store_moderate (PtStore *parent, const PtErasure *of, const PtModeration *moderation,
                           GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  PtMongodbKey key = private_key (of->area, of->complaint, of->n);
  g_autoptr (GPtrArray) ops = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
  g_autoptr (bson_t) before = NULL, filter = pt_bson_by_key (key.text), members = bson_new ();

  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_get (&mongodb, PT_MONGODB_PRIVATES, key.text, &before, error))
    return FALSE;
  if (before == NULL)
    return pt_store_no_private (error);
  if ((pt_bson_int (before, "hidden") != 0) == !!moderation->hidden)
    return TRUE;
  add_moderation (members, moderation);
  g_ptr_array_add (ops, pt_mongodb_stamp (store, of->area,
                                          pt_mongodb_edit (PT_MONGODB_PRIVATES, filter, members)));
  return pt_mongodb_write_ops (store, &mongodb, ops, error);
}

/* Reading */

typedef struct
{
  guint32 area;
  const char *complaint;
  PtPrivateRowFunc func;
  gpointer user_data;
} PrivateScan;

static void
read_moderation (const bson_t *document, PtModeration *moderation)
{
  const char *by = pt_bson_text (document, "by");

  *moderation = (PtModeration){ .hidden = pt_bson_int (document, "hidden") != 0,
                                .at = pt_bson_int (document, "at"),
                                .reason = pt_bson_text (document, "reason") };
  g_strlcpy (moderation->by, by != NULL ? by : "", sizeof moderation->by);
}

static gboolean
read_photo (bson_iter_t *iter, PtPhoto *photo)
{
  const guint8 *data;
  const char *type;
  guint32 size;
  bson_t one;

  if (!BSON_ITER_HOLDS_DOCUMENT (iter))
    return FALSE;
  bson_iter_document (iter, &size, &data);
  if (!bson_init_static (&one, data, size)
      || !pt_bson_fixed (&one, "sent", &photo->sent, PT_HASH_SIZE)
      || (type = pt_bson_text (&one, "type")) == NULL)
    return FALSE;
  g_strlcpy (photo->type, type, sizeof photo->type);
  return TRUE;
}

static gboolean
read_photos (const bson_t *document, PtPrivateRow *row)
{
  bson_iter_t iter, each;

  if (!bson_iter_init_find (&iter, document, "photos") || !bson_iter_recurse (&iter, &each))
    return FALSE;
  while (row->photo_count < PT_PHOTOS_MAX && bson_iter_next (&each))
    if (!read_photo (&each, &row->photos[row->photo_count++]))
      return FALSE;
  return TRUE;
}

static gboolean
tell_private (const bson_t *document, gpointer data, GError **error)
{
  const PrivateScan *scan = data;
  g_autoptr (GBytes) text = pt_bson_bytes (document, "text");
  PtPrivateRow row = {
    .area = scan->area, .complaint = scan->complaint, .n = pt_bson_int (document, "n"), .text = text
  };

  read_moderation (document, &row.moderation);
  return read_photos (document, &row) ? scan->func (&row, scan->user_data, error)
                                      : pt_mongodb_damaged ("A private part", error);
}

static gboolean
scan_privates (PtMongodb *mongodb, PrivateScan *scan, gint64 n, GError **error)
{
  g_autoptr (bson_t) filter = bson_new (), in_order = pt_bson_sorted (0, "_id", "+", NULL);
  PtMongodbKey first = private_key (scan->area, scan->complaint, MAX (n, 0));
  PtMongodbKey last = private_key (scan->area, scan->complaint, G_MAXINT64);
  bson_t range;

  bson_append_document_begin (filter, "_id", -1, &range);
  BSON_APPEND_UTF8 (&range, "$gte", first.text);
  BSON_APPEND_UTF8 (&range, "$lte", last.text);
  bson_append_document_end (filter, &range);
  return pt_mongodb_find (mongodb, PT_MONGODB_PRIVATES, filter, in_order, tell_private, scan,
                          error);
}

gboolean
pt_mongodb_store_privates (PtStore *parent, const PtErasure *from, PtPrivateRowFunc func,
                           gpointer user_data, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  PrivateScan scan = { from->area, from->complaint, func, user_data };

  return pt_mongodb_settle_to_read (store, &mongodb, error)
         && scan_privates (&mongodb, &scan, from->n, error);
}

typedef struct
{
  PtPhoto *photo;
  PtModeration *hidden;
  PtMongodbKey key; /* "": none found */
} PhotoSearch;

/* That of a hidden step, where there is one. */
static gboolean
look_for_photo (const PtPrivateRow *row, gpointer data, GError **error)
{
  PhotoSearch *search = data;

  for (guint i = 0; i < row->photo_count; i++)
    if (memcmp (&row->photos[i].sent, &search->photo->sent, PT_HASH_SIZE) == 0
        && (*search->key.text == '\0' || (row->moderation.hidden && !search->hidden->hidden)))
      {
        search->key = photo_key (private_key (row->area, row->complaint, row->n).text, i);
        *search->photo = row->photos[i];
        *search->hidden = row->moderation;
        search->hidden->reason = NULL;
      }
  return TRUE;
}

gboolean
pt_mongodb_store_photo (PtStore *parent, guint32 area, const char *complaint, PtPhoto *out,
                        PtModeration *hidden, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  PhotoSearch search = { .photo = out, .hidden = hidden };
  PrivateScan scan = { area, complaint, look_for_photo, &search };
  g_autoptr (bson_t) stored = NULL;

  if (!pt_mongodb_settle_to_read (store, &mongodb, error)
      || !scan_privates (&mongodb, &scan, 0, error))
    return FALSE;
  if (*search.key.text == '\0')
    return TRUE;
  if (!pt_mongodb_get (&mongodb, PT_MONGODB_PHOTOS, search.key.text, &stored, error))
    return FALSE;
  out->bytes = stored != NULL ? pt_bson_bytes (stored, "b") : NULL;
  if (out->bytes != NULL && g_bytes_get_size (out->bytes) == 0)
    g_clear_pointer (&out->bytes, g_bytes_unref); /* erased meanwhile */
  return TRUE;
}
