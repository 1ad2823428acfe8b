/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>

#include "pt-bundle.h"
#include "pt-error.h"
#include "pt-feed-outages.h"
#include "pt-link-private.h"

#define MIB (1024 * 1024)
#define DAYS_7_MS (7 * G_GINT64_CONSTANT (86400000))
#define FILE_MAX (256 * MIB)

static const PtFetchLimits answer_limits = { "application/json", 20, 4 * MIB };
static const PtFetchLimits feature_limits = { "application/geo+json", 20, 4 * MIB };
static const PtFetchLimits proof_limits = { "application/json", 30, PT_BUNDLE_MAX };
static const PtFetchLimits file_limits = { NULL, 300, FILE_MAX };

static gboolean
check_url (PtLink *link, GTask *task)
{
  if (link->url != NULL)
    return TRUE;
  g_task_return_new_error (task, PT_ERROR, PT_ERROR_RETRY, _ ("No daemon has been found yet."));
  return FALSE;
}

/* Site, then reports, then outages */

typedef struct
{
  char *area, *site; /* escaped for an address */
  gint64 from;       /* of its outages, ms */
  PtSiteDetail *detail;
} SiteLoad;

static void
site_load_free (gpointer data)
{
  SiteLoad *load = data;

  g_free (load->area);
  g_free (load->site);
  pt_site_detail_free (load->detail);
  g_free (load);
}

static void
site_outages_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SiteLoad *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtListPage) page = pt_fetch_json_finish (result, &error);

  if (page == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  load->detail->outages_from = load->from;
  load->detail->outages_to = G_MAXINT64;
  if (page->next != NULL && page->records->len > 0)
    load->detail->outages_to
        = ((PtOutage *) g_ptr_array_index (page->records, page->records->len - 1))->start;
  /* They come by start, oldest first. */
  for (guint i = page->records->len; i > 0; i--)
    g_ptr_array_add (load->detail->outages,
                     g_object_ref (g_ptr_array_index (page->records, i - 1)));
  g_task_return_pointer (task, g_steal_pointer (&load->detail),
                         (GDestroyNotify) pt_site_detail_free);
}

static void
site_load_outages (GTask *task)
{
  PtLink *link = g_task_get_source_object (task);
  SiteLoad *load = g_task_get_task_data (task);
  g_autofree char *path = NULL, *address = NULL;

  load->from = MAX (MIN (load->from, pt_link_now (link) - DAYS_7_MS), 0);
  path = g_strdup_printf ("/outages?area=%s&site=%s&from=%" G_GINT64_FORMAT "&limit=1000",
                          load->area, load->site, load->from);
  address = pt_link_address (link, path);
  pt_fetch_json_async (link->session, address, &answer_limits, pt_list_page_read, &pt_list_outages,
                       (GDestroyNotify) pt_list_page_free, g_task_get_cancellable (task),
                       site_outages_cb, task);
}

static void
site_reports_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SiteLoad *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GPtrArray *reports = pt_fetch_json_finish (result, &error);

  if (reports != NULL)
    {
      g_ptr_array_unref (load->detail->reports);
      load->detail->reports = reports;
    }
  else if (!g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  /* An older daemon has no such list: the last report of each device stays. */
  site_load_outages (g_steal_pointer (&task));
}

static void
site_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PtLink *link = g_task_get_source_object (task);
  SiteLoad *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL, *address = NULL;
  GCancellable *cancellable;

  load->detail = pt_fetch_json_finish (result, &error);
  if (load->detail == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  path = g_strdup_printf ("/sites/%s/reports?area=%s&limit=10", load->site, load->area);
  address = pt_link_address (link, path);
  cancellable = g_task_get_cancellable (task);
  pt_fetch_json_async (link->session, address, &answer_limits, pt_site_detail_read_reports, NULL,
                       (GDestroyNotify) g_ptr_array_unref, cancellable, site_reports_cb,
                       g_steal_pointer (&task));
}

void
pt_link_load_site_async (PtLink *link, const char *area, const char *site, gint64 from,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *path = NULL, *address = NULL;
  SiteLoad *load;

  g_return_if_fail (PT_IS_LINK (link));
  g_return_if_fail (area != NULL && site != NULL);
  task = g_task_new (link, cancellable, callback, user_data);
  if (!check_url (link, task))
    return;
  load = g_new0 (SiteLoad, 1);
  load->area = g_uri_escape_string (area, NULL, FALSE);
  load->site = g_uri_escape_string (site, NULL, FALSE);
  load->from = from;
  g_task_set_task_data (task, load, site_load_free);
  path = g_strdup_printf ("/sites/%s?area=%s", load->site, load->area);
  address = pt_link_address (link, path);
  pt_fetch_json_async (link->session, address, &feature_limits, pt_site_detail_read, NULL,
                       (GDestroyNotify) pt_site_detail_free, cancellable, site_cb,
                       g_steal_pointer (&task));
}

PtSiteDetail *
pt_link_load_site_finish (PtLink *link, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, link), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Whatever is sent */

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  PtFetchReply *reply = pt_fetch_send_finish (result, &error);

  if (reply == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, reply, (GDestroyNotify) pt_fetch_reply_free);
}

void
pt_link_send_async (PtLink *link, const char *path, const PtFetchRequest *request, gsize max_bytes,
                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  const PtFetchLimits limits = { NULL, 30, max_bytes };
  g_autoptr (GTask) task = NULL;
  g_autofree char *address = NULL;

  g_return_if_fail (PT_IS_LINK (link));
  g_return_if_fail (path != NULL && request != NULL);
  task = g_task_new (link, cancellable, callback, user_data);
  if (!check_url (link, task))
    return;
  address = pt_link_address (link, path);
  pt_fetch_send_async (link->session, address, request, &limits, cancellable, sent_cb,
                       g_steal_pointer (&task));
}

PtFetchReply *
pt_link_send_finish (PtLink *link, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, link), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Bytes as they are */

static void
bytes_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GBytes *bytes = pt_fetch_bytes_finish (result, &error);

  if (bytes == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
}

void
pt_link_load_proof_async (PtLink *link, const char *area, const char *device, gint64 seq,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *path = NULL, *address = NULL, *area_text = NULL, *device_text = NULL;

  g_return_if_fail (PT_IS_LINK (link));
  g_return_if_fail (area != NULL && device != NULL);
  task = g_task_new (link, cancellable, callback, user_data);
  if (!check_url (link, task))
    return;
  area_text = g_uri_escape_string (area, NULL, FALSE);
  device_text = g_uri_escape_string (device, NULL, FALSE);
  path = g_strdup_printf ("/proof?area=%s&device=%s&seq=%" G_GINT64_FORMAT, area_text, device_text,
                          seq);
  address = pt_link_address (link, path);
  pt_fetch_bytes_async (link->session, address, &proof_limits, cancellable, bytes_cb,
                        g_steal_pointer (&task));
}

void
pt_link_load_file_async (PtLink *link, const char *cid, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *cid_text = NULL, *address = NULL;

  g_return_if_fail (PT_IS_LINK (link));
  g_return_if_fail (cid != NULL);
  task = g_task_new (link, cancellable, callback, user_data);
  if (!check_url (link, task))
    return;
  cid_text = g_uri_escape_string (cid, NULL, FALSE);
  address = g_strconcat (link->url, "/ipfs/", cid_text, NULL);
  pt_fetch_bytes_async (link->session, address, &file_limits, cancellable, bytes_cb,
                        g_steal_pointer (&task));
}

GBytes *
pt_link_load_bytes_finish (PtLink *link, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, link), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
