/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-plan.h"

/* A synthetic town of @sites sites in the areas town-north, town-south, ...: neighbourhoods of
 * transformers, each with a street cluster and two houses. Storms cross it and take out what lies
 * in their way, with everything a transformer feeds; crews repair one after the other; beside that
 * single faults happen. The times count from 0 to @duration (ms); the first storm's first damage is
 * 20 minutes after 0, or half of @duration where that is less, and breaks the line to a
 * neighbourhood of 48 sites, where there is one. The same seed makes the same town.
 * @sites: 1 to 2,000,000. */
PtFleetPlan *pt_fleet_town (guint sites, guint64 seed, gint64 duration);
