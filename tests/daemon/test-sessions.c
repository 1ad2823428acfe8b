/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sessions.h"

#include "pt-commit-fixture.h"
#include "pt-json.h"
#include "pt-sha256.h"

#define MINUTE_MS (60 * 1000)

typedef struct
{
  Fixture log;
  PtClock *clock;
  PtSessions *sessions;
} Office;

static void
register_official (Office *office, const char *id, const char *key, PtStatus status, PtRole role)
{
  static gint64 ahead;
  PtWorld *world = office->log.world;
  PtEntry fields = { .kind = PT_ENTRY_OFFICIAL,
                     .area = pt_text ("east"),
                     .ts = pt_world_now (world) + ++ahead,
                     .official = pt_text (id),
                     .role = role,
                     .name = pt_text ("An \"Officer\""),
                     .status = status };
  g_autofree char *entry = NULL;

  memcpy (fields.key, pt_world_key (world, key)->signer.public_key, sizeof fields.key);
  entry = pt_world_sign (&fields, &world->authority.signer);
  pt_world_expect (world, &pt_kind_registration, entry, PT_ACCEPTED);
}

static void
office_open (Office *office, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  set_up (&office->log, "in memory");
  register_official (office, "officer-1", "officer-1", PT_STATUS_ACTIVE, PT_ROLE_OFFICER);
  office->clock = pt_clock_new_manual (PT_WORLD_START);
  office->sessions
      = pt_sessions_new (office->log.world->pipeline->directory, office->clock, &error);
  g_assert_no_error (error);
}

static void
office_close (Office *office, gconstpointer data)
{
  pt_sessions_free (office->sessions);
  pt_clock_unref (office->clock);
  tear_down (&office->log, data);
}

static char *
challenge (Office *office)
{
  g_autoptr (GError) error = NULL;
  gint64 expires;
  char *text = pt_sessions_challenge (office->sessions, "east", "officer-1", "[::1]:8650", &expires,
                                      &error);

  g_assert_no_error (error);
  g_assert_cmpint (expires, ==, pt_clock_now (office->clock) + PT_CHALLENGE_LIFE_MS);
  return text;
}

static char *
log_in (Office *office, const char *text, const char *key, GError **error)
{
  const PtSigner *signer = &pt_world_key (office->log.world, key)->signer;
  guint8 signature[PT_SIGNATURE_SIZE];
  g_autofree char *name = NULL;
  PtSession session;
  PtHash digest;
  char *token;

  pt_sha256 (text, strlen (text), &digest);
  g_assert_true (signer->sign (signer->context, &digest, signature));
  token = pt_sessions_begin (office->sessions, "east", "officer-1", text, signature, &session,
                             &name, error);
  if (token == NULL)
    return NULL;
  g_assert_cmpstr (session.official, ==, "officer-1");
  g_assert_cmpint (session.expires, ==, pt_clock_now (office->clock) + PT_SESSION_IDLE_MS);
  g_assert_cmpstr (name, ==, "An \"Officer\"");
  return token;
}

static char *
log_in_now (Office *office)
{
  g_autofree char *text = challenge (office);
  g_autoptr (GError) error = NULL;
  char *token = log_in (office, text, "officer-1", &error);

  g_assert_no_error (error);
  return token;
}

static gboolean
holds (Office *office, const char *token)
{
  g_autoptr (GError) error = NULL;
  PtSession session;

  if (pt_sessions_find (office->sessions, token, &session, &error))
    {
      g_assert_cmpstr (session.area, ==, "east");
      g_assert_cmpint (session.role, ==, PT_ROLE_OFFICER);
      return TRUE;
    }
  g_assert_error (error, PT_ERROR, PT_ERROR_UNAUTHORIZED);
  return FALSE;
}

static void
assert_refused (Office *office, const char *text, const char *key)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (log_in (office, text, key, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_UNAUTHORIZED);
}

static void
test_life (Office *office, gconstpointer data)
{
  g_autofree char *token = log_in_now (office);
  g_autofree char *other = log_in_now (office);
  gint64 now = PT_WORLD_START;

  g_assert_cmpstr (token, !=, other);
  g_assert_true (holds (office, token) && holds (office, other));
  g_assert_false (holds (office, ""));
  g_assert_true (pt_sessions_end (office->sessions, other));
  g_assert_false (pt_sessions_end (office->sessions, other));
  g_assert_false (holds (office, other));
  /* Used, it goes on, for twelve hours. */
  for (; now + 14 * MINUTE_MS < PT_WORLD_START + PT_SESSION_LIFE_MS; now += 14 * MINUTE_MS)
    {
      pt_clock_manual_set (office->clock, now);
      g_assert_true (holds (office, token));
    }
  pt_clock_manual_set (office->clock, PT_WORLD_START + PT_SESSION_LIFE_MS);
  g_assert_false (holds (office, token));
  g_assert_cmpuint (pt_sessions_count (office->sessions), ==, 0);
}

static void
test_idle (Office *office, gconstpointer data)
{
  g_autofree char *token = log_in_now (office);

  pt_clock_manual_set (office->clock, PT_WORLD_START + PT_SESSION_IDLE_MS - 1);
  g_assert_true (holds (office, token));
  pt_clock_manual_set (office->clock, PT_WORLD_START + 2 * PT_SESSION_IDLE_MS - 1);
  g_assert_false (holds (office, token));
}

static void
test_challenge (Office *office, gconstpointer data)
{
  g_autofree char *text = challenge (office);
  g_autofree char *again = challenge (office);
  g_autofree char *other = g_strdup (text);
  g_autofree char *token = NULL;

  g_assert_true (g_str_has_prefix (text, "powertrack login v1\n{\"area\":\"east\",\"challenge\":"));
  g_assert_nonnull (strstr (text, "\"host\":\"[::1]:8650\",\"official\":\"officer-1\",\"ts\":"));
  g_assert_cmpstr (text, !=, again);
  other[strlen (other) - 3]++;
  assert_refused (office, other, "officer-1");
  assert_refused (office, "powertrack login v1\n{}", "officer-1");
  assert_refused (office, "", "officer-1");
  assert_refused (office, text, "officer-2");
  token = log_in (office, text, "officer-1", NULL);
  g_assert_nonnull (token);
  assert_refused (office, text, "officer-1");
  pt_clock_manual_set (office->clock, PT_WORLD_START + PT_CHALLENGE_LIFE_MS);
  assert_refused (office, again, "officer-1");
}

static void
test_unknown (Office *office, gconstpointer data)
{
  static const struct
  {
    const char *area, *official, *host;
    PtErrorCode code;
  } rows[] = {
    { "west", "officer-1", "here", PT_ERROR_UNKNOWN_AREA },
    { "east", "officer-9", "here", PT_ERROR_UNKNOWN_OFFICIAL },
    { "east", "officer-1", "", PT_ERROR_MALFORMED },
    { "east", "officer-1", "a\nb", PT_ERROR_MALFORMED },
    { "east", "officer-1", "a/b", PT_ERROR_MALFORMED },
    { "east", "officer-2", "here", PT_ERROR_REVOKED_OFFICIAL },
  };

  register_official (office, "officer-2", "officer-2", PT_STATUS_ACTIVE, PT_ROLE_OFFICER);
  register_official (office, "officer-2", "officer-2", PT_STATUS_REVOKED, PT_ROLE_OFFICER);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 expires;

      g_assert_null (pt_sessions_challenge (office->sessions, rows[i].area, rows[i].official,
                                            rows[i].host, &expires, &error));
      g_assert_error (error, PT_ERROR, (int) rows[i].code);
    }
}

/* It is over with the key that it was begun with, whatever comes after. */
static void
test_bound_to_key (Office *office, gconstpointer data)
{
  g_autofree char *first = log_in_now (office);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  register_official (office, "officer-1", "officer-1", PT_STATUS_ACTIVE, PT_ROLE_OFFICER);
  g_assert_true (holds (office, first));
  register_official (office, "officer-1", "other key", PT_STATUS_ACTIVE, PT_ROLE_OFFICER);
  g_assert_false (holds (office, first));
  register_official (office, "officer-1", "officer-1", PT_STATUS_ACTIVE, PT_ROLE_OFFICER);
  g_assert_false (holds (office, first));
  second = log_in_now (office);
  register_official (office, "officer-1", "officer-1", PT_STATUS_ACTIVE, PT_ROLE_AUDITOR);
  g_assert_false (holds (office, second));
  register_official (office, "officer-1", "officer-1", PT_STATUS_ACTIVE, PT_ROLE_OFFICER);
  third = log_in_now (office);
  register_official (office, "officer-1", "officer-1", PT_STATUS_REVOKED, PT_ROLE_OFFICER);
  g_assert_false (holds (office, third));
}

static void
test_bounded (Office *office, gconstpointer data)
{
  g_autoptr (GPtrArray) tokens = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < PT_SESSIONS_EACH_MAX + 2; i++)
    g_ptr_array_add (tokens, log_in_now (office));
  g_assert_cmpuint (pt_sessions_count (office->sessions), ==, PT_SESSIONS_EACH_MAX);
  g_assert_false (holds (office, tokens->pdata[0]) || holds (office, tokens->pdata[1]));
  g_assert_true (holds (office, tokens->pdata[2]));
}

#define ADD(name, test) g_test_add (name, Office, NULL, office_open, test, office_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("/sessions/life", test_life);
  ADD ("/sessions/idle", test_idle);
  ADD ("/sessions/challenge", test_challenge);
  ADD ("/sessions/unknown", test_unknown);
  ADD ("/sessions/bound-to-key", test_bound_to_key);
  ADD ("/sessions/bounded", test_bounded);
  return g_test_run ();
}
