/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-filing.h"

/* The mouth for those who have no browser: a desk or the telephone. What they say is signed with
 * the service key. */
extern const PtRoute pt_intake_desk_routes[]; /* PtFilings */
