/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-daemon-read.h"
#include "pt-error.h"
#include "pt-record-list.h"
#include "pt-daemon-status.h"
#include "pt-records.h"
#include "pt-site-detail.h"

/* The list of records, against a list that is built anew each time; and what a daemon's JSON says.
 */

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
  fixture->list
      = pt_record_list_new (PT_TYPE_OUTAGE, pt_outage_key, pt_outage_same, newest_first, max);
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

/* 10,000 changes in a list of 200,000 cost little. */
static void
test_large (void)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  Fixture fixture;
  gint64 begin, replaced, flushed;

  start (&fixture, FALSE, 200000);
  for (guint i = 0; i < 200000; i++)
    {
      g_autofree char *device = g_strdup_printf ("d%u", i);

      g_ptr_array_add (records, outage (device, 1));
    }
  begin = g_get_monotonic_time ();
  pt_record_list_replace (fixture.list, records);
  replaced = g_get_monotonic_time ();
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *key = g_strdup_printf ("east/d%u", i * 20);

      pt_record_list_remove (fixture.list, key);
    }
  pt_record_list_flush (fixture.list);
  flushed = g_get_monotonic_time ();
  g_test_message ("200,000 replaced in %d us, 10,000 removed in %d us", (int) (replaced - begin),
                  (int) (flushed - replaced));
  g_assert_cmpuint (fixture.mirror->len, ==, 190000);
  stop (&fixture);
}

/* What a daemon says */

#define STATUS                                                                                     \
  "{\"version\":\"0.1.0\",\"now\":1700000000000,\"clock_speed\":60,\"chain\":{\"chain_id\":31337," \
  "\"contract\":\"0x00\",\"state\":\"ok\",\"public_rpc\":[\"http://a\",\"http://"                  \
  "b\"]},\"areas\":2,"                                                                             \
  "\"pending\":5,\"batches\":{\"sealed\":1,\"published\":2,\"submitted\":3,\"final\":4},"          \
  "\"state\":\"attention\",\"detail\":\"no funds\"}"

typedef gpointer (*Convert) (JsonNode *node, gconstpointer data, GError **error);

static gpointer
convert (const char *text, Convert func, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, error);

  g_assert_nonnull (node);
  return func (node, NULL, error);
}

static void
test_status (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtDaemonStatus) status = convert (STATUS, pt_daemon_status_read, &error);

  g_assert_no_error (error);
  g_assert_cmpfloat (status->clock_speed, ==, 60);
  g_assert_cmpuint (status->chain_id, ==, 31337);
  g_assert_cmpuint (g_strv_length (status->public_rpc), ==, 2);
  g_assert_true (status->attention);
  g_assert_cmpint (status->batches[PT_BATCH_FINAL], ==, 4);
}

static void
test_nonsense (void)
{
  static const Convert funcs[]
      = { pt_daemon_status_read, pt_read_outages,     pt_read_batches,
          pt_read_areas,         pt_site_detail_read, pt_site_detail_read_reports };
  static const char *const texts[]
      = { "{}",
          "[]",
          "1",
          "null",
          "{\"version\":1}",
          "{\"outages\":{}}",
          "{\"outages\":[1]}",
          "{\"outages\":[{\"area\":\"a\"}]}",
          "{\"batches\":[{}]}",
          "{\"areas\":[[]]}",
          "{\"properties\":{\"devices\":[{}]}}",
          "{\"properties\":[]}",
          "{\"properties\":{\"devices\":[{\"device\":1}],\"area\":\"a\",\"site\":\"s\"}}",
          "{\"reports\":[{\"power\":\"MAYBE\"}]}",
          "{\"reports\":null}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint func = 0; func < G_N_ELEMENTS (funcs); func++)
      {
        g_autoptr (GError) error = NULL;

        g_assert_null (convert (texts[i], funcs[func], &error));
        g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
      }
}

#define OUTAGES(place)                                                                             \
  "{\"next\":null,\"outages\":[{\"area\":\"a\",\"device\":\"d\",\"site\":\"s\",\"start\":1,"       \
  "\"end\":null,\"customers\":2" place "}]}"

/* What an outage is near to may be there, null, or not there; nonsense is refused. */
static void
test_outage_places (void)
{
  static const char *const good[][2] = { { OUTAGES (",\"place\":\"Napa\""), "Napa" },
                                         { OUTAGES (",\"place\":null"), NULL },
                                         { OUTAGES (""), NULL } };
  static const char *const bad[]
      = { OUTAGES (",\"place\":\"\""), OUTAGES (",\"place\":7"), OUTAGES (",\"place\":\"a\\nb\"") };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      PtPage *page = convert (good[i][0], pt_read_outages, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (((PtOutage *) page->records->pdata[0])->place, ==, good[i][1]);
      pt_page_free (page);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (convert (bad[i], pt_read_outages, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
    }
}

#define BATCH(state)                                                                               \
  "{\"area\":\"a\",\"batch\":1,\"from\":0,\"to\":1,\"prev_size\":0,\"size\":1,\"bytes\":1,"        \
  "\"cid\":"                                                                                       \
  "\"b\",\"root\":\"c\"" state "}"

/* The daemon's words; a batch whose window lasts is in no list. */
static gpointer
read_batch (JsonNode *node, gconstpointer data, GError **error)
{
  return pt_read_batch (node, error);
}

static void
test_batch_states (void)
{
  static const char *const bad[]
      = { BATCH (",\"state\":\"open\""), BATCH (",\"state\":\"FINAL\""), BATCH (",\"state\":4"),
          BATCH (",\"state\":null"), BATCH ("") };
  g_autoptr (PtBatch) batch = convert (BATCH (",\"state\":\"published\""), read_batch, NULL);

  g_assert_cmpint (batch->state, ==, PT_BATCH_PUBLISHED);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (convert (bad[i], read_batch, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/records/flush", test_flush);
  g_test_add_func ("/records/newest-first", test_newest_first);
  g_test_add_func ("/records/replace", test_replace);
  g_test_add_func ("/records/random", test_random);
  g_test_add_func ("/records/large", test_large);
  g_test_add_func ("/records/status", test_status);
  g_test_add_func ("/records/nonsense", test_nonsense);
  g_test_add_func ("/records/batch-states", test_batch_states);
  g_test_add_func ("/records/outage-places", test_outage_places);
  return g_test_run ();
}
