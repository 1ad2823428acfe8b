/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-directory.h"
#include "pt-limits.h"
#include "pt-pending.h"

/* Certificates for devices that make their key themselves (EST, RFC 7030): whose key is registered
 * and active gets one at once, other requests wait for whoever has the authority's key, which is
 * never here. A certificate says who speaks; what counts is said by the log. */
typedef struct _PtEst PtEst;

#define PT_EST_RETRY_S 300 /* what a device that waits is told */

typedef struct
{
  const char *ca;              /* a folder, see pt-ca.h */
  const char *passphrase_file; /* mode 0600: of the authority's key, its first line */
  const char *invitations;     /* a file, made with the first */
  guint days;                  /* that a certificate is good for */
  PtDirectory *directory;      /* outlives it */
} PtEstConfig;

/* PT_ERROR_CONFIGURATION: *@key is the option that is wrong. */
PtEst *pt_est_new (const PtEstConfig *config, const char **key, GError **error);
void pt_est_free (PtEst *est);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEst, pt_est_free)

/* Any thread */

/* The authority's certificate as EST has it; free it. */
char *pt_est_authority (PtEst *est);
/* FALSE with PT_ERROR_TOO_MANY: too many wrong passwords came from @who. */
gboolean pt_est_may_try (PtEst *est, const char *who, guint *wait, GError **error);

/* One thread, always the same; these read and write files. */

typedef struct
{
  const char *area, *device; /* as it says who it is, or as its certificate does */
  const char *password;      /* of simpleenroll */
  const guint8 *key;         /* of simplereenroll: of its certificate */
  GBytes *body;
  const char *who, *address; /* of limits, for people (or NULL) */
  gint64 now;                /* ms since 1970 */
} PtEstAsk;

/* The certificate as EST has it; NULL with *@wait > 0: later. Else errors, with *@wait for
 * PT_ERROR_TOO_MANY. Free it. */
char *pt_est_enroll (PtEst *est, const PtEstAsk *ask, guint *wait, GError **error);
char *pt_est_reenroll (PtEst *est, const PtEstAsk *ask, guint *wait, GError **error);
/* A one-time password for a device of an area that is there; free it. */
char *pt_est_invite (PtEst *est, const char *area, const char *device, gint64 now, gint64 until,
                     GError **error);
PtPending *pt_est_pending (PtEst *est);
/* The passphrase and the authority's certificate as they are now; an error as of pt_est_new ():
 * they stay as they were. */
gboolean pt_est_reload (PtEst *est, const char **key, GError **error);
/* Nothing is asked for: the authority's folder is free for others. */
void pt_est_rest (PtEst *est);
