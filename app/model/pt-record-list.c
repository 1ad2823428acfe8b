/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-record-list.h"

#define PIECES_MAX 32 /* more are told as one */

struct _PtRecordList
{
  GObject parent_instance;
  GType type;
  PtRecordKeyFunc key;
  PtRecordSameFunc same;
  gboolean newest_first;
  guint max;
  GPtrArray *items;    /* what the model holds */
  GHashTable *by_key;  /* key -> record, with what waits for the flush */
  GHashTable *touched; /* key -> the item that will go or be replaced; borrowed */
  GHashTable *fresh;   /* set of keys that come to the front or the end */
  GPtrArray *arrived;  /* the same keys in their order; owned by `fresh` */
  gboolean dirty;
};

static void pt_record_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtRecordList, pt_record_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, pt_record_list_model_init))

/* From one content to the next */

typedef struct
{
  guint at, removed;     /* in the items as they were */
  guint added_at, added; /* in the next ones */
} Piece;

static GHashTable *
make_set (GPtrArray *items)
{
  GHashTable *set = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < items->len; i++)
    g_hash_table_add (set, g_ptr_array_index (items, i));
  return set;
}

/* The runs in which @before and @after differ. Empty where kept records have changed places. */
static GArray *
find_pieces (GPtrArray *before, GPtrArray *after)
{
  g_autoptr (GHashTable) had = make_set (before), has = make_set (after);
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  guint i = 0, j = 0;

  while (i < before->len || j < after->len)
    {
      Piece piece = { i, 0, j, 0 };

      while (i < before->len && !g_hash_table_contains (has, g_ptr_array_index (before, i)))
        i++;
      while (j < after->len && !g_hash_table_contains (had, g_ptr_array_index (after, j)))
        j++;
      piece.removed = i - piece.at;
      piece.added = j - piece.added_at;
      if (piece.removed > 0 || piece.added > 0)
        g_array_append_val (pieces, piece);
      else if (i == before->len || j == after->len || before->pdata[i] != after->pdata[j])
        {
          g_array_set_size (pieces, 0);
          return pieces;
        }
      else
        {
          i++;
          j++;
        }
    }
  return pieces;
}

/* From the first difference to the last. */
static Piece
whole_piece (GPtrArray *before, GPtrArray *after)
{
  guint front = 0, back = 0, most = MIN (before->len, after->len);

  while (front < most && before->pdata[front] == after->pdata[front])
    front++;
  while (back < most - front
         && before->pdata[before->len - 1 - back] == after->pdata[after->len - 1 - back])
    back++;
  return (Piece){ front, before->len - front - back, front, after->len - front - back };
}

static void
list_splice (PtRecordList *self, guint at, const Piece *piece, GPtrArray *after)
{
  if (piece->removed > 0)
    g_ptr_array_remove_range (self->items, at, piece->removed);
  for (guint i = 0; i < piece->added; i++)
    g_ptr_array_insert (self->items, (int) (at + i),
                        g_object_ref (g_ptr_array_index (after, piece->added_at + i)));
  g_list_model_items_changed (G_LIST_MODEL (self), at, piece->removed, piece->added);
}

/* One change of everything: the array is put in place whole, not record by record. */
static void
list_swap (PtRecordList *self, const Piece *piece, GPtrArray *after)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->items);

  self->items = g_ptr_array_ref (after);
  if (piece->removed > 0 || piece->added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), piece->at, piece->removed, piece->added);
}

/* @after owns its records. */
static void
list_become (PtRecordList *self, GPtrArray *after, const GArray *pieces)
{
  int shift = 0;

  if (pieces->len == 0 || pieces->len > PIECES_MAX)
    {
      Piece whole = whole_piece (self->items, after);

      list_swap (self, &whole, after);
      return;
    }
  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);

      if (pieces->len == 1)
        list_swap (self, piece, after);
      else
        list_splice (self, (guint) ((int) piece->at + shift), piece, after);
      shift += (int) piece->added - (int) piece->removed;
    }
}

/* Changes */

static void
list_settle (PtRecordList *self)
{
  g_ptr_array_set_size (self->arrived, 0);
  g_hash_table_remove_all (self->fresh);
  g_hash_table_remove_all (self->touched);
  self->dirty = FALSE;
}

/* Remembers the item that stood for @key when the last flush was. */
static void
list_touch (PtRecordList *self, const char *key, gpointer known)
{
  if (known != NULL && !g_hash_table_contains (self->touched, key)
      && !g_hash_table_contains (self->fresh, key))
    g_hash_table_insert (self->touched, g_strdup (key), known);
}

gpointer
pt_record_list_find (PtRecordList *self, const char *key)
{
  g_return_val_if_fail (PT_IS_RECORD_LIST (self), NULL);
  return g_hash_table_lookup (self->by_key, key);
}

void
pt_record_list_put (PtRecordList *self, gpointer record)
{
  g_autofree char *key = NULL;
  gpointer known;

  g_return_if_fail (PT_IS_RECORD_LIST (self));
  key = self->key (record);
  known = g_hash_table_lookup (self->by_key, key);
  if (known != NULL && self->same (known, record))
    return;
  list_touch (self, key, known);
  if (known == NULL && !g_hash_table_contains (self->fresh, key))
    {
      char *kept = g_strdup (key);

      g_hash_table_add (self->fresh, kept);
      g_ptr_array_add (self->arrived, kept);
    }
  g_hash_table_replace (self->by_key, g_steal_pointer (&key), g_object_ref (record));
  self->dirty = TRUE;
}

void
pt_record_list_remove (PtRecordList *self, const char *key)
{
  g_return_if_fail (PT_IS_RECORD_LIST (self));
  list_touch (self, key, g_hash_table_lookup (self->by_key, key));
  self->dirty |= g_hash_table_remove (self->by_key, key);
}

/* A change at the end of @after, which joins the piece before it where they touch. */
static void
add_piece (GArray *pieces, guint at, guint removed, guint added_at, guint added)
{
  Piece piece = { at, removed, added_at, added };
  Piece *last = pieces->len > 0 ? &g_array_index (pieces, Piece, pieces->len - 1) : NULL;

  if (last != NULL && last->at + last->removed == at && last->added_at + last->added == added_at)
    {
      last->removed += removed;
      last->added += added;
    }
  else
    g_array_append_val (pieces, piece);
}

/* Of the items that change: what comes in their place, or NULL. */
static GHashTable *
list_replacements (PtRecordList *self)
{
  GHashTable *map = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer key, item;

  g_hash_table_iter_init (&iter, self->touched);
  while (g_hash_table_iter_next (&iter, &key, &item))
    {
      /* One that was removed and came again stands among the arrived. */
      gboolean again = g_hash_table_contains (self->fresh, key);

      g_hash_table_insert (map, item, again ? NULL : g_hash_table_lookup (self->by_key, key));
    }
  return map;
}

static void
append_known (PtRecordList *self, GPtrArray *after, GArray *pieces)
{
  g_autoptr (GHashTable) replacements = list_replacements (self);

  for (guint i = 0; i < self->items->len; i++)
    {
      gpointer record = g_ptr_array_index (self->items, i), other;

      if (g_hash_table_lookup_extended (replacements, record, NULL, &other))
        {
          add_piece (pieces, i, 1, after->len, other != NULL ? 1 : 0);
          record = other;
        }
      if (record != NULL)
        g_ptr_array_add (after, g_object_ref (record));
    }
}

static void
append_arrived (PtRecordList *self, GPtrArray *after, GArray *pieces)
{
  guint begin = after->len;

  for (guint i = 0; i < self->arrived->len; i++)
    {
      guint at = self->newest_first ? self->arrived->len - 1 - i : i;
      gpointer record = g_hash_table_lookup (self->by_key, g_ptr_array_index (self->arrived, at));

      if (record != NULL)
        g_ptr_array_add (after, g_object_ref (record));
    }
  if (after->len > begin)
    add_piece (pieces, self->newest_first ? 0 : self->items->len, 0, begin, after->len - begin);
}

/* TRUE: records beyond the maximum were dropped. */
static gboolean
list_trim (PtRecordList *self, GPtrArray *after)
{
  gboolean trimmed = after->len > self->max;

  while (after->len > self->max)
    {
      guint at = self->newest_first ? after->len - 1 : 0;
      g_autofree char *key = self->key (g_ptr_array_index (after, at));

      g_hash_table_remove (self->by_key, key);
      g_ptr_array_remove_index (after, at);
    }
  return trimmed;
}

void
pt_record_list_flush (PtRecordList *self)
{
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GArray) pieces = NULL;

  g_return_if_fail (PT_IS_RECORD_LIST (self));
  if (!self->dirty)
    return;
  after = g_ptr_array_new_with_free_func (g_object_unref);
  pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  if (self->newest_first)
    append_arrived (self, after, pieces);
  append_known (self, after, pieces);
  if (!self->newest_first)
    append_arrived (self, after, pieces);
  if (list_trim (self, after))
    {
      g_array_unref (pieces);
      pieces = find_pieces (self->items, after);
    }
  list_settle (self);
  list_become (self, after, pieces);
}

void
pt_record_list_replace (PtRecordList *self, GPtrArray *records)
{
  g_autoptr (GHashTable) before = NULL;
  g_autoptr (GArray) pieces = NULL;
  g_autoptr (GPtrArray) after = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (PT_IS_RECORD_LIST (self));
  before = g_steal_pointer (&self->by_key);
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  for (guint i = 0; i < records->len && after->len < self->max; i++)
    {
      gpointer record = g_ptr_array_index (records, i), known;
      g_autofree char *key = self->key (record);

      if (g_hash_table_contains (self->by_key, key))
        continue;
      known = g_hash_table_lookup (before, key);
      if (known != NULL && self->same (known, record))
        record = known;
      g_ptr_array_add (after, g_object_ref (record));
      g_hash_table_insert (self->by_key, g_steal_pointer (&key), g_object_ref (record));
    }
  pieces = find_pieces (self->items, after);
  list_settle (self);
  list_become (self, after, pieces);
}

/* The model */

static GType
list_item_type (GListModel *model)
{
  return PT_RECORD_LIST (model)->type;
}

static guint
list_item_count (GListModel *model)
{
  return PT_RECORD_LIST (model)->items->len;
}

static gpointer
list_item (GListModel *model, guint position)
{
  GPtrArray *items = PT_RECORD_LIST (model)->items;

  return position < items->len ? g_object_ref (g_ptr_array_index (items, position)) : NULL;
}

static void
pt_record_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = list_item_type;
  iface->get_n_items = list_item_count;
  iface->get_item = list_item;
}

static void
pt_record_list_finalize (GObject *object)
{
  PtRecordList *self = PT_RECORD_LIST (object);

  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->arrived);
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->fresh);
  g_hash_table_unref (self->touched);
  G_OBJECT_CLASS (pt_record_list_parent_class)->finalize (object);
}

static void
pt_record_list_class_init (PtRecordListClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_record_list_finalize;
}

static void
pt_record_list_init (PtRecordList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->arrived = g_ptr_array_new ();
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->fresh = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

PtRecordList *
pt_record_list_new (GType type, PtRecordKeyFunc key, PtRecordSameFunc same, gboolean newest_first,
                    guint max)
{
  PtRecordList *self;

  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);
  g_return_val_if_fail (key != NULL && same != NULL, NULL);
  g_return_val_if_fail (max > 0, NULL);
  self = g_object_new (PT_TYPE_RECORD_LIST, NULL);
  self->type = type;
  self->key = key;
  self->same = same;
  self->newest_first = newest_first;
  self->max = max;
  return self;
}
