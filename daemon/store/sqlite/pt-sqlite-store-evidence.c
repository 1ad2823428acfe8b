/* SPDX-License-Identifier: Apache-2.0 */
/* Refused reports that are kept: enough to prove that a key is in two hands, and no more. */
#include "pt-sqlite-store-private.h"

/* Nothing that is there twice, and nothing beyond the bounds; no row is ever removed, so the
 * highest number says how many there are at most. */
static const char insert_evidence[]
    = "insert into evidence (subject, received, body, seq) select ?1, ?2, ?3, ?4"
      " where (select count (*) from evidence where subject = ?1 and seq = ?4) < ?5"
      " and (select count (*) from evidence where subject = ?1) < ?6"
      " and coalesce ((select max (id) from evidence), 0) < ?7"
      " and not exists (select 1 from evidence where subject = ?1 and seq = ?4 and body = ?3)";

gboolean
pt_sqlite_store_write_evidence (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, insert_evidence, error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < group->evidence_count; i++)
    {
      const PtEntryRow *row = &group->evidence[i];

      sqlite3_bind_int64 (statement, 1, pt_subject_key (row->subject));
      sqlite3_bind_int64 (statement, 2, row->received);
      sqlite3_bind_blob64 (statement, 3, row->body, row->size, SQLITE_STATIC);
      sqlite3_bind_int64 (statement, 4, row->seq);
      sqlite3_bind_int (statement, 5, PT_EVIDENCE_PER_REPORT);
      sqlite3_bind_int (statement, 6, PT_EVIDENCE_PER_SUBJECT);
      sqlite3_bind_int (statement, 7, PT_EVIDENCE_MAX);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  const PtEvidenceQuery *query;
  PtEvidenceRowFunc func;
  gpointer user_data;
} EvidenceJob;

static gboolean
take_evidence (sqlite3_stmt *statement, gpointer data, GError **error)
{
  EvidenceJob *job = data;
  PtEvidenceRow row = { .number = (guint64) sqlite3_column_int64 (statement, 0),
                        .subject = pt_subject_from_key (sqlite3_column_int64 (statement, 1)),
                        .area = (guint32) sqlite3_column_int64 (statement, 2),
                        .received = sqlite3_column_int64 (statement, 3),
                        .seq = sqlite3_column_int64 (statement, 4),
                        .body = sqlite3_column_blob (statement, 5),
                        .size = (gsize) sqlite3_column_bytes (statement, 5) };

  return job->func (&row, job->user_data, error);
}

static gboolean
evidence_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  EvidenceJob *job = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "select e.id, e.subject, s.area, e.received, e.seq, e.body from evidence"
                           " e join subjects s on s.id = e.subject where e.id > ?1"
                           " and (?2 < 0 or s.area = ?2) and (?4 is null or e.subject = ?4)"
                           " order by e.id limit ?3",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) MIN (job->query->after, G_MAXINT64));
  sqlite3_bind_int (statement, 2, job->query->area);
  sqlite3_bind_int64 (statement, 3, job->query->limit);
  if (job->query->subject != NULL)
    sqlite3_bind_int64 (statement, 4, pt_subject_key (*job->query->subject));
  return pt_sqlite_each (sqlite, statement, take_evidence, job, error);
}

gboolean
pt_sqlite_store_evidence (PtStore *store, const PtEvidenceQuery *query, PtEvidenceRowFunc func,
                          gpointer user_data, GError **error)
{
  EvidenceJob job = { query, func, user_data };

  return pt_sqlite_store_read (store, evidence_job, &job, error);
}
