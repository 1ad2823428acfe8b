/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-action-draft.h"
#include "pt-area-profile.h"
#include "pt-keyring.h"
#include "pt-link.h"

/* Who sits at this console: the key that was chosen, and being logged in at the daemon with it,
 * which lets one see the words and photos of the area. No password: a challenge is signed. Main
 * thread only. Signal "changed": any of what is asked below. */

typedef enum
{
  PT_SESSION_NONE, /* no key is chosen */
  PT_SESSION_BUSY, /* the keyring or the daemon is being asked */
  PT_SESSION_IN,
  PT_SESSION_OUT /* it failed, or ended: ->detail says why */
} PtSessionState;

#define PT_TYPE_SESSION (pt_session_get_type ())
G_DECLARE_FINAL_TYPE (PtSession, pt_session, PT, SESSION, GObject)

PtSession *pt_session_new (PtLink *link);
/* Logs in with @key, and out with the one before; NULL: only that. */
void pt_session_choose (PtSession *session, PtKeyringKey *key);
/* Again with the same key. */
void pt_session_login (PtSession *session);

PtSessionState pt_session_state (PtSession *session);
const char *pt_session_detail (PtSession *session); /* a sentence for people; "" when well */
PtKeyringKey *pt_session_key (PtSession *session);  /* or NULL; borrowed */
const char *pt_session_token (PtSession *session);  /* of @area's words; NULL: not logged in */
const char *pt_session_name (PtSession *session);   /* the office; "" until logged in */
PtRole pt_session_role (PtSession *session);        /* an auditor until logged in */
/* What the area of who is logged in promises, as of the login or the last asking anew; NULL: that
 * was not learnt. */
const PtAreaProfile *pt_session_profile (PtSession *session);
/* Asks for it anew. */
void pt_session_ask_profile (PtSession *session);
/* Whether an official of @area is logged in. */
gboolean pt_session_is_of (PtSession *session, const char *area);
/* Whether who is logged in may do it now. */
gboolean pt_session_may (PtSession *session, const PtComplaintDetail *detail, PtAction action);

/* Opens the key in the keyring, signs and posts; what became of it. A refusal is no error. */
typedef struct
{
  gboolean is_done;
  char *problem; /* why not, for people; or NULL */
  /* The complaint as it is now, where the daemon says it: with what somebody else has done, where
   * that was faster. Or NULL. */
  PtComplaintDetail *detail;
} PtActResult;

void pt_session_act_async (PtSession *session, const PtActionDraft *draft,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
/* Likewise, and with it the words and photos of step @n are forgotten for ever; @draft: an
 * officer's comment that says why. */
void pt_session_erase_async (PtSession *session, const PtActionDraft *draft, gint64 n,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
/* The words and photos of step @n are hidden from officials, or shown again. Nothing is signed. */
void pt_session_hide_async (PtSession *session, const char *area, const char *complaint, gint64 n,
                            gboolean hidden, const char *reason, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
/* Of each of them. */
PtActResult *pt_session_act_finish (PtSession *session, GAsyncResult *result, GError **error);
/* What somebody else did at step @n or since, for people; NULL: nobody did anything. */
char *pt_act_result_faster (const PtActResult *result, gint64 n, gint64 now);
void pt_act_result_free (PtActResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtActResult, pt_act_result_free)

/* A complaint with all its steps, and its words where the session may see them. */
void pt_session_load_async (PtSession *session, const char *area, const char *complaint,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
PtComplaintDetail *pt_session_load_finish (PtSession *session, GAsyncResult *result,
                                           GError **error);
