/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-town.h"

#include "pt-fleet-text.h"

#define CENTRE_LAT 256021000 /* 1e-7 degree; Patna, with the Ganges in sight */
#define CENTRE_LON 851376000
#define METRE 90 /* 1e-7 degree of latitude, about */
#define MINUTE 60000
#define GROUP 4 /* sites on one transformer, itself included */
#define TRANSFORMERS_A_NEIGHBOURHOOD 12
#define NEIGHBOURHOOD (GROUP * TRANSFORMERS_A_NEIGHBOURHOOD) /* sites on one line */
#define ARRIVAL (20 * MINUTE) /* of the first storm; by then every device has reported once */
#define FAULT_EVERY_MS (G_GINT64_CONSTANT (30) * 86400000) /* of one site, on average */

static const char *const area_names[]
    = { "town-north", "town-south", "town-east", "town-west", "town-centre" };

/* splitmix64: small, and the same everywhere. */
typedef struct
{
  guint64 state;
} Chance;

static guint64
chance_next (Chance *chance)
{
  guint64 value = chance->state += 0x9e3779b97f4a7c15u;

  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

/* Uniform in [from, to]. */
static gint64
between (Chance *chance, gint64 from, gint64 to)
{
  return from + (gint64) (chance_next (chance) % (guint64) (to - from + 1));
}

/* Near 0, seldom far: the sum of four, within +-@spread. */
static gint64
around (Chance *chance, gint64 spread)
{
  gint64 sum = 0;

  for (int i = 0; i < 4; i++)
    sum += between (chance, -spread, spread);
  return sum / 4;
}

typedef struct
{
  gint64 lat, lon; /* centre, 1e-7 degree */
  guint area;
  guint number; /* from 0: each is fed by one line */
} Neighbourhood;

typedef struct
{
  PtFleetPlan *plan;
  Chance chance;
  guint sites, areas;
  gint64 duration, radius; /* ms; 1e-7 degree from the centre to the edge of the town */
} Town;

static gint64
area_direction (guint area, gboolean lat)
{
  static const int directions[][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 }, { 0, 0 } };

  return directions[area][lat ? 0 : 1];
}

static Neighbourhood
make_neighbourhood (Town *town, guint number)
{
  Neighbourhood place = { .area = number % town->areas, .number = number };
  gint64 reach = town->radius * 2 / 3;

  place.lat = CENTRE_LAT + area_direction (place.area, TRUE) * reach
              + around (&town->chance, town->radius / 2);
  place.lon = CENTRE_LON + area_direction (place.area, FALSE) * reach
              + around (&town->chance, town->radius / 2);
  return place;
}

static PtFleetDevice *
add_site (Town *town, const Neighbourhood *place, PtLevel level, guint number)
{
  static const char prefixes[][2][3] = { { "tx", "T" }, { "cl", "C" }, { "hs", "H" } };
  g_autofree char *id = g_strdup_printf ("%s-%05u", prefixes[level][0], number);
  PtFleetDevice *device = pt_fleet_plan_add (town->plan, area_names[place->area], id);

  g_snprintf (device->site, sizeof device->site, "%s-%05u", prefixes[level][1], number);
  g_snprintf (device->feeder, sizeof device->feeder, "F-%03u", place->number + 1);
  device->level = level;
  device->lat = place->lat + around (&town->chance, 400 * METRE);
  device->lon = place->lon + around (&town->chance, 400 * METRE);
  if (level == PT_LEVEL_TRANSFORMER)
    device->customers = between (&town->chance, 30, 180);
  else
    device->customers = level == PT_LEVEL_CLUSTER ? between (&town->chance, 5, 25) : 1;
  return device;
}

/* Site @number of the town; the first of each group is the transformer that feeds the others. */
static void
add_numbered (Town *town, Neighbourhood *place, guint number)
{
  guint group = number / GROUP, member = number % GROUP;
  PtFleetDevice *device;

  if (member == 0 && group % TRANSFORMERS_A_NEIGHBOURHOOD == 0)
    *place = make_neighbourhood (town, group / TRANSFORMERS_A_NEIGHBOURHOOD);
  if (member == 0)
    add_site (town, place, PT_LEVEL_TRANSFORMER, group + 1);
  else if (member == 1)
    add_site (town, place, PT_LEVEL_CLUSTER, group + 1);
  else
    {
      device = add_site (town, place, PT_LEVEL_HOUSE, group * 2 + member - 1);
      device->lat = pt_fleet_round_to_cell (device->lat);
      device->lon = pt_fleet_round_to_cell (device->lon);
    }
}

/* Without power from @start for @length, as far as the plan reaches. */
static void
take_out (Town *town, guint number, gint64 start, gint64 length)
{
  if (start <= 0 || start >= town->duration)
    return;
  pt_fleet_device_add_outage (town->plan->devices->pdata[number], start,
                              start + length <= town->duration ? start + length : PT_FLEET_OPEN);
}

/* A transformer and what it feeds; the devices notice within some seconds of each other. */
static void
take_out_group (Town *town, guint first, gint64 start, gint64 length)
{
  take_out (town, first, start, length);
  for (guint i = first + 1; i < MIN (first + GROUP, town->sites); i++)
    take_out (town, i, start + between (&town->chance, 0, 9000),
              length + between (&town->chance, -5000, 45000));
}

/* Mostly short, seldom long: 20 minutes to @most. */
static gint64
repair_time (Town *town, gint64 most)
{
  gint64 least = 20 * MINUTE, range = MAX (1, most - least);
  gint64 a = between (&town->chance, 0, 1000), b = between (&town->chance, 0, 1000);

  return least + range / 1000 * (a * b / 1000) + between (&town->chance, 0, MINUTE);
}

typedef struct
{
  gint64 lat, lon, lat_speed, lon_speed; /* 1e-7 degree; a minute */
  gint64 start, reach;                   /* ms; 1e-7 degree */
} Storm;

static Storm
make_storm (Town *town)
{
  gint64 size = town->radius + 4000 * METRE;
  Storm storm = { .start = between (&town->chance, town->duration / 12, town->duration * 3 / 4),
                  .reach = between (&town->chance, 500, 1800) * METRE };
  gint64 minutes = MAX (20, MIN (240, town->duration / MINUTE / 8));

  /* It comes from the west or the east and crosses the town in @minutes. */
  storm.lat = CENTRE_LAT + around (&town->chance, town->radius);
  storm.lon = CENTRE_LON + (chance_next (&town->chance) & 1 ? -size : size);
  storm.lon_speed = (storm.lon < CENTRE_LON ? 2 : -2) * size / minutes;
  storm.lat_speed = around (&town->chance, size) / minutes;
  return storm;
}

/* The first is wide and goes through the middle of the town. */
static Storm
make_first_storm (Town *town)
{
  Storm storm = make_storm (town);

  storm.start = 0;
  storm.reach = town->radius * 3 / 2;
  storm.lat = CENTRE_LAT;
  storm.lat_speed = 0;
  return storm;
}

/* A transformer that is taken out, with all that it feeds. */
typedef struct
{
  guint first;
  gint64 start, length;
} Damage;

/* The storm is nearest when it passes the device's longitude; how likely damage is falls off with
 * the distance to its middle. */
static void
strike (Town *town, const Storm *storm, guint first, GArray *damages)
{
  const PtFleetDevice *device = town->plan->devices->pdata[first];
  gint64 minutes = (device->lon - storm->lon) / storm->lon_speed;
  gint64 distance = ABS (device->lat - (storm->lat + storm->lat_speed * minutes));
  Damage damage = { .first = first, .start = storm->start + minutes * MINUTE };

  if (distance >= storm->reach
      || between (&town->chance, 0, storm->reach) > (storm->reach - distance) * 2 / 3)
    return;
  damage.start += between (&town->chance, -5, 5) * MINUTE + between (&town->chance, 0, MINUTE);
  damage.length = repair_time (town, MIN (town->duration / 2, 20 * 60 * MINUTE));
  g_array_append_val (damages, damage);
}

static GArray *
damages_of (Town *town, const Storm *storm)
{
  GArray *damages = g_array_new (FALSE, FALSE, sizeof (Damage));

  for (guint first = 0; first < town->sites; first += GROUP)
    strike (town, storm, first, damages);
  return damages;
}

static void
take_out_all (Town *town, const GArray *damages, gint64 later)
{
  for (guint i = 0; i < damages->len; i++)
    {
      const Damage *damage = &g_array_index (damages, Damage, i);

      take_out_group (town, damage->first, damage->start + later, damage->length);
    }
}

/* The line to the neighbourhood of the site @hit breaks, and all of it is dark at once; where that
 * is no whole one, the line to the first. */
static void
break_line (Town *town, guint hit, gint64 start)
{
  guint first = hit - hit % NEIGHBOURHOOD;
  gint64 length = MIN (town->duration / 2, between (&town->chance, 120, 240) * MINUTE);

  if (first + NEIGHBOURHOOD > town->sites)
    first = 0;
  for (guint i = 0; i < NEIGHBOURHOOD; i += GROUP)
    take_out_group (town, first + i, start + between (&town->chance, 0, 9000), length);
}

/* The town's time begins when the first storm does: its first damage comes at ARRIVAL, wherever it
 * hits, and breaks a line. A town so small that it hits nobody loses its first transformer. */
static void
first_storm (Town *town)
{
  Storm storm = make_first_storm (town);
  g_autoptr (GArray) damages = damages_of (town, &storm);
  gint64 earliest = G_MAXINT64, arrival = MIN (ARRIVAL, town->duration / 2);
  guint hit = 0;

  if (damages->len == 0)
    {
      Damage damage = { .length = repair_time (town, town->duration / 2) };

      g_array_append_val (damages, damage);
    }
  for (guint i = 0; i < damages->len; i++)
    {
      const Damage *damage = &g_array_index (damages, Damage, i);

      if (damage->start >= earliest)
        continue;
      earliest = damage->start;
      hit = damage->first;
    }
  take_out_all (town, damages, arrival - earliest);
  if (town->sites >= NEIGHBOURHOOD)
    break_line (town, hit, arrival);
}

static void
later_storm (Town *town)
{
  Storm storm = make_storm (town);
  g_autoptr (GArray) damages = damages_of (town, &storm);

  take_out_all (town, damages, 0);
}

static void
single_faults (Town *town)
{
  for (guint i = 0; i < town->sites; i++)
    {
      gint64 start = between (&town->chance, 1, FAULT_EVERY_MS);
      gint64 length = repair_time (town, 6 * 60 * MINUTE);

      for (; start < town->duration; start += between (&town->chance, 1, 2 * FAULT_EVERY_MS))
        if (i % GROUP == 0)
          take_out_group (town, i, start, length);
        else
          take_out (town, i, start, length);
    }
}

PtFleetPlan *
pt_fleet_town (guint sites, guint64 seed, gint64 duration)
{
  g_autoptr (PtFleetPlan) plan = pt_fleet_plan_new ();
  Town town = { .plan = plan, .chance = { seed }, .sites = sites, .duration = duration };
  Neighbourhood place = { 0 };
  guint storms = (guint) CLAMP (duration / (8 * 60 * MINUTE), 1, 20);

  town.areas = CLAMP (1 + sites / 100, 2, G_N_ELEMENTS (area_names));
  town.radius = (2500 + (gint64) MIN (sites, 100000) / 10) * METRE;
  for (guint i = 0; i < sites; i++)
    add_numbered (&town, &place, i);
  first_storm (&town);
  for (guint i = 1; i < storms; i++)
    later_storm (&town);
  single_faults (&town);
  pt_fleet_plan_finish (plan);
  plan->start = 0;
  plan->end = duration;
  return g_steal_pointer (&plan);
}
