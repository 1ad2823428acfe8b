/* SPDX-License-Identifier: Apache-2.0 */
/* powertrack-basemap: draws the map that outages are shown on, from open data, into MBTiles. */
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "pt-basemap-tiles.h"
#include "pt-terminal.h"

#define ATTRIBUTION "Natural Earth, GSHHG"
#define EXIT_USAGE 2
#define EXIT_INTERRUPTED 130

typedef struct
{
  char *data;
  char *files[PT_BASEMAP_N_STYLES];
  char **regions;
  int world_zoom;
  int region_zoom;
  gboolean is_quiet;
  gboolean shows_version;
} Options;

static volatile sig_atomic_t is_interrupted;

static void
interrupt_cb (int number)
{
  is_interrupted = 1;
}

static void
options_clear (Options *options)
{
  g_free (options->data);
  for (guint style = 0; style < PT_BASEMAP_N_STYLES; style++)
    g_free (options->files[style]);
  g_strfreev (options->regions);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "light", 'l', 0, G_OPTION_ARG_FILENAME, &options->files[PT_BASEMAP_LIGHT],
      N_ ("Write the light map to this file"), N_ ("FILE") },
    { "dark", 'd', 0, G_OPTION_ARG_FILENAME, &options->files[PT_BASEMAP_DARK],
      N_ ("Write the dark map to this file"), N_ ("FILE") },
    { "region", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &options->regions,
      N_ ("Go deeper here (degrees); may be given again"), N_ ("WEST,SOUTH,EAST,NORTH") },
    { "world-zoom", 0, 0, G_OPTION_ARG_INT, &options->world_zoom,
      N_ ("Deepest zoom of the whole world (7)"), N_ ("ZOOM") },
    { "region-zoom", 0, 0, G_OPTION_ARG_INT, &options->region_zoom,
      N_ ("Deepest zoom of the regions (12)"), N_ ("ZOOM") },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &options->data,
      N_ ("Geodata, as data/basemap/prepare.js packs it"), N_ ("FILE") },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->is_quiet, N_ ("Print no progress"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->shows_version, N_ ("Print the version"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (
      context, _ ("Draws the map that outages are shown on, from open data, as MBTiles."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return g_option_context_parse (context, argc, argv, error);
}

static gboolean
check_zoom (const char *name, int zoom, int most, GError **error)
{
  if (zoom >= 0 && zoom <= most)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--%s has to be from 0 to %d"),
               name, most);
  return FALSE;
}

static gboolean
check_options (const Options *options, int argc, char **argv, PtBasemapRegions *regions,
               GError **error)
{
  const char *light = options->files[PT_BASEMAP_LIGHT], *dark = options->files[PT_BASEMAP_DARK];

  if (argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is not expected; files are given with --light and --dark"), argv[1]);
      return FALSE;
    }
  if (light == NULL && dark == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("Name a file to write with --light, --dark or both"));
      return FALSE;
    }
  if (light != NULL && g_strcmp0 (light, dark) == 0)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("--light and --dark need different files"));
      return FALSE;
    }
  if (!check_zoom ("world-zoom", options->world_zoom, 9, error)
      || !check_zoom ("region-zoom", options->region_zoom, PT_BASEMAP_ZOOM_MAX, error))
    return FALSE;
  for (char **region = options->regions; region != NULL && *region != NULL; region++)
    if (!pt_basemap_regions_add (regions, *region, error))
      return FALSE;
  if (regions->regions->len > 0)
    regions->region_zoom = options->region_zoom;
  if (pt_basemap_regions_count (regions) > PT_BASEMAP_TILES_MAX)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("These are more than %u tiles; choose smaller regions or zooms"),
                   PT_BASEMAP_TILES_MAX);
      return FALSE;
    }
  return TRUE;
}

static gboolean
describe (PtBasemapWriter *writer, PtBasemapStyle style, const PtBasemapRegions *regions,
          const Options *options, GError **error)
{
  g_autofree char *title = g_strdup_printf ("Power Tracker %s", pt_basemap_style_name (style));
  g_autofree char *last = g_strdup_printf ("%d", MAX (regions->world_zoom, regions->region_zoom));
  g_autofree char *world = g_strdup_printf ("%d", regions->world_zoom);
  g_autofree char *deeper
      = options->regions != NULL ? g_strjoinv (";", options->regions) : g_strdup ("");
  const char *rows[][2] = { { "name", title },
                            { "format", "png" },
                            { "bounds", "-180,-85.0511,180,85.0511" },
                            { "center", "0,20,2" },
                            { "minzoom", "0" },
                            { "maxzoom", last },
                            { "attribution", ATTRIBUTION },
                            { "description", "Land, borders and lakes" },
                            { "type", "baselayer" },
                            { "version", PT_VERSION },
                            /* Ours: beyond world_maxzoom there are tiles in these regions only. */
                            { "world_maxzoom", world },
                            /* Whoever shows them writes the names, from a list of places. */
                            { "names", "apart" },
                            { "regions", deeper } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (!pt_basemap_writer_set (writer, rows[i][0], rows[i][1], error))
      return FALSE;
  return TRUE;
}

/* A line for every tenth of the work. */
static gboolean
progress_cb (guint done, guint total, gpointer user_data)
{
  guint *last_tenth = user_data;
  guint tenth = (guint) ((guint64) done * 10 / total);

  if (last_tenth != NULL && tenth != *last_tenth)
    {
      g_printerr (_ ("powertrack-basemap: %u of %u tiles\n"), done, total);
      *last_tenth = tenth;
    }
  return !is_interrupted;
}

static gboolean
draw_files (const Options *options, const PtBasemapRegions *regions, GError **error)
{
  g_autoptr (PtBasemapData) data = NULL;
  g_autoptr (PtBasemapWriter) light = NULL;
  g_autoptr (PtBasemapWriter) dark = NULL;
  PtBasemapWriter **made[PT_BASEMAP_N_STYLES] = { &light, &dark };
  PtBasemapWriter *writers[PT_BASEMAP_N_STYLES];
  guint tenth = 0;

  data = pt_basemap_data_read (options->data, error);
  if (data == NULL)
    return FALSE;
  for (guint style = 0; style < PT_BASEMAP_N_STYLES; style++)
    {
      if (options->files[style] != NULL)
        {
          *made[style] = pt_basemap_writer_new (options->files[style], error);
          if (*made[style] == NULL || !describe (*made[style], style, regions, options, error))
            return FALSE;
        }
      writers[style] = *made[style];
    }
  if (!pt_basemap_tiles_draw (data, regions, writers, progress_cb,
                              options->is_quiet ? NULL : &tenth, error))
    return FALSE;
  return (light == NULL || pt_basemap_writer_finish (light, error))
         && (dark == NULL || pt_basemap_writer_finish (dark, error));
}

static void
set_signals (void)
{
  struct sigaction action = { .sa_handler = interrupt_cb };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  sigaction (SIGHUP, &action, NULL);
  /* A file that may not grow further is an error to tell, not a reason to die. */
  signal (SIGXFSZ, SIG_IGN);
}

static int
fail (const GError *error)
{
  g_printerr ("powertrack-basemap: %s\n", error->message);
  if (error->domain != G_OPTION_ERROR
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    return is_interrupted ? EXIT_INTERRUPTED : EXIT_FAILURE;
  g_printerr (_ ("Try “powertrack-basemap --help”.\n"));
  return EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { .world_zoom = 7, .region_zoom = 12 };
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (PtBasemapBox));
  PtBasemapRegions regions = { .regions = boxes };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  pt_terminal_guard ();
  bindtextdomain (GETTEXT_PACKAGE, PT_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  set_signals ();
  if (!parse_options (&options, &argc, &argv, &error))
    return fail (error);
  if (options.shows_version)
    {
      g_print ("powertrack-basemap %s\n", PT_VERSION);
      return EXIT_SUCCESS;
    }
  regions.world_zoom = options.world_zoom;
  if (!check_options (&options, argc, argv, &regions, &error))
    return fail (error);
  if (options.data == NULL)
    options.data = g_strdup (PT_BASEMAP_DATA);
  if (!draw_files (&options, &regions, &error))
    return fail (error);
  return EXIT_SUCCESS;
}
