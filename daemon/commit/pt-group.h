/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-live.h"
#include "pt-log-state.h"
#include "pt-receipts.h"
#include "pt-submission.h"

/* Collects what one group commit writes, for all kinds of entries. Its later lines see its earlier
 * ones: in the tail, and in histories of its own, which nobody else sees before they are durable.
 * On the committer's thread. */
typedef struct _PtGroupBuilder PtGroupBuilder;

PtGroupBuilder *pt_group_builder_new (PtLogState *log);
void pt_group_builder_free (PtGroupBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtGroupBuilder, pt_group_builder_free)

/* Begins a group. @bytes: bound on the stored forms to come. */
void pt_group_builder_reset (PtGroupBuilder *builder, gsize bytes);

guint pt_group_builder_count (PtGroupBuilder *builder); /* of entries */
gboolean pt_group_builder_is_empty (PtGroupBuilder *builder);
const PtGroup *pt_group_builder_group (PtGroupBuilder *builder);
const PtEntryRow *pt_group_builder_row (PtGroupBuilder *builder, guint index);
/* The group's entry that will have this number in its area; NULL: none of it. */
const PtEntryRow *pt_group_builder_find (PtGroupBuilder *builder, guint32 area, guint64 number);

/* The line becomes the group's next entry and is accepted, if the group is written. @seq: its
 * number in the subject, or 0; of an area its number there, whatever is given. Returns the number
 * that the entry will have in its area. */
guint64 pt_group_builder_add_entry (PtGroupBuilder *builder, PtLine *line, PtSubject subject,
                                    gint64 seq);

/* What an entry of the group changes in the outages of @device. */
void pt_group_builder_add_outage (PtGroupBuilder *builder, const PtDevice *device,
                                  const PtOutageChange *change);
/* The entry that was added last registers its subject. */
void pt_group_builder_add_subject (PtGroupBuilder *builder, gboolean active, GBytes *past);
void pt_group_builder_add_accepted (PtGroupBuilder *builder, const PtAccepted *accepted);
GArray *pt_group_builder_accepted (PtGroupBuilder *builder); /* PtAccepted, for what is live */

/* Keeps a refused line beside the log; at most 256 a group and two a counter, so that a cloned key
 * that floods fills neither the disk nor the group. */
void pt_group_builder_add_evidence (PtGroupBuilder *builder, const PtLine *line);

/* More of one device wait for the next group: what a report costs grows with what is missing of its
 * device, and a key that leaves out every second counter must not hold up everybody. */
#define PT_GROUP_DEVICE_REPORTS_MAX 1024

/* To be called before the device's history is changed by one more report. FALSE: the group has all
 * that it may have of this device. */
gboolean pt_group_builder_begin_report (PtGroupBuilder *builder, PtDevice *device);
/* The device's history, to be changed: as of the group's entries so far. Good until the next call.
 */
PtHistory *pt_group_builder_history (PtGroupBuilder *builder, PtDevice *device);
/* The same, only to look at. */
const PtHistory *pt_group_builder_known (PtGroupBuilder *builder, const PtDevice *device);

/* What will be known of something (a device, an official, a complaint) once the group is durable:
 * its newest entry in this group, which the directory does not show yet. */
typedef struct
{
  guint32 number; /* of the subject */
  gint64 order;   /* what has to rise from one to the next: ts, or n */
  guint at;       /* the entry's index in the group */
} PtPending;

/* @name: of the thing, told apart by kind and area. NULL: nothing in this group. */
const PtPending *pt_group_builder_pending (PtGroupBuilder *builder, const char *name);
/* What was added as past with that entry, or NULL. */
GBytes *pt_group_builder_past (PtGroupBuilder *builder, const PtPending *pending);
/* By the entry that was added last. */
void pt_group_builder_set_pending (PtGroupBuilder *builder, const char *name, guint32 number,
                                   gint64 order);
/* After a reset, before anybody new is added: so many may be new, of each kind. */
gboolean pt_group_builder_reserve (PtGroupBuilder *builder, guint count, GError **error);
/* The number that the next new subject of the kind has. */
guint32 pt_group_builder_next_number (PtGroupBuilder *builder, PtSubjectKind kind);

/* The entry that was added last is an action, a notice or a profile: so it is kept, with @evidence,
 * and @line's attachment. */
void pt_group_builder_add_said (PtGroupBuilder *builder, const PtLine *line, const PtEntry *entry,
                                PtEvidence evidence);
/* The entry that was added last is a report OFF of that time (pt_report_time ()). */
void pt_group_builder_add_fall (PtGroupBuilder *builder, const PtDevice *device, gint64 time);
/* Receipts are given for entries of the area. */
void pt_group_builder_promise (PtGroupBuilder *builder, guint32 area);
/* After the last entry: makes them, one signature an area. FALSE: the key does not sign. */
gboolean pt_group_builder_sign (PtGroupBuilder *builder, const PtReceiptTerms *terms,
                                GError **error);
/* What @line's entry of the group came to, or the one that it repeats: fills ->outcome as @wants
 * (PtWants) says. */
void pt_group_builder_fill (PtGroupBuilder *builder, PtLine *line, guint wants);
/* Anybody may say again what is public, and only the store has the words: a group looks up so many,
 * the others wait for the next one. */
#define PT_GROUP_LOOK_UPS_MAX 1024

/* To be called before a look-up. FALSE: the group has had all that it may have. */
gboolean pt_group_builder_begin_look_up (PtGroupBuilder *builder);

/* What the group's entry @index says, as it is kept; NULL: it is a report or registration. */
const PtSaidRow *pt_group_builder_said (PtGroupBuilder *builder, guint index);
/* The group was applied: all that was received in it has passed. */
void pt_group_builder_pass (PtGroupBuilder *builder);

/* After the last entry: what late reports changed in the times of outages is added, too. */
void pt_group_builder_settle (PtGroupBuilder *builder);
/* The group was written: its histories are the devices'. Takes the writer's side of the door. */
void pt_group_builder_apply (PtGroupBuilder *builder);
/* It was not: the tail is again as it was. */
void pt_group_builder_drop (PtGroupBuilder *builder);
/* Not all of it was: what is of areas whose tails were not moved (pt_store_commit ()) is dropped,
 * before the group is applied. FALSE: that is all of it, and nothing was done. */
gboolean pt_group_builder_keep_moved (PtGroupBuilder *builder);
/* Whether the group's entry @index, or what it has of the area, was kept so. */
gboolean pt_group_builder_has (PtGroupBuilder *builder, guint index);
gboolean pt_group_builder_has_area (PtGroupBuilder *builder, guint32 area);
