/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the model makes of JSON that a test says. */

#include "pt-error.h"
#include "pt-fetch.h"

static inline gpointer
pt_convert (const char *text, PtFetchConvert convert, gconstpointer data, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return convert (node, data, error);
}

/* Neither what is no answer of a daemon, nor one of @bad, is made into anything. */
static inline void
pt_assert_refuses (PtFetchConvert convert, gconstpointer data, const char *const *bad, guint count)
{
  static const char *const nonsense[] = { "{}",
                                          "[]",
                                          "1",
                                          "null",
                                          "{\"version\":1}",
                                          "{\"outages\":{}}",
                                          "{\"outages\":[1]}",
                                          "{\"batches\":[{}]}",
                                          "{\"areas\":[[]]}",
                                          "{\"properties\":[]}",
                                          "{\"reports\":null}" };

  for (guint i = 0; i < G_N_ELEMENTS (nonsense) + count; i++)
    {
      g_autoptr (GError) error = NULL;
      const char *text
          = i < G_N_ELEMENTS (nonsense) ? nonsense[i] : bad[i - G_N_ELEMENTS (nonsense)];

      g_assert_null (pt_convert (text, convert, data, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
    }
}
