/* SPDX-License-Identifier: Apache-2.0 */
/* The mouth for HTTP before a real pipeline and server. */
#include "pt-intake-http.h"

#include "pt-encoding.h"

#include "pt-pipeline-fixture.h"
#include "pt-server-fixture.h"

#define TOKEN "admin-token-of-a-test"

typedef struct
{
  PtWorld *world;
  PtServerFixture http;
  PtIntakeDevices devices;
  PtIntakeHttp context;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->world = pt_world_new (pt_memory_store_new ());
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_advance (fixture->world, 1000);
  fixture->devices = (PtIntakeDevices){ .intake = fixture->world->pipeline->intake,
                                        .directory = fixture->world->pipeline->directory,
                                        .clock = fixture->world->clock,
                                        .signer = &fixture->world->pipeline->signing.shared };
  fixture->context = (PtIntakeHttp){ .intake = fixture->world->pipeline->intake,
                                     .service_key = fixture->world->service.signer.public_key,
                                     .devices = &fixture->devices };
  pt_server_fixture_begin (&fixture->http, TOKEN);
  pt_server_add_routes (fixture->http.server, pt_intake_http_routes, &fixture->context);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_server_fixture_end (&fixture->http);
  pt_world_free (fixture->world);
}

static PtAnswered
post (Fixture *fixture, const char *path, const char *type, const char *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  const char *headers[] = { "Content-Type", type, "Authorization", "Bearer " TOKEN, NULL };

  return pt_server_fixture_send (&fixture->http, "POST", path, body, headers);
}

static void
assert_answer (PtAnswered answered, guint status, const char *part)
{
  g_assert_no_error (answered.error);
  g_assert_cmpuint (answered.status, ==, status);
  g_test_message ("%s", answered.text);
  g_assert_nonnull (strstr (answered.text, part));
  pt_answered_clear (&answered);
}

/* The answer comes after the commit, and a place is free again when it is there. */
static void
test_reports (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 now = pt_clock_now (world->clock);
  g_autofree char *one = pt_world_report (world, "east", "tx-1", 1, now, PT_POWER_ON, NULL);
  g_autofree char *two = pt_world_report (world, "east", "tx-1", 2, now, PT_POWER_OFF, NULL);
  g_autofree char *both = g_strjoin ("\n", one, "", two, "{", NULL);

  assert_answer (post (fixture, "/api/v1/reports", "application/json", one), 200, "\"accepted\":1");
  g_assert_cmpuint (pt_world_entries (world), ==, 2);
  g_assert_cmpuint (pt_world_waiting (world), ==, 0);
  assert_answer (post (fixture, "/api/v1/reports", "application/x-ndjson", both), 200,
                 "{\"accepted\":1,\"duplicate\":1,\"rejected\":[{\"line\":4,\"error\":"
                 "\"malformed\"}]}");
  g_assert_cmpuint (pt_world_entries (world), ==, 3);
  g_assert_cmpuint (pt_world_waiting (world), ==, 0);
}

static PtAnswered
get (Fixture *fixture, const char *path)
{
  const char *headers[] = { NULL };

  return pt_server_fixture_send (&fixture->http, "GET", path, NULL, headers);
}

static void
test_held (Fixture *fixture, gconstpointer data)
{
  gint64 now = pt_clock_now (fixture->world->clock);
  g_autofree char *line
      = pt_world_report (fixture->world, "east", "tx-1", 3, now, PT_POWER_ON, NULL);

  assert_answer (get (fixture, "/api/v1/devices/east/tx-1/held"), 200,
                 "{\"area\":\"east\",\"device\":\"tx-1\",\"format\":\"powertrack-held-1\","
                 "\"highest\":0,\"missing\":[],\"sig\":\"");
  assert_answer (post (fixture, "/api/v1/reports", "application/json", line), 200,
                 "\"accepted\":1");
  assert_answer (get (fixture, "/api/v1/devices/east/tx-1/held"), 200,
                 "\"highest\":3,\"missing\":[1,2],\"sig\":\"");
  assert_answer (get (fixture, "/api/v1/devices/east/tx-2/held"), 404, "unknown-device");
  assert_answer (get (fixture, "/api/v1/devices/EAST/tx-1/held"), 404, "unknown-device");
}

static void
test_registrations (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *line
      = pt_world_device (world, "east", "tx-9", PT_STATUS_ACTIVE, pt_clock_now (world->clock));

  assert_answer (post (fixture, "/api/v1/reports", "application/json", line), 200, "malformed");
  assert_answer (post (fixture, "/api/v1/registrations", "application/json", line), 200,
                 "\"accepted\":1");
}

static void
test_notices (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 now = pt_clock_now (world->clock);
  g_autofree char *official = pt_world_official (world, "east", "officer-1", now);
  PtEntry fields = { .kind = PT_ENTRY_NOTICE,
                     .area = pt_text ("east"),
                     .ts = now,
                     .notice = pt_text ("shutdown-1"),
                     .n = 1,
                     .about = PT_ABOUT_SHUTDOWN,
                     .scope = PT_SCOPE_AREA,
                     .start = now + 1000,
                     .end = now + 2000,
                     .by = pt_text ("officer-1"),
                     .note = pt_text ("Line works"),
                     .status = PT_STATUS_ACTIVE };
  g_autofree char *line = pt_world_sign (&fields, &pt_world_key (world, "officer-1")->signer);

  assert_answer (post (fixture, "/api/v1/notices", "application/json", line), 200,
                 "\"error\":\"unknown-official\"");
  assert_answer (post (fixture, "/api/v1/registrations", "application/json", official), 200,
                 "\"accepted\":1");
  assert_answer (post (fixture, "/api/v1/notices", "application/json", line), 200,
                 "\"accepted\":1");
  assert_answer (post (fixture, "/api/v1/notices", "application/x-ndjson", line), 200,
                 "\"duplicate\":1");
  assert_answer (post (fixture, "/api/v1/notices", "application/json", official), 200, "malformed");
}

static PtAnswered
post_preferring (Fixture *fixture, const char *text, const char *preference)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  const char *headers[] = { "Content-Type", "application/x-ndjson", "Prefer", preference, NULL };

  return pt_server_fixture_send (&fixture->http, "POST", "/api/v1/reports", body, headers);
}

/* One each, by the line that it is for; of what was refused or known there is none. */
static void
test_receipts (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 now = pt_clock_now (world->clock);
  g_autofree char *one = pt_world_report (world, "east", "tx-1", 1, now, PT_POWER_ON, NULL);
  g_autofree char *two = pt_world_report (world, "east", "tx-1", 2, now, PT_POWER_OFF, NULL);
  g_autofree char *all = g_strjoin ("\n", one, "{", one, two, NULL);
  PtAnswered answered = post_preferring (fixture, all, "respond-async, receipt");

  g_assert_no_error (answered.error);
  g_assert_cmpuint (answered.status, ==, 200);
  g_assert_true (g_str_has_prefix (
      answered.text, "{\"accepted\":2,\"duplicate\":1,\"receipts\":[{\"line\":1,\"receipt\":{"
                     "\"area\":\"east\",\"by\":"));
  g_assert_nonnull (strstr (answered.text, "},{\"line\":4,\"receipt\":{"));
  g_assert_null (strstr (answered.text, "{\"line\":3,"));
  g_assert_true (
      g_str_has_suffix (answered.text, "}}],\"rejected\":[{\"line\":2,\"error\":\"malformed\"}]}"));
  pt_answered_clear (&answered);
  assert_answer (post_preferring (fixture, all, "receipt"), 200,
                 "{\"accepted\":0,\"duplicate\":3,\"rejected\":[");
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  assert_answer (post (fixture, "/api/v1/reports", "text/plain", "{}"), 415, "unsupported");
  assert_answer (post (fixture, "/api/v1/reports", "application/json", ""), 400, "malformed");
  assert_answer (post (fixture, "/api/v1/reports", "application/json", "[null]"), 400, "malformed");
  assert_answer (post (fixture, "/api/v1/reports", "application/x-ndjson", "[null]"), 200,
                 "\"line\":1,\"error\"");
  assert_answer (post (fixture, "/api/v1/areas", "application/json", "{}"), 400, "malformed");
  assert_answer (post (fixture, "/api/v1/areas", "application/json", "[[[[[[1]]]]]]"), 400,
                 "malformed");
}

static void
test_areas (Fixture *fixture, gconstpointer data)
{
  const guint8 *key = fixture->world->authority.signer.public_key;
  g_autofree char *encoded = g_malloc0 (100);
  g_autofree char *body = NULL;
  const char *wrong[] = { "Authorization", "Bearer another", NULL };
  g_autoptr (GBytes) bytes = NULL;

  pt_base64url_encode (key, PT_PUBLIC_KEY_SIZE, encoded, 99);
  body = g_strdup_printf ("{\"area\":\"west\",\"authority_key\":\"%s\"}", encoded);
  bytes = g_bytes_new (body, strlen (body));
  assert_answer (pt_server_fixture_send (&fixture->http, "POST", "/api/v1/areas", bytes, wrong),
                 401, "unauthorized");
  assert_answer (post (fixture, "/api/v1/areas", "application/json", body), 201, "service_key");
  assert_answer (post (fixture, "/api/v1/areas", "application/json", body), 200, encoded);
  pt_intake_close (fixture->world->pipeline->intake);
  assert_answer (post (fixture, "/api/v1/areas", "application/json", body), 503, "busy");
}

/* When the daemon ends it says so at once, and the lines are the client's still. */
static void
test_closed (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *one
      = pt_world_report (world, "east", "tx-1", 1, pt_clock_now (world->clock), PT_POWER_ON, NULL);
  PtAdmissionCounts counts;

  pt_intake_close (world->pipeline->intake);
  assert_answer (post (fixture, "/api/v1/reports", "application/json", one), 503, "busy");
  pt_admission_get (pt_intake_admission (world->pipeline->intake), &counts);
  g_assert_cmpuint (counts.rejected, ==, 1);
  g_assert_cmpuint (counts.accepted, ==, 1); /* the device */
}

#define ADD(name, func) g_test_add ("/intake-http/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("reports", test_reports);
  ADD ("held", test_held);
  ADD ("registrations", test_registrations);
  ADD ("notices", test_notices);
  ADD ("receipts", test_receipts);
  ADD ("refused", test_refused);
  ADD ("areas", test_areas);
  ADD ("closed", test_closed);
  return g_test_run ();
}
