/* SPDX-License-Identifier: Apache-2.0 */
/* Several daemons' leases on a real server: shared out, given, taken from who is cut off. */
#include "lease/pt-leases.h"

#include "common/pt-test.h"
#include "pt-mongodb-proxy.h"
#include "pt-mongodb-store.h"
#include "pt-store-suite.h"

#define AREAS 6
#define LIFE 3000 /* ms */

typedef struct
{
  PtStore *store;
  PtLeases *leases;
  GMutex lock;
  guint64 told[AREAS]; /* the token that it was told to have; 0: none */
  guint stops;
} Daemon;

static void
took (guint32 area, guint64 token, gpointer user_data)
{
  Daemon *daemon = user_data;

  g_mutex_lock (&daemon->lock);
  g_assert_cmpuint (daemon->told[area], ==, 0);
  daemon->told[area] = token;
  g_mutex_unlock (&daemon->lock);
}

static void
lost (guint32 area, gpointer user_data)
{
  Daemon *daemon = user_data;

  g_mutex_lock (&daemon->lock);
  g_assert_cmpuint (daemon->told[area], !=, 0);
  daemon->told[area] = 0;
  g_mutex_unlock (&daemon->lock);
}

static void
say (const GError *error, gpointer user_data)
{
  Daemon *daemon = user_data;

  g_mutex_lock (&daemon->lock);
  daemon->stops += g_error_matches (error, PT_ERROR, PT_ERROR_STOP);
  g_mutex_unlock (&daemon->lock);
}

/* FALSE: the server is none for several. */
static gboolean
start (Daemon *daemon, const char *address, const char *name)
{
  g_autoptr (GError) error = NULL;
  PtLeasesConfig config
      = { .life = LIFE, .user_data = daemon, .took = took, .lost = lost, .say = say };

  *daemon = (Daemon){ .store = pt_mongodb_store_new_shared (address, NULL, &error) };
  if (g_error_matches (error, PT_ERROR, PT_ERROR_CONFIGURATION))
    return FALSE;
  g_assert_no_error (error);
  g_mutex_init (&daemon->lock);
  config.store = daemon->store;
  g_strlcpy (config.member.name, name, sizeof config.member.name);
  daemon->leases = pt_leases_new (&config);
  return TRUE;
}

static void
stop (Daemon *daemon)
{
  pt_leases_free (daemon->leases);
  for (guint i = 0; i < AREAS; i++)
    g_assert_cmpuint (daemon->told[i], ==, 0);
  pt_store_free (daemon->store);
  g_mutex_clear (&daemon->lock);
}

/* How many it may write, of which it was told to have all. */
static guint
count (Daemon *daemon)
{
  guint has = 0;

  for (guint32 i = 0; i < AREAS; i++)
    {
      gboolean may_write = pt_leases_has (daemon->leases, i);

      g_mutex_lock (&daemon->lock);
      has += may_write && daemon->told[i] != 0;
      g_mutex_unlock (&daemon->lock);
    }
  return has;
}

static guint
stops (Daemon *daemon)
{
  guint count;

  g_mutex_lock (&daemon->lock);
  count = daemon->stops;
  g_mutex_unlock (&daemon->lock);
  return count;
}

static void
add_areas (Fixture *fixture)
{
  static const char *const ids[AREAS] = { "east", "west", "north", "south", "hill", "shore" };

  for (guint i = 0; i < AREAS; i++)
    add_area (fixture, i, ids[i]);
}

static void
test_shared_out (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = address_of (fixture, GPOINTER_TO_UINT (data));
  Daemon a, b, again;

  add_areas (fixture);
  if (!start (&a, address, "a"))
    return;
  PT_TEST_POLL (count (&a) == AREAS);
  g_assert_true (start (&b, address, "b"));
  PT_TEST_POLL (count (&a) == AREAS / 2 && count (&b) == AREAS / 2);
  stop (&b); /* orderly */
  PT_TEST_POLL (count (&a) == AREAS);
  /* A write said otherwise: it is looked at, and taken anew. */
  pt_leases_missed (a.leases, 3);
  PT_TEST_POLL (count (&a) == AREAS);
  /* Another one of its name. */
  g_assert_true (start (&again, address, "a"));
  PT_TEST_POLL (stops (&a) == 1 && count (&again) == AREAS);
  g_assert_cmpuint (count (&a), ==, 0);
  stop (&a);
  PT_TEST_POLL (count (&again) == AREAS);
  stop (&again);
}

static void
test_cut_off (Fixture *fixture, gconstpointer data)
{
  mongoc_uri_t *uri = mongoc_uri_new (g_getenv ("PT_MONGODB_URI"));
  PtProxy *proxy = pt_proxy_new (mongoc_uri_get_hosts (uri)->host_and_port);
  g_autofree char *database = g_path_get_basename (fixture->directory);
  g_autofree char *address = address_of (fixture, GPOINTER_TO_UINT (data));
  g_autofree char *through = g_strdup_printf (
      "mongodb://127.0.0.1:%u/%s?directConnection=true&serverSelectionTimeoutMS=2000", proxy->port,
      database);
  Daemon a, b;

  mongoc_uri_destroy (uri);
  add_areas (fixture);
  if (start (&a, address, "a"))
    {
      g_assert_true (start (&b, through, "b"));
      PT_TEST_POLL (count (&a) == AREAS / 2 && count (&b) == AREAS / 2);
      pt_proxy_cut_at (proxy, "update", "members", PT_PROXY_NOT_PERSISTED, TRUE);
      PT_TEST_POLL (count (&a) == AREAS && count (&b) == 0);
      pt_proxy_up (proxy);
      PT_TEST_POLL (count (&a) == AREAS / 2 && count (&b) == AREAS / 2);
      stop (&b);
      stop (&a);
    }
  pt_proxy_free (proxy);
}

static const SuiteTest tests[] = {
  { "shared-out", test_shared_out },
  { "cut-off", test_cut_off },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_suite ("leases", tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
