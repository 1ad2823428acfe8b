/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pending.h"

static PtPendingRequest
make (const char *device, guint8 key, gint64 now)
{
  PtPendingRequest request = { .key = { 4, key }, .request = (char *) "AAAA", .last = now };

  g_strlcpy (request.area, "east", sizeof request.area);
  g_strlcpy (request.device, device, sizeof request.device);
  return request;
}

static void
test_one_a_device (void)
{
  g_autoptr (PtPending) pending = pt_pending_new ();
  PtPendingRequest request = make ("tx-1", 1, 10), other = make ("tx-2", 1, 11);

  g_assert_true (pt_pending_put (pending, &request));
  g_assert_true (pt_pending_put (pending, &other));
  request.last = 20;
  g_assert_true (pt_pending_put (pending, &request));
  g_assert_cmpuint (pt_pending_count (pending, 20), ==, 2);
  g_assert_cmpint (pt_pending_get (pending, 0)->first, ==, 10);
  g_assert_cmpint (pt_pending_get (pending, 0)->last, ==, 20);
  request = make ("tx-1", 2, 30);
  g_assert_true (pt_pending_put (pending, &request));
  g_assert_cmpint (pt_pending_get (pending, 0)->first, ==, 30);
  g_assert_cmpint (pt_pending_get (pending, 0)->key[1], ==, 2);
  pt_pending_remove (pending, "east", "tx-1");
  pt_pending_remove (pending, "west", "tx-2");
  g_assert_cmpuint (pt_pending_count (pending, 30), ==, 1);
  g_assert_cmpstr (pt_pending_get (pending, 0)->device, ==, "tx-2");
  g_assert_cmpuint (pt_pending_count (pending, 11 + PT_PENDING_MS), ==, 1);
  g_assert_cmpuint (pt_pending_count (pending, 12 + PT_PENDING_MS), ==, 0);
}

static void
test_bounded (void)
{
  g_autoptr (PtPending) pending = pt_pending_new ();
  PtPendingRequest request;
  char name[16];

  for (guint i = 0; i < PT_PENDING_MAX; i++)
    {
      g_snprintf (name, sizeof name, "d-%u", i);
      request = make (name, 1, i);
      g_assert_true (pt_pending_put (pending, &request));
    }
  request = make ("tx-1", 1, PT_PENDING_MAX);
  g_assert_false (pt_pending_put (pending, &request));
  request = make ("d-7", 2, PT_PENDING_MAX);
  g_assert_true (pt_pending_put (pending, &request));
  request = make ("tx-1", 1, PT_PENDING_MS + 1);
  g_assert_true (pt_pending_put (pending, &request));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pending/one-a-device", test_one_a_device);
  g_test_add_func ("/pending/bounded", test_bounded);
  return g_test_run ();
}
