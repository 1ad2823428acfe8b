/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-address.h"

static const struct
{
  const char *text, *plain, *network;
} cases[] = {
  { "192.0.2.7", "192.0.2.7", "192.0.2.7" },
  { "::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7" },
  { "2001:db8:1:2:3::4", "2001:db8:1:2:3::4", "2001:0db8:0001:0002::/64" },
  { "::1", "::1", "0000:0000:0000:0000::/64" },
};

static void
test_addresses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GSocketAddress) address
          = g_inet_socket_address_new_from_string (cases[i].text, 5684);
      g_autofree char *text = pt_address_text (address);
      g_autofree char *network = pt_address_network (cases[i].text);
      g_autofree char *again = pt_address_network (text);

      g_assert_cmpstr (text, ==, cases[i].plain);
      g_assert_cmpstr (pt_address_plain (cases[i].text), ==, cases[i].plain);
      g_assert_cmpstr (network, ==, cases[i].network);
      g_assert_cmpstr (again, ==, cases[i].network);
    }
}

static void
test_other (void)
{
  g_autofree char *name = pt_address_network ("a:b");

  g_assert_cmpstr (name, ==, "a:b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/addresses", test_addresses);
  g_test_add_func ("/address/other", test_other);
  return g_test_run ();
}
