/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-form.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-base.h"
#include "pt-error.h"
#include "pt-json-bounds.h"

struct _PtForm
{
  JsonParser *parser;
  JsonObject *object; /* the parser's */
};

static gboolean
refuse (GError **error, const char *name, const char *sentence)
{
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, "%.64s: %s", name, sentence);
  return FALSE;
}

void
pt_form_free (PtForm *form)
{
  if (form == NULL)
    return;
  g_clear_object (&form->parser);
  g_free (form);
}

/* json-glib would end a text there. */
static gboolean
has_nul (const char *data, gsize size)
{
  static const char nul[] = "\\u0000";

  for (gsize at = 0; at + 1 < size; at++)
    {
      if (data[at] != '\\')
        continue;
      if (size - at >= sizeof nul - 1 && memcmp (data + at, nul, sizeof nul - 1) == 0)
        return TRUE;
      at++;
    }
  return FALSE;
}

static gboolean
form_parse (PtForm *form, GBytes *body, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  JsonNode *root;

  if (size == 0 || !pt_json_is_shallow (data, size, 1)
      || !json_parser_load_from_data (form->parser, data, (gssize) size, NULL))
    return refuse (error, "body", "send a JSON object without objects or arrays in it.");
  root = json_parser_get_root (form->parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return refuse (error, "body", "send a JSON object.");
  if (has_nul (data, size))
    return refuse (error, "body", "no text has \\u0000 in it.");
  form->object = json_node_get_object (root);
  return TRUE;
}

/* json-glib makes half a surrogate pair into bytes that are no UTF-8. */
static gboolean
is_sound (JsonNode *node)
{
  return json_node_get_value_type (node) != G_TYPE_STRING
         || g_utf8_validate (json_node_get_string (node), -1, NULL);
}

static gboolean
form_check (PtForm *form, const char *const *names, GError **error)
{
  JsonObjectIter iter;
  JsonNode *node;
  const char *name;

  json_object_iter_init (&iter, form->object);
  while (json_object_iter_next (&iter, &name, &node))
    if (!g_utf8_validate (name, -1, NULL) || !is_sound (node))
      return refuse (error, "body", "it has a text that is no Unicode.");
    else if (!g_strv_contains (names, name))
      {
        g_autofree char *all = g_strjoinv (", ", (char **) names);

        g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                     "%.64s: there is no such member. There are %s.", name, all);
        return FALSE;
      }
  return TRUE;
}

PtForm *
pt_form_read (GBytes *body, const char *const *names, GError **error)
{
  g_autoptr (PtForm) form = NULL;

  g_return_val_if_fail (body != NULL && names != NULL, NULL);

  form = g_new0 (PtForm, 1);
  form->parser = json_parser_new_immutable ();
  return form_parse (form, body, error) && form_check (form, names, error) ? g_steal_pointer (&form)
                                                                           : NULL;
}

gboolean
pt_form_has (PtForm *form, const char *name)
{
  g_return_val_if_fail (form != NULL && name != NULL, FALSE);

  return json_object_has_member (form->object, name);
}

const char *
pt_form_text (PtForm *form, const char *name)
{
  JsonNode *node;

  g_return_val_if_fail (form != NULL && name != NULL, NULL);

  node = json_object_get_member (form->object, name);
  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

gboolean
pt_form_id (PtForm *form, const char *name, const char **out, GError **error)
{
  g_return_val_if_fail (form != NULL && name != NULL && out != NULL, FALSE);

  *out = pt_form_text (form, name);
  return (*out != NULL && pt_is_id (pt_span (*out, strlen (*out))))
         || refuse (error, name,
                    "it has to be there, at most 64 of A-Z, a-z, 0-9 and ._:-, the first a letter "
                    "or a digit.");
}

gboolean
pt_form_area (PtForm *form, const char **out, GError **error)
{
  g_return_val_if_fail (form != NULL && out != NULL, FALSE);

  *out = pt_form_text (form, "area");
  return (*out != NULL && pt_is_area_id (pt_span (*out, strlen (*out))))
         || refuse (error, "area", "it has to be there, at most 31 of a-z, 0-9 and -.");
}

gboolean
pt_form_integer (PtForm *form, const char *name, gint64 least, gint64 most, gint64 *out,
                 GError **error)
{
  g_return_val_if_fail (form != NULL && name != NULL && out != NULL, FALSE);

  if (pt_json_read_whole (json_object_get_member (form->object, name), out) && *out >= least
      && *out <= most)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               "%s: it has to be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ".",
               name, least, most);
  return FALSE;
}

gboolean
pt_form_boolean (PtForm *form, const char *name, gboolean *out, GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (form != NULL && name != NULL && out != NULL, FALSE);

  node = json_object_get_member (form->object, name);
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return refuse (error, name, "it has to be true or false.");
  *out = json_node_get_boolean (node);
  return TRUE;
}

gboolean
pt_form_need_text (PtForm *form, const char *name, gsize most, const char **out, GError **error)
{
  g_return_val_if_fail (form != NULL && name != NULL && out != NULL, FALSE);

  *out = pt_form_text (form, name);
  if (*out == NULL || (*out)[0] == '\0')
    return refuse (error, name, "it has to be there, a text that is not empty.");
  return strlen (*out) <= most || refuse (error, name, "it is longer than it may be.");
}

gboolean
pt_form_may_text (PtForm *form, const char *name, gsize most, const char **out, GError **error)
{
  g_return_val_if_fail (form != NULL && name != NULL && out != NULL, FALSE);

  *out = pt_form_text (form, name);
  if (*out == NULL && pt_form_has (form, name))
    return refuse (error, name, "it is no text.");
  return *out == NULL || strlen (*out) <= most
         || refuse (error, name, "it is longer than it may be.");
}
