/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Switches on the verbs of a real store, whichever it is: reads that fail or wait, commits that
 * fail with or without having written or in part, and counts. One store at a time. */

#include "common/pt-test.h"
#include "pt-error.h"
#include "pt-store-class.h"

typedef enum
{
  PT_COMMIT_GOES_WELL,
  PT_COMMIT_WRITES_NOTHING,
  PT_COMMIT_WRITES_AND_FAILS,
  PT_COMMIT_WRITES_IN_PART /* what is of its first area, and the others fail */
} PtCommitSwitch;

static struct
{
  PtStoreClass klass; /* the switched one */
  const PtStoreClass *real;
  GMutex lock;
  GCond changed;
  gboolean reads_fail, reads_wait, a_read_waits;
  PtCommitSwitch commit; /* of the next one */
  gboolean came_late;    /* those that fail after one that wrote and failed say why */
  guint commits, outage_reads;
} pt_switched;

static inline gboolean
pt_switched_read (GError **error)
{
  gboolean fails;

  g_mutex_lock (&pt_switched.lock);
  pt_switched.a_read_waits = pt_switched.reads_wait;
  g_cond_broadcast (&pt_switched.changed);
  while (pt_switched.reads_wait)
    g_cond_wait (&pt_switched.changed, &pt_switched.lock);
  pt_switched.a_read_waits = FALSE;
  fails = pt_switched.reads_fail;
  g_mutex_unlock (&pt_switched.lock);
  if (fails)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The store was told to fail reads.");
  return !fails;
}

/* Those of the area, into an array of their own; @at: where the area stands in one. */
static inline gpointer
pt_switched_of_area (gconstpointer rows, guint *count, gsize size, gsize at, guint32 area)
{
  guint8 *own = g_malloc0 (MAX (*count, 1) * size);
  guint kept = 0;

  for (guint i = 0; i < *count; i++)
    {
      const guint8 *row = (const guint8 *) rows + i * size;

      if (*(const guint32 *) (gconstpointer) (row + at) == area)
        memcpy (own + kept++ * size, row, size);
    }
  *count = kept;
  return own;
}

#define PT_OF_AREA(type, rows, count)                                                              \
  pt_switched_of_area (rows, &(count), sizeof (type), G_STRUCT_OFFSET (type, area), area)

/* A store whose areas are written apart. */
static inline gboolean
pt_switched_commit_part (PtStore *store, const PtGroup *group, GError **error)
{
  PtGroup part = *group;
  guint32 area = group->tails[0].area;
  g_autofree PtEntryRow *entries = PT_OF_AREA (PtEntryRow, part.entries, part.entry_count);
  g_autofree PtOutageWrite *outages = PT_OF_AREA (PtOutageWrite, part.outages, part.outage_count);
  g_autofree PtSubjectRow *subjects = PT_OF_AREA (PtSubjectRow, part.subjects, part.subject_count);
  g_autofree PtSaidRow *said = PT_OF_AREA (PtSaidRow, part.said, part.said_count);
  g_autofree PtSaidLater *laters = PT_OF_AREA (PtSaidLater, part.laters, part.later_count);

  part.entries = entries;
  part.outages = outages;
  part.subjects = subjects;
  part.said = said;
  part.laters = laters;
  part.tail_count = 1;
  if (!pt_switched.real->commit (store, &part, error))
    return FALSE;
  group->tails[0].moved = TRUE;
  return group->tail_count == 1;
}

static inline gboolean
pt_switched_commit (PtStore *store, const PtGroup *group, GError **error)
{
  PtCommitSwitch how = pt_switched.commit;

  pt_switched.commit = PT_COMMIT_GOES_WELL;
  pt_switched.commits++;
  if (how == PT_COMMIT_WRITES_IN_PART)
    {
      if (pt_switched_commit_part (store, group, error))
        return TRUE;
    }
  else if (how != PT_COMMIT_WRITES_NOTHING && !pt_switched.real->commit (store, group, error))
    {
      for (guint i = 0; i < group->tail_count; i++)
        group->tails[i].came_late = pt_switched.came_late;
      return FALSE;
    }
  if (how != PT_COMMIT_GOES_WELL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The store was told to fail a commit.");
  return how == PT_COMMIT_GOES_WELL;
}

static inline gboolean
pt_switched_scan_entries (PtStore *store, guint32 area, guint64 after, gint64 before_received,
                          PtEntryRowFunc func, gpointer user_data, GError **error)
{
  return pt_switched_read (error)
         && pt_switched.real->scan_entries (store, area, after, before_received, func, user_data,
                                            error);
}

static inline GPtrArray *
pt_switched_subject_bodies (PtStore *store, PtSubject subject, GError **error)
{
  return pt_switched_read (error) ? pt_switched.real->subject_bodies (store, subject, error) : NULL;
}

static inline gboolean
pt_switched_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                     gpointer user_data, GError **error)
{
  pt_switched.outage_reads++;
  return pt_switched.real->outages (store, query, func, user_data, error);
}

static inline gboolean
pt_switched_counts (PtStore *store, PtCounts *out, GError **error)
{
  return pt_switched_read (error) && pt_switched.real->counts (store, out, error);
}

/* While nobody uses the store. All switches are off. */
static inline void
pt_switch_store (PtStore *store)
{
  pt_switched.real = store->klass;
  pt_switched.klass = *store->klass;
  pt_switched.klass.commit = pt_switched_commit;
  pt_switched.klass.scan_entries = pt_switched_scan_entries;
  pt_switched.klass.subject_bodies = pt_switched_subject_bodies;
  pt_switched.klass.outages = pt_switched_outages;
  pt_switched.klass.counts = pt_switched_counts;
  pt_switched.reads_fail = pt_switched.reads_wait = pt_switched.came_late = FALSE;
  pt_switched.commit = PT_COMMIT_GOES_WELL;
  pt_switched.commits = pt_switched.outage_reads = 0;
  store->klass = &pt_switched.klass;
}

static inline void
pt_unswitch_store (PtStore *store)
{
  store->klass = pt_switched.real;
}

static inline void
pt_switch_reads (gboolean fail, gboolean wait)
{
  g_mutex_lock (&pt_switched.lock);
  pt_switched.reads_fail = fail;
  pt_switched.reads_wait = wait;
  g_cond_broadcast (&pt_switched.changed);
  g_mutex_unlock (&pt_switched.lock);
}

static inline void
pt_await_waiting_read (void)
{
  gint64 late = pt_test_late ();

  g_mutex_lock (&pt_switched.lock);
  while (!pt_switched.a_read_waits)
    g_assert_true (g_cond_wait_until (&pt_switched.changed, &pt_switched.lock, late));
  g_mutex_unlock (&pt_switched.lock);
}
