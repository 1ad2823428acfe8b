/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-keyring-fixture.h"

static GPtrArray *
list (PtKeyringFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *keys;

  pt_keyring_list_async (NULL, pt_keyring_came, fixture);
  keys = pt_keyring_list_finish (pt_keyring_wait (fixture), &error);
  g_assert_no_error (error);
  pt_keyring_done (fixture);
  return keys;
}

/* Several, in order; each opens as what was put there; a removed one is gone. */
static void
test_keys (void)
{
  PtKeyringFixture fixture;
  g_autoptr (GError) error = NULL;
  PtP256Key *one = pt_p256_key_generate (), *other = pt_p256_key_generate (), *opened;
  guint8 a[32], b[32];

  pt_keyring_start (&fixture);
  {
    g_autoptr (PtKeyringKey) west = pt_keyring_put (&fixture, "west", "officer-1", other);
    g_autoptr (PtKeyringKey) east = pt_keyring_put (&fixture, "east", "officer-1", one);
    g_autoptr (GPtrArray) keys = list (&fixture);
    g_autofree char *text = pt_key_text (one), *request = pt_keyring_key_request (east);
    g_autofree char *line = g_strdup_printf ("powertrack official register --area east --official "
                                             "officer-1 --key %s --role ROLE --name \"OFFICE\"",
                                             text);

    g_assert_cmpuint (keys->len, ==, 2);
    g_assert_true (pt_keyring_key_equal (keys->pdata[0], east));
    g_assert_false (pt_keyring_key_equal (keys->pdata[0], west));
    g_assert_cmpstr (east->public_key, ==, text);
    g_assert_cmpstr (request, ==, line);
    pt_keyring_open_async (west, NULL, pt_keyring_came, &fixture);
    opened = pt_keyring_open_finish (pt_keyring_wait (&fixture), &error);
    g_assert_no_error (error);
    pt_keyring_done (&fixture);
    pt_p256_key_to_scalar (opened, a);
    pt_p256_key_to_scalar (other, b);
    g_assert_cmpmem (a, sizeof a, b, sizeof b);
    pt_p256_key_free (opened);
    pt_keyring_remove_async (west, NULL, pt_keyring_came, &fixture);
    g_assert_true (pt_keyring_remove_finish (pt_keyring_wait (&fixture), &error));
    pt_keyring_done (&fixture);
    pt_keyring_open_async (west, NULL, pt_keyring_came, &fixture);
    g_assert_null (pt_keyring_open_finish (pt_keyring_wait (&fixture), &error));
    g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
    pt_keyring_done (&fixture);
  }
  {
    g_autoptr (GPtrArray) left = list (&fixture);

    g_assert_cmpuint (left->len, ==, 1);
  }
  pt_p256_key_free (one);
  pt_p256_key_free (other);
  pt_keyring_stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyring/keys", test_keys);
  return g_test_run ();
}
