/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-error.h"

/* How the daemon is: each part says here what holds it up, and whoever shows it reads it here. Also
 * the one way to end the process from a thread. All threads, but for making and freeing. */
typedef struct _PtHealth PtHealth;

/* Who says it, in the order of the data. */
typedef enum
{
  PT_HEALTH_REPLAY, /* what the chain has and an older copy has not is brought back */
  PT_HEALTH_CHAIN,  /* that it says otherwise than the store (pt-hold.h) */
  PT_HEALTH_CLOCK,  /* what the time of day is held to be */
  PT_HEALTH_INTAKE, /* that nothing arrives */
  PT_HEALTH_MQTT,   /* that the broker can't be reached */
  PT_HEALTH_COMMITTER,
  PT_HEALTH_STORE,   /* what it does on its own: its checkpoints */
  PT_HEALTH_ARCHIVE, /* batch files that are damaged */
  PT_HEALTH_BATCHER,
  PT_HEALTH_SUBMITTER,
  PT_HEALTH_PROGRESS, /* that nothing reaches the chain, whatever the parts say */
  PT_HEALTH_KEYS      /* that devices' keys were copied: shown where nothing else is said */
} PtHealthPart;

typedef enum
{
  PT_HEALTH_WELL,
  PT_HEALTH_WAITS, /* goes away by itself */
  PT_HEALTH_ASKS,  /* needs the operator */
  PT_HEALTH_STOPS  /* the process ends; only by pt_health_stop () */
} PtHealthSort;

typedef struct
{
  PtHealthSort sort;
  PtHealthPart part;  /* who says it */
  char sentence[384]; /* empty when all is well; longer ones are cut */
} PtHealthStatus;

/* What one part says now; where it is well again, @sentence is what it said before. */
typedef void (*PtHealthFunc) (PtHealthSort sort, const char *sentence, gpointer data);

/* @stop is called once on the main loop after the first pt_health_stop (); may be NULL. */
PtHealth *pt_health_new (GSourceFunc stop, gpointer data);
void pt_health_free (PtHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtHealth, pt_health_free)

/* @func is called once a change, on the thread that says it, for who has no eye on the status. A
 * sentence that differs from the one before in its numbers alone is none. To be said before any
 * part says something. */
void pt_health_watch (PtHealth *health, PtHealthFunc func, gpointer data);

/* @sentence: what is wrong and what to do; NULL when @part is well again. */
void pt_health_say (PtHealth *health, PtHealthPart part, PtHealthSort sort, const char *sentence);
/* What an error of @part means for those who look on. */
PtHealthSort pt_health_sort_of (const GError *error);
/* The worst of what is said; of two as bad, that of the earlier part. What whoever has a device's
 * key can bring about hides nothing else. */
void pt_health_get (PtHealth *health, PtHealthStatus *out);

/* The process has to end (PT_ERROR_STOP): going on would lose or falsify something. With
 * PT_ERROR_RETRY a new life is enough, on what is stored then. */
void pt_health_stop (PtHealth *health, const GError *error);
/* Why it has to end: the first error that was given; NULL: it has not. */
const GError *pt_health_error (PtHealth *health);
