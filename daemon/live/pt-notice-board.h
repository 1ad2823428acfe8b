/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-news.h"

/* Announcements of shutdowns and estimates, as their newest entries say. It never judges:
 * PtRegistry does. Any thread, but where another is named. */
typedef struct _PtNoticeBoard PtNoticeBoard;

/* @news: where what changes is told, from pt_notice_board_start () on. */
PtNoticeBoard *pt_notice_board_new (PtNews *news);
/* Main loop. */
void pt_notice_board_free (PtNoticeBoard *board);
/* After what was stored was told; main loop. */
void pt_notice_board_start (PtNoticeBoard *board);
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
