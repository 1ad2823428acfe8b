/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-filing.h"

/* The mouth for short messages, which a gateway hands in. It answers in the language that the
 * gateway asks for (Accept-Language). */
extern const PtRoute pt_intake_sms_routes[]; /* PtFilings */
