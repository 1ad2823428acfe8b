/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A small JSON object that a client sends: texts, whole numbers and booleans under known names.
 * What is wrong with it is said with the member's name. */
typedef struct _PtForm PtForm;

/* @names: all that there may be, NULL-terminated. Content-Type is not looked at.
 * PT_ERROR_MALFORMED. */
PtForm *pt_form_read (GBytes *body, const char *const *names, GError **error);
void pt_form_free (PtForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtForm, pt_form_free)

gboolean pt_form_has (PtForm *form, const char *name);
/* NULL where it is missing or no text. */
const char *pt_form_text (PtForm *form, const char *name);
/* These set an error where it is missing, or is not what it has to be. */
gboolean pt_form_id (PtForm *form, const char *name, const char **out, GError **error);
gboolean pt_form_area (PtForm *form, const char **out, GError **error);
gboolean pt_form_integer (PtForm *form, const char *name, gint64 least, gint64 most, gint64 *out,
                          GError **error);
gboolean pt_form_boolean (PtForm *form, const char *name, gboolean *out, GError **error);
gboolean pt_form_need_text (PtForm *form, const char *name, gsize most, const char **out,
                            GError **error);
/* As pt_form_need_text (); where it is missing *@out is NULL, and it may be empty. */
gboolean pt_form_may_text (PtForm *form, const char *name, gsize most, const char **out,
                           GError **error);
