/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Complaints as a daemon tells of them, signed by keys of the test's own. */

#include "common/pt-key-text.h"
#include "pt-complaint-detail.h"
#include "pt-convert.h"
#include "pt-encoding.h"
#include "pt-p256.h"
#include "pt-tree.h"

/* A row: "area east", category no-supply, filed at 1000. @more: further members, or "". */
#define PT_COMPLAINT_ROW_JSON(number, state, n, more)                                              \
  "{\"area\":\"east\",\"complaint\":\"" number "\",\"category\":\"no-supply\",\"title\":{\"en\":"  \
  "\"No supply\"},\"site\":\"T-1\",\"state\":\"" state                                             \
  "\",\"filed_at\":1000,\"changed_at\":2000,\"n\":" n                                              \
  ",\"people\":3,\"confirmed\":0,\"reopened\":0,\"by\":\"citizen\",\"overdue\":false" more "}"

typedef struct
{
  PtP256Key *citizen, *officer, *authority;
  GString *chain; /* members of the array, comma separated */
  PtHash last;
  gint64 n;
} PtChainFixture;

static inline void
pt_chain_start (PtChainFixture *fixture)
{
  *fixture = (PtChainFixture){ .citizen = pt_p256_key_generate (),
                               .officer = pt_p256_key_generate (),
                               .authority = pt_p256_key_generate (),
                               .chain = g_string_new (NULL) };
}

static inline void
pt_chain_stop (PtChainFixture *fixture)
{
  pt_p256_key_free (fixture->citizen);
  pt_p256_key_free (fixture->officer);
  pt_p256_key_free (fixture->authority);
  g_string_free (fixture->chain, TRUE);
}

/* Signed with @key and received at @received. */
static inline char *
pt_chain_seal (const PtEntry *fields, const PtP256Key *key, gint64 received)
{
  g_autofree char *bytes = g_malloc (PT_ENTRY_MAX), *sealed = g_malloc (PT_ENTRY_MAX);
  char *out = g_malloc0 (PT_ENTRY_MAX + 1);
  PtEntry entry;
  PtSigner signer;
  size_t size;

  g_assert_cmpint (pt_entry_write (fields, bytes, PT_ENTRY_MAX, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (bytes, size), PT_ENTRY_UNSIGNED, &entry), ==, PT_OK);
  g_assert_true (pt_p256_signer_init (&signer, key));
  g_assert_cmpint (pt_entry_sign (&entry, &signer, sealed, PT_ENTRY_MAX, &size), ==, PT_OK);
  pt_p256_signer_clear (&signer);
  g_assert_cmpint (pt_entry_parse (pt_span (sealed, size), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, received, out, PT_ENTRY_MAX, &size), ==, PT_OK);
  return out;
}

static inline PtVouch *
pt_chain_vouch_new (const PtChainFixture *fixture)
{
  g_autofree char *key = pt_key_text (fixture->authority);

  return pt_vouch_new ("east", key);
}

/* What a daemon shows of the official, whose key is the officer's: one registration of @ts by
 * @authority. */
static inline void
pt_chain_vouch (const PtChainFixture *fixture, PtVouch *vouch, const char *official, PtRole role,
                PtStatus status, const PtP256Key *authority)
{
  PtEntry fields = { .kind = PT_ENTRY_OFFICIAL,
                     .area = pt_span ("east", 4),
                     .official = pt_span (official, strlen (official)),
                     .name = pt_span ("Engineer, East", 14),
                     .role = role,
                     .status = status,
                     .ts = 500 };
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), json_object_new ());
  JsonArray *array = json_array_new ();
  g_autofree char *text = NULL;

  pt_p256_key_public (fixture->officer, fields.key);
  text = pt_chain_seal (&fields, authority, 600);
  json_array_add_string_element (array, text);
  json_object_set_array_member (json_node_get_object (node), "registrations", array);
  pt_vouch_add (vouch, official, node);
}

/* The stored entry of the next step, signed by who does it. */
static inline char *
pt_chain_entry (PtChainFixture *fixture, PtAction action, const char *by, const char *note,
                const char *site)
{
  gboolean citizen = strcmp (by, "citizen") == 0;
  PtEntry fields = { .kind = PT_ENTRY_ACTION,
                     .area = pt_span ("east", 4),
                     .complaint = pt_span ("1234567890", 10),
                     .n = fixture->n + 1,
                     .prev = fixture->last,
                     .action = action,
                     .by = pt_span (by, strlen (by)),
                     .site = pt_span (site, strlen (site)),
                     .note = pt_span (note, strlen (note)),
                     .category = pt_span ("no-supply", 9),
                     .has_note_hash = citizen,
                     .ts = 1000 + fixture->n };

  if (citizen)
    pt_p256_key_public (fixture->citizen, fields.key);
  return pt_chain_seal (&fields, citizen ? fixture->citizen : fixture->officer, 2000 + fixture->n);
}

/* Adds a step as a daemon gives it; @entry is what it says was signed. */
static inline void
pt_chain_add (PtChainFixture *fixture, const char *entry, const char *by, const char *more)
{
  gboolean citizen = strcmp (by, "citizen") == 0;
  g_autofree char *key = pt_key_text (citizen ? fixture->citizen : fixture->officer);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  g_autofree char *quoted = NULL;

  json_node_set_string (node, entry);
  quoted = json_to_string (node, FALSE);
  g_string_append_printf (fixture->chain, "%s{\"key\":\"%s\",\"entry\":%s%s}",
                          fixture->chain->len > 0 ? "," : "", key, quoted, more);
  pt_tree_leaf_hash (pt_span (entry, strlen (entry)), &fixture->last);
  fixture->n++;
}

static inline void
pt_chain_step (PtChainFixture *fixture, PtAction action, const char *by, const char *note,
               const char *more)
{
  g_autofree char *entry = pt_chain_entry (fixture, action, by, note, "T-1");

  pt_chain_add (fixture, entry, by, more);
}

/* The answer of /complaints/east/1234567890. */
static inline char *
pt_chain_json (PtChainFixture *fixture, const char *state)
{
  return g_strdup_printf ("{\"area\":\"east\",\"complaint\":\"1234567890\",\"category\":\"no-supply"
                          "\",\"site\":\"T-1\",\"state\":\"%s\",\"filed_at\":2000,\"changed_at\":"
                          "2000,\"n\":%" G_GINT64_FORMAT ",\"people\":1,\"chain\":[%s]}",
                          state, fixture->n, fixture->chain->str);
}

static inline PtComplaintDetail *
pt_chain_detail_by (PtChainFixture *fixture, const char *state, const PtVouch *vouch)
{
  g_autofree char *text = pt_chain_json (fixture, state);
  g_autoptr (GError) error = NULL;
  PtComplaintDetail *detail = pt_convert (text, pt_complaint_detail_read, vouch, &error);

  g_assert_no_error (error);
  return detail;
}

static inline PtComplaintDetail *
pt_chain_detail (PtChainFixture *fixture, const char *state)
{
  return pt_chain_detail_by (fixture, state, NULL);
}
