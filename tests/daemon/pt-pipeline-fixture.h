/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemon's own pipeline without network and chain; a clock that a test moves; a store on the
 * disk or the test's own. */

#include <glib/gstdio.h>
#include <string.h>

#include "pt-kind.h"
#include "pt-memory-store.h"
#include "pt-p256.h"
#include "pt-pipeline.h"
#include "pt-sqlite-store.h"

#define PT_WORLD_START G_GINT64_CONSTANT (1764000000000)
#define PT_WORLD_PERIOD 60000
#define PT_WORLD_ANCHORED_WITHIN 3600000
#define PT_WORLD_LAT 255942345
#define PT_WORLD_LON 851374321

typedef struct
{
  PtP256Key *key;
  PtSigner signer;
} PtTestKey;

typedef struct
{
  char *path;
  PtClock *clock;
  PtStore *store;
  gboolean own_store; /* SQLite below @path; else the test's, which outlives a restart */
  PtPipeline *pipeline;
  PtHealth *health;
  PtNews *news;
  PtHold *hold; /* of a daemon without a chain: nothing is held back unless a test does */
  PtTestKey authority, service;
  GHashTable *keys; /* device -> PtTestKey */
  GMutex lock;
  GCond changed;
  guint answers;       /* submissions answered */
  PtRatesConfig rates; /* none, unless a test sets it before it starts */
} PtWorld;

/* Keys */

void pt_test_key_init (PtTestKey *key);
void pt_test_key_free (gpointer key);
/* The device's or official's own; made when it is first asked for. */
PtTestKey *pt_world_key (PtWorld *world, const char *name);

/* Warnings that a test expects are counted, others end it (G_DEBUG=fatal-warnings). */

extern gint pt_warnings_expected, pt_warnings_seen; /* atomic */

/* Once, in main (). */
void pt_catch_warnings (void);
void pt_expect_warnings (void);
void pt_assert_warnings (int count);

/* Entries, signed; free them */

char *pt_world_sign (const PtEntry *fields, const PtSigner *signer);
PtSpan pt_text (const char *text);
/* A signed registration. Its site is the device's name. */
char *pt_world_device (PtWorld *world, const char *area, const char *device, PtStatus status,
                       gint64 ts);
char *pt_world_official (PtWorld *world, const char *area, const char *official, gint64 ts);
/* A signed report; @signer NULL: the device's own key. */
char *pt_world_report (PtWorld *world, const char *area, const char *device, gint64 seq, gint64 ts,
                       PtPower power, const PtSigner *signer);
/* The same report with its signature broken, still canonical. */
char *pt_world_break_signature (const char *report);

/* Handing in */

typedef struct
{
  PtWorld *world;
  char *json; /* the answer */
  gboolean answered;
} PtTicket;

#define PT_ACCEPTED "{\"accepted\":1,\"duplicate\":0,\"rejected\":[]}"
#define PT_DUPLICATE "{\"accepted\":0,\"duplicate\":1,\"rejected\":[]}"
#define PT_REFUSED(slug)                                                                           \
  "{\"accepted\":0,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"" slug "\"}]}"

/* The answer is waited for once, by pt_world_wait (), which frees the ticket. */
PtTicket *pt_world_push (PtWorld *world, const PtKind *kind, const char *lines);
char *pt_world_wait (PtTicket *ticket);
char *pt_world_submit (PtWorld *world, const PtKind *kind, const char *lines);
/* @peer: who hands it in. It may not be let in. */
char *pt_world_submit_from (PtWorld *world, const PtKind *kind, const char *lines,
                            const PtPeer *peer);
void pt_world_expect (PtWorld *world, const PtKind *kind, const char *lines, const char *wanted);
/* A PtSubmissionDone whose data is a ticket. */
void pt_world_answered (PtSubmission *submission, gpointer user_data);
/* Registers an active device now. */
void pt_world_add_device (PtWorld *world, const char *area, const char *device);
/* Hands in one report made now; what is answered must be @wanted. */
void pt_world_report_now (PtWorld *world, const char *device, gint64 seq, PtPower power,
                          const char *wanted);

/* Its life */

/* A running pipeline with the area "east" in a new directory. @store as below. */
PtWorld *pt_world_new (PtStore *store);
/* One that does not run yet, and has no keys of its own. Takes @path; @store NULL: SQLite there,
 * else it is taken. */
PtWorld *pt_world_alloc (char *path, gint64 now, PtStore *store);
void pt_world_start (PtWorld *world);
/* @killed: as after kill -9, without the last snapshot (its batcher is left where it is). */
void pt_world_stop (PtWorld *world, gboolean killed);
void pt_world_restart (PtWorld *world, gboolean killed);
void pt_world_free (PtWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtWorld, pt_world_free)

void pt_world_add_area (PtWorld *world, const char *area);
/* Lines on their way. */
guint pt_world_waiting (PtWorld *world);
/* Entries that are committed, of all areas. */
guint64 pt_world_entries (PtWorld *world);
/* Moves the clock by @ms. */
void pt_world_advance (PtWorld *world, gint64 ms);
/* Ends the window: the clock goes to the next boundary, and what was received before is sealed. */
guint pt_world_seal (PtWorld *world);
/* All histories, registrations and outages as text, to compare before and after. */
char *pt_world_dump (PtWorld *world);

/* A folder with all that is in it. */
void pt_remove_tree (const char *path);
