/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-est-body.h"

#include <string.h>

#include "pt-error.h"

/* openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=tx-1 */
#define REQUEST                                                                                    \
  "MIHJMHECAQAwDzENMAsGA1UEAwwEdHgtMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIJYWgPT"                   \
  "i6U8Rvhl+Dd2HThi4P8HoomnCZBKHcPiPqTMP4enNOyNlXYddJ2e6jQXyRrZo57Jy/ljRY5yQqJF"                   \
  "5PagADAKBggqhkjOPQQDAgNIADBFAiBy6CMp7wCUjkcDPDpzuzUivXmGyG+kPy5Wma7pbZZ6cAIh"                   \
  "AK/zAQv6zYo1c65QP5D60t2xn7M/KIz/uGsas9k0t+od"

static gboolean
parse (const char *text, PtCsr *csr)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autofree char *clean = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good = pt_est_body_parse (body, csr, &clean, &error);

  g_assert_true (good == (clean != NULL));
  if (!good)
    g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
  return good;
}

static void
test_base64 (void)
{
  g_autofree char *lines = g_strconcat ("\r\n", REQUEST, "\r\n", NULL);
  g_autofree char *pem
      = g_base64_encode ((const guint8 *) "-----BEGIN CERTIFICATE REQUEST-----", 35);
  g_autofree char *inside = g_strconcat (REQUEST "=", REQUEST, NULL);
  PtCsr csr;

  g_assert_true (parse (REQUEST, &csr));
  g_assert_cmpstr (csr.device, ==, "tx-1");
  g_assert_cmpstr (csr.area, ==, "");
  g_assert_true (parse (lines, &csr));
  g_assert_false (parse (REQUEST "A", &csr));
  g_assert_false (parse (REQUEST "====", &csr));
  g_assert_false (parse (inside, &csr));
  g_assert_false (parse (REQUEST "%", &csr));
  g_assert_false (parse ("", &csr));
  g_assert_false (parse ("AAAA", &csr));
  g_assert_false (parse (pem, &csr));
}

static gboolean
basic (const char *scheme, const char *words, char **who, char **password)
{
  g_autofree char *encoded = g_base64_encode ((const guint8 *) words, strlen (words));
  g_autofree char *header = g_strconcat (scheme, encoded, NULL);
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1];
  gboolean good = pt_est_basic_parse (header, area, device, password);

  *who = g_strconcat (area, "|", device, NULL);
  return good;
}

static void
test_basic (void)
{
  static const struct
  {
    const char *scheme, *words, *who;
  } rows[] = {
    { "Basic ", "east/tx-1:secret", "east|tx-1" }, { "basic  ", "east/a:b:secret", "east|a:b" },
    { "Basic ", "east/tx-1:", "east|tx-1" },       { "Basic ", "east/tx-1", NULL },
    { "Basic ", "east:tx-1/secret", NULL },        { "Basic ", "tx-1:secret", NULL },
    { "Basic ", "EAST/tx-1:secret", NULL },        { "Basic ", "east/:secret", NULL },
    { "Bearer ", "east/tx-1:secret", NULL }
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *who = NULL, *password = NULL;

      g_assert_true (basic (rows[i].scheme, rows[i].words, &who, &password)
                     == (rows[i].who != NULL));
      g_assert_cmpstr (who, ==, rows[i].who != NULL ? rows[i].who : "|");
      g_assert_true ((password != NULL) == (rows[i].who != NULL));
    }
}

static void
test_no_header (void)
{
  g_autofree char *long_one = g_strnfill (1000, 'A');
  g_autofree char *header = g_strconcat ("Basic ", long_one, NULL);
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1];
  char *password;

  g_assert_false (pt_est_basic_parse (NULL, area, device, &password));
  g_assert_false (pt_est_basic_parse ("Basic", area, device, &password));
  g_assert_false (pt_est_basic_parse ("Basic ***", area, device, &password));
  g_assert_false (pt_est_basic_parse (header, area, device, &password));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/est-body/base64", test_base64);
  g_test_add_func ("/est-body/basic", test_basic);
  g_test_add_func ("/est-body/no-header", test_no_header);
  return g_test_run ();
}
