/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-public.h"

#define INSTALLED_LIGHT PT_DATADIR "/basemap/light.mbtiles"
#define INSTALLED_DARK PT_DATADIR "/basemap/dark.mbtiles"
#define INSTALLED_PLACES PT_DATADIR "/basemap/places.tsv"
#define INSTALLED_PAGE PT_DATADIR "/page"

static const char *
installed (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS) ? path : NULL;
}

/* Whether the start may go on without what could not be opened. */
static gboolean
is_missed_only (gboolean configured, GError *local, GError **error)
{
  if (configured)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  g_message ("%s", local->message);
  g_error_free (local);
  return TRUE;
}

static gboolean
public_open_map (PtPublic *public, const PtPublicConfig *config, GError **error)
{
  gboolean own = config->light != NULL || config->dark != NULL;
  const char *light = own ? config->light : installed (INSTALLED_LIGHT);
  const char *dark = own ? config->dark : installed (INSTALLED_DARK);
  GError *local = NULL;

  if (light == NULL && dark == NULL)
    return TRUE;
  public->tiles = pt_tiles_new (light, dark, config->attribution, &local);
  return public->tiles != NULL || is_missed_only (own, local, error);
}

static gboolean
public_open_places (PtPublic *public, const PtPublicConfig *config, GError **error)
{
  const char *path = config->places != NULL ? config->places : installed (INSTALLED_PLACES);
  GError *local = NULL;

  if (path == NULL)
    return TRUE;
  public->gazetteer = pt_gazetteer_new (path, &local);
  return public->gazetteer != NULL || is_missed_only (config->places != NULL, local, error);
}

/* What the page may ask besides us: the endpoints' origins, with spaces between. */
static char *
public_rpc_origins (const PtPublic *public)
{
  GString *origins = g_string_new (NULL);

  for (guint i = 0; public->rpc[i] != NULL; i++)
    {
      g_autofree char *origin = pt_tiles_origin_of (g_strstrip (public->rpc[i]));

      /* Twice the same does no harm. */
      if (origin != NULL)
        g_string_append_printf (origins, "%s%s", origins->len > 0 ? " " : "", origin);
    }
  return g_string_free (origins, FALSE);
}

static gboolean
public_open_page (PtPublic *public, const PtPublicConfig *config, GError **error)
{
  const char *images = public->tiles != NULL ? pt_tiles_origins (public->tiles) : "";
  g_autofree char *connect = public_rpc_origins (public);
  const char *folder = config->page;
  GError *local = NULL;

  if (folder == NULL && installed (INSTALLED_PAGE "/index.html") == NULL)
    return TRUE;
  public->page = pt_page_new (folder != NULL ? folder : INSTALLED_PAGE, images, connect, &local);
  return public->page != NULL || is_missed_only (folder != NULL, local, error);
}

PtPublic *
pt_public_new (const PtPublicConfig *config, GError **error)
{
  g_autoptr (PtPublic) public = NULL;

  g_return_val_if_fail (config != NULL, NULL);

  public = g_new0 (PtPublic, 1);
  public->rpc = g_strsplit (config->rpc != NULL ? config->rpc : "", ";", -1);
  if (!public_open_map (public, config, error) || !public_open_places (public, config, error)
      || !public_open_page (public, config, error))
    return NULL;
  return g_steal_pointer (&public);
}

void
pt_public_free (PtPublic *public)
{
  if (public == NULL)
    return;
  g_clear_pointer (&public->page, pt_page_free);
  g_clear_pointer (&public->gazetteer, pt_gazetteer_free);
  g_clear_pointer (&public->tiles, pt_tiles_free);
  g_strfreev (public->rpc);
  g_free (public);
}
