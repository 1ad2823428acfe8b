/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-page.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

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

PtPage *
pt_page_new (const char *folder, const char *image_origins, const char *connect_origins,
             GError **error)
{
  g_autoptr (PtPage) page = g_new0 (PtPage, 1);

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
  return g_steal_pointer (&page);
}

void
pt_page_free (PtPage *page)
{
  if (page == NULL)
    return;
  g_hash_table_unref (page->files);
  g_free (page->policy);
  g_free (page);
}

/* Answers */

static gboolean
takes_gzip (SoupMessageHeaders *request)
{
  const char *accepted = soup_message_headers_get_list (request, "Accept-Encoding");

  return accepted != NULL && soup_header_contains (accepted, "gzip");
}

static void
add_headers (PtPage *page, const File *file, SoupMessageHeaders *headers)
{
  soup_message_headers_replace (headers, "Content-Type", file->type);
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "Referrer-Policy", "no-referrer");
  soup_message_headers_replace (headers, "Vary", "Accept-Encoding");
  soup_message_headers_replace (headers, "Cache-Control",
                                file->lasting ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file->html)
    return;
  soup_message_headers_replace (headers, "Content-Security-Policy", page->policy);
  soup_message_headers_replace (headers, "Permissions-Policy",
                                "geolocation=(self), camera=(), microphone=()");
  soup_message_headers_replace (headers, "Cross-Origin-Opener-Policy", "same-origin");
}

gboolean
pt_page_answer (PtPage *page, SoupServerMessage *message, const char *path)
{
  SoupMessageHeaders *request = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *address = strcmp (path, "/") == 0 ? "/index.html" : path, *known;
  g_autofree char *packed = g_strconcat (address, ".gz", NULL);
  const File *file = g_hash_table_lookup (page->files, address), *small;
  GBytes *bytes;

  if (file == NULL)
    return FALSE;
  add_headers (page, file, headers);
  small = takes_gzip (request) ? g_hash_table_lookup (page->files, packed) : NULL;
  bytes = small != NULL ? small->bytes : file->bytes;
  soup_message_headers_replace (headers, "ETag", small != NULL ? small->etag : file->etag);
  known = soup_message_headers_get_list (request, "If-None-Match");
  if (known != NULL && strstr (known, small != NULL ? small->etag : file->etag) != NULL)
    {
      soup_server_message_set_status (message, SOUP_STATUS_NOT_MODIFIED, NULL);
      return TRUE;
    }
  if (small != NULL)
    soup_message_headers_replace (headers, "Content-Encoding", "gzip");
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  if (g_bytes_get_size (bytes) > 0)
    soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
  return TRUE;
}
