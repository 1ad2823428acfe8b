/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-model.h"

#define NOW 1000000

typedef struct
{
  GListStore *all;
  PtComplaintModel *model;
  GString *told; /* "position-removed+added " */
} Fixture;

static PtComplaint *
complaint_new (const char *number, PtComplaintState state, gint64 resolve_by)
{
  PtComplaint *complaint = g_object_new (PT_TYPE_COMPLAINT, NULL);

  complaint->area = g_strdup ("east");
  complaint->complaint = g_strdup (number);
  complaint->category = g_strdup ("no-supply");
  complaint->state = state;
  complaint->resolve_by = resolve_by;
  return complaint;
}

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  g_string_append_printf (data, "%u-%u+%u ", position, removed, added);
}

static void
put (Fixture *fixture, const char *number, PtComplaintState state, gint64 resolve_by)
{
  g_autoptr (PtComplaint) complaint = complaint_new (number, state, resolve_by);

  g_list_store_append (fixture->all, complaint);
}

static void
start (Fixture *fixture)
{
  const PtComplaintQuery query = { .set = PT_COMPLAINTS_OPEN, .now = NOW };

  fixture->all = g_list_store_new (PT_TYPE_COMPLAINT);
  fixture->told = g_string_new (NULL);
  put (fixture, "3", PT_COMPLAINT_OPEN, NOW + 300);
  put (fixture, "1", PT_COMPLAINT_OPEN, NOW - 100);
  put (fixture, "9", PT_COMPLAINT_RESOLVED, NOW - 500);
  put (fixture, "2", PT_COMPLAINT_ASSIGNED, NOW + 200);
  fixture->model = pt_complaint_model_new (G_LIST_MODEL (fixture->all));
  g_signal_connect (fixture->model, "items-changed", G_CALLBACK (changed_cb), fixture->told);
  pt_complaint_model_ask (fixture->model, &query);
}

static void
stop (Fixture *fixture)
{
  g_assert_finalize_object (fixture->model);
  g_object_unref (fixture->all);
  g_string_free (fixture->told, TRUE);
}

static void
assert_shows (Fixture *fixture, const char *numbers, const char *told)
{
  g_autoptr (GString) shown = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->model)); i++)
    {
      g_autoptr (PtComplaint) complaint = g_list_model_get_item (G_LIST_MODEL (fixture->model), i);

      g_string_append (shown, complaint->complaint);
    }
  g_assert_cmpstr (shown->str, ==, numbers);
  g_assert_cmpstr (fixture->told->str, ==, told);
  g_string_truncate (fixture->told, 0);
}

/* Those that are asked for, in order; what stays is not told of. */
static void
test_order (void)
{
  Fixture fixture;

  start (&fixture);
  assert_shows (&fixture, "123", "0-0+3 ");
  put (&fixture, "4", PT_COMPLAINT_OPEN, NOW + 250);
  pt_complaint_model_update (fixture.model, NOW);
  assert_shows (&fixture, "1243", "2-0+1 ");
  g_list_store_remove (fixture.all, 3);
  pt_complaint_model_update (fixture.model, NOW);
  assert_shows (&fixture, "143", "1-1+0 ");
  pt_complaint_model_update (fixture.model, NOW);
  assert_shows (&fixture, "143", "");
  stop (&fixture);
}

/* Time alone moves one from a set into another. */
static void
test_time (void)
{
  const PtComplaintQuery query = { .set = PT_COMPLAINTS_OVERDUE, .now = NOW };
  Fixture fixture;

  start (&fixture);
  assert_shows (&fixture, "123", "0-0+3 ");
  pt_complaint_model_ask (fixture.model, &query);
  assert_shows (&fixture, "1", "1-2+0 ");
  pt_complaint_model_update (fixture.model, NOW + 250);
  assert_shows (&fixture, "12", "1-0+1 ");
  g_assert_cmpuint (pt_complaint_model_counts (fixture.model)->sets[PT_COMPLAINTS_OVERDUE], ==, 2);
  g_assert_cmpuint (pt_complaint_model_counts (fixture.model)->sets[PT_COMPLAINTS_ALL], ==, 4);
  g_assert_cmpuint (pt_complaint_model_find (fixture.model, "east", "2"), ==, 1);
  g_assert_cmpuint (pt_complaint_model_find (fixture.model, "east", "9"), ==, G_MAXUINT);
  g_assert_cmpuint (pt_complaint_model_find (fixture.model, "west", "2"), ==, G_MAXUINT);
  stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/complaint-model/order", test_order);
  g_test_add_func ("/complaint-model/time", test_time);
  return g_test_run ();
}
