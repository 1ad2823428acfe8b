/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What a daemon asks an official's key to sign when she logs in. Whoever signs looks at it first:
 * a key signs entries too, and a daemon that stands between must not get a login at another. */

typedef enum
{
  PT_LOGIN_GOOD,
  PT_LOGIN_OTHER,    /* it is no login of this official, but something else to sign */
  PT_LOGIN_ELSEWHERE /* it is one, but at another daemon than the one at @url */
} PtLogin;

/* @challenge: its exact text. @url: the address that was asked; its host is the one that has to be
 * named, and its port where one is named. @host: where to put the host that is named, or NULL;
 * NULL there unless PT_LOGIN_ELSEWHERE. */
PtLogin pt_login_judge (const char *challenge, const char *area, const char *official,
                        const char *url, char **host);
