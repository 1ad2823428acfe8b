/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-filing.h"

/* The mouth for complaints over HTTP: tickets, what citizens file with photos, and every further
 * action of citizens and officials. */
extern const PtRoute pt_intake_complaints_routes[]; /* PtFilings */
