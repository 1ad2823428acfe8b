/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-list.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define PIECES 5
#define SITES_A_PIECE 40

typedef struct
{
  PtClock *clock;
  PtSiteKeeper *keeper;
  PtSiteSnapshot *sites;
  guint asked; /* how many sites a filter was asked of */
} World;

/* Piece 0 is empty, as it is when its devices' sites stand elsewhere. */
static gboolean
read_piece (PtSitePiece *piece, guint number, gint64 now, gpointer data)
{
  for (guint i = 0; number > 0 && i < SITES_A_PIECE; i++)
    {
      g_autofree char *name = g_strdup_printf ("S-%u-%u", number, i);
      PtSite site = { .area = "east", .site = name, .customers = i, .lat = (gint32) number };

      pt_site_piece_add (piece, &site, G_MAXINT64);
    }
  return number < PIECES;
}

static void
set_up (World *world, gconstpointer data)
{
  world->clock = pt_clock_new_manual (1);
  world->keeper = pt_site_keeper_new (world->clock, read_piece, NULL);
  world->sites = pt_site_keeper_get (world->keeper, 0, G_MAXUINT);
}

static void
tear_down (World *world, gconstpointer data)
{
  pt_site_snapshot_unref (world->sites);
  pt_site_keeper_free (world->keeper);
  pt_clock_unref (world->clock);
}

static GBytes *
join (GPtrArray *parts)
{
  GByteArray *all = g_byte_array_new ();

  for (guint i = 0; i < parts->len; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (g_ptr_array_index (parts, i), &size);

      g_assert_cmpuint (size, >, 0);
      g_assert_cmpuint (size, <=, 64 * 1024);
      g_byte_array_append (all, data, (guint) size);
    }
  return g_byte_array_free_to_bytes (all);
}

static char *
unpack (GBytes *packed)
{
  g_autoptr (GConverter) converter
      = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_bytes (packed);
  g_autoptr (GInputStream) in = g_converter_input_stream_new (memory, converter);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = g_input_stream_read_bytes (in, 1 << 20, NULL, &error);

  g_assert_no_error (error);
  return g_strndup (g_bytes_get_size (plain) > 0 ? g_bytes_get_data (plain, NULL) : "",
                    g_bytes_get_size (plain));
}

/* As text; packed it is the same. */
static char *
list_text (World *world, PtSiteListForm form, PtSiteFilterFunc holds, gconstpointer filter)
{
  PtApiSites api = { 0 };
  g_autoptr (GPtrArray) plain = pt_site_list_make (&api, world->sites, form, holds, filter, FALSE);
  g_autoptr (GPtrArray) packed = pt_site_list_make (&api, world->sites, form, holds, filter, TRUE);
  g_autoptr (GBytes) all = join (plain);
  g_autoptr (GBytes) file = join (packed);
  g_autofree char *unpacked = unpack (file);
  char *text = g_strndup (g_bytes_get_size (all) > 0 ? g_bytes_get_data (all, NULL) : "",
                          g_bytes_get_size (all));

  g_assert_cmpstr (unpacked, ==, text);
  return text;
}

/* How many features it has, all of them whole JSON. */
static guint
count_features (const char *text)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, text, -1, &error);
  g_assert_no_error (error);
  return json_array_get_length (json_object_get_array_member (
      json_node_get_object (json_parser_get_root (parser)), "features"));
}

static guint
count_lines (const char *text)
{
  guint count = 0;

  for (; *text != '\0'; text++)
    count += *text == '\n';
  return count;
}

/* How many sites they have, line by line; each member is as long. */
static guint
count_columns (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint count = 0;

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GList) members = NULL;
      JsonObject *line;
      guint length;

      json_parser_load_from_data (parser, lines[i], -1, &error);
      g_assert_no_error (error);
      line = json_node_get_object (json_parser_get_root (parser));
      length = json_array_get_length (json_object_get_array_member (line, "site"));
      members = json_object_get_members (line);
      g_assert_cmpuint (g_list_length (members), ==, 10);
      for (GList *member = members; member != NULL; member = member->next)
        g_assert_cmpuint (json_array_get_length (json_object_get_array_member (line, member->data)),
                          ==, length);
      g_assert_cmpuint (length, >, 0);
      count += length;
    }
  return count;
}

static gboolean
never (const PtSite *site, gconstpointer filter)
{
  return FALSE;
}

static gboolean
in_piece (const PtSite *site, gconstpointer filter)
{
  return site->lat == GPOINTER_TO_INT (filter);
}

static gboolean
is_odd (const PtSite *site, gconstpointer filter)
{
  return site->customers % 2 == 1 || site->lat == GPOINTER_TO_INT (filter);
}

static void
test_forms (World *world, gconstpointer data)
{
  static const struct
  {
    PtSiteFilterFunc holds;
    gint piece;
    guint count;
  } rows[] = { { NULL, 0, 160 },   { never, 0, 0 },   { in_piece, 1, 40 }, { in_piece, 3, 40 },
               { in_piece, 0, 0 }, { is_odd, 0, 80 }, { is_odd, 1, 100 },  { is_odd, 2, 100 },
               { is_odd, 4, 100 }, { NULL, 0, 160 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gconstpointer filter = GINT_TO_POINTER (rows[i].piece);
      g_autofree char *features = list_text (world, PT_SITE_LIST_FEATURES, rows[i].holds, filter);
      g_autofree char *lines = list_text (world, PT_SITE_LIST_ROWS, rows[i].holds, filter);
      g_autofree char *columns = list_text (world, PT_SITE_LIST_COLUMNS, rows[i].holds, filter);

      g_assert_cmpuint (count_columns (columns), ==, rows[i].count);
      g_assert_cmpuint (count_features (features), ==, rows[i].count);
      g_assert_cmpuint (count_lines (lines), ==, rows[i].count);
    }
}

/* Two who ask have the same bytes, not a copy. */
static void
test_shared (World *world, gconstpointer data)
{
  PtApiSites api = { 0 };
  g_autoptr (GPtrArray) one
      = pt_site_list_make (&api, world->sites, PT_SITE_LIST_ROWS, NULL, NULL, TRUE);
  g_autoptr (GPtrArray) other
      = pt_site_list_make (&api, world->sites, PT_SITE_LIST_ROWS, NULL, NULL, TRUE);

  g_assert_true (one == other);
  g_assert_cmpuint (one->len, ==, 1 + PIECES - 1 + 1); /* head, pieces that are not empty, tail */
  {
    gconstpointer none = GINT_TO_POINTER (0);
    g_autoptr (GPtrArray) odd
        = pt_site_list_make (&api, world->sites, PT_SITE_LIST_ROWS, is_odd, none, TRUE);
    g_autoptr (GPtrArray) own
        = pt_site_list_make (&api, world->sites, PT_SITE_LIST_ROWS, in_piece, none, TRUE);

    g_assert_true (odd != one && own != one);
  }
}

#define ADD(name, func) g_test_add ("/site-list/" name, World, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("forms", test_forms);
  ADD ("shared", test_shared);
  return g_test_run ();
}
