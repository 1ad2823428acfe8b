/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-budget.h"

/* The short way past libsoup, whose messages cost ten times what such a request does otherwise:
 * one small JSON body that is posted to one address, see pt_fast_head_fits (). It waits for many
 * connections at once and for their answers. All that could be refused for its form is left to
 * libsoup, so that it has one answer. Main loop, but for pt_fast_answer (). */
typedef struct _PtFast PtFast;
typedef struct _PtFastRequest PtFastRequest;
typedef struct _PtConnection PtConnection;

#define PT_FAST_BODY_MAX 4096

/* TRUE: it is taken, and pt_fast_answer () follows, once. FALSE: it is libsoup's; nothing has
 * happened. Keeps a reference of @body if it wants to. */
typedef gboolean (*PtFastFunc) (PtFastRequest *request, GBytes *body, gpointer context);

/* @bodies: of bytes on their way in; has to outlive it. */
PtFast *pt_fast_new (PtBudget *bodies);
/* When nothing is under way, and no connection is there any more. */
void pt_fast_free (PtFast *fast);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFast, pt_fast_free)

/* What is posted to @path, which is static. Once. */
void pt_fast_set_handler (PtFast *fast, const char *path, PtFastFunc func, gpointer context);
/* From now on all is libsoup's. */
void pt_fast_close (PtFast *fast);
/* How many are not answered yet. */
guint pt_fast_under_way (PtFast *fast);

/* Whose it is; as long as it is not answered. */
PtConnection *pt_fast_connection (PtFastRequest *request);
/* Any thread. @status 200 with JSON, or a problem's; @wait: s, what Retry-After says then. Takes
 * @request and @body. */
void pt_fast_answer (PtFastRequest *request, guint status, guint wait, char *body);

/* For PtConnection */

/* Calls pt_connection_pump () whenever there may be something new to read. FALSE: it can't. */
gboolean pt_fast_watch (PtFast *fast, int descriptor, PtConnection *connection);
void pt_fast_forget (PtFast *fast, int descriptor);
/* Whether a head may go this way. */
gboolean pt_fast_wants (PtFast *fast, const char *head, gsize size, guint64 length);
/* FALSE: it is libsoup's. Else pt_connection_answer_fast () follows. */
gboolean pt_fast_take (PtFast *fast, PtConnection *connection, const char *body, gsize size);
