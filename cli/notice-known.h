/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-entry.h"
#include "pt-http-client.h"

/* A notice as the daemon has it, and what its next entry has to stand on. */
typedef struct
{
  gint64 n;    /* its entries; 0: there is none yet */
  PtHash last; /* leaf hash of the newest */
  PtNoticeAbout about;
  PtScope scope;
  char *target; /* NULL: the whole area */
  gint64 start, end;
  char *note;
} PtNoticeKnown;

void pt_notice_known_clear (PtNoticeKnown *known);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtNoticeKnown, pt_notice_known_clear)

/* Of those that stand. */
gboolean pt_notice_known_ask (PtHttpClient *client, const char *url, const char *area,
                              const char *notice, PtNoticeKnown *out, GError **error);

gboolean pt_notice_about_parse (const char *text, PtNoticeAbout *out);
