/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-status.h"

#include <string.h>

#include "pt-pipeline-fixture.h"

typedef struct
{
  PtWorld *world;
  PtMqttStatus *status;
  guint waits;
} Fixture;

static void
count_waits (gpointer data)
{
  ((Fixture *) data)->waits++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->world = pt_world_new (pt_memory_store_new ());
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_add_device (fixture->world, "east", "tx-2");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  fixture->status = pt_mqtt_status_new (fixture->world->pipeline->live, fixture->world->news,
                                        count_waits, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_mqtt_status_free (fixture->status);
  pt_world_free (fixture->world);
}

static void
tell (Fixture *fixture, const char *name, PtSiteState state)
{
  PtSite site = { .area = "east",
                  .site = name,
                  .level = PT_LEVEL_TRANSFORMER,
                  .state = state,
                  .customers = 7,
                  .since = 1764000000000 };
  PtNewsItems items = { .sites = &site, .site_count = 1 };

  pt_news_tell (fixture->world->news, &items);
}

/* The next thing told is of this site and state; it stays on its way under @number. */
static void
assert_next (Fixture *fixture, const char *name, const char *state, int number)
{
  g_autofree char *wanted = g_strdup_printf ("powertrack/v1/east/site/%s/status", name);
  char *topic, *text;

  g_assert_true (pt_mqtt_status_next (fixture->status, &topic, &text));
  g_assert_cmpstr (topic, ==, wanted);
  g_assert_nonnull (strstr (text, state));
  pt_mqtt_status_sent (fixture->status, number, topic, text);
}

static void
assert_no_next (Fixture *fixture)
{
  char *topic, *text;

  g_assert_false (pt_mqtt_status_next (fixture->status, &topic, &text));
}

static void
test_text (void)
{
  const PtSite site = { .area = "east",
                        .site = "S-1",
                        .level = PT_LEVEL_TRANSFORMER,
                        .state = PT_SITE_OFF,
                        .customers = 7,
                        .since = 5,
                        .last_report = 6 };
  g_autofree char *text = pt_mqtt_status_text (&site);

  g_assert_cmpstr (text, ==,
                   "{\"area\":\"east\",\"customers\":7,\"last_report\":6,\"level\":\"transformer\","
                   "\"since\":5,\"site\":\"S-1\",\"state\":\"off\"}");
}

/* Of two changes that nobody took in between only the newer is told. */
static void
test_changes (Fixture *fixture, gconstpointer data)
{
  assert_no_next (fixture);
  tell (fixture, "a", PT_SITE_OFF);
  tell (fixture, "a", PT_SITE_ON);
  g_assert_cmpuint (fixture->waits, ==, 2);
  assert_next (fixture, "a", "\"on\"", 1);
  assert_no_next (fixture);
  g_assert_true (pt_mqtt_status_confirmed (fixture->status, 1));
  g_assert_false (pt_mqtt_status_confirmed (fixture->status, 1));
}

/* What a connection takes with it is told again, the newest of each site. */
static void
test_lost (Fixture *fixture, gconstpointer data)
{
  tell (fixture, "a", PT_SITE_OFF);
  assert_next (fixture, "a", "\"off\"", 1);
  tell (fixture, "a", PT_SITE_ON);
  assert_next (fixture, "a", "\"on\"", 2);
  pt_mqtt_status_lost (fixture->status);
  assert_next (fixture, "a", "\"on\"", 0);
  assert_next (fixture, "a", "\"on\"", 3);
  tell (fixture, "a", PT_SITE_SILENT);
  pt_mqtt_status_lost (fixture->status);
  assert_next (fixture, "a", "\"silent\"", 4);
  assert_no_next (fixture);
}

static void
test_window (Fixture *fixture, gconstpointer data)
{
  guint sent = 0;
  char *topic, *text;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("S-%u", i);

      tell (fixture, name, PT_SITE_ON);
    }
  while (pt_mqtt_status_next (fixture->status, &topic, &text))
    pt_mqtt_status_sent (fixture->status, (int) ++sent, topic, text);
  g_assert_cmpuint (sent, ==, 64);
  g_assert_true (pt_mqtt_status_confirmed (fixture->status, 30));
  g_assert_true (pt_mqtt_status_next (fixture->status, &topic, &text));
  pt_mqtt_status_sent (fixture->status, 0, topic, text);
}

/* All sites; what has changed since they were asked for is not told as it was. */
static void
test_all (Fixture *fixture, gconstpointer data)
{
  pt_mqtt_status_tell_all (fixture->status);
  tell (fixture, "tx-1", PT_SITE_OFF);
  assert_next (fixture, "tx-1", "\"off\"", 1);
  assert_next (fixture, "tx-2", "\"unknown\"", 2);
  assert_no_next (fixture);
}

/* A daemon that has no site yet. */
static void
test_none (void)
{
  Fixture fixture = { .world = pt_world_new (pt_memory_store_new ()) };

  fixture.status = pt_mqtt_status_new (fixture.world->pipeline->live, fixture.world->news,
                                       count_waits, &fixture);
  pt_mqtt_status_tell_all (fixture.status);
  assert_no_next (&fixture);
  tear_down (&fixture, NULL);
}

#define ADD(name, func) g_test_add ("/mqtt-status/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mqtt-status/text", test_text);
  ADD ("changes", test_changes);
  ADD ("lost", test_lost);
  ADD ("window", test_window);
  ADD ("all", test_all);
  g_test_add_func ("/mqtt-status/none", test_none);
  return g_test_run ();
}
