/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Pieces of JSON text for answers: numbers as they are, strings escaped. */
void pt_text_append_string (GString *text, const char *value);
void pt_text_append_hex (GString *text, gconstpointer data, gsize size);       /* quoted */
void pt_text_append_base64url (GString *text, gconstpointer data, gsize size); /* quoted */
/* 1e-7 degrees as decimal degrees, exactly. */
void pt_text_append_degrees (GString *text, gint32 value);
/* A number, or null when it is 0. */
void pt_text_append_time (GString *text, gint64 ms);
