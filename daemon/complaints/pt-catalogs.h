/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The translations that are installed, for answers whose language each asker chooses: gettext has
 * one language for the whole process. Never changes once it is made; any thread. */
typedef struct _PtCatalogs PtCatalogs;
typedef struct _PtCatalog PtCatalog; /* of one language */

/* Those in @folder/LANGUAGE/LC_MESSAGES/powertrack.mo; none where there is no such folder. What
 * can't be read is told in the log and left out. */
PtCatalogs *pt_catalogs_new (const char *folder);
void pt_catalogs_free (PtCatalogs *catalogs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCatalogs, pt_catalogs_free)

/* By an Accept-Language header; NULL: English, which is what the program is written in. */
const PtCatalog *pt_catalogs_choose (PtCatalogs *catalogs, const char *accept_language);
/* What the text is in that language; itself where nobody translated it. */
const char *pt_catalog_say (const PtCatalog *catalog, const char *text) G_GNUC_FORMAT (2);
