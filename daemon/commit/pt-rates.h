/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-submission.h"

/* How many reports may come: from an address, however they are signed; of a device and of an area
 * once their signatures hold, so that nobody uses up what is another's. What is kept of all is
 * bounded (PT_LIMITS_BUCKETS_MAX of each). Any thread. */
typedef struct _PtRates PtRates;

/* 0: no bound. At once may come what comes in a minute, but at least a whole submission of an
 * address, and of a device all that it may have to say after it was away (PT_SEQ_WINDOW); of an
 * area what comes in ten seconds, but at least a whole submission. */
typedef struct
{
  guint address_per_minute, device_per_minute, area_per_second;
  const char *many; /* addresses that stand for many senders and are not bounded, with ; between;
                     * or NULL */
} PtRatesConfig;

/* Devices and areas are counted by @clock, so that a replay of the past meets what the past would
 * have; addresses always by the time that passes. */
PtRates *pt_rates_new (const PtRatesConfig *config, PtClock *clock);
void pt_rates_free (PtRates *rates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRates, pt_rates_free)

/* How many of @lines may come from there now; where these are not all, *@wait gets seconds. What
 * has no address, and a broker's, is not bounded. */
guint pt_rates_take_address (PtRates *rates, const PtPeer *peer, guint lines, guint *wait);
/* Whether one more report of the device may come, which it has signed; else *@wait gets seconds. */
gboolean pt_rates_take_device (PtRates *rates, const PtDevice *device, guint *wait);
/* One that might has not become durable. */
void pt_rates_give_device (PtRates *rates, const PtDevice *device);
