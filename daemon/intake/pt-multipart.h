/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* multipart/form-data (RFC 7578) as programs and browsers send it. libsoup's reader takes as many
 * parts as there are in 40 MiB; this one has a bound, and refuses what is not well-formed. */

#define PT_MULTIPART_PARTS_MAX 16
#define PT_MULTIPART_HEAD_MAX 4096 /* bytes of a part's head */

typedef struct
{
  char *name;
  char *type;    /* lower case, without parameters; NULL: not said */
  GBytes *bytes; /* of the body, by reference */
} PtPart;

/* Its parts in their order, PtPart; PT_ERROR_MALFORMED, PT_ERROR_TOO_LARGE. @type: the body's
 * Content-Type. */
GPtrArray *pt_multipart_read (const char *type, GBytes *body, GError **error);
