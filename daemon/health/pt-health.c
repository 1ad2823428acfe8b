/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-health.h"

#define PARTS (PT_HEALTH_KEYS + 1)

struct _PtHealth
{
  GSourceFunc stop;
  gpointer stop_data;
  PtHealthFunc told; /* or NULL */
  gpointer told_data;
  GMutex lock; /* guards all that follows */
  PtHealthStatus parts[PARTS];
  GError *error; /* never changes once it is there */
  guint stop_source;
};

PtHealth *
pt_health_new (GSourceFunc stop, gpointer data)
{
  PtHealth *health = g_new0 (PtHealth, 1);

  health->stop = stop;
  health->stop_data = data;
  for (guint i = 0; i < PARTS; i++)
    health->parts[i].part = (PtHealthPart) i;
  g_mutex_init (&health->lock);
  return health;
}

void
pt_health_free (PtHealth *health)
{
  if (health == NULL)
    return;
  g_clear_handle_id (&health->stop_source, g_source_remove);
  g_clear_error (&health->error);
  g_mutex_clear (&health->lock);
  g_free (health);
}

void
pt_health_watch (PtHealth *health, PtHealthFunc func, gpointer data)
{
  g_return_if_fail (health != NULL);

  health->told = func;
  health->told_data = data;
}

/* The same words, whatever the numbers between them: blocks, balances and times move on while
 * nothing changes. */
static gboolean
same_words (const char *a, const char *b)
{
  for (;; a++, b++)
    {
      while (g_ascii_isdigit (*a))
        a++;
      while (g_ascii_isdigit (*b))
        b++;
      if (*a != *b || *a == '\0')
        return *a == *b;
    }
}

/* What an endpoint or a file system wrote may be long, and cut within a character. */
static void
status_set (PtHealthStatus *status, PtHealthSort sort, const char *sentence)
{
  const char *end;

  status->sort = sort;
  g_strlcpy (status->sentence, sentence, sizeof status->sentence);
  g_utf8_validate (status->sentence, -1, &end);
  status->sentence[end - status->sentence] = '\0';
}

void
pt_health_say (PtHealth *health, PtHealthPart part, PtHealthSort sort, const char *sentence)
{
  PtHealthStatus before, now;

  g_return_if_fail (health != NULL && part < PARTS && sort < PT_HEALTH_STOPS);
  g_return_if_fail ((sort == PT_HEALTH_WELL) == (sentence == NULL));

  g_mutex_lock (&health->lock);
  before = health->parts[part];
  status_set (&health->parts[part], sort, sentence != NULL ? sentence : "");
  now = health->parts[part];
  g_mutex_unlock (&health->lock);
  if (health->told != NULL
      && (before.sort != now.sort || !same_words (before.sentence, now.sentence)))
    health->told (now.sort, now.sort == PT_HEALTH_WELL ? before.sentence : now.sentence,
                  health->told_data);
}

PtHealthSort
pt_health_sort_of (const GError *error)
{
  gboolean asks;

  g_return_val_if_fail (error != NULL, PT_HEALTH_WELL);

  asks = error->code == PT_ERROR_OPERATOR || error->code == PT_ERROR_CONFIGURATION;
  return error->domain == PT_ERROR && asks ? PT_HEALTH_ASKS : PT_HEALTH_WAITS;
}

void
pt_health_get (PtHealth *health, PtHealthStatus *out)
{
  const PtHealthStatus *worst;

  g_return_if_fail (health != NULL && out != NULL);

  g_mutex_lock (&health->lock);
  worst = &health->parts[0];
  for (guint i = 1; i < PT_HEALTH_KEYS; i++)
    if (health->parts[i].sort > worst->sort)
      worst = &health->parts[i];
  if (worst->sort == PT_HEALTH_WELL)
    worst = &health->parts[PT_HEALTH_KEYS];
  *out = *worst;
  if (health->error != NULL)
    status_set (out, PT_HEALTH_STOPS, health->error->message);
  g_mutex_unlock (&health->lock);
}

static gboolean
health_stop_idle (gpointer data)
{
  PtHealth *health = data;

  g_mutex_lock (&health->lock);
  health->stop_source = 0;
  g_mutex_unlock (&health->lock);
  health->stop (health->stop_data);
  return G_SOURCE_REMOVE;
}

void
pt_health_stop (PtHealth *health, const GError *error)
{
  g_return_if_fail (health != NULL && error != NULL);

  g_mutex_lock (&health->lock);
  if (health->error == NULL)
    {
      health->error = g_error_copy (error);
      if (health->stop != NULL)
        health->stop_source = g_idle_add (health_stop_idle, health);
    }
  g_mutex_unlock (&health->lock);
}

const GError *
pt_health_error (PtHealth *health)
{
  const GError *error;

  g_return_val_if_fail (health != NULL, NULL);

  g_mutex_lock (&health->lock);
  error = health->error;
  g_mutex_unlock (&health->lock);
  return error;
}
