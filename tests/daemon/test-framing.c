/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-framing.h"

#include <string.h>

#define LINE "POST /a HTTP/1.1\r\n"
#define OLD "POST /a HTTP/1.0\r\n"
#define HOST "Host: a\r\n"

typedef struct
{
  const char *name, *head;
  PtFramingState state; /* after it; PT_FRAMING_HEAD: it is refused */
  guint64 left;
} HeadCase;

static const HeadCase heads[] = {
  { "no body", "GET /a?b=%20c HTTP/1.1\r\nHost: a.b:80\r\nX-Y: z\tq\r\n\r\n", PT_FRAMING_DONE, 0 },
  { "IPv6", "GET / HTTP/1.1\r\nHost: [::1]:8650\r\n\r\n", PT_FRAMING_DONE, 0 },
  { "a length", LINE HOST "Content-Length:  12  \r\n\r\n", PT_FRAMING_LENGTH, 12 },
  { "length 0", LINE HOST "content-length: 0\r\n\r\n", PT_FRAMING_DONE, 0 },
  { "below 2^63", LINE HOST "Content-Length: 999999999999999999\r\n\r\n", PT_FRAMING_LENGTH,
    G_GUINT64_CONSTANT (999999999999999999) },
  { "chunks", LINE HOST "transfer-encoding: Chunked\r\n\r\n", PT_FRAMING_SIZE, 0 },
  { "HTTP/1.0", OLD "Content-Length: 3\r\n\r\n", PT_FRAMING_LENGTH, 3 },
  { "bytes above ASCII", "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "X: \xc3\xa4\r\n\r\n", PT_FRAMING_DONE,
    0 },

  { "no Host", LINE "\r\n" },
  { "two Hosts", LINE HOST HOST "\r\n" },
  { "a Host with a path", LINE "Host: a/b\r\n\r\n" },
  { "a Host with a user", LINE "Host: a@b\r\n\r\n" },
  { "two lengths", LINE HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n" },
  { "the same length twice", LINE HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n" },
  { "a list of lengths", LINE HOST "Content-Length: 5, 5\r\n\r\n" },
  { "+5", LINE HOST "Content-Length: +5\r\n\r\n" },
  { "-1", LINE HOST "Content-Length: -1\r\n\r\n" },
  { "0x5", LINE HOST "Content-Length: 0x5\r\n\r\n" },
  { "an empty length", LINE HOST "Content-Length: \r\n\r\n" },
  { "5 and a tab", LINE HOST "Content-Length: 5\t\r\n\r\n" },
  { "2^63", LINE HOST "Content-Length: 9223372036854775808\r\n\r\n" },
  { "2^64 - 1", LINE HOST "Content-Length: 18446744073709551615\r\n\r\n" },
  { "10^20", LINE HOST "Content-Length: 100000000000000000000\r\n\r\n" },
  { "length and chunks", LINE HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" },
  { "chunks and length", LINE HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" },
  { "chunked twice", LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" },
  { "chunked and a tab", LINE HOST "Transfer-Encoding: chunked\t\r\n\r\n" },
  { "a blank before the colon", LINE HOST "Transfer-Encoding : chunked\r\n\r\n" },
  { "xchunked", LINE HOST "Transfer-Encoding: xchunked\r\n\r\n" },
  { "identity", LINE HOST "Transfer-Encoding: identity\r\n\r\n" },
  { "chunked, identity", LINE HOST "Transfer-Encoding: chunked, identity\r\n\r\n" },
  { "gzip, chunked", LINE HOST "Transfer-Encoding: gzip, chunked\r\n\r\n" },
  { "an empty encoding", LINE HOST "Transfer-Encoding:\r\n\r\n" },
  { "chunks in HTTP/1.0", OLD HOST "Transfer-Encoding: chunked\r\n\r\n" },
  { "a vertical tab", LINE HOST "Transfer-Encoding:\vchunked\r\n\r\n" },
  { "a line that goes on", LINE HOST "X: a\r\n b\r\n\r\n" },
  { "no colon", LINE HOST "X\r\n\r\n" },
  { "no name", LINE HOST ": x\r\n\r\n" },
  { "a bare LF", LINE HOST "X: a\nY: b\r\n\r\n" },
  { "bare LFs", "GET / HTTP/1.1\nHost: a\n\n" },
  { "a bare CR", LINE HOST "X: a\rY: b\r\n\r\n" },
  { "two CRs", LINE HOST "\r\r\n" },
  { "HTTP/0.9", "GET /\r\n\r\n" },
  { "HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n" },
  { "HTTP/2", "PRI * HTTP/2.0\r\n\r\n" },
  { "two blanks", "GET  / HTTP/1.1\r\n" HOST "\r\n" },
  { "a blank in the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n" },
  { "a method that is none", "G(T / HTTP/1.1\r\n" HOST "\r\n" },
  { "a blank at the end", "GET / HTTP/1.1 \r\n" HOST "\r\n" },
};

/* All at once, and byte by byte, as slow clients and tests of proxies send it. */
static gsize
feed_head (PtFraming *framing, const char *text, gsize size, gsize step, const char **wrong)
{
  gsize found = 0;

  pt_framing_begin (framing);
  *wrong = NULL;
  for (gsize have = step; found == 0 && *wrong == NULL && have <= size; have += step)
    found = pt_framing_head (framing, text, have, wrong);
  return found;
}

static void
test_heads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const HeadCase *row = &heads[i];
      const gsize size = strlen (row->head), steps[] = { size, 1 };

      for (guint j = 0; j < G_N_ELEMENTS (steps); j++)
        {
          PtFraming framing;
          const char *wrong;
          gsize found = feed_head (&framing, row->head, size, steps[j], &wrong);

          g_test_message ("%s, %zu at once: %s", row->name, steps[j],
                          wrong != NULL ? wrong : "taken");
          g_assert_true ((wrong != NULL) == (row->state == PT_FRAMING_HEAD));
          g_assert_cmpuint (found, ==, wrong != NULL ? 0 : size);
          if (wrong == NULL)
            {
              g_assert_cmpint (framing.state, ==, row->state);
              g_assert_cmpuint (framing.left, ==, row->left);
            }
        }
    }
}

/* NUL ends no string here. */
static void
test_zeros (void)
{
  static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
                    name[] = "GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n";
  PtFraming framing;
  const char *wrong;

  feed_head (&framing, head, sizeof head - 1, sizeof head - 1, &wrong);
  g_assert_nonnull (wrong);
  feed_head (&framing, name, sizeof name - 1, sizeof name - 1, &wrong);
  g_assert_nonnull (wrong);
}

static void
test_many_headers (void)
{
  g_autoptr (GString) head = g_string_new (LINE HOST);
  PtFraming framing;
  const char *wrong;

  for (guint i = 0; i < 99; i++)
    g_string_append (head, "X: y\r\n");
  g_string_append (head, "\r\n");
  feed_head (&framing, head->str, head->len, head->len, &wrong);
  g_assert_null (wrong);
  g_string_insert (head, (gssize) head->len - 2, "X: y\r\n");
  feed_head (&framing, head->str, head->len, head->len, &wrong);
  g_assert_nonnull (wrong);
}

typedef struct
{
  const char *name, *body;
  gsize size; /* of what belongs to it; 0: it is refused */
} BodyCase;

#define NEXT "GET / HTTP/1.1\r\n"
#define CHUNKS(text) text NEXT, sizeof text - 1

static const BodyCase bodies[] = {
  { "two chunks", CHUNKS ("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n") },
  { "no chunk", CHUNKS ("0\r\n\r\n") },
  { "zeros before", CHUNKS ("0003\r\nabc\r\n000\r\n\r\n") },
  { "CRLF in a chunk", CHUNKS ("4\r\n\r\n\r\n\r\n0\r\n\r\n") },
  { "an extension", CHUNKS ("3;a=\"b\" ;c\r\nabc\r\n0;x\r\n\r\n") },
  { "trailers", CHUNKS ("0\r\nX: y\r\nZ: a\r\n\r\n") },
  { "+2", "+2\r\nab\r\n0\r\n\r\n" },
  { "0x2", "0x2\r\nab\r\n0\r\n\r\n" },
  { "a blank before", " 2\r\nab\r\n0\r\n\r\n" },
  { "a blank after", "2 \r\nab\r\n0\r\n\r\n" },
  { "no size", "\r\nab\r\n0\r\n\r\n" },
  { "no digit", "g\r\nab\r\n0\r\n\r\n" },
  { "an extension alone", ";a\r\nab\r\n0\r\n\r\n" },
  { "too large", "1000000000000000\r\nab\r\n" },
  { "LF after the size", "2\nab\r\n0\r\n\r\n" },
  { "LF in an extension", "2;a\nab\r\n0\r\n\r\n" },
  { "LF after the chunk", "2\r\nab\n0\r\n\r\n" },
  { "a longer chunk", "2\r\nabc\r\n0\r\n\r\n" },
  { "LF at the end", "0\r\n\n" },
  { "LF in a trailer", "0\r\nX: y\n\r\n" },
};

static void
test_chunks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      const BodyCase *row = &bodies[i];
      const gsize size = strlen (row->body), steps[] = { size, 1 };

      for (guint j = 0; j < G_N_ELEMENTS (steps); j++)
        {
          PtFraming framing = { .state = PT_FRAMING_SIZE };
          const char *wrong = NULL;
          gsize taken = 0;

          for (gsize at = 0; at < size && wrong == NULL && framing.state != PT_FRAMING_DONE;
               at += steps[j])
            taken += pt_framing_body (&framing, row->body + at, steps[j], &wrong);
          g_test_message ("%s, %zu at once: %s", row->name, steps[j],
                          wrong != NULL ? wrong : "taken");
          g_assert_true ((wrong != NULL) == (row->size == 0));
          if (wrong == NULL)
            g_assert_cmpuint (taken, ==, row->size);
        }
    }
}

/* What says nothing may not go on for ever. */
static void
test_endless (void)
{
  static const char *const starts[] = { "1;", "0\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr (GString) text = g_string_new (starts[i]);
      PtFraming framing = { .state = PT_FRAMING_SIZE };
      const char *wrong;

      while (text->len < 8192)
        g_string_append (text, i == 0 ? "x" : "a: b\r\n");
      pt_framing_body (&framing, text->str, text->len, &wrong);
      g_assert_nonnull (wrong);
    }
}

static void
test_length (void)
{
  PtFraming framing = { .state = PT_FRAMING_LENGTH, .left = 5 };
  const char *wrong;

  g_assert_cmpuint (pt_framing_body (&framing, "abc", 3, &wrong), ==, 3);
  g_assert_cmpint (framing.state, ==, PT_FRAMING_LENGTH);
  g_assert_cmpuint (pt_framing_body (&framing, "deGET", 5, &wrong), ==, 2);
  g_assert_cmpint (framing.state, ==, PT_FRAMING_DONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/framing/heads", test_heads);
  g_test_add_func ("/framing/zeros", test_zeros);
  g_test_add_func ("/framing/many-headers", test_many_headers);
  g_test_add_func ("/framing/chunks", test_chunks);
  g_test_add_func ("/framing/endless", test_endless);
  g_test_add_func ("/framing/length", test_length);
  return g_test_run ();
}
