/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-budget.h"
#include "pt-refusals.h"
#include "pt-request.h"

/* How requests become answers: the handler is run where its route says, and what it made is sent,
 * at once or piece by piece. Main loop, but for pt_request_answer (). */

/* @unread: of bytes that clients have not read yet; @refusals: of routes that are counted, or NULL.
 * Both have to outlive it. */
PtAnswers *pt_answers_new (PtBudget *unread, PtRefusals *refusals);
/* Waits for the workers. */
void pt_answers_free (PtAnswers *answers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAnswers, pt_answers_free)

/* From the message's handler in libsoup. */
void pt_answers_begin (PtAnswers *answers, PtRequest *request);
/* The body's end is not known yet: chunks, or for HTTP/1.0, which has none, until the connection
 * is closed (RFC 9112 section 6.3). */
void pt_answer_set_open_end (SoupServerMessage *message);
/* A handler on the loop that leaves ->status 0 writes to ->message itself from then on. */

/* For a handler on the loop: the answer comes later, by pt_request_answer () of what this returns,
 * from any thread, once: with @error as a problem, else with what was filled in until then. */
PtRequest *pt_request_answer_later (PtRequest *request);
void pt_request_answer (PtRequest *request, const GError *error);
/* Any thread: a handler has made a problem of its own, or refused a part of what was sent; counted
 * where the route says so. */
void pt_request_refused (PtRequest *request, const char *slug);
