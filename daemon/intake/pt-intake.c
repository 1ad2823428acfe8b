/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake.h"

#include "pt-kind.h"
#include "pt-verifier-pool.h"

struct _PtIntake
{
  PtAdmission *admission;
  PtVerifierPool *pool;
  PtCommitter *committer;
  PtHold *hold;
  PtRates *rates;
};

PtIntake *
pt_intake_new (PtDirectory *directory, PtCommitter *committer, PtClock *clock, PtHold *hold,
               guint workers, guint lines_max)
{
  PtIntake *intake;

  g_return_val_if_fail (directory != NULL && committer != NULL && clock != NULL, NULL);

  intake = g_new0 (PtIntake, 1);
  intake->admission = pt_admission_new (lines_max, hold);
  intake->pool = pt_verifier_pool_new (directory, clock, workers, committer);
  intake->committer = committer;
  intake->hold = hold;
  return intake;
}

void
pt_intake_set_rates (PtIntake *intake, PtRates *rates)
{
  g_return_if_fail (intake != NULL);

  intake->rates = rates;
}

void
pt_intake_free (PtIntake *intake)
{
  if (intake == NULL)
    return;
  pt_admission_close (intake->admission);
  pt_verifier_pool_free (intake->pool);
  pt_admission_unref (intake->admission);
  g_free (intake);
}

gboolean
pt_intake_may_take (PtIntake *intake, GError **error)
{
  g_return_val_if_fail (intake != NULL, FALSE);

  return pt_hold_may_take (intake->hold, error);
}

/* FALSE: none of its lines may come. */
static gboolean
intake_admits (PtIntake *intake, PtSubmission *submission)
{
  guint wait, taken;

  if (intake->rates == NULL || submission->kind != &pt_kind_report)
    return TRUE;
  taken = pt_rates_take_address (intake->rates, &submission->peer, submission->count, &wait);
  for (guint i = taken; i < submission->count; i++)
    pt_line_refuse_many (&submission->lines[i], wait);
  return taken > 0 || submission->count == 0;
}

gboolean
pt_intake_take (PtIntake *intake, PtSubmission *submission)
{
  g_return_val_if_fail (intake != NULL && submission != NULL, FALSE);

  if (!pt_submission_enter (submission, intake->admission))
    return FALSE;
  /* By a clock that is wrong a signer's, which is right, would be. */
  if (!pt_committer_has_time (intake->committer))
    {
      pt_submission_refuse (submission, PT_ERROR_BUSY);
      return FALSE;
    }
  if (!intake_admits (intake, submission))
    return FALSE;
  pt_verifier_pool_push (intake->pool, submission);
  return TRUE;
}

gboolean
pt_intake_add_area (PtIntake *intake, const char *id, const guint8 *authority_key,
                    const guint8 *service_key, gboolean *created, GError **error)
{
  g_return_val_if_fail (intake != NULL && id != NULL, FALSE);
  g_return_val_if_fail (authority_key != NULL && service_key != NULL, FALSE);

  if (!pt_intake_may_take (intake, error))
    return FALSE;
  if (!pt_admission_is_closed (intake->admission))
    return pt_committer_add_area (intake->committer, id, authority_key, service_key, created,
                                  error);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY, "The daemon is ending.");
  return FALSE;
}

void
pt_intake_close (PtIntake *intake)
{
  g_return_if_fail (intake != NULL);

  pt_admission_close (intake->admission);
}

PtAdmission *
pt_intake_admission (PtIntake *intake)
{
  g_return_val_if_fail (intake != NULL, NULL);

  return intake->admission;
}
