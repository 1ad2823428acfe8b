/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-api.h"
#include "pt-intake-http.h"
#include "pt-office.h"

/* One action on its way from a mouth into the log: its photos are written anew, it is committed
 * with its private part, and then answered with what the log has of it now; or it is refused, and
 * nothing of it is kept. */

/* What the mouths for complaints have together. */
typedef struct
{
  const PtIntakeHttp *http;
  PtOffice *office;
  const PtApiComplaints *api;
  GThreadPool *painters; /* photos, each in a process of its own */
  GThreadPool *clerks;   /* what reads the store */
} PtFilings;

void pt_filings_init (PtFilings *filings);
/* What is under way is brought to its end. */
void pt_filings_clear (PtFilings *filings);
/* The area's number; -1: there is none of this name. */
gint32 pt_filings_area (PtFilings *filings, const char *id);
/* Has a clerk do it. */
void pt_filings_run (PtFilings *filings, GFunc func, gpointer data);

typedef struct _PtFiling PtFiling;

/* What became of it, on a clerk's thread: fills the answer of @request. */
typedef gboolean (*PtFilingAnswer) (PtFiling *filing, PtRequest *request, GError **error);

struct _PtFiling
{
  PtFilings *filings;
  PtRequest *request;
  GBytes *entry;
  char area[PT_AREA_MAX + 1], complaint[PT_ID_MAX + 1];
  char *address;     /* whose it is: numeric; or NULL */
  GBytes *private;   /* or NULL */
  GPtrArray *photos; /* GBytes as they were sent; NULL: none */
  gint64 erases;     /* the private part of that n; 0: none */
  char *ticket;      /* that a join was let in with; NULL: none */
  PtHash digest;     /* of the entry, with it */
  PtFilingAnswer answer;
  PtAttachment *attachment;
  PtSubmission *submission; /* on its way back */
};

/* @entry: parsed from @bytes. Both are kept by reference. */
PtFiling *pt_filing_new (PtFilings *filings, GBytes *bytes, const PtEntry *entry);
void pt_filing_free (PtFiling *filing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFiling, pt_filing_free)

/* Takes @filing; from a handler on the loop, whose answer comes later. FALSE: it is refused. */
gboolean pt_filing_start (PtFiling *filing, PtRequest *request, GError **error);

/* 201 or 200 with entry, receipt and complaint; or a problem. A PtFilingAnswer. */
gboolean pt_filing_answer (PtFiling *filing, PtRequest *request, GError **error);
/* The line that it is, once it came back. */
const PtLine *pt_filing_line (const PtFiling *filing);
/* Why it was refused, for people; and the status of it. */
const char *pt_filing_sentence (const PtLine *line);
guint pt_filing_status (const PtLine *line);
