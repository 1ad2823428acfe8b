/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-listen.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#include "common/pt-test.h"
#include "pt-certificate-fixture.h"
#include "pt-error.h"

static void
test_addresses (void)
{
  const PtListenOptions options
      = { .section = "listen a",
          .address = "127.0.0.1:1; [::1]:2;localhost:3;unix:/run/a;0.0.0.0",
          .serves = PT_SERVES_PUBLIC,
          .proxies = "192.0.2.1; ::1",
          .hsts = 3 };
  static const char *const texts[]
      = { "127.0.0.1:1", "[::1]:2", "127.0.0.1:3", "/run/a", "0.0.0.0:8650" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtListen) listen = pt_listen_new (&options, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (listen->addresses->len, ==, G_N_ELEMENTS (texts));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GSocketConnectable *address = g_ptr_array_index (listen->addresses, i);
      g_autofree char *text = g_socket_connectable_to_string (address);

      g_assert_cmpstr (text, ==, texts[i]);
    }
  g_assert_cmpuint (g_strv_length (listen->proxies), ==, 2);
  g_assert_cmpstr (listen->proxies[1], ==, "::1");
  g_assert_null (listen->hsts); /* nobody may say so without TLS */
}

static void
test_wrong_addresses (void)
{
  static const char *const wrong[]
      = { "", "nowhere.invalid:1", "1.2.3", "127.0.0.1:99999", "unix:", "unix:a", "127.0.0.1:1;" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const PtListenOptions options
          = { .section = "listen a", .address = wrong[i], .serves = PT_SERVES_PUBLIC };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", wrong[i]);
      g_assert_null (pt_listen_new (&options, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_assert_nonnull (strstr (error->message, "[listen a] address"));
    }
}

static void
test_administration (void)
{
  static const struct
  {
    const char *address;
    guint serves;
    gboolean passes;
  } rows[] = { { "127.0.0.1:1;[::1]:1;unix:/run/a", PT_SERVES_ALL, TRUE },
               { "127.0.0.1:1;192.0.2.1:1", PT_SERVES_ALL, FALSE },
               { "[::]:1", PT_SERVES_ADMINISTRATION, FALSE },
               { "[::]:1", PT_SERVES_PUBLIC | PT_SERVES_DEVICES, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const PtListenOptions options
          = { .section = "listen a", .address = rows[i].address, .serves = rows[i].serves };
      g_autoptr (GError) error = NULL;
      g_autoptr (PtListen) listen = pt_listen_new (&options, &error);

      g_test_message ("%u", i);
      g_assert_cmpint (listen != NULL, ==, rows[i].passes);
      g_assert_true (rows[i].passes || strstr (error->message, "without TLS") != NULL);
    }
}

static void
test_tls (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-listen-XXXXXX", NULL);
  g_autofree char *certificate = g_build_filename (folder, "c.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "k.pem", NULL);
  static const struct
  {
    const char *address;
    gint64 days;
    const char *hsts;
  } rows[] = { { "127.0.0.1:1;[::1]:1", -1, NULL },
               { "127.0.0.1:1", 2, "max-age=172800" },
               { "127.0.0.1:1;192.0.2.1:1", -1, "max-age=31536000" },
               { "192.0.2.1:1", 0, NULL } };

  pt_certificate_fixture_write (certificate, key, 10);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const PtListenOptions options = { .section = "listen a",
                                        .address = rows[i].address,
                                        .serves = PT_SERVES_ALL,
                                        .certificate = certificate,
                                        .key = key,
                                        .client_ca = certificate,
                                        .clients = G_TLS_AUTHENTICATION_REQUIRED,
                                        .hsts = rows[i].days };
      g_autoptr (GError) error = NULL;
      g_autoptr (PtListen) listen = pt_listen_new (&options, &error);
      g_autoptr (GTlsCertificate) first = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (listen->hsts, ==, rows[i].hsts);
      g_assert_nonnull (listen->client_ca);
      first = g_object_ref (listen->certificate);
      pt_listen_look (listen);
      g_assert_true (listen->certificate == first); /* nothing has changed */
      pt_certificate_fixture_write (certificate, key, 11);
      pt_listen_look (listen);
      g_assert_true (listen->certificate != first);
    }
  pt_test_remove_tree (folder);
}

/* A file that holds no authorities would refuse everybody. */
static void
test_no_authorities (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-listen-XXXXXX", NULL);
  g_autofree char *certificate = g_build_filename (folder, "c.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "k.pem", NULL);
  const PtListenOptions options = { .section = "listen a",
                                    .address = "127.0.0.1:1",
                                    .serves = PT_SERVES_DEVICES,
                                    .certificate = certificate,
                                    .key = key,
                                    .client_ca = key,
                                    .clients = G_TLS_AUTHENTICATION_REQUIRED };
  g_autoptr (GError) error = NULL;

  pt_certificate_fixture_write (certificate, key, 10);
  g_assert_null (pt_listen_new (&options, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, "client_ca"));
  pt_test_remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listen/addresses", test_addresses);
  g_test_add_func ("/listen/wrong-addresses", test_wrong_addresses);
  g_test_add_func ("/listen/administration", test_administration);
  g_test_add_func ("/listen/tls", test_tls);
  g_test_add_func ("/listen/no-authorities", test_no_authorities);
  return g_test_run ();
}
