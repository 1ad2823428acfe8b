/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-route.h"

/* The public page: the files of one folder, read into memory at the start, so that an address can
 * name nothing else. */
typedef struct _PtPage PtPage;

/* @image_origins, @connect_origins: what the page may load from besides here, with spaces between;
 * they go into its Content-Security-Policy (W3C CSP Level 3). At most 500 files, 16 MiB in all.
 * PT_ERROR_CONFIGURATION. */
PtPage *pt_page_new (const char *folder, const char *image_origins, const char *connect_origins,
                     GError **error);
void pt_page_free (PtPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPage, pt_page_free)

/* A route for each of its files ("/", "/assets/x.js"), to be added with the page. */
const PtRoute *pt_page_routes (PtPage *page);
