/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-session.h"

#include "common/pt-keyring-fixture.h"
#include "pt-complaint-fixture.h"
#include "pt-fake-daemon.h"

#define LOGIN                                                                                      \
  "powertrack login "                                                                              \
  "v1\n{\"area\":\"east\",\"challenge\":\"x\",\"host\":\"%s\",\"official\":\"officer-1\",\"ts\":"  \
  "1}"

typedef struct
{
  PtFakeDaemon daemon;
  PtKeyringFixture *keyring;
  PtChainFixture chain;
  PtLink *link;
  PtSession *session;
  PtKeyringKey *key;
} Fixture;

static PtKeyringFixture ring; /* libsecret opens one file a process */

static void
start (Fixture *fixture)
{
  pt_fake_start (&fixture->daemon);
  fixture->keyring = &ring;
  pt_chain_start (&fixture->chain);
  pt_chain_step (&fixture->chain, PT_ACTION_FILE, "citizen", "", "");
  fixture->link = pt_link_new (fixture->daemon.url);
  fixture->session = pt_session_new (fixture->link);
  fixture->key = pt_keyring_put (fixture->keyring, "east", "officer-1", fixture->chain.officer);
}

static void
stop (Fixture *fixture)
{
  g_object_unref (fixture->key);
  g_object_unref (fixture->session);
  g_object_unref (fixture->link);
  pt_chain_stop (&fixture->chain);
  pt_fake_stop (&fixture->daemon);
}

static void
answer_challenge (Fixture *fixture, const char *challenge)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  g_autofree char *quoted = NULL;

  json_node_set_string (node, challenge);
  quoted = json_to_string (node, FALSE);
  pt_fake_set (&fixture->daemon, "/sessions/challenge", 200, "application/json",
               g_strdup_printf ("{\"challenge\":%s,\"expires\":9}", quoted));
}

static void
login (Fixture *fixture)
{
  pt_session_choose (fixture->session, fixture->key);
  g_assert_cmpint (pt_session_state (fixture->session), ==, PT_SESSION_BUSY);
  while (pt_session_state (fixture->session) == PT_SESSION_BUSY)
    g_main_context_iteration (NULL, TRUE);
}

static void
login_well (Fixture *fixture)
{
  g_autofree char *challenge = g_strdup_printf (LOGIN, fixture->daemon.url + strlen ("http://"));

  answer_challenge (fixture, challenge);
  pt_fake_set (
      &fixture->daemon, "/sessions", 200, "application/json",
      g_strdup ("{\"token\":\"t\",\"expires\":9,\"role\":\"officer\",\"name\":\"Engineer\"}"));
  login (fixture);
  g_assert_cmpint (pt_session_state (fixture->session), ==, PT_SESSION_IN);
}

static void
test_login (void)
{
  Fixture fixture;
  g_autofree char *elsewhere = NULL, *said = NULL;

  start (&fixture);
  login_well (&fixture);
  g_assert_cmpstr (pt_session_token (fixture.session), ==, "t");
  g_assert_cmpstr (pt_session_name (fixture.session), ==, "Engineer");
  g_assert_cmpint (pt_session_role (fixture.session), ==, PT_ROLE_OFFICER);
  g_assert_true (pt_session_is_of (fixture.session, "east"));
  g_assert_false (pt_session_is_of (fixture.session, "west"));
  elsewhere = g_strdup_printf (LOGIN, "daemon.example:8080");
  said = g_strdup_printf ("What the daemon wants signed is a login at daemon.example:8080, but "
                          "this console talks to %s. Nothing was signed.",
                          fixture.daemon.url);
  answer_challenge (&fixture, elsewhere);
  login (&fixture);
  g_assert_cmpstr (pt_session_detail (fixture.session), ==, said);
  answer_challenge (&fixture, "powertrack action v1\n{}");
  login (&fixture);
  g_assert_cmpint (pt_session_state (fixture.session), ==, PT_SESSION_OUT);
  g_assert_cmpstr (pt_session_detail (fixture.session), ==,
                   "The daemon asked to have something signed that is no login. Nothing was "
                   "signed.");
  g_assert_null (pt_session_token (fixture.session));
  pt_fake_set (&fixture.daemon, "/sessions/challenge", 403, "application/problem+json",
               g_strdup ("{\"type\":\"unknown-official\",\"detail\":\"nobody knows her\"}"));
  login (&fixture);
  g_assert_cmpstr (pt_session_detail (fixture.session), ==, "nobody knows her");
  stop (&fixture);
}

static PtActResult *
act (Fixture *fixture, const PtActionDraft *draft, GError **error)
{
  PtActResult *result;

  pt_session_act_async (fixture->session, draft, NULL, pt_keyring_came, fixture->keyring);
  result = pt_session_act_finish (fixture->session, pt_keyring_wait (fixture->keyring), error);
  pt_keyring_done (fixture->keyring);
  return result;
}

/* Taken, refused because somebody was faster, and lost on the way. */
static void
test_act (void)
{
  Fixture fixture;
  g_autoptr (PtComplaintDetail) detail = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *now = NULL;
  PtActionDraft draft;

  start (&fixture);
  login_well (&fixture);
  detail = pt_chain_detail (&fixture.chain, "open");
  g_assert_true (pt_session_may (fixture.session, detail, PT_ACTION_RESOLVE));
  g_assert_false (pt_session_may (fixture.session, detail, PT_ACTION_APPROVE));
  pt_action_draft_init (&draft, detail, PT_ACTION_RESOLVE, "officer-1", 5);
  draft.note = "Fuse replaced";
  pt_chain_step (&fixture.chain, PT_ACTION_ACKNOWLEDGE, "officer-2", "mine", "");
  now = pt_chain_json (&fixture.chain, "acknowledged");
  pt_fake_set (&fixture.daemon, "/actions", 409, "application/problem+json",
               g_strdup_printf ("{\"type\":\"complaint-prev\",\"detail\":\"too late\","
                                "\"complaint\":%s}",
                                now));
  {
    g_autoptr (PtActResult) late = act (&fixture, &draft, &error);

    g_assert_no_error (error);
    g_assert_false (late->is_done);
    g_assert_cmpuint (late->detail->steps->len, ==, 2);
    g_assert_cmpuint (pt_complaint_detail_faults (late->detail), ==, 0);
  }
  pt_fake_set (&fixture.daemon, "/actions", 201, "application/json",
               g_strdup_printf ("{\"entry\":\"\",\"receipt\":{},\"complaint\":%s}", now));
  {
    g_autoptr (PtActResult) taken = act (&fixture, &draft, &error);

    g_assert_no_error (error);
    g_assert_true (taken->is_done);
    g_assert_null (taken->problem);
  }
  pt_fake_set (&fixture.daemon, "/actions", 401, "application/problem+json",
               g_strdup ("{\"type\":\"unauthorized\",\"detail\":\"log in\"}"));
  {
    g_autoptr (PtActResult) out = act (&fixture, &draft, &error);

    g_assert_cmpstr (out->problem, ==, "log in");
    g_assert_cmpint (pt_session_state (fixture.session), ==, PT_SESSION_OUT);
  }
  pt_fake_leave (&fixture.daemon);
  g_assert_null (act (&fixture, &draft, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  stop (&fixture);
}

static void
test_load (void)
{
  Fixture fixture;
  g_autofree char *text = NULL, *whole = NULL, *rest = NULL;
  g_autoptr (GString) first = NULL;
  g_autoptr (GError) error = NULL;

  start (&fixture);
  text = pt_chain_json (&fixture.chain, "open");
  pt_chain_step (&fixture.chain, PT_ACTION_ACKNOWLEDGE, "officer-1", "", "");
  whole = pt_chain_json (&fixture.chain, "open");
  pt_fake_set (&fixture.daemon, "/complaints/east/1234567890", 200, "application/json",
               g_strdup (text));
  pt_session_load_async (fixture.session, "east", "1234567890", NULL, pt_keyring_came,
                         fixture.keyring);
  {
    g_autoptr (PtComplaintDetail) detail
        = pt_session_load_finish (fixture.session, pt_keyring_wait (fixture.keyring), &error);

    g_assert_no_error (error);
    g_assert_cmpuint (detail->steps->len, ==, 1);
  }
  pt_keyring_done (fixture.keyring);
  /* One that is long comes in pages, and its steps follow across them. */
  first = g_string_new (text);
  g_string_insert (first, 1, "\"next\":\"/api/v1/complaints/east/1234567890?from=2\",");
  rest = g_strconcat ("{\"chain\":[", strstr (whole, "},{\"key\"") + 2, NULL);
  pt_fake_set (&fixture.daemon, "/complaints/east/1234567890", 200, "application/json",
               g_strdup (first->str));
  pt_fake_set (&fixture.daemon, "/complaints/east/1234567890?from=2", 200, "application/json",
               g_strdup (rest));
  pt_session_load_async (fixture.session, "east", "1234567890", NULL, pt_keyring_came,
                         fixture.keyring);
  {
    g_autoptr (PtComplaintDetail) detail
        = pt_session_load_finish (fixture.session, pt_keyring_wait (fixture.keyring), &error);

    g_assert_no_error (error);
    g_assert_cmpuint (detail->steps->len, ==, 2);
    g_assert_cmpuint (pt_complaint_detail_faults (detail), ==, 0);
  }
  pt_keyring_done (fixture.keyring);
  /* What was seen and is gone was dropped. */
  pt_fake_set (&fixture.daemon, "/complaints/east/1234567890", 404, "application/problem+json",
               g_strdup ("{\"type\":\"not-found\",\"detail\":\"none such\"}"));
  pt_session_load_async (fixture.session, "east", "1234567890", NULL, pt_keyring_came,
                         fixture.keyring);
  g_assert_null (
      pt_session_load_finish (fixture.session, pt_keyring_wait (fixture.keyring), &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_assert_true (g_str_has_prefix (error->message, "This complaint was dropped: "));
  g_clear_error (&error);
  pt_keyring_done (fixture.keyring);
  pt_session_load_async (fixture.session, "east", "none", NULL, pt_keyring_came, fixture.keyring);
  g_assert_null (
      pt_session_load_finish (fixture.session, pt_keyring_wait (fixture.keyring), &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_FOUND);
  pt_keyring_done (fixture.keyring);
  stop (&fixture);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/login", test_login);
  g_test_add_func ("/session/act", test_act);
  g_test_add_func ("/session/load", test_load);
  pt_keyring_start (&ring);
  result = g_test_run ();
  pt_keyring_stop (&ring);
  return result;
}
