/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-door.h"

typedef struct
{
  PtDoor door;
  gint reads, writes;  /* atomic: how many there were */
  gint stop;           /* atomic */
  guint64 left, right; /* equal outside of a write */
} World;

static void
set_up (World *world, gconstpointer data)
{
  pt_door_init (&world->door);
}

static void
tear_down (World *world, gconstpointer data)
{
  pt_door_clear (&world->door);
}

static void
test_readers_together (World *world, gconstpointer data)
{
  pt_door_begin_read (&world->door);
  g_assert_true (pt_door_try_read (&world->door));
  g_assert_false (pt_door_try_write (&world->door));
  pt_door_end_read (&world->door);
  g_assert_false (pt_door_try_write (&world->door));
  pt_door_end_read (&world->door);
  g_assert_true (pt_door_try_write (&world->door));
  g_assert_false (pt_door_try_read (&world->door));
  g_assert_false (pt_door_try_write (&world->door));
  pt_door_end_write (&world->door);
}

static gpointer
write_once (gpointer data)
{
  World *world = data;

  pt_door_begin_write (&world->door);
  g_atomic_int_inc (&world->writes);
  pt_door_end_write (&world->door);
  return NULL;
}

static gpointer
read_once (gpointer data)
{
  World *world = data;

  pt_door_begin_read (&world->door);
  /* Who came after the writer sees what it wrote. */
  g_assert_cmpint (g_atomic_int_get (&world->writes), ==, 1);
  pt_door_end_read (&world->door);
  return NULL;
}

/* A writer that waits closes the door to all who come after it. */
static void
test_writer_first (World *world, gconstpointer data)
{
  g_autoptr (GThread) writer = NULL;
  g_autoptr (GThread) reader = NULL;

  pt_door_begin_read (&world->door);
  writer = g_thread_new ("writer", write_once, world);
  while (pt_door_try_read (&world->door))
    {
      pt_door_end_read (&world->door);
      g_thread_yield ();
    }
  g_assert_cmpint (g_atomic_int_get (&world->writes), ==, 0);
  reader = g_thread_new ("reader", read_once, world);
  pt_door_end_read (&world->door);
  g_thread_join (g_steal_pointer (&writer));
  g_thread_join (g_steal_pointer (&reader));
}

static gpointer
read_always (gpointer data)
{
  World *world = data;

  while (!g_atomic_int_get (&world->stop))
    {
      pt_door_begin_read (&world->door);
      g_assert_cmpuint (world->left, ==, world->right);
      g_atomic_int_inc (&world->reads);
      pt_door_end_read (&world->door);
    }
  return NULL;
}

/* Readers that never pause do not keep a writer out: with a lock that prefers readers this takes
 * for ever. */
static void
test_readers_without_pause (World *world, gconstpointer data)
{
  GThread *readers[6];

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    readers[i] = g_thread_new ("reader", read_always, world);
  for (guint i = 0; i < 1000; i++)
    {
      pt_door_begin_write (&world->door);
      world->left++;
      world->right++;
      pt_door_end_write (&world->door);
    }
  while (g_atomic_int_get (&world->reads) == 0) /* they come in too */
    g_thread_yield ();
  g_atomic_int_set (&world->stop, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    g_thread_join (readers[i]);
  g_assert_cmpuint (world->left, ==, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/door/readers-together", World, NULL, set_up, test_readers_together, tear_down);
  g_test_add ("/door/writer-first", World, NULL, set_up, test_writer_first, tear_down);
  g_test_add ("/door/readers-without-pause", World, NULL, set_up, test_readers_without_pause,
              tear_down);
  return g_test_run ();
}
