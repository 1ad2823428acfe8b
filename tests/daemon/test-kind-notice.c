/* SPDX-License-Identifier: Apache-2.0 */
/* Notices and profiles: who announces what, and what holds of it. */
#include "pt-complaint-fixture.h"

#define HOUR 3600000

typedef struct
{
  PtWorld *world;
  gint64 n, start;
  PtHash leaf;
  const char *note; /* NULL: a short one */
} Notice;

static char *
sign_notice (const Notice *notice, const char *by, PtStatus status)
{
  PtEntry fields = { .kind = PT_ENTRY_NOTICE,
                     .area = pt_text ("east"),
                     .ts = pt_world_now (notice->world),
                     .notice = pt_text ("shutdown-1"),
                     .n = notice->n + 1,
                     .prev = notice->leaf,
                     .about = PT_ABOUT_SHUTDOWN,
                     .scope = PT_SCOPE_SITE,
                     .target = pt_text ("tx-1"),
                     .start = notice->start,
                     .end = notice->start + HOUR,
                     .by = pt_text (by),
                     .note = pt_text (notice->note != NULL ? notice->note : "Line works"),
                     .status = status };

  return pt_world_sign (&fields, &pt_world_key (notice->world, by)->signer);
}

static void
refused (const Notice *notice, const char *by, PtStatus status, const char *slug)
{
  g_autofree char *line = sign_notice (notice, by, status);
  g_autofree char *wanted = g_strdup_printf (PT_REFUSED ("%s"), slug);

  pt_world_expect (notice->world, &pt_kind_notice, line, wanted);
}

static void
accepted (Notice *notice, PtStatus status)
{
  g_autofree char *line = sign_notice (notice, "officer-1", status);
  PtTestReply reply;

  pt_reply_push (&reply, notice->world, &pt_kind_notice, line, NULL);
  pt_reply_wait (&reply, PT_ACCEPTED);
  pt_reply_check_receipt (&reply);
  notice->leaf = reply.outcome.leaf;
  notice->n++;
  pt_reply_clear (&reply);
  pt_world_expect (notice->world, &pt_kind_notice, line, PT_DUPLICATE);
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  Notice notice = { .world = world, .start = pt_world_now (world) + HOUR }, earlier;

  pt_test_add_official (world, "officer-1");
  refused (&notice, "officer-2", PT_STATUS_ACTIVE, "unknown-official");
  accepted (&notice, PT_STATUS_ACTIVE);
  earlier = notice;
  earlier.start -= 1;
  refused (&earlier, "officer-1", PT_STATUS_ACTIVE, "notice-earlier");
  pt_world_restart (world, TRUE);
  notice.start += HOUR;
  accepted (&notice, PT_STATUS_ACTIVE);
  accepted (&notice, PT_STATUS_WITHDRAWN);
  refused (&notice, "officer-1", PT_STATUS_ACTIVE, "notice-ended");
  pt_world_restart (world, FALSE);
  refused (&notice, "officer-1", PT_STATUS_ACTIVE, "notice-ended");
}

static void
test_together (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  Notice notice = { .world = world, .start = pt_world_now (world) + HOUR };
  g_autofree char *one = NULL, *other = NULL, *both = NULL;

  pt_test_add_official (world, "officer-1");
  one = sign_notice (&notice, "officer-1", PT_STATUS_ACTIVE);
  notice.start++;
  other = sign_notice (&notice, "officer-1", PT_STATUS_ACTIVE);
  both = g_strjoin ("\n", one, other, one, NULL);
  pt_world_expect (world, &pt_kind_notice, both,
                   "{\"accepted\":1,\"duplicate\":1,\"rejected\":[{\"line\":2,\"error\":"
                   "\"notice-n\"}]}");
}

/* Ten thousand copies of what is public hold nobody up for longer than the looks at the store that
 * a group has. */
static void
test_copies (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  Notice notice = { .world = world, .start = pt_world_now (world) + HOUR };
  g_autoptr (GString) copies = g_string_new (NULL);
  g_autofree char *line = NULL, *answer = NULL, *wanted = NULL;

  pt_test_add_official (world, "officer-1");
  line = sign_notice (&notice, "officer-1", PT_STATUS_ACTIVE);
  accepted (&notice, PT_STATUS_ACTIVE);
  for (guint i = 0; i < PT_GROUP_LOOK_UPS_MAX + 3; i++)
    g_string_append_printf (copies, "%s\n", line);
  wanted = g_strdup_printf ("{\"accepted\":0,\"duplicate\":%d,\"rejected\":[{\"line\":%d,"
                            "\"error\":\"busy\"},",
                            PT_GROUP_LOOK_UPS_MAX, PT_GROUP_LOOK_UPS_MAX + 1);
  answer = pt_world_submit (world, &pt_kind_notice, copies->str);
  g_assert_true (g_str_has_prefix (answer, wanted));
}

/* With the time of receipt an entry is no longer than one may be: to the byte. */
static void
test_size (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  Notice notice = { .world = world, .start = pt_world_now (world) + HOUR };
  g_autofree char *without = NULL, *note = NULL;
  g_autoptr (GBytes) entry = NULL;
  g_autoptr (GError) error = NULL;
  const gsize received = strlen (",\"received\":1764000001000");
  gsize room;

  pt_test_add_official (world, "officer-1");
  notice.note = "";
  without = sign_notice (&notice, "officer-1", PT_STATUS_ACTIVE);
  room = PT_ENTRY_MAX - received - strlen (without);
  note = g_strnfill (room + 1, 'x');
  notice.note = note;
  refused (&notice, "officer-1", PT_STATUS_ACTIVE, "too-large");
  note[room] = '\0';
  accepted (&notice, PT_STATUS_ACTIVE);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_archive_entry (world->pipeline->archive, 0, pt_subject_area (0), 4, &entry, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (entry), ==, PT_ENTRY_MAX);
  pt_world_restart (world, TRUE);
  notice.note = NULL;
  accepted (&notice, PT_STATUS_WITHDRAWN);
}

/* The newest holds, from its place in the log on. */
static void
test_profile (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *first = pt_test_profile_entry (world, pt_test_profile, at);
  g_autofree char *broken = pt_test_profile_entry (world, "{}", at + 1);
  g_autoptr (GString) two = g_string_new (pt_test_profile);
  PtTestChain chain = { .world = world, .id = "1234567890", .site = "tx-1" };
  PtTestChain other = { .world = world, .id = "1234567891", .site = "tx-1" };
  g_autofree char *newer = NULL;

  g_string_replace (two, "\"two_person\":[]", "\"two_person\":[\"reject\"]", 0);
  newer = pt_test_profile_entry (world, two->str, at + 2);
  pt_test_add_official (world, "officer-1");
  pt_world_expect (world, &pt_kind_registration, first, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, broken, PT_REFUSED ("bad-profile"));
  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", "dark", NULL);
  pt_chain_act (&other, PT_ACTION_FILE, "citizen-1", "dark", NULL);
  pt_chain_act (&chain, PT_ACTION_REJECT, "officer-1", "No.", NULL);
  pt_world_restart (world, TRUE);
  pt_chain_assert_state (&chain, PT_COMPLAINT_REJECTED);
  pt_world_expect (world, &pt_kind_registration, newer, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_REFUSED ("stale-entry"));
  pt_world_restart (world, FALSE);
  pt_world_expect (world, &pt_kind_registration, newer, PT_DUPLICATE);
  pt_chain_act (&other, PT_ACTION_REJECT, "officer-1", "No.", NULL);
  pt_chain_assert_state (&other, PT_COMPLAINT_REJECTING);
  pt_world_restart (world, TRUE);
  pt_chain_assert_state (&other, PT_COMPLAINT_REJECTING);
  pt_chain_refused (&other, PT_ACTION_APPROVE, "officer-1", "", NULL, "complaint-who");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/kind-notice/life", Fixture, NULL, set_up, test_life, tear_down);
  g_test_add ("/kind-notice/together", Fixture, NULL, set_up, test_together, tear_down);
  g_test_add ("/kind-notice/copies", Fixture, NULL, set_up, test_copies, tear_down);
  g_test_add ("/kind-notice/size", Fixture, NULL, set_up, test_size, tear_down);
  g_test_add ("/kind-notice/profile", Fixture, NULL, set_up, test_profile, tear_down);
  return g_test_run ();
}
