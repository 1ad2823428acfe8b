/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint.h"
#include "pt-store.h"

/* What officials and citizens said: the actions of complaints, notices and profiles, kept for ever
 * beside the log, and the private parts of actions, which never enter it. Written with their
 * entries, in the same commit (PtGroup). */

typedef enum
{
  PT_SAID_ACTION = 1, /* stores keep the numbers */
  PT_SAID_NOTICE,
  PT_SAID_PROFILE
} PtSaidKind;

typedef struct
{
  guint32 area;
  guint64 entry; /* its number in the area */
  PtSaidKind kind;
  const char *name; /* of the complaint or notice; "" of a profile */
  gint64 n;         /* in the complaint or notice; of a profile its ts */
  PtHash leaf;
  guint8 signer[PT_PUBLIC_KEY_SIZE]; /* the key that signed it */
  PtEvidence evidence;               /* of a resolve */
  PtAftermath later;                 /* of a supported one: PENDING, also where it held since, or
                                        FELL_AGAIN */
  GBytes *receipt;                   /* that was given for it, powertrack-receipt-1; NULL: none */
  GBytes *body;                      /* the stored entry's exact bytes */
} PtSaidRow;

/* What is known later of what was said: what became of a resolve that was supported, by a report of
 * the same commit; a receipt that another store has. */
typedef struct
{
  guint32 area;
  PtSaidKind kind;
  const char *name;
  gint64 n;
  PtAftermath later; /* NONE: as it is */
  GBytes *receipt;   /* where it has none; NULL: as it is */
} PtSaidLater;

#define PT_PHOTOS_MAX 5

typedef struct
{
  PtHash sent;   /* SHA-256 of the bytes as the citizen had them: what the private part names */
  char type[16]; /* "image/jpeg": of what is kept */
  GBytes *bytes; /* what is kept of it; NULL where only its name was asked for */
} PtPhoto;

void pt_photo_clear (PtPhoto *photo);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtPhoto, pt_photo_clear)

/* The newest act of moderation: who hid the words of a step, or showed them again. */
typedef struct
{
  gboolean hidden;
  char by[PT_ID_MAX + 1]; /* an official; "": nobody did either */
  gint64 at;              /* ms */
  const char *reason;     /* NULL where nobody did */
} PtModeration;

/* The private part of an action. */
typedef struct
{
  guint32 area;
  const char *complaint;
  gint64 n;
  GBytes *text; /* canonical JSON whose SHA-256 is the action's note_hash; NULL: it was erased */
  PtModeration moderation;
  PtPhoto photos[PT_PHOTOS_MAX]; /* in the text's order */
  guint photo_count;             /* 0 once it was erased */
} PtPrivateRow;

/* @out gets a copy of its own of everything. */
void pt_private_row_copy (const PtPrivateRow *row, PtPrivateRow *out);
void pt_private_row_clear (PtPrivateRow *row);

/* A private part that is forgotten with this commit, its photos too. Its row stays, without. */
typedef struct
{
  guint32 area;
  const char *complaint;
  gint64 n;
} PtErasure;

/* @row and what it points to are the store's until @func returns, which may take references. Ends
 * the scan by returning FALSE; without an error that is fine. */
typedef gboolean (*PtSaidRowFunc) (const PtSaidRow *row, gpointer user_data, GError **error);

/* All that was said in the area by entries above @after, in the log's order. */
gboolean pt_store_scan_said (PtStore *store, guint32 area, guint64 after, PtSaidRowFunc func,
                             gpointer user_data, GError **error);
/* One complaint's actions, or one notice's entries, by n, from @n on, @limit at most. */
gboolean pt_store_scan_chain (PtStore *store, guint32 area, PtSaidKind kind, const char *name,
                              gint64 n, guint limit, PtSaidRowFunc func, gpointer user_data,
                              GError **error);

/* The private parts of a complaint's actions by n, from @n on, photos without their bytes. @func as
 * above. */
typedef gboolean (*PtPrivateRowFunc) (const PtPrivateRow *row, gpointer user_data, GError **error);
gboolean pt_store_privates (PtStore *store, guint32 area, const char *complaint, gint64 n,
                            PtPrivateRowFunc func, gpointer user_data, GError **error);
/* One photo of the complaint with its bytes; @out->bytes NULL: there is none (any more). The caller
 * clears it. *@hidden: of its step, without the reason; of one that is hidden where several steps
 * have the photo. Or NULL. */
gboolean pt_store_photo (PtStore *store, guint32 area, const char *complaint, const PtHash *sent,
                         PtPhoto *out, PtModeration *hidden, GError **error);
/* Hides the private part of action @n, or shows it again; where it is so already, the act that made
 * it so stands. PT_ERROR_NOT_FOUND. */
gboolean pt_store_moderate (PtStore *store, guint32 area, const char *complaint, gint64 n,
                            const PtModeration *moderation, GError **error);
