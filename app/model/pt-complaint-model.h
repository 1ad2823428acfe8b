/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint-query.h"

/* A GListModel of the complaints that a question asks for, in its order: GTK's own filter and
 * sorter ask one function a pair, which is too slow for 100,000. Main thread only. */

#define PT_TYPE_COMPLAINT_MODEL (pt_complaint_model_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaintModel, pt_complaint_model, PT, COMPLAINT_MODEL, GObject)

/* @source: a GListModel of PtComplaint. */
PtComplaintModel *pt_complaint_model_new (GListModel *source);
/* What is asked; copied. Takes effect at once. */
void pt_complaint_model_ask (PtComplaintModel *model, const PtComplaintQuery *query);
/* Looks again: the source, or the time, is another one. Changes are told in one piece. */
void pt_complaint_model_update (PtComplaintModel *model, gint64 now);
const PtComplaintCounts *pt_complaint_model_counts (PtComplaintModel *model);
/* Where one is; G_MAXUINT: it isn't listed. */
guint pt_complaint_model_find (PtComplaintModel *model, const char *area, const char *complaint);
