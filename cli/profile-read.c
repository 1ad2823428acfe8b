/* SPDX-License-Identifier: Apache-2.0 */
#include "profile-read.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-canonical.h"
#include "pt-i18n.h"
#include "pt-profile.h"

#define DAY_MIN 1440

typedef struct
{
  GPtrArray *problems;
  GHashTable *seen; /* members that were read, "object/name" */
} Reading;

void
pt_profile_problem_free (PtProfileProblem *problem)
{
  g_return_if_fail (problem != NULL);
  g_free (problem->where);
  g_free (problem->what);
  g_free (problem);
}

static void tell (Reading *reading, gboolean is_contradiction, const char *where,
                  const char *format, ...) G_GNUC_PRINTF (4, 5);

static void
tell (Reading *reading, gboolean is_contradiction, const char *where, const char *format, ...)
{
  PtProfileProblem *problem = g_new0 (PtProfileProblem, 1);
  va_list arguments;

  va_start (arguments, format);
  problem->what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  problem->where = g_strdup (where);
  problem->is_contradiction = is_contradiction;
  g_ptr_array_add (reading->problems, problem);
}

/* Whether @object has exactly @names, which end with NULL. */
static gboolean
has_members (Reading *reading, JsonObject *object, const char *where, const char *const *names)
{
  g_autoptr (GList) members = json_object_get_members (object);
  gboolean good = TRUE;

  for (guint i = 0; names[i] != NULL; i++)
    if (!json_object_has_member (object, names[i]))
      {
        tell (reading, FALSE, where, _ ("\"%s\" is missing"), names[i]);
        good = FALSE;
      }
  for (GList *l = members; l != NULL; l = l->next)
    if (!g_strv_contains (names, l->data))
      tell (reading, FALSE, where, _ ("\"%s\" belongs to no profile"), (const char *) l->data);
  return good;
}

static char *
join (const char *where, const char *name)
{
  return *where != '\0' ? g_strconcat (where, ".", name, NULL) : g_strdup (name);
}

static gint64
read_integer (Reading *reading, JsonObject *object, const char *where, const char *name,
              gint64 least, gint64 most)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autofree char *path = join (where, name);
  gint64 value = 0;

  if (node == NULL)
    return -1;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    {
      tell (reading, FALSE, path, _ ("a whole number is wanted"));
      return -1;
    }
  value = json_node_get_int (node);
  if (value < least || value > most)
    tell (reading, FALSE, path, _ ("a number from %" PRIi64 " to %" PRIi64 " is wanted"), least,
          most);
  return value;
}

static const char *
read_text (Reading *reading, JsonObject *object, const char *where, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autofree char *path = join (where, name);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  tell (reading, FALSE, path, _ ("a text is wanted"));
  return NULL;
}

static void
read_either (Reading *reading, JsonObject *object, const char *where, const char *name,
             const char *one, const char *other)
{
  const char *text = read_text (reading, object, where, name);
  g_autofree char *path = join (where, name);

  if (text != NULL && strcmp (text, one) != 0 && strcmp (text, other) != 0)
    tell (reading, FALSE, path, _ ("it is \"%s\" or \"%s\", not \"%s\""), one, other, text);
}

static JsonArray *
read_array (Reading *reading, JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  if (node != NULL)
    tell (reading, FALSE, name, _ ("an array is wanted"));
  return NULL;
}

static gboolean
is_language (const char *tag)
{
  return g_regex_match_simple ("^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$", tag, G_REGEX_DOLLAR_ENDONLY, 0);
}

static void
read_titles (Reading *reading, JsonObject *category, const char *where)
{
  g_autofree char *path = join (where, "title");
  JsonNode *node = json_object_get_member (category, "title");
  g_autoptr (GList) tags = NULL;
  JsonObject *titles = NULL;

  if (node == NULL)
    return;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      tell (reading, FALSE, path, _ ("texts under language tags are wanted"));
      return;
    }
  titles = json_node_get_object (node);
  tags = json_object_get_members (titles);
  if (!json_object_has_member (titles, "en"))
    tell (reading, FALSE, path, _ ("\"en\" is missing"));
  for (GList *l = tags; l != NULL; l = l->next)
    {
      const char *text = read_text (reading, titles, path, l->data);
      g_autofree char *at = join (path, l->data);

      if (!is_language (l->data))
        tell (reading, FALSE, at, _ ("this is no language tag"));
      else if (text != NULL && *text == '\0')
        tell (reading, FALSE, at, _ ("an empty title"));
    }
}

static void
read_category (Reading *reading, JsonObject *object, const char *where, GHashTable *ids)
{
  static const char *const names[]
      = { "acknowledge_min", "evidence", "id", "resolve_min", "title", NULL };
  gint64 acknowledge = 0, resolve = 0;
  const char *id = NULL;

  has_members (reading, object, where, names);
  acknowledge = read_integer (reading, object, where, "acknowledge_min", 0, PT_INTEGER_MAX);
  read_either (reading, object, where, "evidence", "power", "none");
  id = read_text (reading, object, where, "id");
  resolve = read_integer (reading, object, where, "resolve_min", 0, PT_INTEGER_MAX);
  read_titles (reading, object, where);
  if (id != NULL && !pt_is_id (pt_span (id, strlen (id))))
    tell (reading, FALSE, where, _ ("its id \"%s\" is none"), id);
  else if (id != NULL && !g_hash_table_add (ids, g_strdup (id)))
    tell (reading, FALSE, where, _ ("its id \"%s\" is that of a category above"), id);
  if (resolve > 0 && acknowledge > resolve)
    tell (reading, TRUE, where,
          _ ("it is to be acknowledged within %" PRIi64 " minutes, but resolved within %" PRIi64),
          acknowledge, resolve);
}

/* Two categories that nobody can tell apart. */
static void
compare_titles (Reading *reading, JsonObject *object, const char *where, GHashTable *titles)
{
  JsonNode *node = json_object_get_member (object, "title");
  g_autoptr (GList) tags = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
                               ? json_object_get_members (json_node_get_object (node))
                               : NULL;

  for (GList *l = tags; l != NULL; l = l->next)
    {
      JsonNode *title = json_object_get_member (json_node_get_object (node), l->data);
      const char *text
          = json_node_get_value_type (title) == G_TYPE_STRING ? json_node_get_string (title) : NULL;
      char *key = text != NULL ? g_strconcat (l->data, "/", text, NULL) : NULL;

      if (key != NULL && !g_hash_table_add (titles, key))
        tell (reading, TRUE, where, _ ("its title \"%s\" is that of a category above"), text);
    }
}

static void
read_compensation (Reading *reading, JsonObject *object, const char *where, GHashTable *ids,
                   GHashTable *owed)
{
  static const char *const names[]
      = { "after_min", "category", "currency", "each_min", "minor", "times", NULL };
  const char *category = NULL, *currency = NULL;
  gint64 after = 0, minor = 0;

  has_members (reading, object, where, names);
  after = read_integer (reading, object, where, "after_min", 0, PT_INTEGER_MAX);
  category = read_text (reading, object, where, "category");
  currency = read_text (reading, object, where, "currency");
  read_integer (reading, object, where, "each_min", 1, PT_INTEGER_MAX);
  minor = read_integer (reading, object, where, "minor", 0, PT_INTEGER_MAX);
  read_integer (reading, object, where, "times", 0, PT_INTEGER_MAX);
  if (category != NULL && !g_hash_table_contains (ids, category))
    tell (reading, FALSE, where, _ ("\"%s\" is no category of this profile"), category);
  if (currency != NULL && !g_regex_match_simple ("^[A-Z]{3}$", currency, G_REGEX_DOLLAR_ENDONLY, 0))
    tell (reading, FALSE, where, _ ("\"%s\" is no currency of ISO 4217, such as INR"), currency);
  if (minor == 0)
    tell (reading, TRUE, where, _ ("it owes nothing"));
  if (category != NULL && currency != NULL
      && !g_hash_table_add (owed,
                            g_strdup_printf ("%s/%s/%" G_GINT64_FORMAT, category, currency, after)))
    tell (reading, TRUE, where, _ ("the same is owed by a row above"));
}

typedef void (*RowFunc) (Reading *reading, JsonObject *row, const char *where, GHashTable *ids,
                         GHashTable *others);

static void
read_category_row (Reading *reading, JsonObject *row, const char *where, GHashTable *ids,
                   GHashTable *titles)
{
  read_category (reading, row, where, ids);
  compare_titles (reading, row, where, titles);
}

static void
read_rows (Reading *reading, JsonObject *root, const char *name, RowFunc func, GHashTable *ids)
{
  g_autoptr (GHashTable) others = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonArray *array = read_array (reading, root, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *where = g_strdup_printf ("%s[%u]", name, i + 1);
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        func (reading, json_node_get_object (node), where, ids, others);
      else
        tell (reading, FALSE, where, _ ("an object is wanted"));
    }
}

static void
read_two_person (Reading *reading, JsonObject *root)
{
  JsonArray *array = read_array (reading, root, "two_person");
  const char *words = "";

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      const char *word
          = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";

      if ((strcmp (word, "reject") != 0 && strcmp (word, "revoke") != 0)
          || strcmp (word, words) <= 0)
        tell (reading, FALSE, "two_person",
              _ ("it may hold \"reject\" and \"revoke\", each once and in this order"));
      words = word;
    }
}

static void
read_root (Reading *reading, JsonObject *root)
{
  static const char *const names[] = { "announce_min",
                                       "categories",
                                       "compensation",
                                       "format",
                                       "held_min",
                                       "major_event_days",
                                       "reopen_days",
                                       "sustained_ms",
                                       "two_person",
                                       "utc_offset_min",
                                       NULL };
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *format = NULL;
  JsonNode *categories = json_object_get_member (root, "categories");

  has_members (reading, root, "", names);
  read_integer (reading, root, "", "announce_min", 0, PT_INTEGER_MAX);
  read_rows (reading, root, "categories", read_category_row, ids);
  if (categories != NULL && JSON_NODE_HOLDS_ARRAY (categories)
      && json_array_get_length (json_node_get_array (categories)) == 0)
    tell (reading, FALSE, "categories", _ ("there is none"));
  read_rows (reading, root, "compensation", read_compensation, ids);
  format = read_text (reading, root, "", "format");
  if (format != NULL && strcmp (format, "powertrack-profile-1") != 0)
    tell (reading, FALSE, "format", _ ("\"powertrack-profile-1\" is wanted"));
  read_integer (reading, root, "", "held_min", 0, PT_INTEGER_MAX);
  read_either (reading, root, "", "major_event_days", "ieee-1366-beta", "none");
  read_integer (reading, root, "", "reopen_days", 0, PT_INTEGER_MAX);
  read_integer (reading, root, "", "sustained_ms", 0, PT_INTEGER_MAX);
  read_two_person (reading, root);
  read_integer (reading, root, "", "utc_offset_min", -DAY_MIN, DAY_MIN);
}

/* json-glib keeps the last of two members of one name and says nothing. */
static void
note_member (JsonParser *parser, JsonObject *object, const char *name, gpointer user_data)
{
  Reading *reading = user_data;
  guint line = json_parser_get_current_line (parser);

  if (!g_hash_table_add (reading->seen, g_strdup_printf ("%p/%s", (void *) object, name)))
    tell (reading, FALSE, "", _ ("line %u: \"%s\" is there twice"), line, name);
}

/* The canonical form, if core says that it is a profile. */
static char *
finish (Reading *reading, JsonNode *root)
{
  g_autofree char *document = NULL;
  g_autofree PtProfile *profile = g_new0 (PtProfile, 1);
  PtResult result;

  for (guint i = 0; i < reading->problems->len; i++)
    if (!((PtProfileProblem *) g_ptr_array_index (reading->problems, i))->is_contradiction)
      return NULL;
  document = pt_canonical_json (root);
  result = pt_profile_parse (pt_span (document, strlen (document)), profile);
  if (result == PT_OK)
    return g_steal_pointer (&document);
  if (result == PT_TOO_LARGE)
    tell (reading, FALSE, "", _ ("it is longer than %d bytes"), PT_PROFILE_MAX);
  else
    tell (reading, FALSE, "", _ ("it is no profile: %s"), pt_result_slug (result));
  return NULL;
}

char *
pt_profile_read (const char *text, gsize size, GPtrArray **problems)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  Reading reading = { .seen = seen };
  JsonNode *root = NULL;

  g_return_val_if_fail (text != NULL && problems != NULL, NULL);
  *problems = reading.problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_profile_problem_free);
  g_signal_connect (parser, "object-member", G_CALLBACK (note_member), &reading);
  if (size == 0)
    tell (&reading, FALSE, "", _ ("it is empty"));
  else if (!g_utf8_validate (text, (gssize) size, NULL))
    tell (&reading, FALSE, "", _ ("it is no text in UTF-8"));
  else if (!json_parser_load_from_data (parser, text, (gssize) size, &error))
    tell (&reading, FALSE, "", _ ("it is no JSON: %s"), error->message);
  else
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      if (reading.problems->len == 0)
        tell (&reading, FALSE, "", _ ("an object is wanted"));
      return NULL;
    }
  read_root (&reading, json_node_get_object (root));
  return finish (&reading, root);
}

void
pt_profile_problems_print (const char *path, GPtrArray *problems)
{
  g_return_if_fail (path != NULL && problems != NULL);
  for (guint i = 0; i < problems->len; i++)
    {
      const PtProfileProblem *problem = g_ptr_array_index (problems, i);

      g_printerr ("%s: %s%s%s\n", path, problem->where, *problem->where != '\0' ? ": " : "",
                  problem->what);
    }
}
