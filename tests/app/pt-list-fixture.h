/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One list, to which a test says events as the stream does. */

#include "pt-convert.h"
#include "pt-feed-list.h"

typedef struct
{
  PtFeed *feed;
  GString *told; /* the lines: "word what; " */
} PtListFixture;

static inline void
pt_list_on_told (PtFeed *feed, PtEventLine *line, gpointer data)
{
  g_string_append_printf (((PtListFixture *) data)->told, "%s %s, %s; ", line->word, line->what,
                          line->more);
}

static inline void
pt_list_start (PtListFixture *fixture, const PtListSpec *spec)
{
  fixture->feed = PT_FEED (pt_feed_list_new (spec));
  fixture->told = g_string_new (NULL);
  g_signal_connect (fixture->feed, "told", G_CALLBACK (pt_list_on_told), fixture);
}

static inline void
pt_list_stop (PtListFixture *fixture)
{
  g_assert_finalize_object (fixture->feed);
  g_string_free (fixture->told, TRUE);
}

/* FALSE: it was refused, as it must be where something is. */
static inline gboolean
pt_list_event (PtListFixture *fixture, const char *type, const char *data)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, strlen (data));
  g_autoptr (GError) error = NULL;
  gboolean more, good;

  g_assert_cmpuint (pt_feed_event_max (fixture->feed, type), >=, strlen (data));
  good = pt_feed_apply (fixture->feed, type, bytes, &more, &error);
  g_assert_false (more);
  if (!good)
    g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
  pt_feed_flush (fixture->feed);
  return good;
}

/* Whether it told just that since the last time. */
#define pt_list_assert_told(fixture, expected)                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpstr ((fixture)->told->str, ==, expected);                                          \
    g_string_truncate ((fixture)->told, 0);                                                        \
  }                                                                                                \
  G_STMT_END

static inline GListModel *
pt_list_model (PtListFixture *fixture)
{
  return G_LIST_MODEL (pt_feed_list_records (PT_FEED_LIST (fixture->feed)));
}

static inline guint
pt_list_length (PtListFixture *fixture)
{
  return g_list_model_get_n_items (pt_list_model (fixture));
}
