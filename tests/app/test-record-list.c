/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-record-list.h"

#include "pt-feed-outages.h"

/* The list of records, against a list that is built anew each time. */

typedef struct
{
  PtRecordList *list;
  GPtrArray *mirror; /* what a view would hold, from the signals alone */
  guint signals;
} Fixture;

static void
on_items (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  Fixture *fixture = data;

  fixture->signals++;
  g_assert_cmpuint (position + removed, <=, fixture->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (fixture->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (fixture->mirror, (int) (position + i),
                        g_list_model_get_item (model, position + i));
  g_assert_cmpuint (fixture->mirror->len, ==, g_list_model_get_n_items (model));
}

static void
start (Fixture *fixture, gboolean newest_first, guint max)
{
  fixture->list = pt_record_list_new (PT_TYPE_OUTAGE, pt_list_outages.key, pt_list_outages.same,
                                      newest_first, max);
  fixture->mirror = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->signals = 0;
  g_signal_connect (fixture->list, "items-changed", G_CALLBACK (on_items), fixture);
}

static void
stop (Fixture *fixture)
{
  for (guint i = 0; i < fixture->mirror->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (fixture->list), i);

      g_assert_true (item == fixture->mirror->pdata[i]);
    }
  g_ptr_array_unref (fixture->mirror);
  g_assert_finalize_object (fixture->list);
}

static PtOutage *
outage (const char *device, gint64 start)
{
  return pt_outage_new ("east", "s", device, start, 0, 5);
}

static void
put (Fixture *fixture, const char *device, gint64 begin)
{
  g_autoptr (PtOutage) made = outage (device, begin);

  pt_record_list_put (fixture->list, made);
}

/* "d1 d2", or with their starts where they are not 1. */
static void
assert_list (Fixture *fixture, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < fixture->mirror->len; i++)
    {
      const PtOutage *item = fixture->mirror->pdata[i];

      g_string_append_printf (found, "%s%s", i > 0 ? " " : "", item->device);
      if (item->start != 1)
        g_string_append_printf (found, "@%d", (int) item->start);
    }
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_flush (void)
{
  Fixture fixture;

  start (&fixture, FALSE, 100);
  put (&fixture, "d1", 1);
  put (&fixture, "d2", 1);
  put (&fixture, "d3", 1);
  g_assert_cmpuint (fixture.signals, ==, 0);
  g_assert_nonnull (pt_record_list_find (fixture.list, "east/d2"));
  pt_record_list_flush (fixture.list);
  g_assert_cmpuint (fixture.signals, ==, 1);
  assert_list (&fixture, "d1 d2 d3");
  put (&fixture, "d2", 1); /* the same */
  pt_record_list_flush (fixture.list);
  g_assert_cmpuint (fixture.signals, ==, 1);
  put (&fixture, "d2", 2);
  put (&fixture, "d2", 3);
  pt_record_list_remove (fixture.list, "east/d1");
  pt_record_list_remove (fixture.list, "east/nobody");
  pt_record_list_flush (fixture.list);
  assert_list (&fixture, "d2@3 d3");
  pt_record_list_remove (fixture.list, "east/d2");
  put (&fixture, "d2", 1);
  put (&fixture, "d4", 1);
  pt_record_list_remove (fixture.list, "east/d4");
  pt_record_list_flush (fixture.list);
  assert_list (&fixture, "d3 d2");
  stop (&fixture);
}

static void
test_newest_first (void)
{
  Fixture fixture;

  start (&fixture, TRUE, 3);
  put (&fixture, "d1", 1);
  put (&fixture, "d2", 1);
  pt_record_list_flush (fixture.list);
  assert_list (&fixture, "d2 d1");
  put (&fixture, "d1", 9);
  put (&fixture, "d3", 1);
  put (&fixture, "d4", 1);
  pt_record_list_flush (fixture.list);
  assert_list (&fixture, "d4 d3 d2");
  g_assert_null (pt_record_list_find (fixture.list, "east/d1"));
  stop (&fixture);
}

static void
test_replace (void)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  Fixture fixture;
  gpointer kept;

  start (&fixture, FALSE, 100);
  for (guint i = 1; i <= 5; i++)
    {
      char device[] = { 'd', (char) ('0' + i), '\0' };

      put (&fixture, device, 1);
    }
  pt_record_list_flush (fixture.list);
  kept = fixture.mirror->pdata[2];
  put (&fixture, "lost", 1);
  g_ptr_array_add (records, outage ("d1", 2));
  g_ptr_array_add (records, outage ("d3", 1));
  g_ptr_array_add (records, outage ("d3", 1)); /* said twice */
  g_ptr_array_add (records, outage ("d5", 1));
  g_ptr_array_add (records, outage ("d6", 1));
  pt_record_list_replace (fixture.list, records);
  assert_list (&fixture, "d1@2 d3 d5 d6");
  g_assert_true (fixture.mirror->pdata[1] == kept); /* so a selection stays */
  fixture.signals = 0;
  pt_record_list_replace (fixture.list, records);
  g_assert_cmpuint (fixture.signals, ==, 0);
  g_assert_null (pt_record_list_find (fixture.list, "east/lost"));
  g_ptr_array_set_size (records, 0);
  g_ptr_array_add (records, outage ("d6", 1));
  g_ptr_array_add (records, outage ("d1", 2)); /* in another order */
  pt_record_list_replace (fixture.list, records);
  assert_list (&fixture, "d6 d1@2");
  stop (&fixture);
}

/* Random changes, and what they must come to. */
static void
test_random (void)
{
  Fixture fixture;
  g_autoptr (GHashTable) expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  start (&fixture, FALSE, 100000);
  for (guint round = 0; round < 300; round++)
    {
      for (int i = g_test_rand_int_range (1, 200); i > 0; i--)
        {
          g_autofree char *device = g_strdup_printf ("d%d", g_test_rand_int_range (0, 300));
          g_autofree char *key = g_strconcat ("east/", device, NULL);
          int begin = g_test_rand_int_range (-1, 4);

          if (begin < 0)
            pt_record_list_remove (fixture.list, key);
          else
            put (&fixture, device, begin);
          if (begin < 0)
            g_hash_table_remove (expected, device);
          else
            g_hash_table_insert (expected, g_strdup (device), GINT_TO_POINTER (begin + 1));
        }
      pt_record_list_flush (fixture.list);
      g_assert_cmpuint (fixture.mirror->len, ==, g_hash_table_size (expected));
      for (guint i = 0; i < fixture.mirror->len; i++)
        {
          const PtOutage *item = fixture.mirror->pdata[i];

          g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (expected, item->device)), ==,
                           item->start + 1);
        }
    }
  stop (&fixture);
}

/* 10,000 changes in a list of 200,000. */
static void
test_large (void)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  Fixture fixture;

  start (&fixture, FALSE, 200000);
  for (guint i = 0; i < 200000; i++)
    {
      g_autofree char *device = g_strdup_printf ("d%u", i);

      g_ptr_array_add (records, outage (device, 1));
    }
  pt_record_list_replace (fixture.list, records);
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *key = g_strdup_printf ("east/d%u", i * 20);

      pt_record_list_remove (fixture.list, key);
    }
  pt_record_list_flush (fixture.list);
  g_assert_cmpuint (fixture.mirror->len, ==, 190000);
  stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record-list/flush", test_flush);
  g_test_add_func ("/record-list/newest-first", test_newest_first);
  g_test_add_func ("/record-list/replace", test_replace);
  g_test_add_func ("/record-list/random", test_random);
  g_test_add_func ("/record-list/large", test_large);
  return g_test_run ();
}
