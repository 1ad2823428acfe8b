/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* What whoever wants something of us works for first: a hash that begins with many zero bits. It
 * costs a phone about a second and us one hash, so that ten thousand complaints cost somebody. */

#define PT_WORK_BITS_MAX 22
#define PT_WORK_NONCE_MAX 20 /* decimal digits */

/* Whether SHA-256 of `powertrack work v1\n`, the ticket, a line feed and the nonce begins with
 * @bits zero bits. */
gboolean pt_work_holds (PtSpan ticket, PtSpan nonce, guint bits);

/* How hard it is for now: @bits while at most @rest a minute are asked for, one more for each time
 * that doubles, PT_WORK_BITS_MAX at most. Any thread. */
typedef struct _PtWork PtWork;

PtWork *pt_work_new (guint bits, guint rest);
void pt_work_free (PtWork *work);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtWork, pt_work_free)

/* One more is asked for. @now: monotonic, us. */
guint pt_work_ask (PtWork *work, gint64 now);
