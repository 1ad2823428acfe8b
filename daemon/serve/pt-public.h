/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-gazetteer.h"
#include "pt-page.h"
#include "pt-tiles.h"

/* What the daemon shows to everybody besides its own data: the page and its map. */

/* As it is configured; each NULL: what was installed, if it is there. */
typedef struct
{
  const char *light, *dark, *attribution; /* the map, see pt_tiles_new () */
  const char *places;                     /* a file of names */
  const char *page;                       /* a folder */
  const char *rpc;                        /* endpoints that pages may ask, with ; between */
} PtPublicConfig;

typedef struct
{
  PtTiles *tiles;         /* or NULL */
  PtGazetteer *gazetteer; /* or NULL */
  PtPage *page;           /* or NULL */
  char **rpc;             /* never NULL */
} PtPublic;

/* What is configured has to be there (PT_ERROR_CONFIGURATION); what was installed and can't be used
 * is only missed. */
PtPublic *pt_public_new (const PtPublicConfig *config, GError **error);
void pt_public_free (PtPublic *public);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPublic, pt_public_free)
