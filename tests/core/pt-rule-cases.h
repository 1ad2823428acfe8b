/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rules.json: logs in which at most one entry doesn't count, and what is expected of whoever reads
 * all batches of it, or one of them alone. */

#include "pt-batch.h"
#include "pt-rules.h"
#include "pt-vectors.h"

/* The rule that a reader found broken first, and the line; PT_RULE_HOLDS and 0. */
typedef struct
{
  PtRule rule;
  guint64 line;
} PtRuleFound;

typedef struct
{
  const char *desc, *area;
  JsonArray *files;
  PtRule rule;
  guint64 batch, line;
  JsonArray *alone;
  const guint8 *authority_key, *service_key;
} PtRuleCase;

typedef void (*PtRuleCaseFunc) (const PtRuleCase *c);

static inline PtRule
pt_rule_from_slug (const char *slug)
{
  for (int rule = PT_RULE_HOLDS; rule < PT_RULE_COUNT; rule++)
    if (g_str_equal (slug, pt_rule_slug ((PtRule) rule)))
      return (PtRule) rule;
  g_error ("rules.json has the rule %s", slug);
}

static inline void
pt_rule_key (JsonObject *object, const char *name, guint8 *key)
{
  PtSpan text = pt_text (json_object_get_string_member (object, name));

  g_assert_true (pt_base64url_decode (text, key, PT_PUBLIC_KEY_SIZE));
}

static inline void
pt_rule_cases_each (PtRuleCaseFunc func)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("rules.json");
  JsonObject *object = json_node_get_object (root);
  JsonArray *cases = json_object_get_array_member (object, "cases");
  guint8 authority_key[PT_PUBLIC_KEY_SIZE], service_key[PT_PUBLIC_KEY_SIZE];

  pt_rule_key (object, "authority_key", authority_key);
  pt_rule_key (object, "service_key", service_key);
  g_assert_cmpuint (json_array_get_length (cases), >, 80);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *member = json_array_get_object_element (cases, i);
      PtRuleCase c = { .desc = json_object_get_string_member (member, "desc"),
                       .area = json_object_get_string_member (member, "area"),
                       .files = json_object_get_array_member (member, "files"),
                       .rule = pt_rule_from_slug (json_object_get_string_member (member, "rule")),
                       .batch = (guint64) json_object_get_int_member (member, "batch"),
                       .line = (guint64) json_object_get_int_member (member, "line"),
                       .alone = json_object_get_array_member (member, "alone"),
                       .authority_key = authority_key,
                       .service_key = service_key };

      g_test_message ("%s", c.desc);
      func (&c);
    }
}

static inline PtSpan
pt_rule_case_file (const PtRuleCase *c, guint batch)
{
  return pt_text (json_array_get_string_element (c->files, batch - 1));
}

/* What is expected of one who has file @batch alone. */
static inline PtRuleFound
pt_rule_case_alone (const PtRuleCase *c, guint batch)
{
  JsonObject *expected = json_array_get_object_element (c->alone, batch - 1);

  return (PtRuleFound){ pt_rule_from_slug (json_object_get_string_member (expected, "rule")),
                        (guint64) json_object_get_int_member (expected, "line") };
}

/* The header of file @batch, its last line's parts too. */
static inline PtBatchHeader
pt_rule_case_header (const PtRuleCase *c, guint batch)
{
  PtSpan file = pt_rule_case_file (c, batch), first, last;
  PtBatchHeader header = { 0 };

  g_assert_true (pt_batch_first_line (file, &first));
  g_assert_true (pt_batch_last_line (file, &last));
  g_assert_cmpint (pt_batch_parse_first_line (first, &header), ==, PT_OK);
  g_assert_cmpint (pt_batch_parse_last_line (last, &header), ==, PT_OK);
  return header;
}

/* Reads file @batch; its form, tree and root must hold. */
static inline void
pt_rule_case_read (const PtRuleCase *c, guint batch, PtBatchVisitor visit, gpointer data)
{
  PtBatchHeader header = pt_rule_case_header (c, batch);
  PtFrontier previous = header.previous;
  PtSpan file = pt_rule_case_file (c, batch);
  g_autofree char *buffer = g_malloc (PT_ENTRY_MAX + 2);
  PtBatchReader reader;

  g_assert_cmpint (pt_batch_reader_init (&reader, &previous, buffer, PT_ENTRY_MAX + 2, visit, data),
                   ==, PT_OK);
  g_assert_cmpint (pt_batch_reader_feed (&reader, file.data, file.size), ==, PT_OK);
  g_assert_cmpint (pt_batch_reader_finish (&reader, &header), ==, PT_OK);
}
