/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-search.h"

#include <string.h>

#include "pt-text-search.h"

/* How well a name answers: 3 the very one, 2 it begins so, 1 it has it somewhere, 0 not at all. */
static guint
name_rank (const char *name, const char *words)
{
  gsize size = strlen (words);

  if (!pt_text_search_holds (name, words))
    return 0;
  /* Of whole names a rough measure does: accents don't change how many letters there are. */
  if (g_utf8_strlen (name, -1) == g_utf8_strlen (words, -1))
    return 3;
  return g_ascii_strncasecmp (name, words, size) == 0 ? 2 : 1;
}

static void
found_free (gpointer data)
{
  PtFound *found = data;

  g_free (found->name);
  g_free (found);
}

static void
group_add (GHashTable *groups, PtFoundKind kind, const PtSiteRow *row, guint number)
{
  const char *name = kind == PT_FOUND_AREA ? row->area : row->place;
  PtFound *group = name != NULL ? g_hash_table_lookup (groups, name) : NULL;

  if (name == NULL)
    return;
  if (group == NULL)
    {
      group = g_new0 (PtFound, 1);
      group->kind = kind;
      group->name = g_strdup (name);
      group->number = number;
      g_hash_table_insert (groups, group->name, group);
    }
  group->sites++;
  group->off += row->state == PT_SITE_OFF;
}

static guint
site_rank (const PtSiteRow *row, const char *words)
{
  guint by_id = name_rank (row->site, words);

  return by_id > 0 ? 3 + by_id : name_rank (row->place, words);
}

static int
compare_groups (gconstpointer a, gconstpointer b, gpointer data)
{
  const PtFound *one = *(PtFound *const *) a, *other = *(PtFound *const *) b;
  const char *words = data;
  guint rank = name_rank (one->name, words), other_rank = name_rank (other->name, words);

  if (rank != other_rank)
    return rank > other_rank ? -1 : 1;
  if (one->sites != other->sites)
    return one->sites > other->sites ? -1 : 1;
  return strcmp (one->name, other->name);
}

/* Those of the name, in order, at most so many. */
static void
take_groups (GHashTable *groups, const char *words, GPtrArray *out)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer group;

  g_hash_table_iter_init (&iter, groups);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    if (name_rank (((PtFound *) group)->name, words) > 0)
      g_ptr_array_add (kept, group);
  g_ptr_array_sort_with_data (kept, compare_groups, (gpointer) words);
  for (guint i = 0; i < MIN (kept->len, PT_FOUND_GROUPS_MAX); i++)
    {
      PtFound *found = g_memdup2 (kept->pdata[i], sizeof (PtFound));

      found->name = g_strdup (found->name);
      g_ptr_array_add (out, found);
    }
}

/* Which of two is better, by what is known of both. */
static gboolean
is_better (const PtSiteRow *row, guint rank, const PtSiteRow *other, guint other_rank)
{
  gboolean off = row->state == PT_SITE_OFF, other_off = other->state == PT_SITE_OFF;

  if (rank != other_rank)
    return rank > other_rank;
  if (off != other_off)
    return off;
  if (row->customers != other->customers)
    return row->customers > other->customers;
  return strcmp (row->site, other->site) < 0;
}

static void
take_sites (PtSiteStore *sites, const char *area, const char *words, GPtrArray *out)
{
  const PtSiteRow *rows = pt_site_store_rows (sites);
  guint best[PT_FOUND_SITES_MAX], ranks[PT_FOUND_SITES_MAX], count = 0;

  for (guint i = 0; i < pt_site_store_size (sites); i++)
    {
      guint rank
          = area == NULL || strcmp (rows[i].area, area) == 0 ? site_rank (&rows[i], words) : 0;
      guint at = count;

      if (rank == 0)
        continue;
      while (at > 0 && is_better (&rows[i], rank, &rows[best[at - 1]], ranks[at - 1]))
        at--;
      if (at == PT_FOUND_SITES_MAX)
        continue;
      count = MIN (count + 1, PT_FOUND_SITES_MAX);
      memmove (&best[at + 1], &best[at], (count - at - 1) * sizeof best[0]);
      memmove (&ranks[at + 1], &ranks[at], (count - at - 1) * sizeof ranks[0]);
      best[at] = i;
      ranks[at] = rank;
    }
  for (guint i = 0; i < count; i++)
    {
      PtFound *found = g_new0 (PtFound, 1);

      found->kind = PT_FOUND_SITE;
      found->name = g_strdup (rows[best[i]].site);
      found->sites = 1;
      found->off = rows[best[i]].state == PT_SITE_OFF;
      found->number = best[i];
      g_ptr_array_add (out, found);
    }
}

GPtrArray *
pt_site_search (PtSiteStore *sites, const char *area, const char *words)
{
  GPtrArray *out = g_ptr_array_new_with_free_func (found_free);
  g_autoptr (GHashTable) areas = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, found_free);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, found_free);
  const PtSiteRow *rows;

  g_return_val_if_fail (PT_IS_SITE_STORE (sites) && words != NULL, out);
  if (words[0] == '\0')
    return out;
  rows = pt_site_store_rows (sites);
  for (guint i = 0; i < pt_site_store_size (sites); i++)
    {
      group_add (areas, PT_FOUND_AREA, &rows[i], i);
      if (area == NULL || strcmp (rows[i].area, area) == 0)
        group_add (places, PT_FOUND_PLACE, &rows[i], i);
    }
  take_groups (areas, words, out);
  take_groups (places, words, out);
  take_sites (sites, area, words, out);
  return out;
}

gboolean
pt_site_search_holds (const PtSiteRow *row, const char *words)
{
  g_return_val_if_fail (row != NULL && words != NULL, FALSE);
  return strcasestr (row->site, words) != NULL || strcasestr (row->area, words) != NULL
         || pt_text_search_holds (row->place, words) || pt_text_search_holds (row->feeder, words);
}
