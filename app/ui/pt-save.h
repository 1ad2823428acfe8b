/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

/* Asks where, then writes @bytes there whole or not at all. @flags: G_FILE_CREATE_PRIVATE for what
 * is its owner's alone. */
void pt_save_async (GtkWindow *parent, const char *title, const char *name, GBytes *bytes,
                    GFileCreateFlags flags, GAsyncReadyCallback callback, gpointer user_data);
/* The path; G_IO_ERROR_CANCELLED where nothing was chosen. */
char *pt_save_finish (GAsyncResult *result, GError **error);
