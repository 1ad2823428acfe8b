/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-hold.h"

/* How many lines may be on their way into the log at once, whichever mouth they came by, and what
 * became of them. A submission holds its place from where it enters until it is freed. Any thread.
 */
typedef struct _PtAdmission PtAdmission;
typedef struct _PtTraffic PtTraffic; /* see pt-traffic.h */

typedef struct
{
  guint64 accepted, duplicate, rejected; /* lines since the start */
  guint waiting;                         /* lines on their way now */
} PtAdmissionCounts;

/* @hold: whether anything may enter (pt-hold.h), outlives it; NULL: always. */
PtAdmission *pt_admission_new (guint lines_max, PtHold *hold);
PtAdmission *pt_admission_ref (PtAdmission *admission);
void pt_admission_unref (PtAdmission *admission);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAdmission, pt_admission_unref)

/* FALSE: too many wait, nothing may be taken in, or it is closed. More than there is room for at
 * all have their turn when nothing else waits. */
gboolean pt_admission_enter (PtAdmission *admission, guint lines);
void pt_admission_leave (PtAdmission *admission, guint lines);
/* Lets nobody in any more. */
void pt_admission_close (PtAdmission *admission);
gboolean pt_admission_is_closed (PtAdmission *admission);

/* Where submissions are counted by their way; NULL: nowhere. Before the first; referenced. */
void pt_admission_set_traffic (PtAdmission *admission, PtTraffic *traffic);
PtTraffic *pt_admission_traffic (PtAdmission *admission);

void pt_admission_count (PtAdmission *admission, guint accepted, guint duplicate, guint rejected);
void pt_admission_get (PtAdmission *admission, PtAdmissionCounts *out);
