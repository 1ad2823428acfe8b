/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-findings.h"

#include "pt-error.h"

struct _PtStoreFindings
{
  GArray *rows; /* PtStoreFinding; one for each name */
};

static void
finding_clear (gpointer data)
{
  g_free (((PtStoreFinding *) data)->why);
}

PtStoreFindings *
pt_store_findings_new (void)
{
  PtStoreFindings *findings = g_new0 (PtStoreFindings, 1);

  findings->rows = g_array_new (FALSE, TRUE, sizeof (PtStoreFinding));
  g_array_set_clear_func (findings->rows, finding_clear);
  return findings;
}

void
pt_store_findings_free (PtStoreFindings *findings)
{
  if (findings == NULL)
    return;
  g_array_unref (findings->rows);
  g_free (findings);
}

static PtStoreFinding *
find (PtStoreFindings *findings, const char *name)
{
  PtStoreFinding finding = { .name = name, .state = PT_STORE_HOLDS };

  for (guint i = 0; i < findings->rows->len; i++)
    if (g_str_equal (g_array_index (findings->rows, PtStoreFinding, i).name, name))
      return &g_array_index (findings->rows, PtStoreFinding, i);
  g_array_append_val (findings->rows, finding);
  return &g_array_index (findings->rows, PtStoreFinding, findings->rows->len - 1);
}

void
pt_store_findings_ask (PtStoreFindings *findings, const char *name)
{
  g_return_if_fail (findings != NULL && name != NULL);

  find (findings, name);
}

/* The first sentence of the worst state is kept. */
static void
say (PtStoreFinding *finding, PtStoreState state, char *why)
{
  if (finding->state == PT_STORE_FAILS && state != PT_STORE_FAILS)
    {
      g_free (why);
      return;
    }
  if (finding->state == state)
    {
      finding->more++;
      g_free (why);
      return;
    }
  g_free (finding->why);
  *finding = (PtStoreFinding){ finding->name, state, why, 0 };
}

void
pt_store_findings_fail (PtStoreFindings *findings, const char *name, const char *format, ...)
{
  va_list arguments;

  g_return_if_fail (findings != NULL && name != NULL && format != NULL);

  va_start (arguments, format);
  say (find (findings, name), PT_STORE_FAILS, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

void
pt_store_findings_skip (PtStoreFindings *findings, const char *name, const char *format, ...)
{
  va_list arguments;

  g_return_if_fail (findings != NULL && name != NULL && format != NULL);

  va_start (arguments, format);
  say (find (findings, name), PT_STORE_NOT_CHECKED, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

void
pt_store_findings_error (PtStoreFindings *findings, const char *name, const GError *error)
{
  g_return_if_fail (findings != NULL && name != NULL && error != NULL);

  say (find (findings, name),
       g_error_matches (error, PT_ERROR, PT_ERROR_STOP) ? PT_STORE_FAILS : PT_STORE_NOT_CHECKED,
       g_strdup (error->message));
}

guint
pt_store_findings_count (const PtStoreFindings *findings)
{
  g_return_val_if_fail (findings != NULL, 0);

  return findings->rows->len;
}

const PtStoreFinding *
pt_store_findings_at (const PtStoreFindings *findings, guint at)
{
  g_return_val_if_fail (findings != NULL && at < findings->rows->len, NULL);

  return &g_array_index (findings->rows, PtStoreFinding, at);
}

PtStoreState
pt_store_findings_verdict (const PtStoreFindings *findings)
{
  PtStoreState verdict = PT_STORE_HOLDS;

  g_return_val_if_fail (findings != NULL, PT_STORE_NOT_CHECKED);

  for (guint i = 0; i < findings->rows->len; i++)
    {
      PtStoreState state = g_array_index (findings->rows, PtStoreFinding, i).state;

      if (state == PT_STORE_FAILS)
        return state;
      if (state == PT_STORE_NOT_CHECKED)
        verdict = state;
    }
  return verdict;
}

const char *
pt_store_state_name (PtStoreState state)
{
  switch (state)
    {
    case PT_STORE_HOLDS:
      return "holds";
    case PT_STORE_FAILS:
      return "fails";
    case PT_STORE_NOT_CHECKED:
      return "not-checked";
    }
  g_return_val_if_reached (NULL);
}
