/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-csv.h"
#include "pt-fleet-plan.h"

/* A plan from a CSV of real outages, one a row, with the columns device_id, circuit_id, extent,
 * latitude, longitude, start_ms, end_ms and customers in any order; others are passed over.
 *
 * Every device_id is a device, its site has the same id. Area: `pge-NN`, NN being the first two
 * digits of the circuit padded to nine. Place: its first row's. Customers: the most of its rows.
 * Level: `house` (its place rounded to a cell) for extent CUSTOMER with at most one customer,
 * `cluster` for CUSTOMER with more, `transformer` for the rest. An empty end_ms is an outage that
 * is not over. The first row that cannot be so ends it with an error that says where. */
PtFleetPlan *pt_fleet_outages_read (const char *path, GError **error);
PtFleetPlan *pt_fleet_outages_from_csv (PtCsv *csv, GError **error);
