/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-look.h"

#include <string.h>

static gsize
from_hex (const char *hex, guint8 *out)
{
  gsize size = strlen (hex) / 2;

  for (gsize i = 0; i < size; i++)
    out[i]
        = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return size;
}

static guint8 bytes[PT_COAP_LOOK_MAX + 1];

static PtCoapLookKind
look_at (const char *hex, PtCoapLook *look)
{
  return pt_coap_look_read (pt_span (bytes, from_hex (hex, bytes)), look);
}

/* RFC 8613 appendices C.5 and C.4: its sender's ID is 00, and empty. */
#define OF_00 "44025d1f00003974396c6f63616c686f737463091400ff4ed339a5a379b0b8bc731fffb0"
#define OF_EMPTY "44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e"
/* C.6: it has an ID context. */
#define WITH_CONTEXT                                                                               \
  "44022f8eef9bbf7a396c6f63616c686f73746b19140837cbf3210017a2d3ff72cd7273fd331ac45cffbe55c3"

static void
test_protected (void)
{
  PtCoapLook look;

  g_assert_cmpint (look_at (OF_00, &look), ==, PT_COAP_LOOK_PROTECTED);
  g_assert_true (look.is_confirmable);
  g_assert_cmpmem (look.number, 2, "\x5d\x1f", 2);
  g_assert_cmpmem (look.token.data, look.token.size, "\x00\x00\x39\x74", 4);
  g_assert_cmpmem (look.id.data, look.id.size, "\x00", 1);
  g_assert_cmpint (look_at (OF_EMPTY, &look), ==, PT_COAP_LOOK_PROTECTED);
  g_assert_cmpuint (look.id.size, ==, 0);
  /* Not confirmable, no token, the option first, an ID of two bytes. */
  g_assert_cmpint (look_at ("5002000194090a0102ff00112233445566778899", &look), ==,
                   PT_COAP_LOOK_PROTECTED);
  g_assert_false (look.is_confirmable);
  g_assert_cmpmem (look.id.data, look.id.size, "\x01\x02", 2);
}

static void
test_unread (void)
{
  const char *unread[] = {
    WITH_CONTEXT,
    "5002000190ff00112233445566778899",                   /* empty: a response's */
    "500200019108ff00112233445566778899",                 /* no partial IV */
    "500200019489000102ff00112233445566778899",           /* flags that nobody uses */
    "50020001930e0001ff00112233445566778899",             /* a partial IV of six bytes */
    "5002000193090001",                                   /* nothing is in it */
    "5002000193090001ff0011223344556677",                 /* no more than a tag */
    "500200019309000103090001ff00112233445566778899",     /* twice */
    "5002000193090001d31101000000ff00112233445566778899", /* a proxy's option after it */
    "50020001b17293090001ff00112233445566778899",         /* a path outside, then another */
  };
  PtCoapLook look;

  for (guint i = 0; i < G_N_ELEMENTS (unread) - 1; i++)
    {
      PtCoapLookKind kind = look_at (unread[i], &look);

      g_test_message ("%s", unread[i]);
      g_assert_cmpint (kind, ==, PT_COAP_LOOK_UNREAD);
    }
  /* An option of a lower number comes first, or it is another number. */
  g_assert_cmpint (look_at (unread[G_N_ELEMENTS (unread) - 1], &look), ==, PT_COAP_LOOK_PLAIN);
}

static void
test_others (void)
{
  const char *junk[] = {
    "",
    "40",
    "400200",
    "8002000193090001ff00112233445566778899", /* another version */
    "40000001",                               /* a ping */
    "50450001",                               /* an answer, which nobody asked for */
    "60450001",                               /* likewise */
    "6000000100",                             /* more than an acknowledgement */
    "4902000100010203040506070809",           /* a token of nine bytes */
    "4402000100",                             /* a token that is cut */
    "50020001930900",                         /* an option that is cut */
    "50020001d3",                             /* likewise */
    "50020001e300",                           /* likewise */
    "50020001f0",                             /* an option that is none */
    "500200019f",                             /* likewise */
  };
  PtCoapLook look;

  for (guint i = 0; i < G_N_ELEMENTS (junk); i++)
    {
      PtCoapLookKind kind = look_at (junk[i], &look);

      g_test_message ("%s", junk[i]);
      g_assert_cmpint (kind, ==, PT_COAP_LOOK_JUNK);
    }
  g_assert_cmpint (look_at ("60000001", &look), ==, PT_COAP_LOOK_EMPTY);
  g_assert_cmpint (look_at ("70000001", &look), ==, PT_COAP_LOOK_EMPTY);
  g_assert_cmpint (look_at ("40020001", &look), ==, PT_COAP_LOOK_PLAIN);
  g_assert_cmpint (look_at ("40020001b172ff01", &look), ==, PT_COAP_LOOK_PLAIN);
  memset (bytes, 0, sizeof bytes);
  from_hex (OF_00, bytes);
  g_assert_cmpint (pt_coap_look_read (pt_span (bytes, PT_COAP_LOOK_MAX), &look), ==,
                   PT_COAP_LOOK_PROTECTED);
  g_assert_cmpint (pt_coap_look_read (pt_span (bytes, PT_COAP_LOOK_MAX + 1), &look), ==,
                   PT_COAP_LOOK_JUNK);
}

static void
test_refuse (void)
{
  guint8 out[PT_COAP_LOOK_REFUSAL];
  PtCoapLook look;

  look_at (OF_00, &look);
  g_assert_cmpmem (out, pt_coap_look_refuse (&look, 0x81, "no", out),
                   "\x64\x81\x5d\x1f\x00\x00\x39\x74\xffno", 11);
  look_at ("50020001b172", &look);
  g_assert_cmpmem (out, pt_coap_look_refuse (&look, 0x82, "no", out), "\x50\x82\x00\x01\xffno", 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coap-look/protected", test_protected);
  g_test_add_func ("/coap-look/unread", test_unread);
  g_test_add_func ("/coap-look/others", test_others);
  g_test_add_func ("/coap-look/refuse", test_refuse);
  return g_test_run ();
}
