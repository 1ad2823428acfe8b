/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-scrypt.h"

#include <string.h>

#include "pt-encoding.h"

typedef struct
{
  const char *password, *salt; /* text */
  guint64 n;
  guint32 r, p;
  const char *expected; /* hex of 64 bytes */
} Vector;

/* RFC 7914 section 12, but the last, which takes a GiB. */
static const Vector vectors[] = {
  { "", "", 16, 1, 1,
    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
    "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906" },
  { "password", "NaCl", 1024, 8, 16,
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640" },
  { "pleaseletmein", "SodiumChloride", 16384, 8, 1,
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887" },
};

static void
test_vectors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      const Vector *vector = &vectors[i];
      guint8 out[64], expected[64];

      g_assert_true (pt_hex_decode (pt_span (vector->expected, 128), expected, sizeof expected));
      g_assert_true (pt_scrypt (vector->password, strlen (vector->password),
                                (const guint8 *) vector->salt, strlen (vector->salt), vector->n,
                                vector->r, vector->p, out, sizeof out));
      g_assert_cmpmem (out, sizeof out, expected, sizeof expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scrypt/vectors", test_vectors);
  return g_test_run ();
}
