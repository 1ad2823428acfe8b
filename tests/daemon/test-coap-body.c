/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-body.h"

#include <string.h>

static guint8 bytes[1024];

static PtCoapBodyState
add (PtCoapBody *body, guint number, gboolean more, guint exponent, gsize size)
{
  const PtCoapBlock block = { number, exponent, more };

  return pt_coap_body_add (body, &block, bytes, size);
}

static void
test_whole (void)
{
  gsize taken = 0;
  PtCoapBody body = { .taken = &taken };

  g_assert_cmpint (add (&body, 0, TRUE, 2, 64), ==, PT_COAP_BODY_MORE);
  g_assert_cmpint (add (&body, 1, TRUE, 2, 64), ==, PT_COAP_BODY_MORE);
  g_assert_cmpint (add (&body, 1, TRUE, 2, 64), ==, PT_COAP_BODY_MORE); /* said again */
  g_assert_cmpint (add (&body, 2, FALSE, 2, 5), ==, PT_COAP_BODY_WHOLE);
  g_assert_cmpuint (body.bytes->len, ==, 133);
  g_assert_cmpuint (taken, ==, 133);
  g_assert_cmpint (add (&body, 0, FALSE, 0, 16), ==, PT_COAP_BODY_WHOLE); /* another begins */
  g_assert_cmpuint (taken, ==, 16);
  pt_coap_body_clear (&body);
  pt_coap_body_clear (&body);
  g_assert_cmpuint (taken, ==, 0);
}

static void
test_gaps (void)
{
  gsize taken = 0;
  PtCoapBody body = { .taken = &taken };

  g_assert_cmpint (add (&body, 1, TRUE, 2, 64), ==, PT_COAP_BODY_GAP);
  g_assert_cmpint (add (&body, 0, TRUE, 2, 64), ==, PT_COAP_BODY_MORE);
  g_assert_cmpint (add (&body, 2, TRUE, 2, 64), ==, PT_COAP_BODY_GAP);
  g_assert_cmpuint (taken, ==, 0);
  g_assert_cmpint (add (&body, 1, FALSE, 2, 64), ==, PT_COAP_BODY_GAP); /* it was let go */
}

static void
test_malformed (void)
{
  gsize taken = 0;
  PtCoapBody body = { .taken = &taken };

  g_assert_cmpint (add (&body, 0, TRUE, 7, 1024), ==, PT_COAP_BODY_MALFORMED);
  g_assert_cmpint (add (&body, 0, TRUE, 2, 63), ==, PT_COAP_BODY_MALFORMED);
  g_assert_cmpint (add (&body, 0, FALSE, 2, 65), ==, PT_COAP_BODY_MALFORMED);
  g_assert_cmpint (add (&body, 0, FALSE, 2, 0), ==, PT_COAP_BODY_MALFORMED);
  g_assert_cmpint (add (&body, G_MAXUINT >> 12, TRUE, 6, 1024), ==, PT_COAP_BODY_LARGE);
  g_assert_cmpuint (taken, ==, 0);
}

static void
test_bounds (void)
{
  gsize taken = 0;
  PtCoapBody bodies[PT_COAP_BODIES_MAX / PT_COAP_BODY_MAX], last = { .taken = &taken };
  guint blocks = PT_COAP_BODY_MAX / 1024;

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      bodies[i] = (PtCoapBody){ .taken = &taken };
      for (guint j = 0; j < blocks; j++)
        g_assert_cmpint (add (&bodies[i], j, TRUE, 6, 1024), ==, PT_COAP_BODY_MORE);
    }
  g_assert_cmpint (add (&last, 0, TRUE, 6, 1024), ==, PT_COAP_BODY_FULL);
  g_assert_cmpint (add (&bodies[0], blocks, FALSE, 6, 1), ==, PT_COAP_BODY_LARGE);
  g_assert_cmpint (add (&last, 0, TRUE, 6, 1024), ==, PT_COAP_BODY_MORE);
  pt_coap_body_clear (&last);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    pt_coap_body_clear (&bodies[i]);
  g_assert_cmpuint (taken, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coap-body/whole", test_whole);
  g_test_add_func ("/coap-body/gaps", test_gaps);
  g_test_add_func ("/coap-body/malformed", test_malformed);
  g_test_add_func ("/coap-body/bounds", test_bounds);
  return g_test_run ();
}
