/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-limits.h"

#include <math.h>

#define HOUR_US (3600.0 * G_USEC_PER_SEC)

typedef struct
{
  char *who;
  double left;
  gint64 at; /* monotonic us, of ->left */
  GList link;
} Bucket;

typedef struct
{
  PtLimitRate rate;
  GHashTable *buckets; /* who -> Bucket */
  GQueue order;        /* of Bucket: heard last, first */
} Kept;

struct _PtLimits
{
  GMutex lock;
  guint count;
  Kept kept[];
};

static void
bucket_free (gpointer data)
{
  Bucket *bucket = data;

  g_free (bucket->who);
  g_free (bucket);
}

PtLimits *
pt_limits_new (const PtLimitRate *rates, guint count)
{
  PtLimits *limits;

  g_return_val_if_fail (rates != NULL && count > 0, NULL);

  limits = g_malloc0 (sizeof *limits + count * sizeof (Kept));
  g_mutex_init (&limits->lock);
  limits->count = count;
  for (guint i = 0; i < count; i++)
    {
      limits->kept[i].rate = rates[i];
      limits->kept[i].buckets = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bucket_free);
      g_queue_init (&limits->kept[i].order);
    }
  return limits;
}

void
pt_limits_free (PtLimits *limits)
{
  if (limits == NULL)
    return;
  for (guint i = 0; i < limits->count; i++)
    g_hash_table_unref (limits->kept[i].buckets);
  g_mutex_clear (&limits->lock);
  g_free (limits);
}

static void
kept_forget (Kept *kept, Bucket *bucket)
{
  g_queue_unlink (&kept->order, &bucket->link);
  g_hash_table_remove (kept->buckets, bucket->who);
}

static Bucket *
kept_find (Kept *kept, const char *who, gint64 now)
{
  Bucket *bucket = g_hash_table_lookup (kept->buckets, who);

  if (bucket != NULL)
    {
      g_queue_unlink (&kept->order, &bucket->link);
      g_queue_push_head_link (&kept->order, &bucket->link);
      return bucket;
    }
  if (kept->order.length >= PT_LIMITS_BUCKETS_MAX)
    kept_forget (kept, kept->order.tail->data);
  bucket = g_new0 (Bucket, 1);
  bucket->who = g_strdup (who);
  bucket->left = kept->rate.burst;
  bucket->at = now;
  bucket->link.data = bucket;
  g_hash_table_insert (kept->buckets, bucket->who, bucket);
  g_queue_push_head_link (&kept->order, &bucket->link);
  return bucket;
}

static guint
seconds_for (double missing, const PtLimitRate *rate)
{
  double seconds = rate->per_hour > 0 ? ceil (missing * 3600.0 / rate->per_hour) : 3600;

  return (guint) CLAMP (seconds, 1, 86400);
}

static guint
bucket_take (Bucket *bucket, const PtLimitRate *rate, guint count, gint64 now, guint *wait)
{
  guint taken;

  if (now > bucket->at)
    {
      bucket->left += (double) (now - bucket->at) * rate->per_hour / HOUR_US;
      bucket->left = MIN (bucket->left, rate->burst);
      bucket->at = now;
    }
  taken = (guint) MIN ((double) count, floor (bucket->left));
  bucket->left -= taken;
  if (taken < count)
    *wait = seconds_for (MIN (count - taken, rate->burst) - bucket->left, rate);
  return taken;
}

guint
pt_limits_take_some (PtLimits *limits, guint limit, const char *who, guint count, gint64 now,
                     guint *wait)
{
  guint taken;
  Kept *kept;

  g_return_val_if_fail (limits != NULL && limit < limits->count, 0);
  g_return_val_if_fail (who != NULL && wait != NULL, 0);

  *wait = 0;
  kept = &limits->kept[limit];
  if (kept->rate.burst == 0)
    return count;
  g_mutex_lock (&limits->lock);
  taken = bucket_take (kept_find (kept, who, now), &kept->rate, count, now, wait);
  g_mutex_unlock (&limits->lock);
  return taken;
}

gboolean
pt_limits_take (PtLimits *limits, guint limit, const char *who, gint64 now, guint *wait)
{
  g_return_val_if_fail (limits != NULL, FALSE);

  return pt_limits_take_some (limits, limit, who, 1, now, wait) == 1;
}

void
pt_limits_give (PtLimits *limits, guint limit, const char *who)
{
  Bucket *bucket;
  Kept *kept;

  g_return_if_fail (limits != NULL && limit < limits->count && who != NULL);

  kept = &limits->kept[limit];
  g_mutex_lock (&limits->lock);
  bucket = g_hash_table_lookup (kept->buckets, who); /* who is forgotten has all */
  if (bucket != NULL)
    bucket->left = MIN (bucket->left + 1, kept->rate.burst);
  g_mutex_unlock (&limits->lock);
}

gboolean
pt_limits_has (PtLimits *limits, guint limit, const char *who, gint64 now, guint *wait)
{
  const Bucket *bucket;
  double missing = 0;
  Kept *kept;

  g_return_val_if_fail (limits != NULL && limit < limits->count, FALSE);
  g_return_val_if_fail (who != NULL && wait != NULL, FALSE);

  kept = &limits->kept[limit];
  g_mutex_lock (&limits->lock);
  bucket = g_hash_table_lookup (kept->buckets, who);
  if (bucket != NULL && kept->rate.burst > 0)
    missing = 1 - bucket->left - (double) (now - bucket->at) * kept->rate.per_hour / HOUR_US;
  g_mutex_unlock (&limits->lock);
  *wait = missing > 0 ? seconds_for (missing, &kept->rate) : 0;
  return missing <= 0;
}

guint
pt_limits_kept (PtLimits *limits, guint limit)
{
  guint count;

  g_return_val_if_fail (limits != NULL && limit < limits->count, 0);

  g_mutex_lock (&limits->lock);
  count = limits->kept[limit].order.length;
  g_mutex_unlock (&limits->lock);
  return count;
}
