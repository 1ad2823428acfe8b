/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-sites.h"

#include "pt-error.h"

#define SITE(site, state)                                                                          \
  "{\"area\":\"a\",\"customers\":1,\"lat\":1,\"level\":\"transformer\",\"lon\":2,\"site\":\"" site \
  "\",\"state\":\"" state "\"}"

typedef struct
{
  PtFeed *feed;
  PtSiteStore *store;
  GString *told;
  gboolean interrupts; /* when it is told something */
} Fixture;

static void
on_told (PtFeed *feed, PtEventLine *line, gpointer data)
{
  Fixture *fixture = data;

  g_string_append_printf (fixture->told, "%s %s; ", line->word, line->what);
  if (fixture->interrupts)
    pt_feed_interrupt (feed);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  PtFeedSites *sites = pt_feed_sites_new ();

  fixture->feed = PT_FEED (sites);
  fixture->store = pt_feed_sites_store (sites);
  fixture->told = g_string_new (NULL);
  g_signal_connect (sites, "told", G_CALLBACK (on_told), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->feed);
  g_string_free (fixture->told, TRUE);
}

/* How many parts it was applied in; 0: it was refused. */
static guint
apply (Fixture *fixture, const char *text)
{
  g_autoptr (GBytes) data = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  gboolean more = TRUE;
  guint parts = 0;

  while (more)
    {
      if (!pt_feed_apply (fixture->feed, "sites", data, &more, &error))
        {
          g_assert_nonnull (error);
          g_assert_false (more);
          return 0;
        }
      parts++;
    }
  return parts;
}

static gboolean
apply_intake (Fixture *fixture, const char *text)
{
  g_autoptr (GBytes) data = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  gboolean more = TRUE;
  gboolean good = pt_feed_apply (fixture->feed, "intake", data, &more, &error);

  g_assert_false (more);
  g_assert_true (good == (error == NULL));
  return good;
}

/* When nothing arrives from anywhere one line says so, and none for each site. */
static void
test_standstill (Fixture *fixture, gconstpointer data)
{
  static const char *const wrong[] = { "",
                                       "[]",
                                       "{}",
                                       "{\"state\":\"silent\"}",
                                       "{\"silent\":1}",
                                       "{\"silent\":-1,\"state\":\"silent\"}",
                                       "{\"silent\":1,\"state\":1}",
                                       "{\"silent\":\"1\",\"state\":\"silent\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (apply_intake (fixture, wrong[i]));
  apply (fixture, "{\"sites\":[" SITE ("s1", "on") "," SITE ("s2", "on") "]}");
  g_assert_true (apply_intake (
      fixture, "{\"last\":5,\"more\":[{}],\"of\":9700,\"silent\":9624,\"state\":\"silent\"}"));
  g_assert_cmpstr (fixture->told->str, ==,
                   "silent Nothing arrives any more, from everywhere at once; ");
  apply (fixture, "{\"sites\":[" SITE ("s1", "silent") "," SITE ("s2", "silent") "]}");
  g_assert_true (apply_intake (fixture, "{\"silent\":9624,\"state\":\"silent\"}"));
  g_assert_cmpstr (fixture->told->str, ==,
                   "silent Nothing arrives any more, from everywhere at once; ");
  g_string_truncate (fixture->told, 0);
  g_assert_true (apply_intake (fixture, "{\"silent\":3,\"state\":\"heard\"}"));
  apply (fixture, "{\"sites\":[" SITE ("s1", "on") "]}");
  apply (fixture, "{\"sites\":[" SITE ("s1", "silent") "]}");
  g_assert_cmpstr (fixture->told->str, ==, "heard again Reports arrive again; silent s1, area a; ");
}

/* Going off and coming on are outages, which say more. */
static void
test_lines (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (
      apply (fixture, "{\"new\":[{\"a\":[]}],\"sites\":[" SITE ("s1", "off") "," SITE (
                          "s2", "silent") "," SITE ("s2", "silent") "," SITE ("s3", "on") "]}"),
      ==, 1);
  g_assert_cmpstr (fixture->told->str, ==, "silent s2, area a; ");
  g_assert_cmpuint (pt_site_store_size (fixture->store), ==, 3);
}

static char *
many (guint count)
{
  GString *text = g_string_new ("{\"sites\":[");

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *site = g_strdup_printf ("s%u", i);
      g_auto (GStrv) around = g_strsplit (SITE ("#", "silent"), "#", 2);

      g_string_append_printf (text, "%s%s%s%s", i > 0 ? "," : "", around[0], site, around[1]);
    }
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

/* A large one is applied in parts, so that a frame can be drawn between them. */
static void
test_parts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = many (1000);

  g_assert_cmpuint (apply (fixture, text), >, 10);
  g_assert_cmpuint (pt_site_store_size (fixture->store), ==, 1000);
}

/* Who is told may stop it: the rest is not applied, and the next event is read from its beginning.
 */
static void
test_interrupted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = many (1000);

  fixture->interrupts = TRUE;
  g_assert_cmpuint (apply (fixture, text), ==, 1);
  g_assert_cmpuint (pt_site_store_size (fixture->store), ==, 1);
  fixture->interrupts = FALSE;
  g_assert_cmpuint (apply (fixture, text), >, 10);
  g_assert_cmpuint (pt_site_store_size (fixture->store), ==, 1000);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = { "",
                                     "<html>",
                                     "[]",
                                     "{}",
                                     "{\"sites\":{}}",
                                     "{\"sites\":[1]}",
                                     "{\"sites\":[{\"area\":\"a\"}]}",
                                     "{\"sites\":[" SITE ("s1", "on") };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpuint (apply (fixture, bad[i]), ==, 0);
  g_assert_cmpuint (apply (fixture, "{\"sites\":[]}"), ==, 1);
  g_assert_cmpuint (pt_feed_event_max (fixture->feed, "site"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/feed-sites/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (lines);
  ADD (standstill);
  ADD (parts);
  ADD (interrupted);
  ADD (refused);
  return g_test_run ();
}
