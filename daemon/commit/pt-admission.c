/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-admission.h"

#include "pt-traffic.h"

struct _PtAdmission
{
  gint references; /* atomic */
  guint lines_max;
  PtHold *hold;
  PtTraffic *traffic; /* or NULL */
  GMutex lock;        /* guards what follows */
  PtAdmissionCounts counts;
  gboolean closed;
};

PtAdmission *
pt_admission_new (guint lines_max, PtHold *hold)
{
  PtAdmission *admission = g_new0 (PtAdmission, 1);

  admission->references = 1;
  admission->lines_max = lines_max;
  admission->hold = hold;
  g_mutex_init (&admission->lock);
  return admission;
}

PtAdmission *
pt_admission_ref (PtAdmission *admission)
{
  g_return_val_if_fail (admission != NULL, NULL);

  g_atomic_int_inc (&admission->references);
  return admission;
}

void
pt_admission_unref (PtAdmission *admission)
{
  if (admission == NULL || !g_atomic_int_dec_and_test (&admission->references))
    return;
  pt_traffic_unref (admission->traffic);
  g_mutex_clear (&admission->lock);
  g_free (admission);
}

gboolean
pt_admission_enter (PtAdmission *admission, guint lines)
{
  guint waiting;
  gboolean entered;

  g_return_val_if_fail (admission != NULL, FALSE);

  if (!pt_hold_may_take (admission->hold, NULL))
    return FALSE;
  g_mutex_lock (&admission->lock);
  waiting = admission->counts.waiting;
  entered
      = !admission->closed
        && (waiting == 0 || lines <= admission->lines_max - MIN (waiting, admission->lines_max));
  if (entered)
    admission->counts.waiting += lines;
  g_mutex_unlock (&admission->lock);
  return entered;
}

void
pt_admission_leave (PtAdmission *admission, guint lines)
{
  g_return_if_fail (admission != NULL);

  g_mutex_lock (&admission->lock);
  admission->counts.waiting -= MIN (lines, admission->counts.waiting);
  g_mutex_unlock (&admission->lock);
}

void
pt_admission_close (PtAdmission *admission)
{
  g_return_if_fail (admission != NULL);

  g_mutex_lock (&admission->lock);
  admission->closed = TRUE;
  g_mutex_unlock (&admission->lock);
}

gboolean
pt_admission_is_closed (PtAdmission *admission)
{
  gboolean closed;

  g_return_val_if_fail (admission != NULL, TRUE);

  g_mutex_lock (&admission->lock);
  closed = admission->closed;
  g_mutex_unlock (&admission->lock);
  return closed;
}

void
pt_admission_set_traffic (PtAdmission *admission, PtTraffic *traffic)
{
  g_return_if_fail (admission != NULL && admission->traffic == NULL && traffic != NULL);

  admission->traffic = pt_traffic_ref (traffic);
}

PtTraffic *
pt_admission_traffic (PtAdmission *admission)
{
  g_return_val_if_fail (admission != NULL, NULL);

  return admission->traffic;
}

void
pt_admission_count (PtAdmission *admission, guint accepted, guint duplicate, guint rejected)
{
  g_return_if_fail (admission != NULL);

  g_mutex_lock (&admission->lock);
  admission->counts.accepted += accepted;
  admission->counts.duplicate += duplicate;
  admission->counts.rejected += rejected;
  g_mutex_unlock (&admission->lock);
}

void
pt_admission_get (PtAdmission *admission, PtAdmissionCounts *out)
{
  g_return_if_fail (admission != NULL && out != NULL);

  g_mutex_lock (&admission->lock);
  *out = admission->counts;
  g_mutex_unlock (&admission->lock);
}
