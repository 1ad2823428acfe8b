/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-proxy-head.h"

#include <string.h>

#define SIGN "\r\n\r\n\0\r\nQUIT\n"
#define V2(text) SIGN text, sizeof SIGN text - 1
#define V1(text) text, sizeof text - 1
#define FOUR "\xc0\x00\x02\x07\x0a\x00\x00\x01\x30\x39\x01\xbb"
#define SIX                                                                                        \
  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x30\x39"   \
  "\x01\xbb"

static const struct
{
  const char *data;
  gsize size;
  const char *address; /* NULL: it names nobody */
} right[] = {
  { V1 ("PROXY TCP4 192.0.2.7 10.0.0.1 12345 443\r\n"), "192.0.2.7:12345" },
  { V1 ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255:65535" },
  { V1 ("PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n"), "[2001:db8::7]:12345" },
  { V1 ("PROXY UNKNOWN\r\n"), NULL },
  { V1 ("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
    NULL },
  { V2 ("\x21\x11\x00\x0c" FOUR), "192.0.2.7:12345" },
  { V2 ("\x21\x21\x00\x24" SIX), "[2001:db8::7]:12345" },
  { V2 ("\x21\x11\x00\x0f" FOUR "\x04\x00\x00"), "192.0.2.7:12345" }, /* with words of its own */
  { V2 ("\x20\x00\x00\x00"), NULL },                                  /* its own look */
  { V2 ("\x20\x11\x00\x0c" FOUR), NULL },
  { V2 ("\x21\x00\x00\x00"), NULL },
  { V2 ("\x21\x31\x00\x01x"), NULL }, /* a Unix socket */
};

static void
test_right (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (right); i++)
    {
      const guint8 *data = (const guint8 *) right[i].data;
      g_autoptr (GByteArray) more = g_byte_array_new ();
      g_autoptr (GSocketAddress) address = NULL;
      g_autofree char *text = NULL;
      PtProxyHead head;
      const char *wrong;

      g_test_message ("%u", i);
      for (gsize size = 0; size < right[i].size; size++)
        {
          g_assert_cmpuint (pt_proxy_head (&head, data, size, &wrong), ==, 0);
          g_assert_null (wrong);
        }
      g_byte_array_append (more, data, (guint) right[i].size);
      g_byte_array_append (more, (const guint8 *) "GET / HTTP/1.1\r\n", 16);
      g_assert_cmpuint (pt_proxy_head (&head, more->data, more->len, &wrong), ==, right[i].size);
      g_assert_null (wrong);
      address = pt_proxy_head_address (&head);
      if (address != NULL)
        text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
      g_assert_cmpstr (text, ==, right[i].address);
    }
}

static const struct
{
  const char *data;
  gsize size;
} wrong_ones[] = {
  { V1 ("GET / HTTP/1.1\r\n") },
  { V1 ("PROXX") },
  { V1 ("proxy TCP4 192.0.2.7 10.0.0.1 1 2\r\n") },
  { V1 ("PROXY TCP4 192.0.2.7 10.0.0.1 1 2\n") },
  { V1 ("PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n") },
  { V1 ("PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n") },
  { V1 ("PROXY TCP4  192.0.2.7 10.0.0.1 1 2\r\n") },
  { V1 ("PROXY TCP4 192.0.2.7 10.0.0.1 1 65536\r\n") },
  { V1 ("PROXY TCP4 192.0.2.7 10.0.0.1 -1 2\r\n") },
  { V1 ("PROXY TCP4 192.0.2.7 10.0.0.1 01 2\r\n") },
  { V1 ("PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n") },
  { V1 ("PROXY TCP6 192.0.2.7 10.0.0.1 1 2\r\n") },
  { V1 ("PROXY TCP6 fe80::1%lo fe80::2 1 2\r\n") },
  { V1 ("PROXY TCP4 192.0.2.300 10.0.0.1 1 2\r\n") },
  { V1 ("PROXY TCP4 192.0.2.7\0 10.0.0.1 1 2\r\n") },
  { V1 ("PROXY UDP4 192.0.2.7 10.0.0.1 1 2\r\n") },
  { V1 ("PROXY UNKNOWN "
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxx\r\n") },
  { V2 ("\x11\x11\x00\x0c" FOUR) }, /* version 1 in bytes */
  { V2 ("\x22\x11\x00\x0c" FOUR) }, /* an order that is none */
  { V2 ("\x21\x11\x00\x0b" FOUR) }, /* too short for its addresses */
  { V2 ("\x21\x21\x00\x0c" FOUR) }, /* the same */
  { V2 ("\x21\x11\xff\xff" FOUR) }, /* larger than any */
  { V1 ("\r\n\r\n\0\r\nQUIX") },
};

static void
test_wrong (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong_ones); i++)
    {
      PtProxyHead head;
      const char *wrong;

      g_test_message ("%u", i);
      g_assert_cmpuint (
          pt_proxy_head (&head, (const guint8 *) wrong_ones[i].data, wrong_ones[i].size, &wrong),
          ==, 0);
      g_assert_nonnull (wrong);
      g_assert_null (pt_proxy_head_address (&head));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy-head/right", test_right);
  g_test_add_func ("/proxy-head/wrong", test_wrong);
  return g_test_run ();
}
