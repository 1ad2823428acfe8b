/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fast.h"

/* The mouth for one report a request, past libsoup: takes what is a report in form and leaves all
 * else to pt-intake-http. A PtFastFunc; @context: PtIntakeHttp. */
#define PT_INTAKE_FAST_PATH "/api/v1/reports"

gboolean pt_intake_fast_take (PtFastRequest *request, GBytes *body, gpointer context);
