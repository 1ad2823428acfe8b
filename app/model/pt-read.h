/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-batch-state.h"

/* Members of what a daemon says, by name. One that is missing, or of another kind than asked for,
 * is PT_ERROR_UNSUPPORTED with a translated sentence that names it; the first of them stays in
 * @error, so that a reader looks once, at its end, and then throws away what it has made. No state:
 * for any thread. */

typedef enum
{
  PT_READ_NEEDED,
  PT_READ_OPTIONAL /* missing and null are the same, and no error */
} PtReadNeed;

/* Sets @error unless something was refused before. */
void pt_read_refuse (const char *name, GError **error);

/* Borrowed; NULL where it isn't there. At most 4,096 bytes. */
const char *pt_read_text (JsonObject *object, const char *name, PtReadNeed need, GError **error);
const char *pt_read_id (JsonObject *object, const char *name, GError **error);
/* The member "feeder": an id, or NULL. */
const char *pt_read_feeder (JsonObject *object, GError **error);
/* The member "place": a name of pt-place-name.h, or NULL. */
const char *pt_read_place (JsonObject *object, GError **error);
/* 0 to 2^53 - 1; 0 where it isn't there. */
gint64 pt_read_integer (JsonObject *object, const char *name, PtReadNeed need, GError **error);
double pt_read_number (JsonObject *object, const char *name, GError **error);
JsonArray *pt_read_array (JsonObject *object, const char *name, PtReadNeed need, GError **error);
JsonObject *pt_read_object (JsonObject *object, const char *name, PtReadNeed need, GError **error);
/* The member "state", a batch's or that of the one a report is in. */
PtBatchState pt_read_batch_state (JsonObject *object, GError **error);
/* @node itself; @what is named where it is no object. */
JsonObject *pt_read_as_object (JsonNode *node, const char *what, GError **error);
