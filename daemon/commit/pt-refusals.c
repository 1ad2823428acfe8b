/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-refusals.h"

#include <string.h>

#include "pt-error.h"

#define REASONS (PT_ERROR_COUNT + PT_RULE_COUNT)

struct _PtRefusals
{
  GMutex lock;
  guint64 counts[REASONS]; /* of errors, then of rules */
};

PtRefusals *
pt_refusals_new (void)
{
  PtRefusals *refusals = g_new0 (PtRefusals, 1);

  g_mutex_init (&refusals->lock);
  return refusals;
}

void
pt_refusals_free (PtRefusals *refusals)
{
  if (refusals == NULL)
    return;
  g_mutex_clear (&refusals->lock);
  g_free (refusals);
}

/* NULL: none. */
static const char *
slug_of (guint reason)
{
  return reason < PT_ERROR_COUNT ? pt_error_slug ((PtErrorCode) reason)
                                 : pt_rule_slug ((PtRule) (reason - PT_ERROR_COUNT));
}

static guint
reason_of (const char *slug)
{
  for (guint reason = 0; reason < REASONS; reason++)
    if (g_strcmp0 (slug_of (reason), slug) == 0)
      return reason;
  return PT_ERROR_FAILED;
}

void
pt_refusals_count (PtRefusals *refusals, const char *slug)
{
  guint reason;

  g_return_if_fail (slug != NULL);
  if (refusals == NULL)
    return;
  reason = reason_of (slug);
  g_mutex_lock (&refusals->lock);
  refusals->counts[reason]++;
  g_mutex_unlock (&refusals->lock);
}

void
pt_refusals_add (PtRefusals *refusals, PtErrorCode code, PtRule rule)
{
  guint reason = rule != PT_RULE_HOLDS ? PT_ERROR_COUNT + (guint) rule : (guint) code;

  g_return_if_fail (refusals != NULL && reason < REASONS);

  g_mutex_lock (&refusals->lock);
  refusals->counts[reason]++;
  g_mutex_unlock (&refusals->lock);
}

void
pt_refusals_append (PtRefusals *refusals, const char *name, const char *label, GString *text)
{
  g_return_if_fail (refusals != NULL && name != NULL && label != NULL && text != NULL);

  g_mutex_lock (&refusals->lock);
  for (guint reason = 0; reason < REASONS; reason++)
    if (refusals->counts[reason] > 0)
      g_string_append_printf (text, "%s{%s%sreason=\"%s\"} %" G_GUINT64_FORMAT "\n", name, label,
                              label[0] != '\0' ? "," : "", slug_of (reason),
                              refusals->counts[reason]);
  g_mutex_unlock (&refusals->lock);
}
