/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-map-view.h"

#include <adwaita.h>
#include <math.h>
#include <shumate/shumate.h>

#include "common/pt-test.h"
#include "pt-fake-daemon.h"
#include "pt-grid-layer.h"
#include "pt-place-layer.h"
#include "pt-site-layer.h"

#define JSON                                                                                       \
  "{\"tilejson\":\"3.0.0\",\"tiles\":[\"/tiles/light/{z}/{x}/{y}.png\"],\"minzoom\":0,"            \
  "\"maxzoom\":4,\"attribution\":\"Natural Earth\"}"

typedef struct
{
  PtSiteStore *store;
  GtkWidget *window;
  PtMapView *view;
  ShumateMap *map;
  guint notified;
} Fixture;

static void
notify_cb (PtMapView *view, GParamSpec *pspec, gpointer data)
{
  ((Fixture *) data)->notified++;
}

static gboolean
count_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  ++*(guint *) data;
  return G_SOURCE_CONTINUE;
}

/* At least @ms, and the frames that show what came of it. */
static void
turn (Fixture *fixture, guint ms)
{
  gint64 until = g_get_monotonic_time () + (gint64) ms * 1000;
  guint frames = 0, source;

  PT_TEST_WAIT_FOR (g_get_monotonic_time () >= until, "time stands");
  source = gtk_widget_add_tick_callback (fixture->window, count_cb, &frames, NULL);
  PT_TEST_WAIT_FOR (frames >= 3, "nothing is drawn");
  gtk_widget_remove_tick_callback (fixture->window, source);
}

static GtkWidget *
find_widget (GtkWidget *widget, GType type, const char *tooltip)
{
  GtkWidget *found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (widget), type)
      && (tooltip == NULL || g_strcmp0 (gtk_widget_get_tooltip_text (widget), tooltip) == 0))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_widget (child, type, tooltip);
  return found;
}

static GtkWidget *
find_label (GtkWidget *widget, const char *begin)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && g_str_has_prefix (gtk_label_get_label (GTK_LABEL (widget)), begin))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_label (child, begin);
  return found;
}

static void
put (Fixture *fixture, guint number, const char *area, double lat, double lon, PtSiteState state)
{
  g_autofree char *site = g_strdup_printf ("S-%06u", number);
  PtSiteRow row = { .area = area,
                    .site = site,
                    .lat = (gint32) lround (lat * 1e7),
                    .lon = (gint32) lround (lon * 1e7),
                    .customers = 5,
                    .state = state };

  pt_site_store_put (fixture->store, &row);
}

/* A town of @count sites, and two far from it and from each other. */
static void
load (Fixture *fixture, guint count)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  pt_site_store_begin_load (fixture->store);
  put (fixture, 0, "west", 38.0, -123.0, PT_SITE_OFF);
  put (fixture, 1, "east", 39.5, -119.0, PT_SITE_ON);
  for (guint i = 2; i < count; i++)
    put (fixture, i, "west", 37.5 + g_rand_double (random) * 0.2,
         -121 + g_rand_double (random) * 0.2, i % 3 == 0 ? PT_SITE_OFF : PT_SITE_ON);
  pt_site_store_end_load (fixture->store);
}

static void
settle (Fixture *fixture)
{
  turn (fixture, 50);
  PT_TEST_WAIT_FOR (pt_map_view_is_settled (fixture->view), "the map is restless");
  turn (fixture, 20);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->store = pt_site_store_new ();
  fixture->window = gtk_window_new ();
  fixture->view = PT_MAP_VIEW (pt_map_view_new ());
  fixture->map = SHUMATE_MAP (find_widget (GTK_WIDGET (fixture->view), SHUMATE_TYPE_MAP, NULL));
  g_signal_connect (fixture->view, "notify::selected", G_CALLBACK (notify_cb), fixture);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 600);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->view));
  pt_map_view_set_sites (fixture->view, fixture->store);
  gtk_window_present (GTK_WINDOW (fixture->window));
  turn (fixture, 200);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (fixture->store);
}

static double
zoom_of (Fixture *fixture)
{
  return shumate_viewport_get_zoom_level (shumate_map_get_viewport (fixture->map));
}

static PtSiteLayer *
layer_of (Fixture *fixture)
{
  return PT_SITE_LAYER (find_widget (GTK_WIDGET (fixture->view), PT_TYPE_SITE_LAYER, NULL));
}

/* A click as the gesture tells it. */
static void
click (Fixture *fixture, double x, double y)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->map));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_GESTURE_CLICK (controller))
        continue;
      g_signal_emit_by_name (controller, "pressed", 1, x, y);
      g_signal_emit_by_name (controller, "released", 1, x, y);
    }
}

static void
press_key (Fixture *fixture, guint key)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->map));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      gboolean taken = FALSE;

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &taken);
    }
}

static void
test_fits_first (Fixture *fixture, gconstpointer data)
{
  double x, y;

  load (fixture, 500);
  settle (fixture);
  for (guint i = 0; i < 500; i += 7)
    g_assert_true (pt_map_view_locate (fixture->view, i, &x, &y));
  /* One who has looked elsewhere is not torn away by news. */
  pt_map_view_go_to_site (fixture->view, 1, FALSE);
  settle (fixture);
  put (fixture, 500, "west", 30, -110, PT_SITE_OFF);
  turn (fixture, 100);
  g_assert_cmpfloat (zoom_of (fixture), >=, 12);
  pt_map_view_fit (fixture->view);
  settle (fixture);
  g_assert_true (pt_map_view_locate (fixture->view, 0, &x, &y));
}

/* A place is the extent of the sites that are near to it; what is covered is not where one looks.
 */
static void
test_goes_to_place (Fixture *fixture, gconstpointer data)
{
  const double lats[] = { 38.3, 38.32 };
  double x, y;

  load (fixture, 40);
  for (guint i = 0; i < G_N_ELEMENTS (lats); i++)
    {
      g_autofree char *site = g_strdup_printf ("N-%u", i);
      PtSiteRow row = { .area = "west", .site = site, .place = "Napa" };

      row.lat = (gint32) lround (lats[i] * 1e7);
      row.lon = (gint32) lround ((-122.3 + i * 0.01) * 1e7);
      pt_site_store_put (fixture->store, &row);
    }
  settle (fixture);
  pt_map_view_go_to_place (fixture->view, "Napa");
  PT_TEST_WAIT_FOR (pt_map_view_shows (fixture->view, 40) && pt_map_view_shows (fixture->view, 41)
                        && !pt_map_view_locate (fixture->view, 0, &x, &y)
                        && !pt_map_view_locate (fixture->view, 1, &x, &y),
                    "the map does not go there");
  pt_map_view_set_covered (fixture->view, 400);
  pt_map_view_go_to_site (fixture->view, 0, FALSE);
  settle (fixture);
  g_assert_true (pt_map_view_shows (fixture->view, 0));
  g_assert_true (pt_map_view_locate (fixture->view, 0, &x, &y));
  g_assert_cmpfloat_with_epsilon (x, (gtk_widget_get_width (GTK_WIDGET (fixture->map)) - 400) / 2.0,
                                  2);
  pt_map_view_set_covered (fixture->view, 800);
  g_assert_false (pt_map_view_shows (fixture->view, 0));
}

static void
test_selects (Fixture *fixture, gconstpointer data)
{
  double x, y;

  load (fixture, 400);
  settle (fixture);
  g_assert_true (pt_map_view_locate (fixture->view, 0, &x, &y));
  click (fixture, x, y);
  g_assert_cmpuint (pt_map_view_get_selected (fixture->view), ==, 0);
  g_assert_cmpuint (fixture->notified, ==, 1);
  g_object_set (fixture->view, "selected", 1u, NULL);
  g_assert_cmpuint (fixture->notified, ==, 2);
  pt_map_view_set_selected (fixture->view, 1);
  g_assert_cmpuint (fixture->notified, ==, 2);
  /* On nothing. */
  click (fixture, 3, 3);
  g_assert_cmpuint (pt_map_view_get_selected (fixture->view), ==, PT_SITE_NONE);
  /* A chosen site is drawn where it is, even in the midst of a town. */
  pt_map_view_set_selected (fixture->view, 77);
  turn (fixture, 50);
  g_assert_true (pt_map_view_locate (fixture->view, 77, &x, &y));
  pt_site_store_clear (fixture->store);
  turn (fixture, 50);
  g_assert_cmpuint (pt_map_view_get_selected (fixture->view), ==, PT_SITE_NONE);
}

static void
test_cluster_splits (Fixture *fixture, gconstpointer data)
{
  guint cluster, before;
  double x, y, zoom;

  load (fixture, 400);
  settle (fixture);
  zoom = zoom_of (fixture);
  g_assert_true (pt_map_view_locate (fixture->view, 50, &x, &y));
  g_assert_cmpuint (pt_site_layer_hit (layer_of (fixture), x, y, &cluster), ==, PT_SITE_NONE);
  g_assert_cmpuint (cluster, !=, G_MAXUINT);
  before = pt_site_layer_cluster (layer_of (fixture), cluster)->count;
  click (fixture, x, y);
  turn (fixture, 1500);
  settle (fixture);
  g_assert_cmpfloat (zoom_of (fixture), >, zoom);
  g_assert_cmpuint (fixture->notified, ==, 0);
  pt_site_layer_hit (layer_of (fixture), x, y, &cluster);
  g_assert_true (cluster == G_MAXUINT
                 || pt_site_layer_cluster (layer_of (fixture), cluster)->count < before);
}

/* Sites of one place never part: they are named, worst first, and can be chosen. */
static void
test_one_place (Fixture *fixture, gconstpointer data)
{
  GtkWidget *popover, *button;
  double x, y;

  pt_site_store_begin_load (fixture->store);
  for (guint i = 0; i < 80; i++)
    put (fixture, i, "west", 38, -122, i == 40 ? PT_SITE_OFF : PT_SITE_ON);
  pt_site_store_end_load (fixture->store);
  settle (fixture);
  g_assert_true (pt_map_view_locate (fixture->view, 3, &x, &y));
  click (fixture, x, y);
  turn (fixture, 300);
  popover = find_widget (GTK_WIDGET (fixture->map), GTK_TYPE_POPOVER, NULL);
  g_assert_nonnull (popover);
  g_assert_true (gtk_widget_get_visible (popover));
  button = find_widget (popover, GTK_TYPE_BUTTON, NULL);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpuint (pt_map_view_get_selected (fixture->view), ==, 40);
  turn (fixture, 300);
}

static void
test_keys (Fixture *fixture, gconstpointer data)
{
  ShumateLocation *place = SHUMATE_LOCATION (shumate_map_get_viewport (fixture->map));
  double zoom, longitude, latitude;

  load (fixture, 100);
  settle (fixture);
  zoom = zoom_of (fixture);
  longitude = shumate_location_get_longitude (place);
  latitude = shumate_location_get_latitude (place);
  press_key (fixture, GDK_KEY_plus);
  g_assert_cmpfloat_with_epsilon (zoom_of (fixture), zoom + 1, 1e-6);
  press_key (fixture, GDK_KEY_Right);
  g_assert_cmpfloat (shumate_location_get_longitude (place), >, longitude);
  press_key (fixture, GDK_KEY_Down);
  g_assert_cmpfloat (shumate_location_get_latitude (place), <, latitude);
  press_key (fixture, GDK_KEY_minus);
  press_key (fixture, GDK_KEY_Home);
  g_assert_cmpfloat_with_epsilon (zoom_of (fixture), zoom, 1e-6);
  g_assert_cmpfloat_with_epsilon (shumate_location_get_longitude (place), longitude, 1e-6);
  for (guint i = 0; i < 40; i++)
    press_key (fixture, GDK_KEY_plus);
  g_assert_cmpfloat (zoom_of (fixture), <=, 18);
  for (guint i = 0; i < 60; i++)
    press_key (fixture, GDK_KEY_minus);
  turn (fixture, 50);
  g_assert_true (gtk_widget_get_focusable (GTK_WIDGET (fixture->map)));
  gtk_test_accessible_assert_property (fixture->map, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Map of all sites");
}

static void
test_never_turned (Fixture *fixture, gconstpointer data)
{
  shumate_viewport_set_rotation (shumate_map_get_viewport (fixture->map), 0.7);
  g_assert_cmpfloat (shumate_viewport_get_rotation (shumate_map_get_viewport (fixture->map)), ==,
                     0);
}

static void
test_area (Fixture *fixture, gconstpointer data)
{
  guint cluster;
  double x, y;

  load (fixture, 300);
  settle (fixture);
  g_assert_true (pt_map_view_locate (fixture->view, 1, &x, &y));
  pt_map_view_set_area (fixture->view, "west");
  settle (fixture);
  g_assert_cmpuint (pt_site_layer_hit (layer_of (fixture), x, y, &cluster), ==, PT_SITE_NONE);
  g_assert_cmpuint (cluster, ==, G_MAXUINT);
  pt_map_view_set_area (fixture->view, "nowhere");
  pt_map_view_fit (fixture->view);
  settle (fixture);
  pt_map_view_set_area (fixture->view, NULL);
  settle (fixture);
  g_assert_cmpuint (pt_site_layer_hit (layer_of (fixture), x, y, &cluster), ==, 1);
}

/* Of many changes, again and again; how long a frame takes with them is the benchmark's. */
static void
test_many_changes (Fixture *fixture, gconstpointer data)
{
  load (fixture, 20000);
  settle (fixture);
  for (guint round = 0; round < 5; round++)
    {
      for (guint i = 0; i < 10000; i++)
        {
          PtSiteRow row = *pt_site_store_get (fixture->store, i);

          row.state = (PtSiteState) ((row.state + 1) % PT_SITE_STATES);
          pt_site_store_put (fixture->store, &row);
        }
      turn (fixture, 150);
    }
  settle (fixture);
}

/* Nothing of what is near remains when one looks from afar at once. */
static void
test_near_to_far (Fixture *fixture, gconstpointer data)
{
  load (fixture, 30000);
  settle (fixture);
  pt_map_view_go_to_site (fixture->view, 500, FALSE);
  pt_map_view_set_area (fixture->view, "west");
  settle (fixture);
  pt_map_view_fit (fixture->view);
  settle (fixture);
}

/* Whether the site is somewhere by itself. */
static gboolean
is_hit (Fixture *fixture, guint number)
{
  guint cluster;
  double x, y;

  return pt_map_view_locate (fixture->view, number, &x, &y)
         && pt_site_layer_hit (layer_of (fixture), x, y, &cluster) == number;
}

static void
test_new_sites (Fixture *fixture, gconstpointer data)
{
  load (fixture, 50);
  settle (fixture);
  put (fixture, 50, "west", 38.6, -121.8, PT_SITE_OFF);
  PT_TEST_WAIT_FOR (is_hit (fixture, 50), "the new site");
}

static void
test_stale_and_style (Fixture *fixture, gconstpointer data)
{
  load (fixture, 200);
  settle (fixture);
  g_object_set (fixture->view, "stale", TRUE, NULL);
  turn (fixture, 50);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      ADW_COLOR_SCHEME_FORCE_DARK);
  turn (fixture, 200);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      ADW_COLOR_SCHEME_FORCE_LIGHT);
  g_object_set (fixture->view, "stale", FALSE, NULL);
  settle (fixture);
}

/* A word where there is no background, none where there is one, and it comes back by itself. */
static void
test_background (Fixture *fixture, gconstpointer data)
{
  PtFakeDaemon daemon;
  GtkWidget *note = find_label (GTK_WIDGET (fixture->view), "The map's background");

  g_assert_nonnull (note);
  pt_fake_start (&daemon);
  load (fixture, 50);
  pt_map_view_set_daemon (fixture->view, daemon.url);
  PT_TEST_WAIT_FOR (gtk_widget_get_visible (note), "the note");
  pt_fake_set (&daemon, "/tiles/light.json", 200, "application/json", g_strdup (JSON));
  pt_fake_set (&daemon, "/tiles/dark.json", 200, "application/json", g_strdup (JSON));
  PT_TEST_WAIT_FOR (!gtk_widget_get_visible (note), "the note stays");
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->view), "Natural Earth"));
  pt_fake_set (&daemon, "/tiles/light/*", 200, "image/png", g_strdup ("no picture"));
  pt_fake_set (&daemon, "/tiles/dark/*", 200, "image/png", g_strdup ("no picture"));
  pt_map_view_zoom (fixture->view, -2);
  turn (fixture, 100);
  pt_map_view_set_daemon (fixture->view, NULL);
  g_assert_false (gtk_widget_get_visible (note));
  pt_map_view_set_daemon (fixture->view, daemon.url);
  PT_TEST_WAIT_FOR (gtk_widget_get_visible (note), "the note");
  pt_fake_stop (&daemon);
  turn (fixture, 200);
}

#define NAMED                                                                                      \
  "{\"tilejson\":\"3.0.0\",\"tiles\":[\"/tiles/light/{z}/{x}/{y}.png\"],\"minzoom\":0,"            \
  "\"maxzoom\":4,\"attribution\":\"Natural Earth\",\"places\":\"%s\"}"
#define PLACE(name, lat, lon, rank)                                                                \
  "{\"kind\":\"place\",\"lat\":" lat ",\"lon\":" lon ",\"name\":\"" name                           \
  "\",\"population\":1,\"rank\":" rank ",\"size\":0}"

static PtPlaceLayer *
wait_names (Fixture *fixture, PtFakeDaemon *daemon, const char *pattern, guint count)
{
  PtPlaceLayer *names
      = PT_PLACE_LAYER (find_widget (GTK_WIDGET (fixture->view), PT_TYPE_PLACE_LAYER, NULL));

  pt_fake_set (daemon, "/tiles/light.json", 200, "application/json",
               g_strdup_printf (NAMED, pattern));
  pt_map_view_set_daemon (fixture->view, NULL);
  pt_map_view_set_daemon (fixture->view, daemon->url);
  g_assert_cmpuint (pt_place_layer_count (names), ==, 0);
  turn (fixture, 200);
  PT_TEST_WAIT_FOR (pt_place_layer_count (names) == count, pattern);
  return names;
}

/* A name keeps its place beside its dot while one pans; there is none at a site's own place, and
 * none where the tiles have them or another origin should be asked. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
  PtFakeDaemon daemon;
  PtPlaceLayer *names;
  double site_x, site_y, name_x, name_y, x, y;

  pt_fake_start (&daemon);
  pt_fake_set (
      &daemon, "/tiles/places/*", 200, "application/json",
      g_strdup ("{\"places\":[" PLACE ("At the site", "380000000", "-1230000000", "9") "," PLACE (
          "Alone", "389000000", "-1215000000", "5") "]}"));
  load (fixture, 300);
  settle (fixture);
  names = wait_names (fixture, &daemon, "/tiles/places/{z}/{x}/{y}.json", 1);
  g_assert_true (pt_map_view_locate (fixture->view, 0, &site_x, &site_y));
  g_assert_false (pt_place_layer_locate (names, "At the site", &x, &y));
  g_assert_true (pt_place_layer_locate (names, "Alone", &name_x, &name_y));
  shumate_location_set_location (SHUMATE_LOCATION (shumate_map_get_viewport (fixture->map)), 38.7,
                                 -121.4);
  turn (fixture, 200);
  g_assert_true (pt_map_view_locate (fixture->view, 0, &x, &y));
  site_x -= x;
  site_y -= y;
  g_assert_cmpfloat (hypot (site_x, site_y), >, 10);
  g_assert_true (pt_place_layer_locate (names, "Alone", &x, &y));
  g_assert_cmpfloat_with_epsilon (name_x - x, site_x, 0.5);
  g_assert_cmpfloat_with_epsilon (name_y - y, site_y, 0.5);
  g_object_set (fixture->view, "stale", TRUE, NULL);
  turn (fixture, 50);
  wait_names (fixture, &daemon, "//elsewhere.example/{z}/{x}/{y}.json", 0);
  wait_names (fixture, &daemon, "/tiles/places/", 0);
  pt_map_view_set_daemon (fixture->view, NULL);
  pt_fake_stop (&daemon);
  turn (fixture, 100);
}

static GtkWidget *
find_legend (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (GTK_IS_BOX (widget) && gtk_widget_has_css_class (widget, "map-note"))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_legend (child);
  return found;
}

#define WAIT_ORIENTATION(wanted)                                                                   \
  PT_TEST_WAIT_FOR (gtk_orientable_get_orientation (GTK_ORIENTABLE (legend)) == (wanted),          \
                    "the legend does not turn")

/* One line where it has room, else two; as large as the reader's letters are. */
static void
test_legend (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GtkWidget *legend = find_legend (GTK_WIDGET (fixture->view));
  g_autofree char *usual = NULL;

  g_object_get (settings, "gtk-font-name", &usual, NULL);
  load (fixture, 30);
  settle (fixture);
  WAIT_ORIENTATION (GTK_ORIENTATION_HORIZONTAL);
  g_object_set (settings, "gtk-font-name", "Sans 90", NULL);
  WAIT_ORIENTATION (GTK_ORIENTATION_VERTICAL);
  g_object_set (settings, "gtk-font-name", usual, NULL);
  WAIT_ORIENTATION (GTK_ORIENTATION_HORIZONTAL);
}

/* A chosen site that is one of a ring's is beside it, and a click on its mark is a click on it. */
static void
test_mark_apart (Fixture *fixture, gconstpointer data)
{
  double x, y, ring_x, ring_y;
  guint cluster;

  load (fixture, 300);
  settle (fixture);
  g_assert_true (pt_map_view_locate (fixture->view, 50, &ring_x, &ring_y));
  pt_map_view_set_selected (fixture->view, 50);
  turn (fixture, 50);
  g_assert_true (pt_map_view_locate (fixture->view, 50, &x, &y));
  g_assert_cmpfloat (hypot (x - ring_x, y - ring_y), >, 20);
  g_assert_cmpuint (pt_site_layer_hit (layer_of (fixture), x, y, &cluster), ==, 50);
  g_assert_cmpuint (pt_site_layer_hit (layer_of (fixture), ring_x, ring_y, &cluster), ==,
                    PT_SITE_NONE);
  g_assert_cmpuint (cluster, !=, G_MAXUINT);
}

/* Four sites in a row on each of two feeders, one area each; a third feeder has one site. */
static void
load_feeders (Fixture *fixture, PtSiteState state)
{
  static const char *const areas[] = { "west", "east", "east" }, *const feeders[]
                                                                 = { "F-1", "F-2", "F-3" };

  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *site = g_strdup_printf ("S-%u", i);
      PtSiteRow row = { .area = areas[i / 4],
                        .site = site,
                        .feeder = feeders[i / 4],
                        .lat = 255000000 + (gint32) (i % 4 * 100000 + i % 2 * 30000),
                        .lon = 850000000 + (gint32) (i / 4 * 500000 + i % 3 * 20000),
                        .customers = 5,
                        .state = i < 3 ? state : PT_SITE_ON };

      pt_site_store_put (fixture->store, &row);
    }
}

static gboolean
drawn_are (PtGridLayer *grid, guint wanted, guint wanted_red)
{
  guint lines, red;

  pt_grid_layer_drawn (grid, &lines, &red);
  return lines == wanted && red == wanted_red;
}

/* Lines and outlines come with the feeders and go with them, and the legend's words too; most of a
 * feeder off makes its line red; those of another area are left out. */
static void
test_grid (Fixture *fixture, gconstpointer data)
{
  PtGridLayer *grid
      = PT_GRID_LAYER (find_widget (GTK_WIDGET (fixture->view), PT_TYPE_GRID_LAYER, NULL));
  GtkWidget *word = find_label (GTK_WIDGET (fixture->view), "feeder");

  load (fixture, 30);
  settle (fixture);
  g_assert_cmpuint (pt_grid_layer_lines (grid), ==, 0);
  g_assert_false (gtk_widget_get_mapped (word));
  pt_site_store_clear (fixture->store);
  load_feeders (fixture, PT_SITE_ON);
  PT_TEST_WAIT_FOR (pt_grid_layer_lines (grid) == 2, "two lines");
  g_assert_cmpuint (pt_grid_layer_outlines (grid), ==, 2);
  PT_TEST_WAIT_FOR (gtk_widget_get_mapped (word), "the legend says it");
  pt_map_view_fit (fixture->view);
  PT_TEST_WAIT_FOR (drawn_are (grid, 2, 0), "both are drawn, quietly");
  load_feeders (fixture, PT_SITE_OFF);
  PT_TEST_WAIT_FOR (drawn_are (grid, 2, 1), "one is red");
  pt_map_view_set_area (fixture->view, "west");
  PT_TEST_WAIT_FOR (drawn_are (grid, 1, 1), "that of the area");
  pt_map_view_zoom (fixture->view, -8);
  PT_TEST_WAIT_FOR (drawn_are (grid, 0, 0), "they are too small");
  pt_site_store_clear (fixture->store);
  PT_TEST_WAIT_FOR (!gtk_widget_get_mapped (word), "nothing to explain");
}

int
main (int argc, char **argv)
{
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP no display\n");
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  adw_init ();
#define ADD(path, func) g_test_add ("/map-view/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("fits-first", test_fits_first);
  ADD ("goes-to-place", test_goes_to_place);
  ADD ("selects", test_selects);
  ADD ("cluster-splits", test_cluster_splits);
  ADD ("legend", test_legend);
  ADD ("one-place", test_one_place);
  ADD ("keys", test_keys);
  ADD ("never-turned", test_never_turned);
  ADD ("area", test_area);
  ADD ("many-changes", test_many_changes);
  ADD ("near-to-far", test_near_to_far);
  ADD ("new-sites", test_new_sites);
  ADD ("stale-and-style", test_stale_and_style);
  ADD ("background", test_background);
  ADD ("names", test_names);
  ADD ("mark-apart", test_mark_apart);
  ADD ("grid", test_grid);
  return g_test_run ();
}
