/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-keep-said.h"

#include <string.h>

#define PART 256 /* written together */

/* What is to be written; what it points to is the part's own. */
typedef struct
{
  GArray *laters;   /* PtSaidLater */
  GArray *privates; /* PtPrivateRow */
} Part;

static void
later_clear (gpointer data)
{
  PtSaidLater *later = data;

  g_free ((char *) later->name);
  g_clear_pointer (&later->receipt, g_bytes_unref);
}

static void
private_clear (gpointer data)
{
  pt_private_row_clear (data);
}

static void
part_init (Part *part)
{
  part->laters = g_array_new (FALSE, TRUE, sizeof (PtSaidLater));
  g_array_set_clear_func (part->laters, later_clear);
  part->privates = g_array_new (FALSE, TRUE, sizeof (PtPrivateRow));
  g_array_set_clear_func (part->privates, private_clear);
}

static void
part_clear (Part *part)
{
  g_array_unref (part->laters);
  g_array_unref (part->privates);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Part, part_clear)

static gboolean
write_part (Part *part, PtStore *to, guint least, GError **error)
{
  PtGroup group = { .laters = (PtSaidLater *) (gpointer) part->laters->data,
                    .later_count = part->laters->len,
                    .privates = (PtPrivateRow *) (gpointer) part->privates->data,
                    .private_count = part->privates->len };

  if (part->laters->len + part->privates->len <= least)
    return TRUE;
  if (!pt_store_commit (to, &group, error))
    return FALSE;
  g_array_set_size (part->laters, 0);
  g_array_set_size (part->privates, 0);
  return TRUE;
}

/* A PtSaidRowFunc. */
static gboolean
collect (const PtSaidRow *row, gpointer user_data, GError **error)
{
  PtSaidRow kept = *row;

  kept.name = g_strdup (row->name);
  kept.receipt = row->receipt != NULL ? g_bytes_ref (row->receipt) : NULL;
  kept.body = NULL;
  g_array_append_val ((GArray *) user_data, kept);
  return TRUE;
}

static void
collected_clear (gpointer data)
{
  PtSaidRow *row = data;

  g_free ((char *) row->name);
  g_clear_pointer (&row->receipt, g_bytes_unref);
}

typedef struct
{
  const PtSaidRow *row;
  gboolean same;
} Search;

static gboolean
compare_leaf (const PtSaidRow *row, gpointer user_data, GError **error)
{
  Search *search = user_data;

  search->same
      = row->n == search->row->n && memcmp (&row->leaf, &search->row->leaf, sizeof row->leaf) == 0;
  return FALSE;
}

typedef struct
{
  gint64 n;
  PtPrivateRow found; /* its own */
  gboolean is_found;
} PrivateSearch;

static gboolean
find_private (const PtPrivateRow *row, gpointer user_data, GError **error)
{
  PrivateSearch *search = user_data;

  search->is_found = row->n == search->n;
  if (search->is_found)
    pt_private_row_copy (row, &search->found);
  return FALSE;
}

gboolean
pt_keep_said_private (PtStore *from, const PtSaidRow *row, GArray *privates, GError **error)
{
  PrivateSearch search = { .n = row->n };

  g_return_val_if_fail (from != NULL && row != NULL && privates != NULL, FALSE);

  if (!pt_store_privates (from, row->area, row->name, row->n, find_private, &search, error))
    return FALSE;
  if (!search.is_found)
    return TRUE;
  g_array_append_val (privates, search.found);
  for (guint i = 0; i < search.found.photo_count; i++)
    {
      PtPrivateRow *own = &g_array_index (privates, PtPrivateRow, privates->len - 1);
      PtPhoto photo;

      if (!pt_store_photo (from, row->area, row->name, &own->photos[i].sent, &photo, NULL, error))
        return FALSE;
      own->photos[i].bytes = photo.bytes != NULL ? photo.bytes : g_bytes_new (NULL, 0);
    }
  return TRUE;
}

static gboolean
keep (PtStore *from, PtStore *to, const PtSaidRow *row, Part *part, GError **error)
{
  Search search = { .row = row };
  PtSaidLater later = { row->area, row->kind, NULL, row->n, PT_AFTERMATH_NONE, NULL };

  if (!pt_store_scan_chain (to, row->area, row->kind, row->name, row->n, 1, compare_leaf, &search,
                            error))
    return FALSE;
  if (!search.same)
    return TRUE;
  if (row->receipt != NULL)
    {
      later.name = g_strdup (row->name);
      later.receipt = g_bytes_ref (row->receipt);
      g_array_append_val (part->laters, later);
    }
  return row->kind != PT_SAID_ACTION || pt_keep_said_private (from, row, part->privates, error);
}

gboolean
pt_keep_said (PtStore *from, PtStore *to, guint32 area, guint *count, GError **error)
{
  g_autoptr (GArray) rows = NULL;
  g_auto (Part) part = { NULL };

  g_return_val_if_fail (from != NULL && to != NULL && count != NULL, FALSE);

  *count = 0;
  part_init (&part);
  rows = g_array_new (FALSE, FALSE, sizeof (PtSaidRow));
  g_array_set_clear_func (rows, collected_clear);
  if (!pt_store_scan_said (from, area, 0, collect, rows, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      guint before = part.privates->len;

      if (!keep (from, to, &g_array_index (rows, PtSaidRow, i), &part, error))
        return FALSE;
      *count += part.privates->len - before;
      if (!write_part (&part, to, PART, error))
        return FALSE;
    }
  return write_part (&part, to, 0, error);
}
