/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-plan.h"
#include "pt-fleet-state.h"

/* What devices that made their key themselves ask a certificate authority for: PKCS#10 requests
 * (RFC 2986), each signed by the device's own key. */

/* The request of a device, PEM; NULL when the key is none. */
char *pt_fleet_request_new (const PtFleetDevice *device, const guint8 scalar[32]);
/* Writes {number}.csr into @folder for each device of @plan, and makes the folder. */
gboolean pt_fleet_request_write_all (PtFleetState *state, const PtFleetPlan *plan,
                                     const char *folder, GError **error);
