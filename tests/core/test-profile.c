/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-profile.h"

#include "pt-entry.h"
#include "pt-json.h"
#include "pt-vectors.h"

static char document[PT_PROFILE_MAX];
static PtProfile profile;

/* What becomes of an entry whose document nobody may take. */
static PtResult
read_entry (const char *text)
{
  PtEntry entry;
  size_t size;
  PtResult result = pt_entry_parse (pt_text (text), PT_ENTRY_STORED, &entry);

  if (result == PT_OK)
    result = pt_json_unescape (entry.document, document, sizeof document, &size);
  return result == PT_OK ? pt_profile_parse (pt_span (document, size), &profile) : result;
}

static void
read_all (const char *list, gboolean expected, guint at_least)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/negatives.json");
  JsonArray *cases = json_object_get_array_member (json_node_get_object (node), list);
  guint judged = 0;

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      const char *why = json_object_get_string_member (c, "why");
      PtResult result;

      if (g_strcmp0 (json_object_get_string_member (c, "kind"), "profile") != 0
          || g_strcmp0 (json_object_get_string_member_with_default (c, "level", ""), "log") == 0)
        continue;
      result = read_entry (json_object_get_string_member (c, "entry"));
      g_test_message ("%s: %s", why, pt_result_slug (result));
      g_assert_cmpint (result == PT_OK, ==, expected);
      judged++;
    }
  g_assert_cmpuint (judged, >=, at_least);
}

static void
test_refused (void)
{
  read_all ("negatives", FALSE, 45);
}

static void
test_accepted (void)
{
  read_all ("accepted", TRUE, 2);
}

/* What the two profiles of the log say. */
static void
test_members (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/entries.json");
  JsonArray *entries = json_object_get_array_member (json_node_get_object (node), "entries");
  const PtProfileCategory *category;

  g_assert_cmpint (read_entry (json_object_get_string_member (
                       json_array_get_object_element (entries, 13), "entry")),
                   ==, PT_OK);
  g_assert_cmpint (profile.announce_min, ==, 1440);
  g_assert_cmpint (profile.held_min, ==, 20);
  g_assert_cmpint (profile.reopen_days, ==, 7);
  g_assert_cmpint (profile.sustained_ms, ==, 300000);
  g_assert_cmpint (profile.utc_offset_min, ==, 330);
  g_assert_true (profile.beta && profile.two_person[PT_TWO_PERSON_REJECT]);
  g_assert_false (profile.two_person[PT_TWO_PERSON_REVOKE]);
  g_assert_cmpuint (profile.category_count, ==, 2);
  category = pt_profile_category (&profile, pt_text ("no-supply"));
  g_assert_nonnull (category);
  g_assert_true (category->has_evidence);
  g_assert_cmpint (category->acknowledge_min, ==, 60);
  g_assert_cmpint (category->resolve_min, ==, 240);
  g_assert_true (category->titles.data[0] == '{'
                 && category->titles.data[category->titles.size - 1] == '}');
  g_assert_false (pt_profile_category (&profile, pt_text ("billing"))->has_evidence);
  g_assert_null (pt_profile_category (&profile, pt_text ("voltage")));
  g_assert_cmpuint (profile.compensation_count, ==, 1);
  g_assert_true (pt_span_is (profile.compensation[0].currency, "INR"));
  g_assert_cmpint (profile.compensation[0].minor, ==, 5000);
  g_assert_cmpint (profile.compensation[0].times, ==, 2);

  g_assert_cmpint (read_entry (json_object_get_string_member (
                       json_array_get_object_element (entries, 106), "entry")),
                   ==, PT_OK);
  g_assert_cmpint (profile.utc_offset_min, ==, -210);
  g_assert_false (profile.beta || profile.two_person[PT_TWO_PERSON_REJECT]);
  g_assert_cmpuint (profile.compensation_count, ==, 0);
}

/* What was refused leaves nothing behind. */
static void
test_cleared (void)
{
  g_assert_cmpint (pt_profile_parse (pt_text ("{\"announce_min\":1}"), &profile), ==, PT_MALFORMED);
  g_assert_cmpint (profile.announce_min, ==, 0);
  g_assert_cmpint (pt_profile_parse (pt_text ("{ }"), &profile), ==, PT_NOT_CANONICAL);
  g_assert_cmpint (pt_profile_parse (pt_span (document, PT_PROFILE_MAX + 1), &profile), ==,
                   PT_TOO_LARGE);
}

static const PtProfileCategory *
category_of (const char *id)
{
  const PtProfileCategory *category = pt_profile_category (&profile, pt_text (id));

  g_assert_nonnull (category);
  return category;
}

static void
read_shipped (const char *name)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "data", "profiles", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, <=, sizeof document);
  memcpy (document, text, size);
  g_assert_cmpint (pt_profile_parse (pt_span (document, size), &profile), ==, PT_OK);
}

/* Every profile of data/profiles/ is one to the byte, in English and Hindi, and its README names
 * it. */
static void
test_shipped (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "data", "profiles", NULL);
  g_autofree char *readme_path = g_build_filename (path, "README.md", NULL);
  g_autofree char *readme = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint found = 0;

  g_assert_true (g_file_get_contents (readme_path, &readme, NULL, NULL));
  for (const char *name; (name = g_dir_read_name (folder)) != NULL;)
    {
      if (!g_str_has_suffix (name, ".json"))
        continue;
      read_shipped (name);
      g_assert_nonnull (strstr (readme, name));
      for (unsigned i = 0; i < profile.category_count; i++)
        {
          g_autofree char *titles
              = g_strndup (profile.categories[i].titles.data, profile.categories[i].titles.size);

          g_assert_nonnull (strstr (titles, "\"en\":"));
          g_assert_nonnull (strstr (titles, "\"hi\":"));
        }
      found++;
    }
  g_assert_cmpuint (found, ==, 7);
}

/* What the sources say, in minutes. */
static void
test_figures (void)
{
  static const struct
  {
    const char *file, *category;
    gint64 hours;
  } rows[] = {
    { "telangana-town.json", "no-supply", 4 },
    { "telangana-rural.json", "no-supply", 8 },
    { "telangana-town.json", "line", 6 },
    { "telangana-rural.json", "line", 24 },
    { "telangana-town.json", "cable", 12 },
    { "telangana-rural.json", "cable", 48 },
    { "telangana-town.json", "transformer", 24 },
    { "telangana-rural.json", "transformer", 48 },
    { "uttar-pradesh-urban.json", "transformer", 8 },
    { "uttar-pradesh-rural.json", "transformer", 24 },
    { "uttar-pradesh-class-a.json", "transformer", 6 },
    { "delhi.json", "no-supply", 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      read_shipped (rows[i].file);
      g_assert_cmpint (category_of (rows[i].category)->resolve_min, ==, rows[i].hours * 60);
      g_assert_true (category_of (rows[i].category)->has_evidence);
    }
  read_shipped ("ieee-1366.json");
  g_assert_true (profile.beta);
  g_assert_cmpint (profile.sustained_ms, ==, 300000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/refused", test_refused);
  g_test_add_func ("/profile/accepted", test_accepted);
  g_test_add_func ("/profile/members", test_members);
  g_test_add_func ("/profile/cleared", test_cleared);
  g_test_add_func ("/profile/shipped", test_shipped);
  g_test_add_func ("/profile/figures", test_figures);
  return g_test_run ();
}
