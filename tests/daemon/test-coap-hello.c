/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-hello.h"

#include <string.h>

#define SIZE 110
#define SESSION 59 /* where the length of the session's id is */

/* A hello as OpenSSL says it: its record is the @number-th, its cookie of @cookie_size bytes. */
static void
fill (guint8 out[SIZE], guint8 number, guint8 cookie_size)
{
  memset (out, 0, SIZE);
  out[0] = 22;
  out[1] = 0xfe;
  out[2] = 0xff;
  out[10] = number;
  out[12] = SIZE - 13;
  out[13] = 1;
  out[16] = SIZE - 25;
  out[24] = SIZE - 25;
  out[25] = 0xfe;
  out[26] = 0xfd;
  out[SESSION + 1] = cookie_size;
  memset (out + SESSION + 2, 0xcc, MIN (cookie_size, SIZE - SESSION - 2));
}

static PtCoapHelloKind
read_size (const guint8 *data, gsize size, PtCoapHello *hello)
{
  return pt_coap_hello_read (pt_span (data, size), hello);
}

/* What it is after one byte is another. */
static PtCoapHelloKind
read_changed (gsize at, guint8 byte)
{
  guint8 data[SIZE];
  PtCoapHello hello;

  fill (data, 0, 32);
  data[at] = byte;
  return read_size (data, sizeof data, &hello);
}

static void
test_cookie (void)
{
  guint8 data[SIZE];
  PtCoapHello hello;

  fill (data, 7, 0);
  g_assert_cmpint (read_size (data, sizeof data, &hello), ==, PT_COAP_HELLO);
  g_assert_cmpuint (hello.cookie.size, ==, 0);
  g_assert_cmpuint (hello.number[5], ==, 7);
  fill (data, 8, 32);
  g_assert_cmpint (read_size (data, sizeof data, &hello), ==, PT_COAP_HELLO);
  g_assert_cmpuint (hello.cookie.size, ==, 32);
  g_assert_true (hello.cookie.data == (const char *) data + SESSION + 2);
}

static void
test_cut (void)
{
  guint8 data[SIZE];
  PtCoapHello hello;

  fill (data, 0, 32);
  for (gsize size = 0; size < sizeof data; size++)
    {
      PtCoapHelloKind wanted = size <= 13            ? PT_COAP_HELLO_NOT
                               : size < SESSION + 34 ? PT_COAP_HELLO_BAD
                                                     : PT_COAP_HELLO;

      g_assert_cmpint (read_size (data, size, &hello), ==, wanted);
    }
}

static void
test_others (void)
{
  g_assert_cmpint (read_changed (0, 23), ==, PT_COAP_HELLO_NOT);   /* application data */
  g_assert_cmpint (read_changed (13, 16), ==, PT_COAP_HELLO_NOT);  /* ClientKeyExchange */
  g_assert_cmpint (read_changed (4, 1), ==, PT_COAP_HELLO_BEGUN);  /* encrypted */
  g_assert_cmpint (read_changed (21, 9), ==, PT_COAP_HELLO_BEGUN); /* a later fragment */
  g_assert_cmpint (read_changed (1, 3), ==, PT_COAP_HELLO_BAD);    /* TLS */
  g_assert_cmpint (read_changed (24, 200), ==, PT_COAP_HELLO_BAD); /* more than the whole */
  g_assert_cmpint (read_changed (12, 40), ==, PT_COAP_HELLO_BAD);  /* more than the record */
  g_assert_cmpint (read_changed (24, 60), ==, PT_COAP_HELLO_BAD);  /* the cookie is in the next */
  g_assert_cmpint (read_changed (SESSION, 33), ==, PT_COAP_HELLO_BAD);
  g_assert_cmpint (read_changed (SESSION + 1, 255), ==, PT_COAP_HELLO_BAD);
}

static void
test_ask (void)
{
  guint8 data[SIZE], cookie[PT_COAP_COOKIE_SIZE], ask[PT_COAP_ASK_SIZE];
  const guint8 head[] = { 22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 9,  0,    47,   3,
                          0,  0,    35,   0, 0, 0, 0, 0, 0, 0, 35, 0xfe, 0xff, 32 };
  PtCoapHello hello;

  fill (data, 9, 0);
  memset (cookie, 0xab, sizeof cookie);
  g_assert_cmpint (read_size (data, sizeof data, &hello), ==, PT_COAP_HELLO);
  pt_coap_hello_ask (&hello, cookie, ask);
  g_assert_cmpmem (ask, sizeof head, head, sizeof head);
  g_assert_cmpmem (ask + sizeof head, sizeof ask - sizeof head, cookie, sizeof cookie);
  g_assert_cmpint (read_size (ask, sizeof ask, &hello), ==, PT_COAP_HELLO_NOT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coap-hello/cookie", test_cookie);
  g_test_add_func ("/coap-hello/cut", test_cut);
  g_test_add_func ("/coap-hello/others", test_others);
  g_test_add_func ("/coap-hello/ask", test_ask);
  return g_test_run ();
}
