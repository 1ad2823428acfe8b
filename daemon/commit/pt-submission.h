/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-admission.h"
#include "pt-entry.h"
#include "pt-error.h"
#include "pt-registry.h"
#include "pt-store-complaints.h"

/* What one client handed in at once: one entry or many lines, on its way from intake through
 * verification to the group commit and back as an answer. Owned by one stage at a time. */

#define PT_SUBMISSION_LINES_MAX 10000
#define PT_SUBMISSION_BYTES_MAX (8 * 1024 * 1024)

typedef struct _PtKind PtKind; /* see pt-kind.h */

typedef enum
{
  PT_LINE_WAITING,
  PT_LINE_VERIFIED,
  PT_LINE_SUSPECT, /* a bad signature over what an entry of the tail says: a duplicate, or refused
                    */
  PT_LINE_ACCEPTED,
  PT_LINE_DUPLICATE,
  PT_LINE_REFUSED
} PtLineState;

/* What comes with a line, and never enters the log. */
typedef struct
{
  GBytes *text; /* the private part, whose hash is the entry's note_hash; NULL: none */
  PtPhoto photos[PT_PHOTOS_MAX]; /* in its order; bytes are what is to be kept */
  guint photo_count;
  gint64 erases; /* of an official's comment: the private part of this n is forgotten with it; 0:
                    none */
} PtAttachment;

PtAttachment *pt_attachment_new (void);
void pt_attachment_free (PtAttachment *attachment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAttachment, pt_attachment_free)

/* What comes back of a line that was accepted or is a duplicate, where it was wanted. */
typedef struct
{
  guint64 entry; /* its number in its area; 0: nothing is known (of a duplicate report) */
  PtHash leaf;
  GBytes *stored;  /* its exact bytes; or NULL */
  GBytes *receipt; /* powertrack-receipt-1; or NULL */
} PtOutcome;

void pt_outcome_clear (PtOutcome *outcome);

/* What is wanted back. */
typedef enum
{
  PT_WANT_STORED = 1 << 0, /* entry, leaf and bytes */
  PT_WANT_RECEIPTS = 1 << 1
} PtWants;

typedef struct
{
  PtSpan bytes;             /* the signed form */
  PtAttachment *attachment; /* or NULL; the submission's */
  PtOutcome *outcome;       /* to be filled; or NULL; the submission's */
  PtArea *area;
  PtDevice *device; /* of a report */
  gint64 seq, ts;   /* of a report */
  gint64 first_seq; /* of a device's registration that was accepted: what its key begins to count
                       with */
  gsize received_place;
  guint number; /* in the body, from 1 */
  guint row;    /* of the group that it is in, from 1: the entry that it became, or that
                 * it repeats, or that was faster; 0: none */
  guint8 state, power, code; /* PtLineState, PtPower, PtErrorCode */
  guint8 rule;               /* PtRule: which one it breaks, where that is a complaint's, a notice's
                              * or a profile's */
  guint8 is_known;           /* says what the log says already: set by its kind */
  guint8 is_used;            /* its number seems to be an entry's: set by its kind */
  guint8 is_other;           /* other words than the sealed entry of its number */
  guint16 wait;              /* s, where it is refused as PT_ERROR_TOO_MANY: until it may come */
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  guint8 signature[PT_SIGNATURE_SIZE];
  PtHash digest;
} PtLine;

/* The way that it came. */
typedef enum
{
  PT_TRANSPORT_HTTP,
  PT_TRANSPORT_MQTT,
  PT_TRANSPORT_COAP
} PtTransport;

#define PT_TRANSPORT_COUNT (PT_TRANSPORT_COAP + 1)

const char *pt_transport_name (PtTransport transport); /* "http" */

/* Who handed it in, for limits and logs, each NULL where it is not known; and what its way proved
 * of it, which its reports are held against (pt-verify.h). */
typedef struct
{
  PtTransport transport;
  char *address;       /* numeric */
  char *certificate;   /* the client's, SHA-256 in hex */
  char *account;       /* the name it proved to have */
  char *area, *device; /* it speaks for this device alone; NULL: for whoever signed */
  gboolean has_key;    /* and it has shown a certificate with this key: its device's */
  guint8 key[PT_PUBLIC_KEY_SIZE];
} PtPeer;

typedef struct _PtSubmission PtSubmission;

/* Called once, on the committer's thread, after what was accepted is durable. Takes the submission.
 */
typedef void (*PtSubmissionDone) (PtSubmission *submission, gpointer user_data);

struct _PtSubmission
{
  const PtKind *kind;
  GBytes *body;
  PtLine *lines;
  guint count;
  gint unverified; /* atomic: tasks that are not verified yet */
  gint generation; /* of the directory when it was verified */
  PtSubmissionDone done;
  gpointer user_data;
  PtPeer peer;            /* owned */
  PtAdmission *admission; /* where it is counted when it is freed, or NULL */
  gboolean has_place;     /* and gives its place back */
  gint64 entered;         /* monotonic us */
  guint wants;            /* PtWants */
  guint64 lines_before;   /* of the stream that it is a part of: its answer counts on from there */
  PtOutcome *outcomes;    /* by line; NULL: none is wanted */
};

/* Splits @body (kept) into lines: many where @many, else it is one. PT_ERROR_TOO_LARGE for too
 * many. Empty lines count but are not entries. LF or CRLF ends a line. */
PtSubmission *pt_submission_new (const PtKind *kind, GBytes *body, gboolean many,
                                 PtSubmissionDone done, gpointer user_data, GError **error);
/* Counts its lines as what they became, and gives its place back. */
void pt_submission_free (PtSubmission *submission);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSubmission, pt_submission_free)

void pt_submission_set_peer (PtSubmission *submission, const PtPeer *peer); /* copied */
/* Takes a place for each line; FALSE: there is none, and all lines are refused as busy. Once. */
gboolean pt_submission_enter (PtSubmission *submission, PtAdmission *admission);

/* What comes with line @index (from 0 among ->lines). Takes the attachment. */
void pt_submission_attach (PtSubmission *submission, guint index, PtAttachment *attachment);
/* @wants: PtWants, once, before it is handed in. */
void pt_submission_want (PtSubmission *submission, guint wants);

/* All its lines. */
void pt_submission_refuse (PtSubmission *submission, PtErrorCode code);
void pt_line_refuse (PtLine *line, PtErrorCode code);
/* As PT_ERROR_TOO_MANY. @wait: s. */
void pt_line_refuse_many (PtLine *line, guint wait);
/* As pt_error_from_rule () has it; the line remembers the rule. */
void pt_line_refuse_rule (PtLine *line, PtRule rule);
/* Why a refused line was: "complaint-prev", "busy". */
const char *pt_line_slug (const PtLine *line);
/* Whether the line says what these stored bytes of an entry say, whatever its signature. */
gboolean pt_line_repeats (const PtLine *line, PtSpan stored);

/* {"accepted":n,"duplicate":n,"rejected":[{"line":i,"error":"slug"}]}, and where there are such
 * "begin":[{"line":i,"first_seq":n}] and "receipts":[{"line":i,"receipt":{...}}]. */
char *pt_submission_to_json (const PtSubmission *submission);

/* Whether nothing could be taken in for now: every line is refused as busy. */
gboolean pt_submission_is_busy (const PtSubmission *submission);
/* Where every line is refused because too many came: s, until the first of them may. 0: else. */
guint pt_submission_wait (const PtSubmission *submission);
