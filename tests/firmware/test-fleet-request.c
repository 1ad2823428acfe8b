/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-request.h"

#include "pt-csr.h"
#include "pt-p256.h"

#include <string.h>

/* What the command line takes in is what was asked. */
static void
test_request (void)
{
  g_autoptr (PtFleetPlan) plan = pt_fleet_plan_new ();
  const PtFleetDevice *device = pt_fleet_plan_add (plan, "demo-east", "tx:1_a.b");
  guint8 scalar[32] = { 0 }, key[PT_PUBLIC_KEY_SIZE];
  PtP256Key *own;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  PtCsr csr;

  g_assert_null (pt_fleet_request_new (device, scalar));
  scalar[31] = 5;
  text = pt_fleet_request_new (device, scalar);
  g_assert_nonnull (text);
  g_assert_true (pt_csr_parse (text, strlen (text), &csr, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (csr.area, ==, "demo-east");
  g_assert_cmpstr (csr.device, ==, "tx:1_a.b");
  own = pt_p256_key_from_scalar (scalar);
  pt_p256_key_public (own, key);
  pt_p256_key_free (own);
  g_assert_cmpmem (csr.key, sizeof csr.key, key, sizeof key);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-request/new", test_request);
  return g_test_run ();
}
