/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-link-private.h"

#define MIB (1024 * 1024)
#define PAGE "10000"

static const PtFetchLimits sites_limits = { "application/x-ndjson", 120, (gsize) 1024 * MIB };
static const PtFetchLimits page_limits = { "application/json", 30, 32 * MIB };

/* TRUE: that connection was given up, and whoever gave it up has done the rest. */
static gboolean
load_failed (PtLink *self, const GError *error)
{
  if (error == NULL)
    return FALSE;
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->lost (self, error);
  return TRUE;
}

static void
load_get (PtLink *self, const char *path, PtFetchConvert convert, GAsyncReadyCallback callback)
{
  g_autofree char *address = pt_link_address (self, path);

  pt_fetch_json_async (self->session, address, &page_limits, convert, NULL, pt_page_free,
                       self->attempt, callback, g_object_ref (self));
}

/* Last: areas */

static void
areas_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) self = user_data;
  g_autoptr (GError) error = NULL;
  PtPage *page = pt_fetch_json_finish (result, &error);

  if (load_failed (self, error))
    return;
  pt_record_list_replace (self->areas, page->records);
  pt_page_free (page);
  if (!self->applying)
    self->loaded (self);
}

void
pt_link_load_areas (PtLink *self)
{
  load_get (self, "/areas", pt_read_areas, areas_cb);
}

/* Batches */

static void
batches_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) self = user_data;
  g_autoptr (GError) error = NULL;
  PtPage *page = pt_fetch_json_finish (result, &error);

  if (load_failed (self, error))
    return;
  pt_link_heard (self);
  pt_record_list_replace (self->batches, page->records);
  pt_page_free (page);
  pt_link_load_areas (self);
}

/* Outages, page by page */

static void outages_page (PtLink *self, const char *path);

static void
outages_done (PtLink *self)
{
  pt_record_list_replace (self->outages, self->page_records);
  g_clear_pointer (&self->page_records, g_ptr_array_unref);
  load_get (self, "/batches?limit=1000", pt_read_batches, batches_cb);
}

static void
outages_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) self = user_data;
  g_autoptr (GError) error = NULL;
  PtPage *page = pt_fetch_json_finish (result, &error);

  if (load_failed (self, error))
    return;
  pt_link_heard (self);
  g_ptr_array_extend_and_steal (self->page_records, g_steal_pointer (&page->records));
  page->records = g_ptr_array_new ();
  self->pages++;
  if (page->next == NULL || self->page_records->len >= PT_LINK_OUTAGES_MAX
      || self->pages > PT_LINK_OUTAGES_MAX / 1000)
    outages_done (self);
  else if (!g_str_has_prefix (page->next, "/api/v1/outages?"))
    {
      error = g_error_new_literal (PT_ERROR, PT_ERROR_UNSUPPORTED,
                                   _ ("Its list of outages goes on at a place of another kind."));
      self->lost (self, error);
    }
  else
    outages_page (self, page->next + strlen ("/api/v1"));
  pt_page_free (page);
}

static void
outages_page (PtLink *self, const char *path)
{
  load_get (self, path, pt_read_outages, outages_cb);
}

static void
outages_load (PtLink *self)
{
  self->pages = 0;
  self->page_records = g_ptr_array_new_with_free_func (g_object_unref);
  outages_page (self, "/outages?open=true&limit=" PAGE);
}

/* First: sites */

static gboolean
sites_line (const char *line, gsize size, gpointer data, GError **error)
{
  PtLink *self = data;
  PtSiteText site;
  guint number;

  if (!pt_site_row_parse (pt_span (line, size), &site, error))
    return FALSE;
  number = pt_site_store_put (self->sites, &site.row);
  if (number == PT_SITE_NONE)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                           _ ("It has more sites than this console can show."));
      return FALSE;
    }
  if (self->seen != NULL && number < self->seen->len)
    self->seen->data[number] = 1;
  return TRUE;
}

static void sites_load (PtLink *self, gboolean anew);

static gboolean
some_are_gone (PtLink *self)
{
  return self->seen != NULL && self->seen->len > 0
         && memchr (self->seen->data, 0, self->seen->len) != NULL;
}

static void
sites_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean gone;

  pt_fetch_lines_finish (result, &error);
  if (load_failed (self, error))
    return;
  pt_link_heard (self);
  gone = some_are_gone (self);
  g_clear_pointer (&self->seen, g_byte_array_unref);
  if (gone)
    {
      /* Another daemon's sites, or one that lost some: numbers cannot stay. */
      sites_load (self, TRUE);
      return;
    }
  pt_site_store_end_load (self->sites);
  outages_load (self);
}

/* @anew: whatever is there goes first. Else sites keep their numbers. */
static void
sites_load (PtLink *self, gboolean anew)
{
  g_autofree char *address = pt_link_address (self, "/sites?format=ndjson");

  if (anew)
    {
      if (pt_site_store_size (self->sites) > 0)
        pt_site_store_clear (self->sites);
      pt_site_store_begin_load (self->sites);
    }
  else
    {
      self->seen = g_byte_array_new ();
      g_byte_array_set_size (self->seen, pt_site_store_size (self->sites));
      if (self->seen->len > 0)
        memset (self->seen->data, 0, self->seen->len);
    }
  pt_fetch_lines_async (self->session, address, &sites_limits, sites_line, self, self->attempt,
                        sites_cb, g_object_ref (self));
}

void
pt_link_load (PtLink *self)
{
  sites_load (self, !self->ever_live || pt_site_store_size (self->sites) == 0);
}

void
pt_link_load_clear (PtLink *self)
{
  g_clear_pointer (&self->seen, g_byte_array_unref);
  g_clear_pointer (&self->page_records, g_ptr_array_unref);
  pt_site_store_end_load (self->sites);
}
