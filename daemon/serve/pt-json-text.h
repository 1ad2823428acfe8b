/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* JSON text for answers, written from front to back; commas are put by themselves, and strings,
 * integers, hashes and keys are as core/pt-json.h writes them. Members are written in the order in
 * which they are given: who writes a canonical row gives them in that of their names.
 *
 * @name: of a member (of letters that need no escape); NULL: an element of an array, or the
 * outermost value. */
typedef struct
{
  GString *text;
  gboolean is_next; /* a value stands before */
} PtJsonText;

PtJsonText *pt_json_text_new (void);
void pt_json_text_free (PtJsonText *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtJsonText, pt_json_text_free)
/* Frees the rest. */
GString *pt_json_text_free_to_string (PtJsonText *json);

void pt_json_text_begin_object (PtJsonText *json, const char *name);
void pt_json_text_end_object (PtJsonText *json);
void pt_json_text_begin_array (PtJsonText *json, const char *name);
void pt_json_text_end_array (PtJsonText *json);
/* The outermost value ends, and with it a line; another may follow. */
void pt_json_text_end_line (PtJsonText *json);

/* @value UTF-8; NULL is written as null. */
void pt_json_text_string (PtJsonText *json, const char *name, const char *value);
/* @value may come from anywhere: what is no UTF-8 is replaced. */
void pt_json_text_foreign (PtJsonText *json, const char *name, const char *value);
void pt_json_text_integer (PtJsonText *json, const char *name, gint64 value);
void pt_json_text_number (PtJsonText *json, const char *name, double value); /* 6 digits */
/* 1e-7 degrees as decimal degrees, exactly. */
void pt_json_text_degrees (PtJsonText *json, const char *name, gint32 value);
/* Milliseconds, or null when it is 0. */
void pt_json_text_time (PtJsonText *json, const char *name, gint64 ms);
void pt_json_text_boolean (PtJsonText *json, const char *name, gboolean value);
void pt_json_text_null (PtJsonText *json, const char *name);
/* @value is JSON already: one whole value. */
void pt_json_text_raw (PtJsonText *json, const char *name, const char *value, gsize size);
void pt_json_text_hex (PtJsonText *json, const char *name, gconstpointer data, gsize size);
void pt_json_text_base64url (PtJsonText *json, const char *name, gconstpointer data, gsize size);
