/* SPDX-License-Identifier: Apache-2.0 */

/* bench-console COUNT [storm.csv]: the console's map with COUNT sites: how long from the data to a
 * usable map, then the frames of a pan and of zooming. One line of JSON. Under Xvfb with
 * GSK_RENDERER=cairo. */
#include <adwaita.h>
#include <shumate/shumate.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt-map-view.h"
#include "pt-site-store.h"

#define PAN_FRAMES 300
#define ZOOM_FRAMES 100
#define WARM_FRAMES 20

typedef enum
{
  EMPTY,
  LOADING,
  PANNING,
  ZOOMING,
  DONE
} Phase;

typedef struct
{
  GMainLoop *loop;
  GtkWidget *window, *view;
  PtSiteStore *sites;
  const char *file;
  guint count, frame, changed;
  Phase phase;
  gint64 loaded, begun;
  double usable_ms;
  GArray *times[DONE]; /* ms of each frame, by phase */
} Bench;

static guint32 seed = 1;

static double
chance (void)
{
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) / (double) (1 << 24);
}

static void
put (Bench *bench, const char *site, double lat, double lon)
{
  PtSiteRow row = { .area = "bench",
                    .site = site,
                    .lat = (gint32) lround (lat * 1e7),
                    .lon = (gint32) lround (lon * 1e7),
                    .customers = 1 + (gint64) (chance () * 200),
                    .since = 1707000000000,
                    .state = chance () < 0.3 ? PT_SITE_OFF : PT_SITE_ON };

  pt_site_store_put (bench->sites, &row);
}

/* Towns of many sizes over a country. */
static void
put_towns (Bench *bench)
{
  double lat = 0, lon = 0, spread = 0;

  for (guint i = 0; i < bench->count; i++)
    {
      g_autofree char *site = g_strdup_printf ("B-%06u", i);

      if (i % 500 == 0)
        {
          lat = 24 + chance () * 4;
          lon = 83 + chance () * 5;
          spread = 0.02 + chance () * 0.15;
        }
      put (bench, site, lat + (chance () + chance () - 1) * spread,
           lon + (chance () + chance () - 1) * spread);
    }
}

/* device_id,circuit,latitude,longitude,... by the names of the first line. */
static gboolean
put_storm (Bench *bench)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL, names = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int lat = -1, lon = -1, id = 0;

  if (bench->file == NULL || !g_file_get_contents (bench->file, &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  names = g_strsplit (g_strstrip (lines[0]), ",", -1);
  for (int i = 0; names[i] != NULL; i++)
    {
      lat = strncmp (names[i], "lat", 3) == 0 ? i : lat;
      lon = strncmp (names[i], "lon", 3) == 0 ? i : lon;
      id = strcmp (names[i], "device_id") == 0 ? i : id;
    }
  for (guint i = 1; lat >= 0 && lon >= 0 && lines[i] != NULL; i++)
    {
      g_auto (GStrv) cells = g_strsplit (lines[i], ",", -1);

      if ((int) g_strv_length (cells) > MAX (MAX (lat, lon), id)
          && g_hash_table_add (seen, g_strdup (cells[id])))
        put (bench, cells[id], g_ascii_strtod (cells[lat], NULL),
             g_ascii_strtod (cells[lon], NULL));
    }
  return pt_site_store_size (bench->sites) > 0;
}

static void
load (Bench *bench)
{
  pt_site_store_begin_load (bench->sites);
  if (!put_storm (bench))
    put_towns (bench);
  bench->loaded = g_get_monotonic_time ();
  pt_site_store_end_load (bench->sites);
}

/* Frames */

static int
compare_times (gconstpointer a, gconstpointer b)
{
  double left = *(const double *) a, right = *(const double *) b;

  return left < right ? -1 : left > right;
}

static double
quantile (GArray *times, double share)
{
  if (times->len == 0)
    return 0;
  g_array_sort (times, compare_times);
  return g_array_index (times, double, MIN (times->len - 1, (guint) (times->len * share)));
}

static void
finish (Bench *bench)
{
  printf ("{\"sites\":%u,\"usable_ms\":%.1f,\"empty_ms\":%.2f,\"pan_ms\":%.2f,\"pan_p95_ms\":%.2f,"
          "\"pan_most_ms\":%.2f,\"zoom_ms\":%.2f,\"zoom_most_ms\":%.2f}\n",
          pt_site_store_size (bench->sites), bench->usable_ms, quantile (bench->times[EMPTY], 0.5),
          quantile (bench->times[PANNING], 0.5), quantile (bench->times[PANNING], 0.95),
          quantile (bench->times[PANNING], 1), quantile (bench->times[ZOOMING], 0.5),
          quantile (bench->times[ZOOMING], 1));
  g_main_loop_quit (bench->loop);
}

static ShumateViewport *
find_viewport (GtkWidget *widget)
{
  ShumateViewport *found = NULL;

  if (SHUMATE_IS_MAP (widget))
    return shumate_map_get_viewport (SHUMATE_MAP (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_viewport (child);
  return found;
}

static void
move (Bench *bench)
{
  ShumateViewport *viewport = find_viewport (bench->view);
  double zoom = shumate_viewport_get_zoom_level (viewport);
  double step = 360.0 / (256 * exp2 (zoom)) * 12; /* 12 pixels a frame */

  if (bench->phase == ZOOMING)
    shumate_viewport_set_zoom_level (viewport, zoom + (bench->frame % 50 < 25 ? 0.2 : -0.2));
  else
    shumate_location_set_location (SHUMATE_LOCATION (viewport),
                                   shumate_location_get_latitude (SHUMATE_LOCATION (viewport)),
                                   shumate_location_get_longitude (SHUMATE_LOCATION (viewport))
                                       + (bench->frame % 60 < 30 ? step : -step));
}

/* Sites change while one looks: 200 a second. */
static void
change_some (Bench *bench)
{
  for (guint i = 0; bench->phase == PANNING && i < 4; i++)
    {
      PtSiteRow row = *pt_site_store_get (bench->sites, bench->changed++ * 7919u
                                                            % pt_site_store_size (bench->sites));
      g_autofree char *site = g_strdup (row.site);

      row.site = site;
      row.state = row.state == PT_SITE_ON ? PT_SITE_OFF : PT_SITE_ON;
      pt_site_store_put (bench->sites, &row);
    }
}

static void
next_phase (Bench *bench)
{
  static const guint frames[DONE] = { 60, 0, PAN_FRAMES, ZOOM_FRAMES };

  if (bench->phase == LOADING || bench->frame < frames[bench->phase] + WARM_FRAMES)
    return;
  bench->frame = 0;
  bench->phase++;
  if (bench->phase == LOADING)
    load (bench);
  if (bench->phase == DONE)
    finish (bench);
}

static void
frame_before_cb (GdkFrameClock *clock, Bench *bench)
{
  bench->begun = g_get_monotonic_time ();
  if (bench->phase == LOADING || bench->phase == DONE)
    return;
  change_some (bench);
  move (bench);
}

static void
frame_after_cb (GdkFrameClock *clock, Bench *bench)
{
  double ms = (double) (g_get_monotonic_time () - bench->begun) / 1000;
  double x, y;

  if (bench->phase == DONE)
    return;
  if (bench->phase == LOADING)
    {
      /* Usable: its sites are where they are clicked. */
      if (!pt_map_view_is_settled (PT_MAP_VIEW (bench->view))
          || !pt_map_view_locate (PT_MAP_VIEW (bench->view), 0, &x, &y))
        return;
      bench->usable_ms = (double) (g_get_monotonic_time () - bench->loaded) / 1000;
      bench->phase = PANNING;
      return;
    }
  if (bench->frame++ >= WARM_FRAMES)
    g_array_append_val (bench->times[bench->phase], ms);
  next_phase (bench);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Bench bench = { .count = argc > 1 ? (guint) strtoul (argv[1], NULL, 10) : 10790,
                  .file = argc > 2 ? argv[2] : NULL };
  GdkFrameClock *clock;

  adw_init ();
  for (guint i = 0; i < DONE; i++)
    bench.times[i] = g_array_new (FALSE, FALSE, sizeof (double));
  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.sites = pt_site_store_new ();
  bench.window = gtk_window_new ();
  bench.view = pt_map_view_new ();
  gtk_window_set_default_size (GTK_WINDOW (bench.window), 1280, 800);
  gtk_window_set_child (GTK_WINDOW (bench.window), bench.view);
  pt_map_view_set_sites (PT_MAP_VIEW (bench.view), bench.sites);
  if (argc > 3)
    pt_map_view_set_daemon (PT_MAP_VIEW (bench.view), argv[3]);
  gtk_window_present (GTK_WINDOW (bench.window));
  clock = gtk_widget_get_frame_clock (bench.window);
  g_signal_connect (clock, "before-paint", G_CALLBACK (frame_before_cb), &bench);
  g_signal_connect (clock, "after-paint", G_CALLBACK (frame_after_cb), &bench);
  gtk_widget_add_tick_callback (bench.view, tick_cb, NULL, NULL);
  g_main_loop_run (bench.loop);
  gtk_window_destroy (GTK_WINDOW (bench.window));
  g_object_unref (bench.sites);
  for (guint i = 0; i < DONE; i++)
    g_array_unref (bench.times[i]);
  g_main_loop_unref (bench.loop);
  return 0;
}
