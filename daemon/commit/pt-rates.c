/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rates.h"

#include "pt-address.h"
#include "pt-limits.h"

#define AREA_BURST_S 10
#define NUMBER_SIZE 16

enum
{
  BY_ADDRESS,
  BY_DEVICE,
  BY_AREA,
  LIMITS
};

struct _PtRates
{
  PtLimits *limits;
  PtClock *clock;
  char **many;
};

/* @burst: at least. */
static PtLimitRate
rate_of (guint count, guint burst, double per_hour)
{
  return (PtLimitRate){ count > 0 ? MAX (burst, count) : 0, per_hour };
}

static PtLimits *
limits_of (const PtRatesConfig *config)
{
  guint address = config->address_per_minute, device = config->device_per_minute;
  guint area = config->area_per_second;
  const PtLimitRate rates[LIMITS]
      = { [BY_ADDRESS] = rate_of (address, PT_SUBMISSION_LINES_MAX, address * 60.0),
          [BY_DEVICE] = rate_of (device, PT_SEQ_WINDOW, device * 60.0),
          [BY_AREA]
          = rate_of (area, MAX (PT_SUBMISSION_LINES_MAX, area * AREA_BURST_S), area * 3600.0) };

  return pt_limits_new (rates, LIMITS);
}

PtRates *
pt_rates_new (const PtRatesConfig *config, PtClock *clock)
{
  PtRates *rates;

  g_return_val_if_fail (config != NULL && clock != NULL, NULL);

  rates = g_new0 (PtRates, 1);
  rates->limits = limits_of (config);
  rates->clock = pt_clock_ref (clock);
  rates->many = g_strsplit (config->many != NULL ? config->many : "", ";", -1);
  for (guint i = 0; rates->many[i] != NULL; i++)
    g_strstrip (rates->many[i]);
  return rates;
}

void
pt_rates_free (PtRates *rates)
{
  if (rates == NULL)
    return;
  pt_limits_free (rates->limits);
  pt_clock_unref (rates->clock);
  g_strfreev (rates->many);
  g_free (rates);
}

guint
pt_rates_take_address (PtRates *rates, const PtPeer *peer, guint lines, guint *wait)
{
  g_autofree char *network = NULL;

  g_return_val_if_fail (rates != NULL && peer != NULL && wait != NULL, 0);

  *wait = 0;
  if (peer->address == NULL || peer->transport == PT_TRANSPORT_MQTT)
    return lines;
  if (g_strv_contains ((const char *const *) rates->many, pt_address_plain (peer->address)))
    return lines;
  network = pt_address_network (peer->address);
  return pt_limits_take_some (rates->limits, BY_ADDRESS, network, lines, g_get_monotonic_time (),
                              wait);
}

static gint64
rates_now (const PtRates *rates)
{
  return pt_clock_source (rates->clock) == PT_CLOCK_REAL
             ? g_get_monotonic_time ()
             : pt_clock_now (rates->clock) * G_TIME_SPAN_MILLISECOND;
}

gboolean
pt_rates_take_device (PtRates *rates, const PtDevice *device, guint *wait)
{
  gint64 now;
  char who[NUMBER_SIZE], area[NUMBER_SIZE];

  g_return_val_if_fail (rates != NULL && device != NULL && wait != NULL, FALSE);

  now = rates_now (rates);
  g_snprintf (who, sizeof who, "%u", device->number);
  g_snprintf (area, sizeof area, "%u", device->area->number);
  if (!pt_limits_take (rates->limits, BY_DEVICE, who, now, wait))
    return FALSE;
  if (pt_limits_take (rates->limits, BY_AREA, area, now, wait))
    return TRUE;
  pt_limits_give (rates->limits, BY_DEVICE, who);
  return FALSE;
}

void
pt_rates_give_device (PtRates *rates, const PtDevice *device)
{
  char who[NUMBER_SIZE], area[NUMBER_SIZE];

  g_return_if_fail (rates != NULL && device != NULL);

  g_snprintf (who, sizeof who, "%u", device->number);
  g_snprintf (area, sizeof area, "%u", device->area->number);
  pt_limits_give (rates->limits, BY_DEVICE, who);
  pt_limits_give (rates->limits, BY_AREA, area);
}
