/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-list.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-fetch.h"
#include "pt-json-bounds.h"
#include "pt-read.h"

#define MIB (1024 * 1024)
#define EVENT_MAX 65536 /* bytes */
#define JSON_DEPTH 16
#define BASE "/api/v1" /* as `next` says it */
#define PAGES_MIN 10
#define PAGE_MIN 100 /* records that a page beyond those has at least, on average */

static const PtFetchLimits page_limits = { "application/json", 30, 32 * MIB };

struct _PtFeedList
{
  PtFeed parent_instance;
  const PtListSpec *spec;
  PtRecordList *records;
  gboolean is_offered;
};

G_DEFINE_FINAL_TYPE (PtFeedList, pt_feed_list, PT_TYPE_FEED)

/* Pages */

void
pt_list_page_free (PtListPage *page)
{
  if (page == NULL)
    return;
  g_ptr_array_unref (page->records);
  g_free (page->next);
  g_free (page);
}

gpointer
pt_list_page_read (JsonNode *root, gconstpointer data, GError **error)
{
  const PtListSpec *spec = data;
  g_autoptr (PtListPage) page = g_new0 (PtListPage, 1);
  g_autoptr (GError) local = NULL;
  JsonObject *object;
  JsonArray *array;
  guint count;

  g_return_val_if_fail (root != NULL && data != NULL, NULL);
  object = pt_read_as_object (root, spec->name, &local);
  array = object != NULL ? pt_read_array (object, spec->name, PT_READ_NEEDED, &local) : NULL;
  count = array != NULL ? json_array_get_length (array) : 0;
  page->records = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < count && local == NULL; i++)
    {
      gpointer record = spec->read (json_array_get_element (array, i), &local);

      if (record != NULL)
        g_ptr_array_add (page->records, record);
    }
  if (local == NULL)
    page->next = g_strdup (pt_read_text (object, "next", PT_READ_OPTIONAL, &local));
  if (local == NULL)
    return g_steal_pointer (&page);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Loading */

typedef struct
{
  SoupSession *session;
  char *base;
  GPtrArray *records;
  guint pages;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_object_unref (load->session);
  g_free (load->base);
  g_ptr_array_unref (load->records);
  g_free (load);
}

static void list_load_page (GTask *task, const char *path);

/* The path of the page after @page, in it; NULL: that was the last one, or, with an error, the
 * daemon names a place that is no page of this list. */
static const char *
list_next_path (PtFeedList *list, const Load *load, const PtListPage *page, GError **error)
{
  gsize size = strcspn (list->spec->path, "?");
  const char *path;

  if (page->next == NULL || load->records->len >= list->spec->maximum
      || load->pages > PAGES_MIN + list->spec->maximum / PAGE_MIN)
    return NULL;
  path = g_str_has_prefix (page->next, BASE) ? page->next + strlen (BASE) : "";
  if (strncmp (path, list->spec->path, size) == 0 && path[size] == '?')
    return path;
  g_set_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
               _ ("Its list “%s” goes on at a place of another kind."), list->spec->name);
  return NULL;
}

static void
list_page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PtFeedList *list = g_task_get_source_object (task);
  Load *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtListPage) page = pt_fetch_json_finish (result, &error);
  const char *next = NULL;

  if (page != NULL)
    {
      for (guint i = 0; i < page->records->len; i++)
        g_ptr_array_add (load->records, g_object_ref (g_ptr_array_index (page->records, i)));
      load->pages++;
      next = list_next_path (list, load, page, &error);
    }
  if (list->spec->is_optional && load->pages == 0
      && g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND))
    {
      list->is_offered = FALSE;
      pt_record_list_replace (list->records, load->records);
      g_task_return_boolean (task, TRUE);
    }
  else if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (next != NULL)
    list_load_page (g_steal_pointer (&task), next);
  else
    {
      list->is_offered = TRUE;
      pt_record_list_replace (list->records, load->records);
      g_task_return_boolean (task, TRUE);
    }
}

/* Takes @task. */
static void
list_load_page (GTask *task, const char *path)
{
  PtFeedList *list = g_task_get_source_object (task);
  Load *load = g_task_get_task_data (task);
  g_autofree char *address = g_strconcat (load->base, path, NULL);

  pt_fetch_json_async (load->session, address, &page_limits, pt_list_page_read, list->spec,
                       (GDestroyNotify) pt_list_page_free, g_task_get_cancellable (task),
                       list_page_cb, task);
}

static void
list_load (PtFeed *feed, SoupSession *session, const char *base, GTask *task)
{
  Load *load = g_new0 (Load, 1);

  load->session = g_object_ref (session);
  load->base = g_strdup (base);
  load->records = g_ptr_array_new_with_free_func (g_object_unref);
  g_task_set_task_data (task, load, load_free);
  list_load_page (task, PT_FEED_LIST (feed)->spec->path);
}

/* Events */

static const PtListEvent *
find_event (const PtListSpec *spec, const char *type)
{
  for (guint i = 0; i < PT_LIST_EVENTS && spec->events[i].type != NULL; i++)
    if (strcmp (spec->events[i].type, type) == 0)
      return &spec->events[i];
  return NULL;
}

static gsize
list_event_max (PtFeed *feed, const char *type)
{
  return find_event (PT_FEED_LIST (feed)->spec, type) != NULL ? EVENT_MAX : 0;
}

static gboolean
list_apply (PtFeed *feed, const char *type, GBytes *data, gboolean *more, GError **error)
{
  const PtListEvent *event = find_event (PT_FEED_LIST (feed)->spec, type);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GObject) record = NULL;
  gsize size;
  const char *text = g_bytes_get_data (data, &size);

  g_assert (event != NULL);
  if (!pt_json_is_shallow (text, size, JSON_DEPTH)
      || !json_parser_load_from_data (parser, text, (gssize) size, NULL)
      || json_parser_get_root (parser) == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                   _ ("It sent an event “%s” that is not JSON."), type);
      return FALSE;
    }
  record = event->read (json_parser_get_root (parser), error);
  if (record == NULL)
    return FALSE;
  event->apply (PT_FEED_LIST (feed), record);
  return TRUE;
}

static void
list_flush (PtFeed *feed)
{
  pt_record_list_flush (PT_FEED_LIST (feed)->records);
}

static gboolean
list_is_behind (PtFeed *feed, const PtDaemonStatus *status)
{
  PtFeedList *list = PT_FEED_LIST (feed);

  return list->spec->counted != NULL
         && list->spec->counted (status) != g_list_model_get_n_items (G_LIST_MODEL (list->records));
}

/* The object */

const PtListSpec *
pt_feed_list_spec (PtFeedList *list)
{
  g_return_val_if_fail (PT_IS_FEED_LIST (list), NULL);
  return list->spec;
}

gboolean
pt_feed_list_is_offered (PtFeedList *list)
{
  g_return_val_if_fail (PT_IS_FEED_LIST (list), FALSE);
  return list->is_offered;
}

PtRecordList *
pt_feed_list_records (PtFeedList *list)
{
  g_return_val_if_fail (PT_IS_FEED_LIST (list), NULL);
  return list->records;
}

static void
pt_feed_list_finalize (GObject *object)
{
  g_object_unref (PT_FEED_LIST (object)->records);
  G_OBJECT_CLASS (pt_feed_list_parent_class)->finalize (object);
}

static void
pt_feed_list_class_init (PtFeedListClass *class)
{
  PtFeedClass *feed_class = PT_FEED_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = pt_feed_list_finalize;
  feed_class->load = list_load;
  feed_class->event_max = list_event_max;
  feed_class->apply = list_apply;
  feed_class->flush = list_flush;
  feed_class->is_behind = list_is_behind;
}

static void
pt_feed_list_init (PtFeedList *list)
{
}

PtFeedList *
pt_feed_list_new (const PtListSpec *spec)
{
  PtFeedList *list;

  g_return_val_if_fail (spec != NULL, NULL);
  list = g_object_new (PT_TYPE_FEED_LIST, NULL);
  list->spec = spec;
  list->records = pt_record_list_new (spec->type (), spec->key, spec->same, spec->newest_first,
                                      spec->maximum);
  return list;
}
