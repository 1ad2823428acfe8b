/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-name.h"

#include <string.h>

typedef gboolean (*Read) (PtSpan text, PtCoapName *out);

static void
assert_read (Read read, const char *text, const char *area, const char *device)
{
  PtCoapName name;

  g_assert_cmpint (read (pt_span (text, strlen (text)), &name), ==, area != NULL);
  g_assert_cmpstr (name.area, ==, area != NULL ? area : "");
  g_assert_cmpstr (name.device, ==, device != NULL ? device : "");
}

static void
test_identity (void)
{
  assert_read (pt_coap_name_from_identity, "east/tx-1", "east", "tx-1");
  assert_read (pt_coap_name_from_identity, "e/A.b:c_d", "e", "A.b:c_d");
  assert_read (pt_coap_name_from_identity, "", NULL, NULL);
  assert_read (pt_coap_name_from_identity, "/", NULL, NULL);
  assert_read (pt_coap_name_from_identity, "east/", NULL, NULL);
  assert_read (pt_coap_name_from_identity, "/tx-1", NULL, NULL);
  assert_read (pt_coap_name_from_identity, "tx-1", NULL, NULL);
  assert_read (pt_coap_name_from_identity, "east/tx/1", NULL, NULL);
  assert_read (pt_coap_name_from_identity, "East/tx-1", NULL, NULL);
  assert_read (pt_coap_name_from_identity, "east/tx 1", NULL, NULL);
  assert_read (pt_coap_name_from_identity,
               "east/12345678901234567890123456789012345678901234567890123456789012345", NULL,
               NULL);
}

/* A name that ends early would be another's. */
static void
test_nul (void)
{
  PtCoapName name;

  g_assert_false (pt_coap_name_from_identity (pt_span ("east/tx-1\0x", 11), &name));
  g_assert_false (pt_coap_name_from_dns (pt_span ("tx-1\0x.east", 11), &name));
  g_assert_false (pt_coap_name_from_urn (pt_span ("urn:powertrack:east:tx-1\0", 25), &name));
  g_assert_false (pt_coap_name_from_identity (pt_span (NULL, 0), &name));
}

static void
test_urn (void)
{
  assert_read (pt_coap_name_from_urn, "urn:powertrack:east:tx-1", "east", "tx-1");
  assert_read (pt_coap_name_from_urn, "urn:powertrack:east:a:b", "east", "a:b");
  assert_read (pt_coap_name_from_urn, "urn:powertrack:", NULL, NULL);
  assert_read (pt_coap_name_from_urn, "urn:powertrack:east", NULL, NULL);
  assert_read (pt_coap_name_from_urn, "urn:powertrack:east:", NULL, NULL);
  assert_read (pt_coap_name_from_urn, "URN:powertrack:east:tx-1", NULL, NULL);
  assert_read (pt_coap_name_from_urn, "https://example.org/east:tx-1", NULL, NULL);
}

static void
test_dns (void)
{
  assert_read (pt_coap_name_from_dns, "tx-1.east", "east", "tx-1");
  assert_read (pt_coap_name_from_dns, "a.b.east", "east", "a.b");
  assert_read (pt_coap_name_from_dns, "east", NULL, NULL);
  assert_read (pt_coap_name_from_dns, "tx-1.", NULL, NULL);
  assert_read (pt_coap_name_from_dns, ".east", NULL, NULL);
  assert_read (pt_coap_name_from_dns, "*.east", NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coap-name/identity", test_identity);
  g_test_add_func ("/coap-name/nul", test_nul);
  g_test_add_func ("/coap-name/urn", test_urn);
  g_test_add_func ("/coap-name/dns", test_dns);
  return g_test_run ();
}
