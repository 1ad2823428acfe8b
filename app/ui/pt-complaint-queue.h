/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-complaint-model.h"
#include "pt-link.h"

/* The complaints that wait, with how many there are of each kind. Signal "chosen": another one, or
 * others, are chosen. Signal "activated" (PtComplaint *): chosen twice, or with Return. Signal
 * "counted": numbers have changed. */
#define PT_TYPE_COMPLAINT_QUEUE (pt_complaint_queue_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaintQueue, pt_complaint_queue, PT, COMPLAINT_QUEUE, GtkWidget)

void pt_complaint_queue_set_link (PtComplaintQueue *queue, PtLink *link);
void pt_complaint_queue_set_area (PtComplaintQueue *queue, const char *area);    /* NULL: all */
void pt_complaint_queue_set_search (PtComplaintQueue *queue, const char *words); /* NULL: any */
/* Whose "mine" is; NULL: nobody's. */
void pt_complaint_queue_set_official (PtComplaintQueue *queue, const char *official);
void pt_complaint_queue_tick (PtComplaintQueue *queue, gint64 now, gboolean stale);

/* A GPtrArray of those chosen, in order. */
GPtrArray *pt_complaint_queue_chosen (PtComplaintQueue *queue);
/* Chooses one, whatever has to be left off for it to be listed. */
void pt_complaint_queue_choose (PtComplaintQueue *queue, const char *area, const char *complaint);
/* Those that are open, of those that are asked for; and those that are overdue. */
const PtComplaintCounts *pt_complaint_queue_counts (PtComplaintQueue *queue);
guint pt_complaint_queue_count (PtComplaintQueue *queue); /* that are listed */
