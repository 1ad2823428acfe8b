/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Files of secrets that devices share with the daemon: mode 0600, a device a line; lines that are
 * empty or begin with # are passed over. */

#define PT_COAP_LINES_BYTES_MAX (256 * 1024 * 1024)

/* Takes a line in. What is wrong with it, without its secret; NULL: nothing is. */
typedef const char *(*PtCoapLineFunc) (gpointer data, const char *line, gsize size);

typedef struct
{
  const char *option; /* of [coap], which names the file */
  const char *form;   /* of a line, for people */
  PtCoapLineFunc add;
} PtCoapLines;

/* PT_ERROR_CONFIGURATION with the line and what to do. */
gboolean pt_coap_lines_read (const PtCoapLines *lines, const char *path, gpointer data,
                             GError **error);
/* The same of a file's text. */
gboolean pt_coap_lines_parse (const PtCoapLines *lines, const char *text, gsize size,
                              const char *path, gpointer data, GError **error);

/* @digits of @hex, which stand for @least to @most bytes. */
gboolean pt_coap_lines_hex (const char *hex, gsize digits, gsize least, gsize most, guint8 *out,
                            gsize *size);
