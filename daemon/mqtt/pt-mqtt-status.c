/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-status.h"

#include <string.h>

#include "pt-json.h"

#define UNCONFIRMED_MAX 64
#define PATIENCE_MS 60000
#define TEXT_MAX 1024

typedef struct
{
  int number;
  char *topic, *text;
} Told;

struct _PtMqttStatus
{
  PtLive *live;
  PtNews *news;
  void (*waits) (gpointer data);
  gpointer data;
  GQueue sent;           /* Told, oldest first; as the next two of one thread */
  PtSiteSnapshot *sites; /* all that are told, as far as piece and site; or NULL */
  guint piece;
  GMutex lock;         /* guards what follows */
  GHashTable *waiting; /* text by topic */
  GHashTable *newer;   /* topics that changed since all are told; NULL: they are not */
};

static void
told_free (gpointer data)
{
  Told *told = data;

  g_free (told->topic);
  g_free (told->text);
  g_free (told);
}

static void
write_member (PtJsonWriter *json, const char *name, const char *value)
{
  pt_json_write_literal (json, name);
  pt_json_write_string (json, pt_span (value, strlen (value)));
}

static void
write_time (PtJsonWriter *json, const char *name, gint64 ms)
{
  if (ms == 0)
    return;
  pt_json_write_literal (json, name);
  pt_json_write_integer (json, ms);
}

char *
pt_mqtt_status_text (const PtSite *site)
{
  char buffer[TEXT_MAX];
  PtJsonWriter json;
  PtSpan text;

  g_return_val_if_fail (site != NULL, NULL);

  pt_json_writer_init (&json, buffer, sizeof buffer);
  write_member (&json, "{\"area\":", site->area);
  pt_json_write_literal (&json, ",\"customers\":");
  pt_json_write_integer (&json, site->customers);
  if (site->feeder != NULL)
    write_member (&json, ",\"feeder\":", site->feeder);
  write_time (&json, ",\"last_report\":", site->last_report);
  write_member (&json, ",\"level\":", pt_level_name ((PtLevel) site->level));
  write_time (&json, ",\"since\":", site->since);
  write_member (&json, ",\"site\":", site->site);
  write_member (&json, ",\"state\":", pt_site_state_name (site->state));
  pt_json_write_literal (&json, "}");
  if (pt_json_writer_finish (&json, &text) != PT_OK)
    return NULL;
  return g_strndup (text.data, text.size);
}

static char *
site_topic (const PtSite *site)
{
  return g_strdup_printf ("powertrack/v1/%s/site/%s/status", site->area, site->site);
}

/* Main loop. */
static void
take_news (const PtNewsItems *items, gpointer data)
{
  PtMqttStatus *status = data;

  if (items->site_count == 0)
    return;
  g_mutex_lock (&status->lock);
  for (guint i = 0; i < items->site_count; i++)
    {
      char *topic = site_topic (&items->sites[i]);

      if (status->newer != NULL)
        g_hash_table_add (status->newer, g_strdup (topic));
      g_hash_table_replace (status->waiting, topic, pt_mqtt_status_text (&items->sites[i]));
    }
  g_mutex_unlock (&status->lock);
  status->waits (status->data);
}

PtMqttStatus *
pt_mqtt_status_new (PtLive *live, PtNews *news, void (*waits) (gpointer data), gpointer data)
{
  PtMqttStatus *status;

  g_return_val_if_fail (live != NULL && news != NULL && waits != NULL, NULL);

  status = g_new0 (PtMqttStatus, 1);
  status->live = live;
  status->news = news;
  status->waits = waits;
  status->data = data;
  g_queue_init (&status->sent);
  status->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_init (&status->lock);
  pt_news_subscribe (news, take_news, status);
  return status;
}

void
pt_mqtt_status_free (PtMqttStatus *status)
{
  if (status == NULL)
    return;
  pt_news_unsubscribe (status->news, take_news, status);
  g_clear_pointer (&status->sites, pt_site_snapshot_unref);
  g_clear_pointer (&status->newer, g_hash_table_unref);
  g_queue_clear_full (&status->sent, told_free);
  g_hash_table_unref (status->waiting);
  g_mutex_clear (&status->lock);
  g_free (status);
}

void
pt_mqtt_status_tell_all (PtMqttStatus *status)
{
  g_return_if_fail (status != NULL);

  /* What changes from here on is newer than what is asked for below. */
  g_mutex_lock (&status->lock);
  g_clear_pointer (&status->newer, g_hash_table_unref);
  status->newer = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_unlock (&status->lock);
  g_clear_pointer (&status->sites, pt_site_snapshot_unref);
  status->sites = pt_live_sites (status->live, g_get_monotonic_time (), PATIENCE_MS);
  status->piece = 0;
}

/* The next piece of all sites waits to be told, or there is none any more. With the lock. */
static void
status_take_piece (PtMqttStatus *status)
{
  const PtSitePiece *piece;

  if (status->piece == status->sites->pieces->len)
    {
      g_clear_pointer (&status->sites, pt_site_snapshot_unref);
      g_clear_pointer (&status->newer, g_hash_table_unref);
      return;
    }
  piece = g_ptr_array_index (status->sites->pieces, status->piece++);
  for (guint i = 0; i < piece->sites->len; i++)
    {
      const PtSite *site = &g_array_index (piece->sites, PtSite, i);
      g_autofree char *topic = site_topic (site);

      if (!g_hash_table_contains (status->newer, topic))
        g_hash_table_replace (status->waiting, g_steal_pointer (&topic),
                              pt_mqtt_status_text (site));
    }
}

gboolean
pt_mqtt_status_next (PtMqttStatus *status, char **topic, char **text)
{
  GHashTableIter iter;
  gpointer key, value;
  gboolean has_some;

  g_return_val_if_fail (status != NULL && topic != NULL && text != NULL, FALSE);

  if (status->sent.length >= UNCONFIRMED_MAX)
    return FALSE;
  g_mutex_lock (&status->lock);
  while (g_hash_table_size (status->waiting) == 0 && status->sites != NULL)
    status_take_piece (status);
  g_hash_table_iter_init (&iter, status->waiting);
  has_some = g_hash_table_iter_next (&iter, &key, &value);
  if (has_some)
    g_hash_table_iter_steal (&iter);
  g_mutex_unlock (&status->lock);
  if (!has_some)
    return FALSE;
  *topic = key;
  *text = value;
  return TRUE;
}

/* Unless there is a newer one. Takes both. */
static void
status_wait_again (PtMqttStatus *status, char *topic, char *text)
{
  gboolean is_old;

  g_mutex_lock (&status->lock);
  is_old = g_hash_table_contains (status->waiting, topic);
  if (!is_old)
    g_hash_table_insert (status->waiting, topic, text);
  g_mutex_unlock (&status->lock);
  if (!is_old)
    return;
  g_free (topic);
  g_free (text);
}

void
pt_mqtt_status_sent (PtMqttStatus *status, int number, char *topic, char *text)
{
  Told *told;

  g_return_if_fail (status != NULL && topic != NULL && text != NULL);

  if (number == 0)
    {
      status_wait_again (status, topic, text);
      return;
    }
  told = g_new (Told, 1);
  *told = (Told){ number, topic, text };
  g_queue_push_tail (&status->sent, told);
}

gboolean
pt_mqtt_status_confirmed (PtMqttStatus *status, int number)
{
  g_return_val_if_fail (status != NULL, FALSE);

  for (GList *link = status->sent.head; link != NULL; link = link->next)
    if (((Told *) link->data)->number == number)
      {
        told_free (link->data);
        g_queue_delete_link (&status->sent, link);
        return TRUE;
      }
  return FALSE;
}

void
pt_mqtt_status_lost (PtMqttStatus *status)
{
  Told *told;

  g_return_if_fail (status != NULL);

  /* Of two about one site the newer is put back first, and stays. */
  while ((told = g_queue_pop_tail (&status->sent)) != NULL)
    {
      status_wait_again (status, told->topic, told->text);
      g_free (told);
    }
}
