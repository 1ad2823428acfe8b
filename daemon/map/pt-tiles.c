/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tiles.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "pt-error.h"

#define ZOOM_MAX 24
#define TILE_MAX (1024 * 1024)
#define ROW_MAX 1000  /* of a row beside its tile */
#define TEXT_MAX 1000 /* of a line of metadata */

typedef struct
{
  char *url; /* template, or NULL: a file */
  char *path, *attribution;
  gint64 minzoom, maxzoom;
  double bounds[4];
  gboolean has_no_names;
  GMutex lock; /* of the connection */
  sqlite3 *handle;
  sqlite3_stmt *get;
  gint complained; /* atomic */
} Style;

struct _PtTiles
{
  Style styles[2];
  guint of[2]; /* which of ->styles "light" and "dark" are */
  char *origins;
};

static const char *const names[2] = { "light", "dark" };

static gboolean
style_refuse (const Style *style, const char *why, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "The map %s is no MBTiles file that can be read: %s. Name another file in [map].",
               style->path, why);
  return FALSE;
}

/* Metadata */

static char *
style_metadata (Style *style, const char *name)
{
  g_autofree char *value = NULL;
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (style->handle, "SELECT value FROM metadata WHERE name=?", -1, &statement,
                          NULL)
      != SQLITE_OK)
    return NULL;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  if (sqlite3_step (statement) == SQLITE_ROW)
    {
      const char *text = (const char *) sqlite3_column_text (statement, 0);

      if (text != NULL && strlen (text) <= TEXT_MAX && g_utf8_validate (text, -1, NULL))
        value = g_strdup (text);
    }
  sqlite3_finalize (statement);
  return g_steal_pointer (&value);
}

static gint64
style_zoom (Style *style, const char *name, const char *otherwise)
{
  g_autofree char *text = style_metadata (style, name);
  sqlite3_stmt *statement = NULL;
  gint64 zoom;

  if (text != NULL && g_ascii_string_to_signed (text, 10, 0, ZOOM_MAX, &zoom, NULL))
    return zoom;
  zoom = 0;
  if (sqlite3_prepare_v2 (style->handle, otherwise, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    zoom = CLAMP (sqlite3_column_int64 (statement, 0), 0, ZOOM_MAX);
  sqlite3_finalize (statement);
  return zoom;
}

/* From "w,s,e,n", so that a file cannot put anything but numbers into our answer. */
static void
style_read_bounds (Style *style)
{
  g_autofree char *text = style_metadata (style, "bounds");
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", 5);
  double bounds[4];

  if (g_strv_length (parts) != 4)
    return;
  for (guint i = 0; i < 4; i++)
    {
      char *end = NULL;

      bounds[i] = g_ascii_strtod (g_strstrip (parts[i]), &end);
      if (end == parts[i] || *end != '\0' || !(bounds[i] >= -180 && bounds[i] <= 180))
        return;
    }
  memcpy (style->bounds, bounds, sizeof bounds);
}

/* Many files have HTML here; what we tell is plain text. */
static char *
plain_text (const char *html)
{
  static const struct
  {
    const char *entity, *text;
  } entities[] = { { "&copy;", "\u00a9" }, { "&lt;", "<" },   { "&gt;", ">" },
                   { "&quot;", "\"" },     { "&nbsp;", " " }, { "&amp;", "&" } };
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *c = html; *c != '\0'; c++)
    {
      const char *end = *c == '<' ? strchr (c, '>') : NULL;

      if (end != NULL)
        c = end;
      else
        g_string_append_c (text, *c);
    }
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    g_string_replace (text, entities[i].entity, entities[i].text, 0);
  return g_strdup (text->str);
}

/* Whether the file says that it is read with a log beside it (its header, bytes 18 and 19; SQLite's
 * file format, section 1.3.3). */
static gboolean
file_has_log (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  const char *data = file != NULL ? g_mapped_file_get_contents (file) : NULL;

  return data != NULL && g_mapped_file_get_length (file) >= 100 && data[18] == 2 && data[19] == 2;
}

/* To read a file with a log SQLite makes two more beside it, and can't where nobody may write. A
 * map is not written while it is shown, so it is read as it is; but what is in its log alone would
 * be missing. */
static gboolean
style_open_handle (Style *style, GError **error)
{
  g_autofree char *log = g_strconcat (style->path, "-wal", NULL);
  g_autofree char *escaped = g_uri_escape_string (style->path, "/", FALSE);
  g_autofree char *address = NULL;
  gboolean has_log = file_has_log (style->path);
  GStatBuf info;

  if (has_log && g_stat (log, &info) == 0 && info.st_size > 0)
    return style_refuse (style,
                         "a log with more of it lies beside it. Convert it: sqlite3 FILE 'PRAGMA "
                         "journal_mode=DELETE'",
                         error);
  address = g_strconcat ("file:", escaped, has_log ? "?immutable=1" : "", NULL);
  if (sqlite3_open_v2 (address, &style->handle,
                       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL)
      == SQLITE_OK)
    return TRUE;
  return style_refuse (style, sqlite3_errmsg (style->handle), error);
}

static gboolean
style_open_file (Style *style, GError **error)
{
  g_autofree char *format = NULL, *attribution = NULL, *drawn = NULL;

  if (!style_open_handle (style, error))
    return FALSE;
  if (sqlite3_prepare_v3 (
          style->handle,
          "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?", -1,
          SQLITE_PREPARE_PERSISTENT, &style->get, NULL)
      != SQLITE_OK)
    return style_refuse (style, sqlite3_errmsg (style->handle), error);
  sqlite3_limit (style->handle, SQLITE_LIMIT_LENGTH, TILE_MAX + ROW_MAX); /* of what is read */
  format = style_metadata (style, "format");
  if (g_strcmp0 (format, "png") != 0)
    return style_refuse (style, "its metadata does not say that its tiles are png", error);
  style->minzoom = style_zoom (style, "minzoom", "SELECT min (zoom_level) FROM tiles");
  style->maxzoom = style_zoom (style, "maxzoom", "SELECT max (zoom_level) FROM tiles");
  attribution = style_metadata (style, "attribution");
  style->attribution = attribution != NULL ? plain_text (attribution) : NULL;
  style_read_bounds (style);
  drawn = style_metadata (style, "names"); /* ours, see powertrack-basemap(1) */
  style->has_no_names = g_strcmp0 (drawn, "apart") == 0;
  return TRUE;
}

static gboolean
style_open (Style *style, const char *source, const char *attribution, GError **error)
{
  static const double world[4] = { -180, -85.0511, 180, 85.0511 };

  memcpy (style->bounds, world, sizeof world);
  if (strstr (source, "://") == NULL)
    {
      style->path = g_strdup (source);
      return style_open_file (style, error);
    }
  style->url = g_strdup (source);
  style->attribution = g_strdup (attribution);
  style->maxzoom = 19;
  return TRUE;
}

static void
style_clear (Style *style)
{
  sqlite3_finalize (style->get);
  sqlite3_close (style->handle);
  g_mutex_clear (&style->lock);
  g_free (style->url);
  g_free (style->path);
  g_free (style->attribution);
}

/* Tiles */

char *
pt_tiles_origin_of (const char *address)
{
  g_autoptr (GUri) uri = NULL;
  const char *host;
  gboolean six;

  g_return_val_if_fail (address != NULL, NULL);

  uri = g_uri_parse (address, G_URI_FLAGS_PARSE_RELAXED, NULL);
  host = uri != NULL ? g_uri_get_host (uri) : NULL;
  if (host == NULL)
    return NULL;
  six = strchr (host, ':') != NULL;
  if (g_uri_get_port (uri) < 0)
    return g_strdup_printf ("%s://%s%s%s", g_uri_get_scheme (uri), six ? "[" : "", host,
                            six ? "]" : "");
  return g_strdup_printf ("%s://%s%s%s:%d", g_uri_get_scheme (uri), six ? "[" : "", host,
                          six ? "]" : "", g_uri_get_port (uri));
}

static void
tiles_find_origins (PtTiles *tiles)
{
  g_autofree char *first = NULL, *second = NULL;

  if (tiles->styles[0].url != NULL)
    first = pt_tiles_origin_of (tiles->styles[0].url);
  if (tiles->styles[1].url != NULL)
    second = pt_tiles_origin_of (tiles->styles[1].url);
  if (g_strcmp0 (first, second) == 0)
    g_clear_pointer (&second, g_free);
  tiles->origins
      = g_strconcat (first != NULL ? first : "", first != NULL && second != NULL ? " " : "",
                     second != NULL ? second : "", NULL);
}

PtTiles *
pt_tiles_new (const char *light, const char *dark, const char *attribution, GError **error)
{
  g_autoptr (PtTiles) tiles = g_new0 (PtTiles, 1);
  const char *sources[2] = { light != NULL ? light : dark, dark };

  g_return_val_if_fail (light != NULL || dark != NULL, NULL);
  for (guint i = 0; i < 2; i++)
    g_mutex_init (&tiles->styles[i].lock);
  tiles->of[1] = light != NULL && dark != NULL ? 1 : 0;
  for (guint i = 0; i <= tiles->of[1]; i++)
    if (!style_open (&tiles->styles[i], sources[i], attribution, error))
      return NULL;
  tiles_find_origins (tiles);
  return g_steal_pointer (&tiles);
}

void
pt_tiles_free (PtTiles *tiles)
{
  if (tiles == NULL)
    return;
  for (guint i = 0; i < 2; i++)
    style_clear (&tiles->styles[i]);
  g_free (tiles->origins);
  g_free (tiles);
}

const char *
pt_tiles_origins (PtTiles *tiles)
{
  g_return_val_if_fail (tiles != NULL, NULL);

  return tiles->origins;
}

static Style *
tiles_style (PtTiles *tiles, const char *name, GError **error)
{
  for (guint i = 0; i < 2; i++)
    if (strcmp (name, names[i]) == 0)
      return &tiles->styles[tiles->of[i]];
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "The map's styles are light and dark.");
  return NULL;
}

gboolean
pt_tiles_describe (PtTiles *tiles, const char *name, PtTilesStyle *out, GError **error)
{
  const Style *style;

  g_return_val_if_fail (tiles != NULL && name != NULL && out != NULL, FALSE);

  style = tiles_style (tiles, name, error);
  if (style == NULL)
    return FALSE;
  *out = (PtTilesStyle){ .url = style->url,
                         .attribution = style->attribution,
                         .minzoom = style->minzoom,
                         .maxzoom = style->maxzoom,
                         .has_no_names = style->has_no_names };
  memcpy (out->bounds, style->bounds, sizeof out->bounds);
  return TRUE;
}

static GBytes *
style_read (Style *style, gint64 z, gint64 x, gint64 y, int *code)
{
  GBytes *bytes = NULL;

  g_mutex_lock (&style->lock);
  sqlite3_reset (style->get);
  sqlite3_bind_int64 (style->get, 1, z);
  sqlite3_bind_int64 (style->get, 2, x);
  sqlite3_bind_int64 (style->get, 3,
                      (G_GINT64_CONSTANT (1) << z) - 1 - y); /* rows from the south */
  *code = sqlite3_step (style->get);
  if (*code == SQLITE_ROW && sqlite3_column_bytes (style->get, 0) <= TILE_MAX)
    bytes = g_bytes_new (sqlite3_column_blob (style->get, 0),
                         (gsize) sqlite3_column_bytes (style->get, 0));
  sqlite3_reset (style->get);
  g_mutex_unlock (&style->lock);
  return bytes;
}

static gboolean
is_png (GBytes *bytes)
{
  static const guint8 signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return size > sizeof signature && memcmp (data, signature, sizeof signature) == 0;
}

/* A want of descriptors or memory, or another that reads it: not the file's fault. */
static gboolean
passes (int code)
{
  int primary = code & 0xff;

  return primary == SQLITE_NOMEM || primary == SQLITE_CANTOPEN || primary == SQLITE_BUSY
         || primary == SQLITE_LOCKED;
}

GBytes *
pt_tiles_get (PtTiles *tiles, const char *name, gint64 z, gint64 x, gint64 y, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  int code = SQLITE_DONE;
  Style *style;

  g_return_val_if_fail (tiles != NULL && name != NULL, NULL);

  style = tiles_style (tiles, name, error);
  if (style == NULL)
    return NULL;
  if (style->handle != NULL && z >= 0 && z <= ZOOM_MAX && x >= 0 && y >= 0
      && x < G_GINT64_CONSTANT (1) << z && y < G_GINT64_CONSTANT (1) << z)
    bytes = style_read (style, z, x, y, &code);
  if (bytes != NULL && is_png (bytes))
    return g_steal_pointer (&bytes);
  if (code == SQLITE_DONE)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no such tile.");
  else if (passes (code))
    g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                         "The map's file can't be read for now. Ask again.");
  else
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, "The map's file is damaged.");
      if (g_atomic_int_compare_and_exchange (&style->complained, FALSE, TRUE))
        g_warning ("The map %s is damaged at tile %d/%d/%d", style->path, (int) z, (int) x,
                   (int) y);
    }
  return NULL;
}
