/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-entry.h"
#include "pt-http-client.h"

/* How the daemon has an official registered, and how that differs from what is wanted. */

#define PT_OFFICIAL_NAME_MAX 256 /* bytes */

typedef struct
{
  gboolean is_known; /* somebody registered it */
  char name[PT_OFFICIAL_NAME_MAX + 1];
  PtRole role;
  guint8 key[PT_PUBLIC_KEY_SIZE];
  PtStatus status;
  gint64 ts;
} PtOfficialKnown;

gboolean pt_official_known_ask (PtHttpClient *client, const char *url, const char *area,
                                const char *official, PtOfficialKnown *out, GError **error);

/* The members in which they differ, "name, key"; NULL: none. */
char *pt_official_known_differences (const PtEntry *wanted, const PtOfficialKnown *known);

/* FALSE: none is called so. */
gboolean pt_official_role_parse (const char *text, PtRole *out);
