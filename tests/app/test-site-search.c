/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-search.h"

static void
put (PtSiteStore *store, const char *area, const char *site, const char *place, PtSiteState state,
     gint64 customers)
{
  PtSiteRow row = { .area = area, .site = site, .place = place, .state = state };

  row.customers = customers;
  pt_site_store_put (store, &row);
}

static PtSiteStore *
town (void)
{
  PtSiteStore *store = pt_site_store_new ();

  put (store, "pge-01", "1001", "Napa", PT_SITE_ON, 9);
  put (store, "pge-01", "1002", "Napa", PT_SITE_OFF, 3);
  put (store, "pge-01", "1003", "Napa Junction", PT_SITE_OFF, 5);
  put (store, "pge-02", "1004", "San José", PT_SITE_ON, 1);
  put (store, "pge-02", "x-1001", NULL, PT_SITE_OFF, 7);
  return store;
}

/* "area:pge-01:3/2 ..." of what was found. */
static char *
found_text (const char *area, const char *words)
{
  static const char *const kinds[] = { "area", "place", "site" };
  g_autoptr (PtSiteStore) store = town ();
  g_autoptr (GPtrArray) found = pt_site_search (store, area, words);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    {
      const PtFound *one = found->pdata[i];

      g_string_append_printf (text, "%s%s:%s:%u/%u", i > 0 ? " " : "", kinds[one->kind], one->name,
                              one->sites, one->off);
    }
  return g_string_free (text, FALSE);
}

static void
test_found (void)
{
  static const struct
  {
    const char *area, *words, *found;
  } cases[] = {
    { NULL, "", "" },
    { NULL, "zzzz", "" },
    /* The town itself before what is called after it; of its sites the one that is off. */
    { NULL, "napa",
      "place:Napa:2/1 place:Napa Junction:1/1 site:1002:1/1 site:1001:1/0 site:1003:1/1" },
    { NULL, "jose", "place:San José:1/0 site:1004:1/0" },
    /* A site that is on is found, too; the very id before one that holds it. */
    { NULL, "1001", "site:1001:1/0 site:x-1001:1/1" },
    { NULL, "PGE-0", "area:pge-01:3/2 area:pge-02:2/1" },
    { "pge-02", "napa", "" },
    { "pge-02", "1001", "site:x-1001:1/1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = found_text (cases[i].area, cases[i].words);

      g_assert_cmpstr (text, ==, cases[i].found);
    }
}

/* Of many the best, and no more than can be read. */
static void
test_many (void)
{
  g_autoptr (PtSiteStore) store = pt_site_store_new ();
  g_autoptr (GPtrArray) found = NULL;
  guint sites = 0;

  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *site = g_strdup_printf ("n-%u", i),
                      *place = g_strdup_printf ("Ny %u", i % 9);

      put (store, "a", site, place, i == 400 ? PT_SITE_OFF : PT_SITE_ON, i);
    }
  found = pt_site_search (store, NULL, "n");
  for (guint i = 0; i < found->len; i++)
    if (((PtFound *) found->pdata[i])->kind == PT_FOUND_SITE && sites++ == 0)
      g_assert_cmpstr (((PtFound *) found->pdata[i])->name, ==, "n-400");
  g_assert_cmpuint (sites, ==, PT_FOUND_SITES_MAX);
  g_assert_cmpuint (found->len, ==, PT_FOUND_SITES_MAX + PT_FOUND_GROUPS_MAX);
}

static void
test_holds (void)
{
  g_autoptr (PtSiteStore) store = town ();
  const PtSiteRow *row = pt_site_store_get (store, 3);

  g_assert_true (pt_site_search_holds (row, "san jose"));
  g_assert_true (pt_site_search_holds (row, "pge-02"));
  g_assert_true (pt_site_search_holds (row, "1004"));
  g_assert_false (pt_site_search_holds (row, "napa"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/site-search/found", test_found);
  g_test_add_func ("/site-search/many", test_many);
  g_test_add_func ("/site-search/holds", test_holds);
  return g_test_run ();
}
