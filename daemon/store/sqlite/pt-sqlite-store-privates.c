/* SPDX-License-Identifier: Apache-2.0 */
/* The private parts of actions: words, contact and photos, which can be forgotten. */
#include "pt-sqlite-store-private.h"

#define THIS_ONE " where area = ?1 and complaint = ?2 and n = ?3"

static sqlite3_stmt *
prepare_for (PtSqlite *sqlite, const char *sql, guint32 area, const char *complaint, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, area);
  sqlite3_bind_text (statement, 2, complaint, -1, SQLITE_STATIC);
  return statement;
}

static gboolean
write_photo (PtSqlite *sqlite, gint64 private, const PtPhoto *photo, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "insert into photos (private, sent, type, bytes) values (?, ?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, private);
  sqlite3_bind_blob (statement, 2, &photo->sent, PT_HASH_SIZE, SQLITE_STATIC);
  sqlite3_bind_text (statement, 3, photo->type, -1, SQLITE_STATIC);
  pt_sqlite_bind_bytes (statement, 4, photo->bytes);
  return pt_sqlite_run (sqlite, statement, error);
}

/* From ?5 on. */
static void
bind_moderation (sqlite3_stmt *statement, const PtModeration *moderation)
{
  sqlite3_bind_int (statement, 5, moderation->hidden);
  sqlite3_bind_text (statement, 6, moderation->by, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 7, moderation->at);
  sqlite3_bind_text (statement, 8, moderation->reason, -1, SQLITE_STATIC);
}

static gboolean
write_private (PtSqlite *sqlite, const PtPrivateRow *row, GError **error)
{
  sqlite3_stmt *statement = prepare_for (
      sqlite,
      "insert into privates (area, complaint, n, text, hidden, moderator, moderated, reason)"
      " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      row->area, row->complaint, error);
  gint64 private;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 3, row->n);
  if (row->text != NULL) /* else it was erased, where this row comes from */
    pt_sqlite_bind_bytes (statement, 4, row->text);
  if (row->moderation.reason != NULL)
    bind_moderation (statement, &row->moderation);
  else
    sqlite3_bind_int (statement, 5, row->moderation.hidden);
  if (!pt_sqlite_run (sqlite, statement, error))
    return FALSE;
  private = sqlite3_last_insert_rowid (sqlite->handle);
  for (guint i = 0; i < row->photo_count; i++)
    if (!write_photo (sqlite, private, &row->photos[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
erase (PtSqlite *sqlite, const PtErasure *erasure, GError **error)
{
  static const char *const steps[]
      = { "delete from photos where private in (select id from privates" THIS_ONE ")",
          "update privates set text = null" THIS_ONE };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      sqlite3_stmt *statement
          = prepare_for (sqlite, steps[i], erasure->area, erasure->complaint, error);

      if (statement == NULL)
        return FALSE;
      sqlite3_bind_int64 (statement, 3, erasure->n);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

/* What is erased must not go on lying in the file's free pages. */
static gboolean
erase_all (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  gboolean done = pt_sqlite_execute (sqlite, "pragma secure_delete = on", error);

  for (guint i = 0; done && i < group->erasure_count; i++)
    done = erase (sqlite, &group->erasures[i], error);
  pt_sqlite_execute (sqlite, "pragma secure_delete = off", NULL);
  return done;
}

gboolean
pt_sqlite_store_write_privates (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->private_count; i++)
    if (!write_private (sqlite, &group->privates[i], error))
      return FALSE;
  return group->erasure_count == 0 || erase_all (sqlite, group, error);
}

/* Reading */

typedef struct
{
  guint32 area;
  const char *complaint;
  gint64 n;
  PtPrivateRowFunc func;
  gpointer user_data;
  PtSqlite *sqlite;
  PtPhoto *photo;
  PtModeration *moderation;
} PrivatesJob;

/* hidden, moderator, moderated: as it is selected from @column on. */
static void
read_moderation (sqlite3_stmt *statement, int column, PtModeration *moderation)
{
  const char *by = (const char *) sqlite3_column_text (statement, column + 1);

  moderation->hidden = sqlite3_column_int (statement, column);
  g_strlcpy (moderation->by, by != NULL ? by : "", sizeof moderation->by);
  moderation->at = sqlite3_column_int64 (statement, column + 2);
}

static gboolean
add_photo (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PtPrivateRow *row = data;
  PtPhoto *photo = &row->photos[row->photo_count];

  if (row->photo_count == PT_PHOTOS_MAX)
    return TRUE;
  g_strlcpy (photo->type, (const char *) sqlite3_column_text (statement, 1), sizeof photo->type);
  row->photo_count += pt_sqlite_column_fixed (statement, 0, &photo->sent, PT_HASH_SIZE);
  return TRUE;
}

static gboolean
tell_private (sqlite3_stmt *statement, gpointer data, GError **error)
{
  const PrivatesJob *job = data;
  g_autoptr (GBytes) text = NULL;
  PtPrivateRow row = { .area = job->area,
                       .complaint = job->complaint,
                       .n = sqlite3_column_int64 (statement, 1) };
  sqlite3_stmt *photos = pt_sqlite_prepare (
      job->sqlite, "select sent, type from photos where private = ? order by id", error);

  if (photos == NULL)
    return FALSE;
  read_moderation (statement, 3, &row.moderation);
  row.moderation.reason = (const char *) sqlite3_column_text (statement, 6);
  if (sqlite3_column_type (statement, 2) != SQLITE_NULL)
    row.text = text = pt_sqlite_column_bytes (statement, 2);
  sqlite3_bind_int64 (photos, 1, sqlite3_column_int64 (statement, 0));
  return pt_sqlite_each (job->sqlite, photos, add_photo, &row, error)
         && job->func (&row, job->user_data, error);
}

static gboolean
privates_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  PrivatesJob *job = data;
  sqlite3_stmt *statement
      = prepare_for (sqlite,
                     "select id, n, text, hidden, moderator, moderated, reason from privates"
                     " where area = ?1 and complaint = ?2 and n >= ?3 order by n",
                     job->area, job->complaint, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 3, job->n);
  job->sqlite = sqlite;
  return pt_sqlite_each (sqlite, statement, tell_private, job, error);
}

gboolean
pt_sqlite_store_privates (PtStore *store, const PtErasure *from, PtPrivateRowFunc func,
                          gpointer user_data, GError **error)
{
  PrivatesJob job = { .area = from->area,
                      .complaint = from->complaint,
                      .n = from->n,
                      .func = func,
                      .user_data = user_data };

  return pt_sqlite_store_read (store, privates_job, &job, error);
}

static gboolean
take_photo (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PrivatesJob *job = data;
  const char *type = (const char *) sqlite3_column_text (statement, 0);

  g_strlcpy (job->photo->type, type, sizeof job->photo->type);
  job->photo->bytes = pt_sqlite_column_bytes (statement, 1);
  read_moderation (statement, 2, job->moderation);
  return TRUE;
}

static gboolean
photo_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  PrivatesJob *job = data;
  sqlite3_stmt *statement
      = prepare_for (sqlite,
                     "select f.type, f.bytes, p.hidden, p.moderator, p.moderated from privates p"
                     " join photos f on f.private = p.id where p.area = ?1 and p.complaint = ?2"
                     " and f.sent = ?3 order by p.hidden desc limit 1",
                     job->area, job->complaint, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_blob (statement, 3, &job->photo->sent, PT_HASH_SIZE, SQLITE_STATIC);
  return pt_sqlite_each (sqlite, statement, take_photo, job, error);
}

gboolean
pt_sqlite_store_photo (PtStore *store, guint32 area, const char *complaint, PtPhoto *out,
                       PtModeration *hidden, GError **error)
{
  PrivatesJob job = { .area = area, .complaint = complaint, .photo = out, .moderation = hidden };

  return pt_sqlite_store_read (store, photo_job, &job, error);
}

typedef struct
{
  const PtErasure *of;
  const PtModeration *moderation;
} ModerateJob;

#define UNLESS_SO(column, value) column " = case hidden when ?5 then " column " else " value " end"

static gboolean
moderate_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const ModerateJob *job = data;
  sqlite3_stmt *statement = prepare_for (
      sqlite,
      "update privates set hidden = ?5, " UNLESS_SO ("moderator", "?6") ", " UNLESS_SO (
          "moderated", "?7") ", " UNLESS_SO ("reason", "?8") THIS_ONE,
      job->of->area, job->of->complaint, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 3, job->of->n);
  bind_moderation (statement, job->moderation);
  if (!pt_sqlite_run (sqlite, statement, error))
    return FALSE;
  return sqlite3_changes (sqlite->handle) > 0 || pt_store_no_private (error);
}

gboolean
pt_sqlite_store_moderate (PtStore *store, const PtErasure *of, const PtModeration *moderation,
                          GError **error)
{
  ModerateJob job = { of, moderation };

  return pt_sqlite_store_write (store, moderate_job, &job, error);
}
