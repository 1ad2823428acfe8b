/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-page.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"
#include "pt-request.h"

#define FILES_MAX 500
#define BYTES_MAX (16 * 1024 * 1024)
#define DEPTH_MAX 4

typedef struct
{
  GBytes *bytes;
  const char *type;
  char *etag;
  gboolean html, lasting; /* lasting: its name changes with its content */
} File;

struct _PtPage
{
  GHashTable *files; /* "/assets/x.js" -> File */
  GArray *routes;    /* PtRoute */
  char *policy;
  gsize bytes;
};

static const struct
{
  const char *ending, *type;
} types[] = { { ".html", "text/html; charset=utf-8" },
              { ".js", "text/javascript; charset=utf-8" },
              { ".css", "text/css; charset=utf-8" },
              { ".json", "application/json" },
              { ".webmanifest", "application/manifest+json" },
              { ".svg", "image/svg+xml" },
              { ".png", "image/png" },
              { ".ico", "image/vnd.microsoft.icon" },
              { ".woff2", "font/woff2" },
              { ".txt", "text/plain; charset=utf-8" } };

static void
file_free (gpointer data)
{
  File *file = data;

  g_bytes_unref (file->bytes);
  g_free (file->etag);
  g_free (file);
}

static const char *
type_of (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_has_suffix (path, types[i].ending))
      return types[i].type;
  return "application/octet-stream";
}

/* Reading the folder */

static gboolean
refuse (const char *folder, const char *why, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "The page's folder %s can't be served: %s. Name another in [page] dir.", folder,
               why);
  return FALSE;
}

static gboolean
page_add (PtPage *page, const char *path, const char *address, GError **error)
{
  g_autofree char *digest = NULL;
  GStatBuf status;
  char *data;
  gsize size;
  File *file;

  if (g_hash_table_size (page->files) >= FILES_MAX)
    return refuse (path, "it has more than 500 files", error);
  /* A pipe would be waited for. */
  if (g_stat (path, &status) != 0 || !S_ISREG (status.st_mode))
    return refuse (path, "it is neither a file nor a folder", error);
  if (status.st_size > (goffset) (BYTES_MAX - page->bytes))
    return refuse (path, "it has more than 16 MiB", error);
  if (!g_file_get_contents (path, &data, &size, NULL))
    return refuse (path, "it can't be read", error);
  file = g_new0 (File, 1);
  file->bytes = g_bytes_new_take (data, size);
  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file->bytes);
  file->etag = g_strdup_printf ("\"%.32s\"", digest);
  file->type = type_of (address);
  file->html = g_str_has_suffix (address, ".html");
  file->lasting = g_str_has_prefix (address, "/assets/");
  g_hash_table_insert (page->files, g_strdup (address), file);
  page->bytes += size;
  return TRUE;
}

static gboolean
page_read (PtPage *page, const char *folder, const char *address, guint depth, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  const char *name;

  if (directory == NULL || depth > DEPTH_MAX)
    return refuse (folder, directory == NULL ? "it can't be read" : "it is too deep", error);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *below = g_strconcat (address, "/", name, NULL);

      /* A link could lead anywhere. */
      if (name[0] == '.' || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        continue;
      if (g_file_test (path, G_FILE_TEST_IS_DIR) ? !page_read (page, path, below, depth + 1, error)
                                                 : !page_add (page, path, below, error))
        return FALSE;
    }
  return TRUE;
}

/* Answers */

static void
add_headers (PtPage *page, const File *file, PtRequest *request)
{
  pt_request_add_header (request, "Referrer-Policy", "no-referrer");
  pt_request_add_header (request, "Vary", "Accept-Encoding");
  if (!file->html)
    return;
  pt_request_add_header (request, "Content-Security-Policy", page->policy);
  pt_request_add_header (request, "Permissions-Policy",
                         "geolocation=(self), camera=(), microphone=()");
  pt_request_add_header (request, "Cross-Origin-Opener-Policy", "same-origin");
}

static gboolean
answer_file (PtRequest *request, gpointer context, GError **error)
{
  PtPage *page = context;
  const char *address = strcmp (request->path, "/") == 0 ? "/index.html" : request->path;
  g_autofree char *packed = g_strconcat (address, ".gz", NULL);
  const File *file = g_hash_table_lookup (page->files, address);
  const File *small
      = pt_request_takes_gzip (request) ? g_hash_table_lookup (page->files, packed) : NULL;
  const File *sent = small != NULL ? small : file;

  add_headers (page, file, request);
  if (small != NULL)
    pt_request_add_header (request, "Content-Encoding", "gzip");
  request->status = SOUP_STATUS_OK;
  request->content_type = file->type;
  request->cache_control = file->lasting ? "public, max-age=31536000, immutable" : "no-cache";
  request->etag = g_strdup (sent->etag);
  request->body = g_bytes_ref (sent->bytes);
  return TRUE;
}

static void
page_add_route (PtPage *page, const char *path)
{
  PtRoute route = { "GET", path, answer_file, PT_RUNS_ON_LOOP };

  if (strchr (path, '*') == NULL) /* a route would take it for a pattern */
    g_array_append_val (page->routes, route);
}

static void
page_make_routes (PtPage *page)
{
  GHashTableIter iter;
  gpointer path;

  page->routes = g_array_new (TRUE, FALSE, sizeof (PtRoute));
  page_add_route (page, "/");
  g_hash_table_iter_init (&iter, page->files);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    page_add_route (page, path);
}

const PtRoute *
pt_page_routes (PtPage *page)
{
  g_return_val_if_fail (page != NULL, NULL);

  return (const PtRoute *) page->routes->data;
}

PtPage *
pt_page_new (const char *folder, const char *image_origins, const char *connect_origins,
             GError **error)
{
  g_autoptr (PtPage) page = g_new0 (PtPage, 1);

  g_return_val_if_fail (folder != NULL && image_origins != NULL && connect_origins != NULL, NULL);

  page->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, file_free);
  page->policy = g_strdup_printf (
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:%s%s; "
      "connect-src 'self'%s%s; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      image_origins[0] != '\0' ? " " : "", image_origins, connect_origins[0] != '\0' ? " " : "",
      connect_origins);
  if (!page_read (page, folder, "", 0, error))
    return NULL;
  if (!g_hash_table_contains (page->files, "/index.html"))
    {
      refuse (folder, "it has no index.html", error);
      return NULL;
    }
  page_make_routes (page);
  return g_steal_pointer (&page);
}

void
pt_page_free (PtPage *page)
{
  if (page == NULL)
    return;
  g_hash_table_unref (page->files);
  g_clear_pointer (&page->routes, g_array_unref);
  g_free (page->policy);
  g_free (page);
}
