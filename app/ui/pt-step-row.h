/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-complaint-detail.h"

/* One step of a complaint, or several that joined one after another: when, what, by whom, and what
 * of it was checked here. */
#define PT_TYPE_STEP_ROW (pt_step_row_get_type ())
G_DECLARE_FINAL_TYPE (PtStepRow, pt_step_row, PT, STEP_ROW, GtkListBoxRow)

/* @count steps of @detail from @first on. */
GtkWidget *pt_step_row_new (const PtComplaintDetail *detail, guint first, guint count, gint64 now);
