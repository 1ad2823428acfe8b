/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-submission.h"

/* What a device is told of its reports: docs/PROTOCOL.md section 13. */

/* After the commit. */
char *pt_mqtt_answer_text (const PtSubmission *submission);
/* Of a message that is none. */
char *pt_mqtt_answer_refusal (const GError *error);
/* Whether a line has to wait and be handed in again. */
gboolean pt_mqtt_answer_waits (const PtSubmission *submission);
