/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-link.h"

#include <string.h>

#include "common/pt-test.h"
#include "pt-encoding.h"
#include "pt-entry.h"
#include "pt-error.h"
#include "pt-http-client.h"
#include "pt-p256.h"
#include "pt-feed-areas.h"
#include "pt-feed-outages.h"

/* The console's line to a real powertrackd: one outage from the device's signature to the lists. */

#define WAIT_FOR(expression) PT_TEST_WAIT_FOR (expression, pt_link_detail (world->link))

typedef struct
{
  char *folder, *config, *url;
  GSubprocess *process;
  PtHttpClient *client;
  PtP256Key *authority, *device;
  PtLink *link;
} World;

static void
write_config (World *world)
{
  guint16 port = pt_test_free_port ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  world->folder = g_dir_make_tmp ("pt-link-XXXXXX", &error);
  g_assert_no_error (error);
  world->config = g_build_filename (world->folder, "powertrackd.conf", NULL);
  world->url = g_strdup_printf ("http://127.0.0.1:%u", port);
  text = g_strdup_printf ("[daemon]\nstate_dir=%s/state\n\n[http]\nlisten=127.0.0.1:%u\n\n"
                          "[batch]\nperiod=1h\n\n[dbus]\nbus=none\n",
                          world->folder, port);
  g_file_set_contents (world->config, text, -1, &error);
  g_assert_no_error (error);
}

static void
start_daemon (World *world)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("PT_BUILD_DIR"), "daemon", "powertrackd", NULL);

  world->process = pt_test_start ((const char *[]){ program, "--config", world->config, NULL });
}

static void
stop_daemon (World *world)
{
  g_subprocess_send_signal (world->process, SIGTERM);
  g_subprocess_wait (world->process, NULL, NULL);
  g_clear_object (&world->process);
}

static void
post (World *world, const char *path, const char *body)
{
  g_autofree char *url = g_strconcat (world->url, "/api/v1", path, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer
      = pt_http_client_post_ok (world->client, url, "application/json", bytes, &error);

  g_assert_no_error (error);
  if (strstr (path, "/reports") != NULL || strstr (path, "/registrations") != NULL)
    g_assert_nonnull (g_strstr_len (g_bytes_get_data (answer, NULL),
                                    (gssize) g_bytes_get_size (answer), "\"accepted\":1"));
}

static void
post_area (World *world)
{
  g_autofree char *path = g_build_filename (world->folder, "state", "admin.token", NULL);
  g_autofree char *token = NULL, *body = NULL;
  char key[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1] = { 0 };
  g_autoptr (GError) error = NULL;
  guint8 public_key[PT_PUBLIC_KEY_SIZE];

  g_file_get_contents (path, &token, NULL, &error);
  g_assert_no_error (error);
  pt_p256_key_public (world->authority, public_key);
  pt_base64url_encode (public_key, sizeof public_key, key, sizeof key);
  body = g_strdup_printf ("{\"area\":\"east\",\"authority_key\":\"%s\"}", key);
  pt_http_client_set_bearer (world->client, g_strstrip (token));
  post (world, "/areas", body);
  pt_http_client_set_bearer (world->client, NULL);
}

static void
post_entry (World *world, const char *path, const PtEntry *fields, const PtP256Key *key)
{
  char unsigned_text[2048], text[2048 + 1];
  PtSigner signer;
  PtEntry entry;
  size_t size;

  g_assert_cmpint (pt_entry_write (fields, unsigned_text, sizeof unsigned_text, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (unsigned_text, size), PT_ENTRY_UNSIGNED, &entry), ==,
                   PT_OK);
  g_assert_true (pt_p256_signer_init (&signer, key));
  g_assert_cmpint (pt_entry_sign (&entry, &signer, text, sizeof text - 1, &size), ==, PT_OK);
  pt_p256_signer_clear (&signer);
  text[size] = '\0';
  post (world, path, text);
}

static PtEntry
fields_of (PtEntryKind kind)
{
  return (PtEntry){ .kind = kind,
                    .area = pt_span ("east", 4),
                    .device = pt_span ("tx-1", 4),
                    .site = pt_span ("T-1", 3),
                    .ts = g_get_real_time () / 1000,
                    .lat = 255941234,
                    .lon = 851376543 };
}

static void
post_device (World *world)
{
  PtEntry fields = fields_of (PT_ENTRY_DEVICE);

  fields.customers = 63;
  pt_p256_key_public (world->device, fields.key);
  post_entry (world, "/registrations", &fields, world->authority);
}

static void
post_report (World *world, gint64 seq, PtPower power)
{
  PtEntry fields = fields_of (PT_ENTRY_REPORT);

  fields.seq = seq;
  fields.power = power;
  post_entry (world, "/reports", &fields, world->device);
}

static gboolean
site_is (World *world, PtSiteState state)
{
  PtSiteStore *sites = pt_link_sites (world->link);
  guint number = pt_site_store_find (sites, "east", "T-1");
  const PtSiteRow *row = number != PT_SITE_NONE ? pt_site_store_get (sites, number) : NULL;

  return row != NULL && row->state == state && row->lat == 255941234 && row->customers == 63;
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
check_site (World *world)
{
  g_autoptr (GAsyncResult) result = NULL, proof = NULL;
  g_autoptr (PtSiteDetail) detail = NULL;
  g_autoptr (GError) error = NULL;
  const PtReportRow *report;

  pt_link_load_site_async (world->link, "east", "T-1", 0, NULL, take_result, &result);
  WAIT_FOR (result != NULL);
  detail = pt_link_load_site_finish (world->link, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (detail->devices->len, ==, 1);
  g_assert_cmpuint (detail->outages->len, ==, 1);
  g_assert_cmpuint (detail->reports->len, ==, 2);
  report = detail->reports->pdata[0];
  g_assert_cmpint (report->seq, ==, 2);
  g_assert_false (report->power_on);
  g_assert_cmpint (report->state, ==, PT_BATCH_OPEN);
  g_assert_cmpint (report->received, >, 0);
  pt_link_load_proof_async (world->link, "east", "tx-1", 2, NULL, take_result, &proof);
  WAIT_FOR (proof != NULL);
  g_assert_null (pt_link_load_bytes_finish (world->link, proof, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_ANCHORED);
}

static guint
length (GListModel *model)
{
  return g_list_model_get_n_items (model);
}

static gboolean
daemon_answers (World *world)
{
  g_autofree char *url = g_strconcat (world->url, "/healthz", NULL);
  g_autoptr (GBytes) answer = pt_http_client_get_ok (world->client, url, NULL);

  return answer != NULL;
}

static void
follow (World *world)
{
  gint64 start;

  pt_link_start (world->link);
  WAIT_FOR (strstr (pt_link_detail (world->link), "refused") != NULL);
  pt_link_stop (world->link);
  start_daemon (world);
  PT_TEST_POLL (daemon_answers (world));
  post_area (world);
  post_device (world);
  pt_link_start (world->link);
  WAIT_FOR (pt_link_state (world->link) == PT_LINK_LIVE);
  g_assert_true (site_is (world, PT_SITE_UNKNOWN));
  post_report (world, 1, PT_POWER_ON);
  WAIT_FOR (site_is (world, PT_SITE_ON));
  start = g_get_monotonic_time ();
  post_report (world, 2, PT_POWER_OFF);
  WAIT_FOR (site_is (world, PT_SITE_OFF)
            && length (pt_link_list (world->link, &pt_list_outages)) == 1);
  g_test_message ("an outage is shown %d ms after its report was sent",
                  (int) (g_get_monotonic_time () - start) / 1000);
  check_site (world);
  WAIT_FOR (length (pt_link_list (world->link, &pt_list_areas)) == 1);
}

static void
test_follow (void)
{
  World made = { 0 }, *world = &made;

  write_config (world);
  world->client = pt_http_client_new ();
  world->authority = pt_p256_key_generate ();
  world->device = pt_p256_key_generate ();
  world->link = pt_link_new (world->url);
  follow (world);
  stop_daemon (world);
  WAIT_FOR (pt_link_state (world->link) == PT_LINK_STALE);
  g_assert_true (site_is (world, PT_SITE_OFF));
  start_daemon (world);
  WAIT_FOR (pt_link_state (world->link) == PT_LINK_LIVE); /* by itself */
  g_assert_cmpuint (length (pt_link_list (world->link, &pt_list_outages)), ==, 1);
  post_report (world, 3, PT_POWER_ON);
  WAIT_FOR (site_is (world, PT_SITE_ON)
            && length (pt_link_list (world->link, &pt_list_outages)) == 0);
  pt_link_stop (world->link);
  WAIT_FOR (G_OBJECT (world->link)->ref_count == 1);
  g_object_unref (world->link);
  stop_daemon (world);
  pt_http_client_free (world->client);
  pt_p256_key_free (world->authority);
  pt_p256_key_free (world->device);
  pt_test_remove_tree (world->folder);
  g_free (world->folder);
  g_free (world->config);
  g_free (world->url);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/real-daemon/follow", test_follow);
  return g_test_run ();
}
