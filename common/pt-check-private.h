/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch.h"
#include "pt-check.h"
#include "pt-cid.h"

/* For pt-check*.c only. */

typedef enum
{
  PT_QUESTION_FORM,
  PT_QUESTION_SIGNATURE,
  PT_QUESTION_REGISTRATION,
  PT_QUESTION_AUTHORITY,
  PT_QUESTION_INCLUSION,
  PT_QUESTION_FILE,
  PT_QUESTION_FRONTIER,
  PT_QUESTION_CHAIN
} PtQuestion;

PtCheck *pt_check_new (gboolean is_bundle);

/* Adds a step. @sentence is static and translated; @reason (NULL: "") and @technical (NULL: "") are
 * taken. */
void pt_check_add (PtCheck *check, PtQuestion question, PtVerdict verdict, const char *sentence,
                   char *reason, char *technical);

/* The same for what was not looked into: the sentence says which question it was. */
void pt_check_add_unchecked (PtCheck *check, PtQuestion question, char *reason, char *technical);

/* What a proof or a file says of its batch. */
typedef struct
{
  PtHash root;
  guint64 size;
  PtCid cid;
} PtCheckClaim;

/* "chain": whether root, size and CID are those that @trust has. */
void pt_check_add_chain (PtCheck *check, const PtTrust *trust, const PtCheckClaim *claim);

/* "frontier" of a file whose entries do lead from its root before to its root: whether that is the
 * root of the batch before by @trust. @technical is taken. */
void pt_check_add_previous (PtCheck *check, const PtTrust *trust, const PtBatchHeader *header,
                            char *technical);

/* Why there is no key to check with, translated; to be freed. */
char *pt_check_no_keys (const PtTrust *trust);

/* Raw values, one a line. */
void pt_check_note (GString *technical, const char *name, const char *value);
void pt_check_note_hex (GString *technical, const char *name, const void *data, gsize size);
void pt_check_note_key (GString *technical, const char *name, const guint8 key[PT_PUBLIC_KEY_SIZE]);
void pt_check_note_number (GString *technical, const char *name, guint64 value);
char *pt_check_hex (const void *data, gsize size);

/* What is wrong with a form, for people; static. */
const char *pt_check_words (PtResult result);

/* A batch file read from one end to the other: its CID, its form, its tree. @visit (or NULL) sees
 * each entry, like a PtBatchVisitor. */
typedef PtResult (*PtCheckVisit) (gpointer data, guint64 index, guint64 line, PtSpan entry);

typedef struct
{
  PtCid cid;
  PtBatchHeader header; /* of its first and last line */
  gboolean has_header;
  PtResult ends;   /* of these two lines: PT_BAD_PROOF is about the tree before */
  PtResult result; /* of everything between; PT_BAD_PROOF: the root does not follow */
  guint64 line;    /* the one at which reading ended, from 1 */
} PtCheckWalk;

/* These two lines alone. */
void pt_check_read_ends (GBytes *file, PtCheckWalk *out);
void pt_check_walk (GBytes *file, PtCheckVisit visit, gpointer data, PtCheckWalk *out);
