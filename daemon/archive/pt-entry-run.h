/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A file of the index: places of an area's sealed entries, sorted. Never changed once it is there;
 * its header has a checksum of all of it. */

/* Where a sealed entry is, and what it says in short. */
typedef struct
{
  guint32 kind;    /* PtSubjectKind */
  guint32 subject; /* its number */
  gint64 seq;      /* the number in the subject */
  guint64 digest;  /* pt_entry_place_digest () of the entry's signed digest */
  guint64 offset;  /* of the entry's first byte in its batch's file */
  guint32 batch;
  guint32 leaf; /* among the leaves of its batch, from 0 */
} PtEntryPlace;

/* The first eight bytes of a signed digest: enough to tell a repetition from other words, since who
 * finds two reports that share them has gained an answer "duplicate". */
guint64 pt_entry_place_digest (const guint8 *digest);
/* By kind, subject, seq. */
int pt_entry_place_compare (gconstpointer a, gconstpointer b);

typedef struct
{
  guint32 area;
  guint64 first, last; /* entries of the area: after first, up to last */
  guint64 count;       /* of places */
  guint level;         /* of merging, from 0 */
} PtEntryRunRange;

typedef struct _PtEntryRun PtEntryRun;

/* Called for the next so many bytes that were read; FALSE ends the reading. */
typedef gboolean (*PtEntryRunPace) (gpointer context, gsize bytes);

/* Reads all of the file once to check it, or with @trusting its header only: then
 * pt_entry_run_check () is still to be asked. PT_ERROR_MALFORMED: it is torn, damaged or of another
 * version. PT_ERROR_RETRY: descriptors or memory are wanting, which says nothing of it. */
PtEntryRun *pt_entry_run_open (const char *path, gboolean trusting, GError **error);
/* Whether the file is as it was written. @pace may be NULL; where it ended the reading, TRUE. */
gboolean pt_entry_run_check (const PtEntryRun *run, PtEntryRunPace pace, gpointer context);
PtEntryRun *pt_entry_run_ref (PtEntryRun *run);
void pt_entry_run_unref (PtEntryRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEntryRun, pt_entry_run_unref)

const char *pt_entry_run_path (const PtEntryRun *run);
const PtEntryRunRange *pt_entry_run_range (const PtEntryRun *run);
gboolean pt_entry_run_find (const PtEntryRun *run, const PtEntryPlace *wanted, PtEntryPlace *out);
/* The first place after @before, whether that is in it or not. */
gboolean pt_entry_run_next (const PtEntryRun *run, const PtEntryPlace *before, PtEntryPlace *out);

/* Both write beside, sync the bytes and rename; PT_ERROR_RETRY: nothing is there. The name itself
 * is durable only after pt_entry_run_sync_names (). */

/* @places are sorted. */
PtEntryRun *pt_entry_run_write (const char *directory, const PtEntryRunRange *range,
                                const PtEntryPlace *places, GError **error);
/* Neighbours into one, as a stream: in memory there is a page of each. */
PtEntryRun *pt_entry_run_merge (const char *directory, PtEntryRun *const *runs, guint count,
                                guint level, GError **error);
gboolean pt_entry_run_sync_names (const char *directory, GError **error);
