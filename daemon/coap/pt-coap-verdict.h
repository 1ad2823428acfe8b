/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-error.h"

/* What a device hears of its report: PT_COAP_TAKEN, or why it was refused. */

#define PT_COAP_TAKEN PT_ERROR_COUNT /* durable, now or before: no PtErrorCode */
#define PT_COAP_BUSY_S 10            /* Max-Age of 5.03: when to come again */

/* A code of CoAP, its class in the upper three bits (RFC 7252 section 3). */
guint8 pt_coap_verdict_code (guint verdict);
/* "slug: One sentence.", the diagnostic payload; NULL of PT_COAP_TAKEN. */
char *pt_coap_verdict_text (guint verdict);
