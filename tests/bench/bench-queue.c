/* SPDX-License-Identifier: Apache-2.0 */

/* What the console's queue of complaints costs: all of them filtered, sorted and counted anew for
 * each question that a person asks, and after one event.
 *     bench-queue [COUNT]      prints one JSON line: the slowest of each question, ms */

#include <stdio.h>
#include <stdlib.h>

#include "pt-complaint-model.h"

#define NOW G_GINT64_CONSTANT (1800000000000)
#define MINUTE 60000
#define ROUNDS 9

static GListStore *
many (guint count)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  GListStore *all = g_list_store_new (PT_TYPE_COMPLAINT);

  for (guint i = 0; i < count; i++)
    {
      PtComplaint *complaint = g_object_new (PT_TYPE_COMPLAINT, NULL);

      complaint->area = g_strdup_printf ("area-%u", i % 12);
      complaint->complaint = g_strdup_printf ("%010u", 1000000000u + i);
      complaint->category = g_strdup (i % 3 == 0 ? "low-voltage" : "no-supply");
      complaint->title = g_strdup (i % 3 == 0 ? "Low voltage" : "No supply");
      complaint->site = g_strdup_printf ("T-%05u", i % 9973);
      complaint->place = g_strdup_printf ("Rajendra Nagar %u", i % 401);
      complaint->state = i % 2 == 0 ? PT_COMPLAINT_OPEN : PT_COMPLAINT_RESOLVED;
      complaint->people = g_rand_int_range (random, 1, 40);
      complaint->filed_at = NOW - g_rand_int_range (random, 0, 100000) * (gint64) MINUTE;
      complaint->changed_at = complaint->filed_at + MINUTE;
      complaint->resolve_by = complaint->filed_at + 50000 * (gint64) MINUTE;
      g_ptr_array_add (rows, complaint);
    }
  g_list_store_splice (all, 0, 0, rows->pdata, rows->len);
  return all;
}

/* The slowest of some rounds, ms. */
static double
measure (PtComplaintModel *model, const PtComplaintQuery *query)
{
  double most = 0;

  for (int round = 0; round < ROUNDS; round++)
    {
      gint64 begin = g_get_monotonic_time ();

      pt_complaint_model_ask (model, query);
      most = MAX (most, (double) (g_get_monotonic_time () - begin) / 1000);
    }
  return most;
}

int
main (int argc, char **argv)
{
  guint count = argc > 1 ? (guint) strtoul (argv[1], NULL, 10) : 100000;
  g_autoptr (GListStore) all = many (count);
  g_autoptr (PtComplaintModel) model = pt_complaint_model_new (G_LIST_MODEL (all));
  PtComplaintQuery query = { .set = PT_COMPLAINTS_ALL, .now = NOW, .midnight = NOW };
  double by_clock = measure (model, &query), by_people, words, update;
  gint64 begin;

  query.order = PT_COMPLAINT_BY_PEOPLE;
  by_people = measure (model, &query);
  query.words = "nagar 40";
  words = measure (model, &query);
  query.words = NULL;
  pt_complaint_model_ask (model, &query);
  g_list_store_remove (all, count / 2);
  begin = g_get_monotonic_time ();
  pt_complaint_model_update (model, NOW);
  update = (double) (g_get_monotonic_time () - begin) / 1000;
  printf ("{\"complaints\":%u,\"by_clock_ms\":%.1f,\"by_people_ms\":%.1f,\"search_ms\":%.1f,"
          "\"event_ms\":%.1f}\n",
          count, by_clock, by_people, words, update);
  return 0;
}
