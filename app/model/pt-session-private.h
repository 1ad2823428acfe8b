/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-seen.h"
#include "pt-session.h"

/* PtSession's parts: pt-session.c logs in and says who is; pt-session-acts.c asks and acts. */
struct _PtSession
{
  GObject parent_instance;
  PtLink *link;
  PtKeyringKey *key;
  PtSessionState state;
  char *detail, *token, *name;
  PtRole role;
  GCancellable *login;    /* of the login that goes on, or the last one */
  char *challenge;        /* that was given for it */
  PtAreaProfile *profile; /* of the key's area, or NULL */
  PtSeen *seen;           /* what was shown of complaints in this run */
};

/* The daemon says that the token is none any more. */
void pt_session_end (PtSession *session, const char *why);
