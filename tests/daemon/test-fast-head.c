/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fast-head.h"

#include <string.h>

#define PATH "/api/v1/reports"
#define LINE "POST " PATH " HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
#define JSON "Content-Type: application/json\r\n"
#define SIZE "Content-Length: 5\r\n"

typedef struct
{
  const char *name, *head;
  gboolean fits;
} HeadCase;

static const HeadCase heads[] = {
  { "all there has to be", LINE HOST JSON SIZE "\r\n", TRUE },
  { "in another order and case",
    LINE "content-length:5\r\nCONTENT-TYPE:  application/JSON  \r\nhost: a\r\n\r\n", TRUE },
  { "lines", LINE HOST "Content-Type: application/x-ndjson\r\n" SIZE "\r\n", TRUE },
  { "a port", LINE "Host: grid.example:8650\r\n" JSON SIZE "\r\n", TRUE },
  { "what has no effect",
    LINE HOST JSON SIZE "User-Agent: a/1 (b; c)\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n"
                        "Accept-Language: hi\r\nConnection: Keep-Alive\r\n\r\n",
    TRUE },

  { "another method", "PUT " PATH " HTTP/1.1\r\n" HOST JSON SIZE "\r\n", FALSE },
  { "a method in small letters", "post " PATH " HTTP/1.1\r\n" HOST JSON SIZE "\r\n", FALSE },
  { "another address", "POST " PATH "/ HTTP/1.1\r\n" HOST JSON SIZE "\r\n", FALSE },
  { "a longer one", "POST " PATH "s HTTP/1.1\r\n" HOST JSON SIZE "\r\n", FALSE },
  { "a query", "POST " PATH "?a=b HTTP/1.1\r\n" HOST JSON SIZE "\r\n", FALSE },
  { "an address in other letters", "POST /api/v1/report%73 HTTP/1.1\r\n" HOST JSON SIZE "\r\n",
    FALSE },
  { "an absolute one", "POST http://a" PATH " HTTP/1.1\r\n" HOST JSON SIZE "\r\n", FALSE },
  { "an older version", "POST " PATH " HTTP/1.0\r\n" HOST JSON SIZE "\r\n", FALSE },
  { "no type", LINE HOST SIZE "\r\n", FALSE },
  { "two types", LINE HOST JSON JSON SIZE "\r\n", FALSE },
  { "another type", LINE HOST "Content-Type: text/plain\r\n" SIZE "\r\n", FALSE },
  { "a type with more", LINE HOST "Content-Type: application/json; charset=utf-8\r\n" SIZE "\r\n",
    FALSE },
  { "it ends", LINE HOST JSON SIZE "Connection: close\r\n\r\n", FALSE },
  { "it goes over", LINE HOST JSON SIZE "Connection: keep-alive, Upgrade\r\n\r\n", FALSE },
  { "Expect", LINE HOST JSON SIZE "Expect: 100-continue\r\n\r\n", FALSE },
  { "receipts", LINE HOST JSON SIZE "Prefer: receipt\r\n\r\n", FALSE },
  { "packed", LINE HOST JSON SIZE "Content-Encoding: gzip\r\n\r\n", FALSE },
  { "a page's", LINE HOST JSON SIZE "Origin: https://a\r\n\r\n", FALSE },
  { "a proxy's", LINE HOST JSON SIZE "X-Forwarded-For: 10.0.0.1\r\n\r\n", FALSE },
  { "who it is", LINE HOST JSON SIZE "Authorization: Bearer a\r\n\r\n", FALSE },
  { "what nobody knows", LINE HOST JSON SIZE "X: a\r\n\r\n", FALSE },
  { "an empty Host", LINE "Host:\r\n" JSON SIZE "\r\n", FALSE },
  { "a Host with an empty port", LINE "Host: a:\r\n" JSON SIZE "\r\n", FALSE },
  { "a port of six digits", LINE "Host: a:123456\r\n" JSON SIZE "\r\n", FALSE },
  { "a port of letters", LINE "Host: a:b\r\n" JSON SIZE "\r\n", FALSE },
  { "IPv6", LINE "Host: [::1]\r\n" JSON SIZE "\r\n", FALSE },
  { "no header", LINE "\r\n", FALSE },
};

static void
test_heads (gconstpointer data)
{
  const HeadCase *head = data;

  g_assert_cmpint (pt_fast_head_fits (head->head, strlen (head->head), PATH), ==, head->fits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autofree char *name = g_strconcat ("/fast-head/", heads[i].name, NULL);

      g_test_add_data_func (name, &heads[i], test_heads);
    }
  return g_test_run ();
}
