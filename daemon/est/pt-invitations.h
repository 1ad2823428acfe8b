/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* One-time passwords that devices come with for the first time: of each its SHA-256 alone, in a
 * file (mode 0600). One is for one key, the first that comes with it, until its certificate was
 * given PT_INVITATION_CERTIFICATES times (an answer may be lost), or until it is over. One thread.
 */
typedef struct _PtInvitations PtInvitations;

#define PT_INVITATIONS_MAX 2000 /* that are good at the same time */
#define PT_INVITATION_CERTIFICATES 3
#define PT_INVITATION_PASSWORD_SIZE 24 /* characters, of 120 random bits */

/* Times are in ms since 1970. PT_ERROR_CONFIGURATION: the file is none of invitations. */
PtInvitations *pt_invitations_open (const char *path, GError **error);
void pt_invitations_free (PtInvitations *invitations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtInvitations, pt_invitations_free)

/* The password, when it is durable; free it. One that the device had is void from now on.
 * PT_ERROR_BUSY: there are PT_INVITATIONS_MAX. */
char *pt_invitations_make (PtInvitations *invitations, const char *area, const char *device,
                           gint64 now, gint64 until, GError **error);
/* Takes as long whether there is one or not. */
gboolean pt_invitations_know (const PtInvitations *invitations, const char *area,
                              const char *device, const char *password, gint64 now);
/* For this key alone from now on; FALSE with PT_ERROR_CONFLICT: it is for another. Of a device that
 * has one. */
gboolean pt_invitations_bind (PtInvitations *invitations, const char *area, const char *device,
                              const guint8 key[PT_PUBLIC_KEY_SIZE], GError **error);
/* A certificate is given for it: the last one ends it. Returns when that is durable. */
gboolean pt_invitations_use (PtInvitations *invitations, const char *area, const char *device,
                             GError **error);
guint pt_invitations_count (const PtInvitations *invitations);
