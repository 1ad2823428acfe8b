/* SPDX-License-Identifier: Apache-2.0 */
/* A key that is in two hands is an alarm until it is replaced or revoked. */
#include "pt-copied-keys.h"

#include "pt-pipeline-fixture.h"

typedef struct
{
  PtWorld *world;
  GString *told; /* on the main loop */
} Fixture;

static void
told (const PtNewsItems *items, gpointer user_data)
{
  for (guint i = 0; i < items->key_count; i++)
    g_string_append_printf (user_data, "%s/%s %s\n", items->keys[i].area, items->keys[i].device,
                            items->keys[i].is_copied ? "copied" : "well");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->world = pt_world_new (NULL);
  fixture->told = g_string_new (NULL);
  pt_news_subscribe (fixture->world->news, told, fixture->told);
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_add_device (fixture->world, "east", "tx-2");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_news_unsubscribe (fixture->world->news, told, fixture->told);
  pt_world_free (fixture->world);
  g_string_free (fixture->told, TRUE);
}

/* Two reports of one counter. */
static void
copy_key (PtWorld *world, const char *device, gint64 seq)
{
  gint64 now = pt_clock_now (world->clock);
  g_autofree char *first = pt_world_report (world, "east", device, seq, now, PT_POWER_ON, NULL);
  g_autofree char *other = pt_world_report (world, "east", device, seq, now, PT_POWER_OFF, NULL);

  pt_world_expect (world, &pt_kind_report, first, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, other, PT_REFUSED ("stale-seq"));
}

static void
register_as (PtWorld *world, const char *device, PtStatus status)
{
  g_autofree char *entry = NULL, *answer = NULL;

  pt_world_advance (world, 1);
  entry = pt_world_device (world, "east", device, status, pt_clock_now (world->clock));
  answer = pt_world_submit (world, &pt_kind_registration, entry);
  g_assert_true (g_str_has_prefix (answer, "{\"accepted\":1,"));
}

static void
assert_health (const PtWorld *world, PtHealthSort sort, const char *wanted)
{
  PtHealthStatus status;

  pt_health_get (world->health, &status);
  g_assert_cmpint (status.sort, ==, sort);
  if (wanted != NULL && strstr (status.sentence, wanted) == NULL)
    g_error ("%s is not in: %s", wanted, status.sentence);
}

static void
assert_told (Fixture *fixture, const char *wanted)
{
  while (strlen (fixture->told->str) < strlen (wanted))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->told->str, ==, wanted);
}

/* Until the key is another one; what was signed with the old one then says nothing of the new. */
static void
test_replaced (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  assert_health (world, PT_HEALTH_WELL, NULL);
  copy_key (world, "tx-1", 5);
  g_assert_cmpuint (pt_copied_keys_count (world->pipeline->copied), ==, 1);
  assert_health (world, PT_HEALTH_ASKS, "east/tx-1 was copied");
  assert_health (world, PT_HEALTH_ASKS, "the counter 5");
  assert_told (fixture, "east/tx-1 copied\n");
  copy_key (world, "tx-1", 6);
  g_hash_table_remove (world->keys, "tx-1");
  register_as (world, "tx-1", PT_STATUS_ACTIVE);
  assert_told (fixture, "east/tx-1 copied\neast/tx-1 well\n");
  g_assert_cmpuint (pt_copied_keys_count (world->pipeline->copied), ==, 0);
  assert_health (world, PT_HEALTH_WELL, NULL);
  copy_key (world, "tx-1", 7);
  assert_health (world, PT_HEALTH_ASKS, "the counter 7");
}

/* A registration with the same key ends nothing; a revocation does. */
static void
test_revoked (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  copy_key (world, "tx-1", 5);
  copy_key (world, "tx-2", 5);
  assert_health (world, PT_HEALTH_ASKS, "2 devices were copied, that of east/tx-1 among them");
  register_as (world, "tx-1", PT_STATUS_ACTIVE);
  g_assert_cmpuint (pt_copied_keys_count (world->pipeline->copied), ==, 2);
  register_as (world, "tx-1", PT_STATUS_REVOKED);
  assert_health (world, PT_HEALTH_ASKS, "east/tx-2 was copied");
  register_as (world, "tx-2", PT_STATUS_REVOKED);
  assert_health (world, PT_HEALTH_WELL, NULL);
}

static void
test_restarted (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  copy_key (world, "tx-1", 5);
  copy_key (world, "tx-2", 8);
  register_as (world, "tx-2", PT_STATUS_REVOKED);
  pt_world_restart (world, GPOINTER_TO_INT (data));
  g_assert_cmpuint (pt_copied_keys_count (world->pipeline->copied), ==, 1);
  assert_health (world, PT_HEALTH_ASKS, "the counter 5");
}

/* Who has a key can't hide with it that something else waits. */
static void
test_hides_nothing (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  copy_key (world, "tx-1", 5);
  pt_health_say (world->health, PT_HEALTH_BATCHER, PT_HEALTH_WAITS, "The disk is full.");
  assert_health (world, PT_HEALTH_WAITS, "The disk is full.");
  pt_health_say (world->health, PT_HEALTH_BATCHER, PT_HEALTH_WELL, NULL);
  assert_health (world, PT_HEALTH_ASKS, "east/tx-1");
}

#define ADD(name, data, func)                                                                      \
  g_test_add ("/copied-keys/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("replaced", NULL, test_replaced);
  ADD ("revoked", NULL, test_revoked);
  ADD ("restarted", GINT_TO_POINTER (FALSE), test_restarted);
  ADD ("killed", GINT_TO_POINTER (TRUE), test_restarted);
  ADD ("hides-nothing", NULL, test_hides_nothing);
  return g_test_run ();
}
