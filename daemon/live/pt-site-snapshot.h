/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-extent.h"
#include "pt-news.h"

/* All sites as of one generation, in pieces that never change. Readers share it by reference: who
 * holds one holds no lock, and the committer waits for nobody who reads.
 *
 * What is said of sites is kept by piece, so of the next generation only those pieces are made
 * again whose sites changed. */

#define PT_SITE_TEXTS 4 /* how many texts a piece may have */
#define PT_SITE_LISTS 6 /* how many lists of all of them a snapshot may have */

typedef struct
{
  guint sites, on, off, silent, unknown;
} PtSiteCounts;

/* What a piece's sites are in writing. */
typedef struct
{
  GBytes *plain;
  GBytes *packed; /* part of a gzip file (pt-gzip.h), or NULL while nobody asked */
  guint32 check;  /* of the plain text: CRC 32 */
} PtSiteText;

typedef struct
{
  GArray *sites; /* PtSite */
  GStringChunk *names;
  gint64 silent_at; /* ms: when the first of them falls silent; G_MAXINT64: none does */
  GMutex lock;      /* guards the texts */
  PtSiteText texts[PT_SITE_TEXTS];
} PtSitePiece;

typedef struct
{
  guint64 generation; /* of another one the sites are not the same */
  gint64 now;         /* ms, the clock's, when it was made */
  gint64 silent_at;   /* ms: the first of its sites falls silent */
  gint64 begun;       /* monotonic us: all that was committed by then is in it */
  GPtrArray *pieces;  /* PtSitePiece */
  PtSiteCounts counts;
  PtExtent extent; /* of all sites */
  GArray *areas;   /* PtSiteCounts by number; those without sites may be left out */
  gint cost;       /* atomic: us that making it and its texts took */
  GMutex lock;     /* guards the lists; taken before a piece's */
  GPtrArray *lists[PT_SITE_LISTS];
} PtSiteSnapshot;

PtSiteSnapshot *pt_site_snapshot_ref (PtSiteSnapshot *snapshot);
void pt_site_snapshot_unref (PtSiteSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSiteSnapshot, pt_site_snapshot_unref)

/* For the function below: @site is copied. @silent_at: ms, when it falls silent; G_MAXINT64: it
 * does not. */
void pt_site_piece_add (PtSitePiece *piece, const PtSite *site, gint64 silent_at);

/* Reads what is now the piece @number; FALSE: there are not so many. On the thread of whoever asks,
 * one at a time. */
typedef gboolean (*PtSiteReadFunc) (PtSitePiece *piece, guint number, gint64 now,
                                    gpointer user_data);

typedef struct _PtSiteKeeper PtSiteKeeper;

PtSiteKeeper *pt_site_keeper_new (PtClock *clock, PtSiteReadFunc read, gpointer user_data);
void pt_site_keeper_free (PtSiteKeeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSiteKeeper, pt_site_keeper_free)

/* Sites of the piece changed, or any did. Any thread; quick. */
void pt_site_keeper_changed (PtSiteKeeper *keeper, guint piece);
void pt_site_keeper_all_changed (PtSiteKeeper *keeper);

/* A snapshot that has all that changed before @asked (monotonic us). All who asked before one is
 * begun share it, and the next is begun only when making the last one, texts included, was a
 * quarter of the time since: so making them takes a quarter of one processor at most, however many
 * ask. Who would have to wait for longer than @patience (ms) gets the newest there is.
 */
PtSiteSnapshot *pt_site_keeper_get (PtSiteKeeper *keeper, gint64 asked, guint patience);

/* Makes what is missing of a piece's text @number. With the piece's lock. */
typedef void (*PtSiteTextFunc) (PtSiteText *text, const PtSitePiece *piece, gpointer user_data);

/* The piece's text as @make leaves it; by reference, once for all who ask. */
PtSiteText pt_site_snapshot_text (PtSiteSnapshot *snapshot, guint piece, guint number,
                                  PtSiteTextFunc make, gpointer user_data);

typedef GPtrArray *(*PtSiteListFunc) (PtSiteSnapshot *snapshot, guint number, gpointer user_data);

/* The list @number of all sites, made by @make for the first who asks; by reference. */
GPtrArray *pt_site_snapshot_list (PtSiteSnapshot *snapshot, guint number, PtSiteListFunc make,
                                  gpointer user_data);
void pt_site_text_clear (PtSiteText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtSiteText, pt_site_text_clear)
