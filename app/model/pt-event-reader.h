/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A push parser of server-sent events, WHATWG HTML section 9.2.6, in whatever pieces they come. */

#define PT_EVENT_DATA_MAX (32 * 1024 * 1024) /* bytes of one event, or of one line */

typedef struct _PtEventReader PtEventReader;

typedef struct
{
  const char *type; /* "message" where the stream names none */
  const char *data; /* NUL-terminated, and may hold others: lines joined by newlines */
  gsize size;
  const char *id; /* the last one said; "" when none was */
} PtEvent;

/* @event is valid during the call. The reader must not be fed or freed in it. */
typedef void (*PtEventFunc) (const PtEvent *event, gpointer user_data);

/* Tells @func of each event that is fed whole. */
PtEventReader *pt_event_reader_new (PtEventFunc func, gpointer user_data);
void pt_event_reader_free (PtEventReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEventReader, pt_event_reader_free)

/* FALSE: PT_ERROR_TOO_LARGE; the reader takes nothing any more. An event that the stream's end cuts
 * off is never told, as the standard says. */
gboolean pt_event_reader_feed (PtEventReader *reader, const char *data, gsize size, GError **error);

/* What the stream wants a reader to wait before it comes back, ms; -1: it does not say. */
gint64 pt_event_reader_retry (const PtEventReader *reader);
