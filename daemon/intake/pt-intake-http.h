/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-connection.h"
#include "pt-intake-device.h"
#include "pt-route.h"

/* The mouth for HTTP: POST of reports and registrations, answered after their commit, and of areas.
 */

/* What is answered where no line of @submission may come now: that it is busy, or that there are
 * too many, with *@wait in seconds; NULL: what pt_submission_to_json () says. */
GError *pt_intake_http_error (const PtSubmission *submission, guint *wait);

/* What the routes below are added with; it and what it points to have to outlive the server. */
typedef struct
{
  PtIntake *intake;
  const guint8 *service_key; /* signs the rosters of a new area */
  const guint8 *account;     /* 20 bytes: the account that anchors them; NULL without a chain */
  const PtIntakeDevices *devices; /* what they ask */
} PtIntakeHttp;

extern const PtRoute pt_intake_http_routes[];

/* Takes a request's body as lines of this kind, and answers for each. From a handler on the loop.
 */
gboolean pt_intake_http_take (PtRequest *request, const PtIntakeHttp *http, const PtKind *kind,
                              GError **error);

/* Whose it is, and what its connection proves. @message: NULL where no proxy's header can be in it.
 */
void pt_intake_http_set_peer (PtSubmission *submission, PtConnection *connection,
                              SoupServerMessage *message);
/* Prefer: receipt */
gboolean pt_intake_http_wants_receipts (SoupServerMessage *message);
