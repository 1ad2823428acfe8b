/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-registry.h"

/* Announcements of shutdowns and estimates, as their newest entries say. It never judges:
 * PtRegistry does. Any thread, but where another is named. */
typedef struct _PtNoticeBoard PtNoticeBoard;

/* A notice as a reader sees it; times in ms. Strings are the board's and stay until it is told of
 * the next entry: whoever keeps them longer copies. */
typedef struct
{
  const char *area, *notice, *by;
  const char *target; /* a feeder or site; NULL: the whole area */
  const char *note;
  guint32 area_number;
  PtNoticeAbout about;
  PtScope scope;
  PtStatus status;
  gint64 n, start, end;
  PtHash leaf;                     /* of its newest entry, which the next one names */
  gint64 received, first_received; /* of its newest entry and of its first */
  gboolean announced;              /* a shutdown that was made known long enough before */
} PtNotice;

PtNoticeBoard *pt_notice_board_new (void);
void pt_notice_board_free (PtNoticeBoard *board);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtNoticeBoard, pt_notice_board_free)

/* After the registry has @entry, a notice as it is in the log. As the committer, with the writer's
 * side of the directory's door. @board NULL: nothing is kept. */
void pt_notice_board_take (PtNoticeBoard *board, const PtArea *area, const PtEntry *entry,
                           const PtNoticeFacts *facts);

/* Of one area, or (-1) of all; with @site, those that cover it: it is their target, @feeder (NULL:
 * not known) is, or all of the area is. */
typedef struct
{
  gint32 area;
  const char *site, *feeder;
  gint64 now; /* ms: those that have not ended */
} PtNoticeQuery;

typedef void (*PtNoticeFunc) (const PtNotice *notice, gpointer user_data);
/* Those that stand, by their start. @func is quick, and asks the board nothing. */
void pt_notice_board_each (PtNoticeBoard *board, const PtNoticeQuery *query, PtNoticeFunc func,
                           gpointer user_data);
