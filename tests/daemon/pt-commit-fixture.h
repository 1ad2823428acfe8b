/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests of what the committer does: a pipeline with two registered devices, and a gate behind
 * which submissions come into one group. */

#include <sqlite3.h>

#include "pt-pipeline-fixture.h"
#include "pt-verify.h"
#include "pt-switched-store.h"

typedef struct
{
  PtWorld *world;
} Fixture;

static inline void
set_up (Fixture *fixture, gconstpointer in_memory)
{
  fixture->world = pt_world_new (in_memory != NULL ? pt_memory_store_new () : NULL);
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_add_device (fixture->world, "east", "tx-2");
  pt_world_advance (fixture->world, 1000);
}

static inline void
tear_down (Fixture *fixture, gconstpointer in_memory)
{
  pt_world_free (fixture->world);
}

static inline gint64
pt_world_now (PtWorld *world)
{
  return pt_clock_now (world->clock);
}

static inline char *
pt_world_sign_now (PtWorld *world, const char *device, gint64 seq, PtPower power)
{
  return pt_world_report (world, "east", device, seq, pt_world_now (world), power, NULL);
}

static inline gint64
pt_world_query_integer (PtWorld *world, const char *sql)
{
  g_autofree char *path = g_build_filename (world->path, "store.sqlite", NULL);
  sqlite3_stmt *statement;
  sqlite3 *database;
  gint64 value;

  g_assert_cmpint (sqlite3_open_v2 (path, &database, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (database, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (database);
  return value;
}

static inline guint
pt_world_evidence (PtWorld *world)
{
  if (world->own_store)
    return (guint) pt_world_query_integer (world, "select count(*) from evidence");
  return pt_memory_store_evidence_count (world->store);
}

/* What the committer says of itself; @words: some of its sentence. */
static inline void
pt_world_assert_health (PtWorld *world, PtHealthSort sort, const char *words)
{
  PtHealthStatus status;

  pt_health_get (world->health, &status);
  g_assert_cmpint (status.sort, ==, sort);
  g_assert_nonnull (strstr (status.sentence, words));
}

/* A submission as the verifiers hand it on. */
static inline PtSubmission *
pt_world_verify (PtWorld *world, const PtKind *kind, const char *lines)
{
  g_autoptr (GBytes) body = g_bytes_new (lines, strlen (lines));
  g_autoptr (GError) error = NULL;
  PtSubmission *submission = pt_submission_new (kind, body, TRUE, NULL, NULL, &error);
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);

  g_assert_no_error (error);
  pt_verify_lines (submission->lines, submission->count, kind,
                   pt_committer_log (world->pipeline->committer), pt_world_now (world), verifier);
  pt_p256_verifier_free (verifier);
  submission->generation = g_atomic_int_get (&world->pipeline->directory->generation);
  return submission;
}

/* Hands a verified one to the committer. */
static inline PtTicket *
pt_world_push_verified (PtWorld *world, PtSubmission *submission)
{
  PtTicket *ticket = g_new0 (PtTicket, 1);

  ticket->world = world;
  submission->done = pt_world_answered;
  submission->user_data = ticket;
  pt_committer_push (world->pipeline->committer, submission);
  return ticket;
}

static inline void
pt_world_expect_answer (PtTicket *ticket, const char *wanted)
{
  g_autofree char *answer = g_strchomp (pt_world_wait (ticket));

  g_assert_cmpstr (answer, ==, wanted);
}

/* Runs between two groups: while it does, what is handed to the committer waits. */
typedef struct
{
  GMutex lock;
  GCond changed;
  gboolean entered, released;
  PtWorld *world;
} PtGate;

static inline void
pt_gate_hold (gpointer data, gpointer user_data)
{
  PtGate *gate = data;

  g_mutex_lock (&gate->lock);
  gate->entered = TRUE;
  g_cond_broadcast (&gate->changed);
  while (!gate->released)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static inline gpointer
pt_gate_thread (gpointer data)
{
  pt_committer_run (((PtGate *) data)->world->pipeline->committer, pt_gate_hold, data);
  return NULL;
}

static inline GThread *
pt_gate_close (PtGate *gate, PtWorld *world)
{
  GThread *thread;

  *gate = (PtGate){ .world = world };
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->changed);
  thread = g_thread_new ("gate", pt_gate_thread, gate);
  g_mutex_lock (&gate->lock);
  while (!gate->entered)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
  return thread;
}

static inline void
pt_gate_open (PtGate *gate, GThread *thread)
{
  g_mutex_lock (&gate->lock);
  gate->released = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
  g_thread_join (thread);
  g_mutex_clear (&gate->lock);
  g_cond_clear (&gate->changed);
}
