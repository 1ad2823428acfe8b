/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-records.h"

/* The daemon's lists, made into records. No state: for any thread. */

typedef struct
{
  GPtrArray *records; /* PtOutage, PtBatch or PtAreaHead */
  char *next;         /* or NULL */
} PtPage;

gpointer pt_read_outages (JsonNode *root, gconstpointer data, GError **error); /* PtPage */
gpointer pt_read_batches (JsonNode *root, gconstpointer data, GError **error); /* PtPage */
gpointer pt_read_areas (JsonNode *root, gconstpointer data, GError **error);   /* PtPage */
void pt_page_free (gpointer page);

PtOutage *pt_read_outage (JsonNode *node, GError **error);
PtBatch *pt_read_batch (JsonNode *node, GError **error);
