/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-directory.h"
#include "pt-secret.h"

/* Officials who logged in by signing a challenge with their key. A session is bound to that key: it
 * is over as soon as the official is revoked, or has another key or role. Any thread. */
typedef struct _PtSessions PtSessions;

#define PT_CHALLENGE_MAX 1024 /* bytes */
#define PT_CHALLENGE_LIFE_MS (5 * 60 * 1000)
#define PT_SESSION_IDLE_MS (15 * 60 * 1000)
#define PT_SESSION_LIFE_MS (12 * 60 * 60 * 1000) /* however much it is used */
#define PT_SESSIONS_MAX 4096
#define PT_SESSIONS_EACH_MAX 16 /* of one official; the oldest goes */

typedef struct
{
  char area[PT_AREA_MAX + 1];
  char official[PT_ID_MAX + 1];
  PtRole role;
  gint64 expires; /* ms */
} PtSession;

/* @clock: of real time. */
PtSessions *pt_sessions_new (PtDirectory *directory, PtClock *clock, GError **error);
void pt_sessions_free (PtSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSessions, pt_sessions_free)

/* The text that has to be signed: `powertrack login v1\n` and one line of canonical JSON. @host:
 * what the daemon is called, by which the official sees that nobody else asks. Nothing is kept of
 * it. PT_ERROR_UNKNOWN_AREA, _UNKNOWN_OFFICIAL, _REVOKED_OFFICIAL, _MALFORMED. */
char *pt_sessions_challenge (PtSessions *sessions, const char *area, const char *official,
                             const char *host, gint64 *expires, GError **error);

/* A token of a new session, and what it is; @name: of the office, to be freed. @signature: over the
 * challenge's bytes. PT_ERROR_UNAUTHORIZED, or as above; PT_ERROR_BUSY: there are too many. */
char *pt_sessions_begin (PtSessions *sessions, const char *area, const char *official,
                         const char *challenge, const guint8 signature[PT_SIGNATURE_SIZE],
                         PtSession *out, char **name, GError **error);

/* Whose token it is; used, it is good for longer. PT_ERROR_UNAUTHORIZED. */
gboolean pt_sessions_find (PtSessions *sessions, const char *token, PtSession *out, GError **error);
/* FALSE: there was none. */
gboolean pt_sessions_end (PtSessions *sessions, const char *token);
guint pt_sessions_count (PtSessions *sessions);
