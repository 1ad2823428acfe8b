/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-read.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "pt-base.h"
#include "pt-error.h"
#include "pt-place-name.h"

#define TEXT_MAX 4096

void
pt_read_refuse (const char *name, GError **error)
{
  g_return_if_fail (name != NULL);
  if (error != NULL && *error == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                 _ ("The daemon's answer has no “%s” that this console understands."), name);
}

static JsonNode *
member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

const char *
pt_read_text (JsonObject *object, const char *name, PtReadNeed need, GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (object != NULL && name != NULL, NULL);
  node = member (object, name);
  if (node == NULL && need == PT_READ_OPTIONAL)
    return NULL;
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING
      || strlen (json_node_get_string (node)) > TEXT_MAX)
    {
      pt_read_refuse (name, error);
      return NULL;
    }
  return json_node_get_string (node);
}

const char *
pt_read_id (JsonObject *object, const char *name, GError **error)
{
  const char *text;

  g_return_val_if_fail (object != NULL && name != NULL, NULL);
  text = pt_read_text (object, name, PT_READ_NEEDED, error);
  if (text != NULL && !pt_is_id (pt_span (text, strlen (text))))
    pt_read_refuse (name, error);
  return text;
}

const char *
pt_read_feeder (JsonObject *object, GError **error)
{
  const char *text;

  g_return_val_if_fail (object != NULL, NULL);
  text = pt_read_text (object, "feeder", PT_READ_OPTIONAL, error);
  if (text != NULL && !pt_is_id (pt_span (text, strlen (text))))
    pt_read_refuse ("feeder", error);
  return text;
}

const char *
pt_read_place (JsonObject *object, GError **error)
{
  const char *text;

  g_return_val_if_fail (object != NULL, NULL);
  text = pt_read_text (object, "place", PT_READ_OPTIONAL, error);
  if (text != NULL && !pt_place_name_is_good (text, strlen (text)))
    pt_read_refuse ("place", error);
  return text;
}

gint64
pt_read_integer (JsonObject *object, const char *name, PtReadNeed need, GError **error)
{
  JsonNode *node;
  gint64 value = 0;

  g_return_val_if_fail (object != NULL && name != NULL, 0);
  node = member (object, name);
  if (node == NULL && need == PT_READ_OPTIONAL)
    return 0;
  if (node != NULL && json_node_get_value_type (node) == G_TYPE_INT64)
    value = json_node_get_int (node);
  else
    value = -1;
  if (value < 0 || value > PT_INTEGER_MAX)
    {
      pt_read_refuse (name, error);
      return 0;
    }
  return value;
}

double
pt_read_number (JsonObject *object, const char *name, GError **error)
{
  JsonNode *node;
  GType type;
  double value;

  g_return_val_if_fail (object != NULL && name != NULL, 0);
  node = member (object, name);
  type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;
  value = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : NAN;
  if (!isfinite (value))
    pt_read_refuse (name, error);
  return value;
}

JsonArray *
pt_read_array (JsonObject *object, const char *name, PtReadNeed need, GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (object != NULL && name != NULL, NULL);
  node = member (object, name);
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  if (node != NULL || need == PT_READ_NEEDED)
    pt_read_refuse (name, error);
  return NULL;
}

JsonObject *
pt_read_object (JsonObject *object, const char *name, PtReadNeed need, GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (object != NULL && name != NULL, NULL);
  node = member (object, name);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  if (node != NULL || need == PT_READ_NEEDED)
    pt_read_refuse (name, error);
  return NULL;
}

JsonObject *
pt_read_as_object (JsonNode *node, const char *what, GError **error)
{
  g_return_val_if_fail (what != NULL, NULL);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  pt_read_refuse (what, error);
  return NULL;
}

PtBatchState
pt_read_batch_state (JsonObject *object, GError **error)
{
  const char *name;
  PtBatchState state = PT_BATCH_OPEN;

  g_return_val_if_fail (object != NULL, PT_BATCH_OPEN);
  name = pt_read_text (object, "state", PT_READ_NEEDED, error);
  if (name == NULL || !pt_batch_state_parse (name, &state))
    pt_read_refuse ("state", error);
  return state;
}
