/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Texts put together of members, so that a test can leave one out, double it or swap two, and text
 * that ends where its memory ends. */

#include <glib.h>
#include <string.h>

#include "pt-base.h"

typedef struct
{
  const char *key, *value; /* @value as it stands in the text, quotes included */
} PtMember;

/* Whatever a number, a string or a list must not be written as. */
static const char *const pt_odd_values[] = {
  "",
  "null",
  "true",
  "false",
  "-0",
  "-1",
  "+1",
  "01",
  "1.0",
  "1e3",
  "{}",
  "[[]]",
  "[1]",
  "\"1\"",
  "\"\"",
  "\"a\\n\"",
  "\"",
  "[",
  "]",
  "}",
  "#",
  "0x10",
  " 1",
  "1 ",
  "1\n",
  "9007199254740992",
  "18446744073709551617",
};

/* `"key":value` joined by commas, in the order of @order (@count of them). */
static inline GString *
pt_members_join (const char *head, const PtMember *members, const size_t *order, size_t count,
                 const char *tail)
{
  GString *text = g_string_new (head);

  for (size_t i = 0; i < count; i++)
    g_string_append_printf (text, "%s\"%s\":%s", i > 0 ? "," : "", members[order[i]].key,
                            members[order[i]].value);
  g_string_append (text, tail);
  return text;
}

typedef void (*PtMembersCheck) (const GString *text, const char *what, void *context);

/* Calls @check with every text that is wrong in one order: each member missing, doubled, and each
 * two swapped. Returns how many there were. */
static inline size_t
pt_members_disorder (const char *head, const PtMember *members, size_t count, const char *tail,
                     PtMembersCheck check, void *context)
{
  size_t order[32], calls = 0;

  g_assert_cmpuint (count + 1, <=, G_N_ELEMENTS (order));
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j <= count; j++)
      {
        g_autoptr (GString) text = NULL;
        g_autofree char *what = g_strdup_printf ("members %zu and %zu", i, j);
        size_t used = 0;

        /* j == i: missing; j == count: doubled; otherwise swapped, each pair once. */
        if (j < i)
          continue;
        for (size_t k = 0; k < count; k++)
          {
            if (k == i && j == i)
              continue;
            if (k == i && j == count)
              order[used++] = k;
            order[used++] = k == i && j < count ? j : k == j ? i : k;
          }
        text = pt_members_join (head, members, order, used, tail);
        check (text, what, context);
        calls++;
      }
  return calls;
}

/* Every value replaced by every odd one. Members whose @odd_allowed names the value are passed
 * over. */
static inline size_t
pt_members_odd (const char *head, const PtMember *members, size_t count, const char *tail,
                bool (*allowed) (const char *key, const char *value), PtMembersCheck check,
                void *context)
{
  size_t order[32], calls = 0;

  for (size_t i = 0; i < count; i++)
    order[i] = i;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < G_N_ELEMENTS (pt_odd_values); j++)
      {
        PtMember changed[32];
        g_autoptr (GString) text = NULL;
        g_autofree char *what = g_strdup_printf ("%s: %s", members[i].key, pt_odd_values[j]);

        if (allowed != NULL && allowed (members[i].key, pt_odd_values[j]))
          continue;
        memcpy (changed, members, count * sizeof *members);
        changed[i].value = pt_odd_values[j];
        text = pt_members_join (head, changed, order, count, tail);
        check (text, what, context);
        calls++;
      }
  return calls;
}

/* A copy that ends where its allocation ends, so that the sanitizer sees any reading past it. */
static inline char *
pt_tight_copy (const void *data, size_t size)
{
  char *copy = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (copy, data, size);
  return copy;
}
