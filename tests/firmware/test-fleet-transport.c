/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-transport.h"

#include "pt-encoding.h"

#include <string.h>

static void
test_names (void)
{
  PtFleetWay way;

  for (guint i = 0; i < PT_FLEET_WAYS; i++)
    {
      g_assert_true (pt_fleet_way_from_name (pt_fleet_way_name ((PtFleetWay) i), &way));
      g_assert_cmpuint (way, ==, i);
    }
  g_assert_false (pt_fleet_way_from_name ("HTTPS", &way));
  g_assert_false (pt_fleet_way_from_name ("", &way));
  g_assert_true (pt_fleet_way_is_built (PT_FLEET_HTTPS));
}

/* The compact form says what the JSON does, and is the one that expands to it. */
static void
test_compact (void)
{
  const char *front = "{\"area\":\"demo-east\",\"device\":\"tx-0001\",\"kind\":\"report\",\"lat\":"
                      "255942345,\"lon\":851374321,\"power\":\"OFF\",\"seq\":7,\"sig\":\"";
  const char *back = "\",\"site\":\"T-0001\",\"ts\":1764000001000}";
  g_autofree char *text = NULL;
  PtCompactDevice place = { pt_span ("demo-east", 9), pt_span ("tx-0001", 7), pt_span ("T-0001", 6),
                            255942345, 851374321 };
  guint8 compact[PT_COMPACT_MAX], signature[PT_SIGNATURE_SIZE];
  char encoded[PT_BASE64URL_SIZE (PT_SIGNATURE_SIZE) + 1], again[PT_ENTRY_MAX];
  PtCompactReport read;
  gsize size;

  memset (signature, 7, sizeof signature);
  size = pt_base64url_encode (signature, sizeof signature, encoded, sizeof encoded);
  text = g_strdup_printf ("%s%.*s%s", front, (int) size, encoded, back);
  size = pt_fleet_compact (pt_span (text, strlen (text)), compact);
  g_assert_cmpuint (size, >, 0);
  g_assert_cmpint (pt_compact_parse (pt_span ((const char *) compact, size), &read), ==, PT_OK);
  g_assert_cmpint (read.seq, ==, 7);
  g_assert_cmpint (pt_compact_expand (&read, &place, again, sizeof again, &size), ==, PT_OK);
  g_assert_cmpmem (again, size, text, strlen (text));
  g_assert_cmpuint (pt_fleet_compact (pt_span ("{}", 2), compact), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-transport/names", test_names);
  g_test_add_func ("/fleet-transport/compact", test_compact);
  return g_test_run ();
}
