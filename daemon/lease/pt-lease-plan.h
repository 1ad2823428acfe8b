/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Who of several daemons on one store (its members) writes which area (holds it), as one of them
 * sees it. Nothing but reckoning: it is told what was written and read, and says what to do next.
 *
 * No wall clock counts and no other machine's: all times are ms of a clock of this machine that
 * never goes back and goes on while the machine sleeps. A member writes again and again that it is
 * there (a beat). One whose beat stays the same for a lease's life is dead for who looks at it; it
 * stops to count itself a holder a third of that life earlier, by its own clock. Where a clock is
 * wrong all the same, the area's token is another one once it was taken, and a write that names an
 * older one changes nothing.
 *
 * Members that see the same decide the same: of areas that nobody holds each one is somebody's by
 * what they have to do already, and only where that one does not take it does another. One thread.
 */
typedef struct _PtLeasePlan PtLeasePlan;

#define PT_LEASE_MEMBERS_MAX 64
#define PT_LEASE_NAME_MAX 63
#define PT_LEASE_LIFE_MIN 2000 /* ms */

/* A member as the store has it. */
typedef struct
{
  char name[PT_LEASE_NAME_MAX + 1];
  guint64 beat; /* another one after each beat, and for each process of this name */
} PtLeaseMember;

/* An area as the store has it. */
typedef struct
{
  char holder[PT_LEASE_NAME_MAX + 1]; /* "": nobody */
  guint64 token;                      /* another one, and higher, each time that it is taken */
  guint64 load; /* what it costs its holder; all who look see about the same */
} PtLeaseArea;

/* @life: ms, the same for all members. */
PtLeasePlan *pt_lease_plan_new (const char *name, gint64 life);
void pt_lease_plan_free (PtLeasePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLeasePlan, pt_lease_plan_free)

typedef enum
{
  PT_LEASE_WAIT, /* until ->until at most, or until something else was seen */
  PT_LEASE_BEAT, /* then look, and tell what was seen */
  PT_LEASE_TAKE, /* ->area, if its token is still ->token */
  PT_LEASE_GIVE  /* ->area: its holder is nobody from then on */
} PtLeaseVerb;

typedef struct
{
  PtLeaseVerb verb;
  guint32 area;
  guint64 token;
  gint64 until;
} PtLeaseStep;

PtLeaseStep pt_lease_plan_next (PtLeasePlan *plan, gint64 now);

/* What came of a step. */

/* A beat was tried between @began and @ended. FALSE: it was not written, or nobody knows. One that
 * comes when the member does not count itself a holder any more makes it none: who took it for dead
 * may be about to take its areas, so it takes them anew. */
void pt_lease_plan_beaten (PtLeasePlan *plan, gint64 began, gint64 ended, gboolean done);
/* All members and all areas, by number, as they were at some time between @began and @ended. After
 * a beat only this makes the member go on as a holder: its tokens have to stand. */
void pt_lease_plan_see (PtLeasePlan *plan, gint64 began, gint64 ended, const PtLeaseMember *members,
                        guint member_count, const PtLeaseArea *areas, guint area_count);
void pt_lease_plan_took (PtLeasePlan *plan, guint32 area, guint64 token);
/* Somebody was faster, or nobody knows: not again before the next look. */
void pt_lease_plan_missed (PtLeasePlan *plan, guint32 area);
/* To be told before the area is given, and when a write of it said that another writes it now. */
void pt_lease_plan_lost (PtLeasePlan *plan, guint32 area, gint64 now);

/* The token that writes of the area have to name; 0: this member does not hold it now. */
guint64 pt_lease_plan_token (const PtLeasePlan *plan, guint32 area, gint64 now);
/* The token that it took the area with and has not lost as far as it knows, also while it does not
 * count itself a holder; 0: none. */
guint64 pt_lease_plan_taken (const PtLeasePlan *plan, guint32 area);
/* Whether it counts itself a holder of anything, as of its last beat. */
gboolean pt_lease_plan_is_sure (const PtLeasePlan *plan, gint64 now);
