/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-list.h"

#include <string.h>

#include "pt-gzip.h"

#define OWN_FULL (48 * 1024) /* bytes: a row more, and it is below 64 KiB */

/* The texts of a piece. */
enum
{
  TEXT_ROWS,
  TEXT_FEATURES,       /* a comma before each */
  TEXT_FIRST_FEATURES, /* none before the first */
  TEXT_COLUMNS
};

typedef struct
{
  const PtApiSites *api;
  PtSiteSnapshot *sites;
  PtSiteListForm form;
  gboolean is_packed;
  gboolean has_some; /* a site is written */
  PtJsonText *own;   /* what only this list has, as far as it is not in @out yet; or NULL */
  GPtrArray *out;
  PtGzipSum sum;
} List;

static void
write_columns (PtJsonText *json, const PtApiSites *api, const GArray *sites)
{
  if (sites->len == 0)
    return;
  pt_api_write_site_columns (json, api, (const PtSite *) (gpointer) sites->data, sites->len);
  pt_json_text_end_line (json);
}

static void
write_site (PtJsonText *json, const PtApiSites *api, PtSiteListForm form, const PtSite *site)
{
  if (form == PT_SITE_LIST_FEATURES)
    {
      pt_api_write_site_feature (json, api, site);
      return;
    }
  pt_api_write_site_row (json, api, site);
  pt_json_text_end_line (json);
}

/* Joining */

static void
list_append (List *list, const PtSiteText *text)
{
  if (g_bytes_get_size (text->plain) == 0)
    return;
  g_ptr_array_add (list->out, g_bytes_ref (list->is_packed ? text->packed : text->plain));
  if (list->is_packed)
    pt_gzip_sum_add (&list->sum, text->check, g_bytes_get_size (text->plain));
}

/* Takes @plain. */
static void
list_append_own (List *list, GBytes *plain)
{
  g_auto (PtSiteText) text = { .plain = plain };

  if (list->is_packed)
    text.packed = pt_gzip_part (plain, &text.check);
  list_append (list, &text);
}

static void
list_flush (List *list)
{
  if (list->own == NULL)
    return;
  list_append_own (
      list, g_string_free_to_bytes (pt_json_text_free_to_string (g_steal_pointer (&list->own))));
}

/* Pieces */

/* A PtSiteTextFunc. */
static void
make_text (PtSiteText *text, const PtSitePiece *piece, gpointer user_data)
{
  const List *list = user_data;

  if (text->plain == NULL)
    {
      PtJsonText *json = pt_json_text_new ();

      json->is_next = list->has_some && list->form == PT_SITE_LIST_FEATURES;
      if (list->form == PT_SITE_LIST_COLUMNS)
        write_columns (json, list->api, piece->sites);
      for (guint i = 0; list->form != PT_SITE_LIST_COLUMNS && i < piece->sites->len; i++)
        write_site (json, list->api, list->form, &g_array_index (piece->sites, PtSite, i));
      text->plain = g_string_free_to_bytes (pt_json_text_free_to_string (json));
    }
  if (list->is_packed && text->packed == NULL)
    text->packed = pt_gzip_part (text->plain, &text->check);
}

static guint
list_text_number (const List *list)
{
  switch (list->form)
    {
    case PT_SITE_LIST_ROWS:
      return TEXT_ROWS;
    case PT_SITE_LIST_COLUMNS:
      return TEXT_COLUMNS;
    case PT_SITE_LIST_FEATURES:
      break;
    }
  return list->has_some ? TEXT_FEATURES : TEXT_FIRST_FEATURES;
}

static void
list_add_whole (List *list, guint number)
{
  g_auto (PtSiteText) text = { 0 };

  list_flush (list);
  text = pt_site_snapshot_text (list->sites, number, list_text_number (list), make_text, list);
  list_append (list, &text);
  list->has_some = TRUE;
}

static void
list_add_site (List *list, const PtSite *site)
{
  if (list->own == NULL)
    {
      list->own = pt_json_text_new ();
      list->own->is_next = list->has_some && list->form == PT_SITE_LIST_FEATURES;
    }
  write_site (list->own, list->api, list->form, site);
  list->has_some = TRUE;
  if (list->own->text->len >= OWN_FULL)
    list_flush (list);
}

static void
list_add_columns (List *list, const GArray *sites)
{
  list->own = pt_json_text_new ();
  write_columns (list->own, list->api, sites);
  list_flush (list);
}

static void
list_add_some (List *list, const GArray *sites)
{
  if (list->form == PT_SITE_LIST_COLUMNS)
    {
      list_add_columns (list, sites);
      return;
    }
  for (guint i = 0; i < sites->len; i++)
    list_add_site (list, &g_array_index (sites, PtSite, i));
}

static void
list_add_piece (List *list, guint number, PtSiteFilterFunc holds, gconstpointer filter)
{
  const PtSitePiece *piece = g_ptr_array_index (list->sites->pieces, number);
  g_autoptr (GArray) held = g_array_new (FALSE, FALSE, sizeof (PtSite));

  for (guint i = 0; holds != NULL && i < piece->sites->len; i++)
    {
      const PtSite *site = &g_array_index (piece->sites, PtSite, i);

      if (holds (site, filter))
        g_array_append_vals (held, site, 1);
    }
  if (piece->sites->len > 0 && (holds == NULL || held->len == piece->sites->len))
    list_add_whole (list, number);
  else
    list_add_some (list, held);
}

static GPtrArray *
list_make (const PtApiSites *api, PtSiteSnapshot *sites, PtSiteListForm form,
           PtSiteFilterFunc holds, gconstpointer filter, gboolean is_packed)
{
  static const char head[] = "{\"type\":\"FeatureCollection\",\"features\":[", tail[] = "]}\n";
  List list = { api, sites, form, is_packed };

  list.out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (is_packed)
    g_ptr_array_add (list.out, pt_gzip_head ());
  if (form == PT_SITE_LIST_FEATURES)
    list_append_own (&list, g_bytes_new_static (head, sizeof head - 1));
  for (guint i = 0; i < sites->pieces->len; i++)
    list_add_piece (&list, i, holds, filter);
  list_flush (&list);
  if (form == PT_SITE_LIST_FEATURES)
    list_append_own (&list, g_bytes_new_static (tail, sizeof tail - 1));
  if (is_packed)
    g_ptr_array_add (list.out, pt_gzip_tail (&list.sum));
  return list.out;
}

/* A PtSiteListFunc. */
static GPtrArray *
make_whole (PtSiteSnapshot *sites, guint number, gpointer user_data)
{
  return list_make (user_data, sites, (PtSiteListForm) (number / 2), NULL, NULL, number % 2 == 1);
}

GPtrArray *
pt_site_list_make (const PtApiSites *api, PtSiteSnapshot *sites, PtSiteListForm form,
                   PtSiteFilterFunc holds, gconstpointer filter, gboolean is_packed)
{
  g_return_val_if_fail (api != NULL && sites != NULL, NULL);

  if (holds != NULL)
    return list_make (api, sites, form, holds, filter, is_packed);
  return pt_site_snapshot_list (sites, (guint) form * 2 + (is_packed ? 1 : 0), make_whole,
                                (gpointer) api);
}
