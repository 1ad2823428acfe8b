/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-link.h"

/* Signed reports of one connection on their way to the daemon, oldest first. They stay until the
 * daemon has answered for each of them. */
typedef struct
{
  GByteArray *text; /* NDJSON */
  GArray *items;    /* of PtFleetItem */
} PtFleetOutbox;

typedef struct
{
  guint device; /* the owner's number for it */
  guint size;   /* bytes in the text, newline included */
  gint64 seq;
  gint64 ts; /* ms since 1970 */
} PtFleetItem;

void pt_fleet_outbox_init (PtFleetOutbox *outbox);
void pt_fleet_outbox_clear (PtFleetOutbox *outbox);
/* @text is one report of @size bytes, without a newline. */
void pt_fleet_outbox_add (PtFleetOutbox *outbox, guint device, gint64 seq, gint64 ts,
                          const char *text, gsize size);
/* The first @lines reports as one body; borrows the outbox's memory, which must not change while it
 * lives. */
GBytes *pt_fleet_outbox_body (PtFleetOutbox *outbox, guint lines);

/* Whether a report that was refused with that slug is to be sent again. */
gboolean pt_fleet_slug_passes (const char *slug);

/* Told of each report that is done with: @slug is NULL when it is stored, else why it was refused.
 */
typedef void (*PtFleetSettled) (gpointer context, const PtFleetItem *item, const char *slug);

/* Takes out the first @lines reports as @answer says; those that were "busy" or "too-many" stay.
 * Returns how many stayed. */
guint pt_fleet_outbox_settle (PtFleetOutbox *outbox, guint lines, const PtFleetAnswer *answer,
                              PtFleetSettled settled, gpointer context);
