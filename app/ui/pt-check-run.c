/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-check-run.h"

#include <string.h>

typedef struct
{
  PtLink *link; /* or NULL */
  char *rpc, *contract;
  guint64 chain_id, from_block;
  GBytes *bundle; /* or a batch file, where there is no link */
  GBytes *batch;
  char *notice;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_clear_object (&run->link);
  g_free (run->rpc);
  g_free (run->contract);
  g_free (run->notice);
  g_clear_pointer (&run->bundle, g_bytes_unref);
  g_clear_pointer (&run->batch, g_bytes_unref);
  g_free (run);
}

void
pt_check_result_free (PtCheckResult *result)
{
  if (result == NULL)
    return;
  pt_check_free (result->check);
  g_bytes_unref (result->bundle);
  g_free (result->notice);
  g_free (result);
}

/* Which batch the file says it is of, asked of the reader's own contract. */
static PtTrust *
read_chain (const Run *run, const PtCheck *claims)
{
  if (run->rpc == NULL || !claims->parsed || run->contract == NULL || run->chain_id == 0)
    return NULL;
  return pt_trust_read (run->rpc, run->chain_id, run->contract, run->from_block, claims->area,
                        claims->batch);
}

static void
run_set_anchor (Run *run, const PtCheckAnchor *anchor)
{
  run->contract = g_strdup (anchor->contract);
  run->chain_id = anchor->chain_id;
  run->from_block = anchor->from_block;
}

static void
run_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Run *run = data;
  gboolean is_batch = run->link == NULL && pt_check_looks_like_batch (run->bundle);
  g_autoptr (PtCheck) claims
      = is_batch ? pt_check_batch (run->bundle, NULL) : pt_check_bundle (run->bundle, NULL, NULL);
  g_autoptr (PtTrust) trust = read_chain (run, claims);
  PtCheckResult *result = g_new0 (PtCheckResult, 1);

  result->check = is_batch ? pt_check_batch (run->bundle, trust)
                           : pt_check_bundle (run->bundle, trust, run->batch);
  result->bundle = g_bytes_ref (run->bundle);
  result->is_file = run->link == NULL;
  result->notice = g_steal_pointer (&run->notice);
  g_task_return_pointer (task, result, (GDestroyNotify) pt_check_result_free);
}

static void
run_got_file_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  run->batch = pt_link_load_bytes_finish (PT_LINK (source), result, &error);
  if (run->batch == NULL)
    run->notice = g_strdup (error->message);
  if (!g_task_return_error_if_cancelled (task))
    g_task_run_in_thread (task, run_thread);
}

static void
run_got_bundle_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (PtCheck) claims = NULL;
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  run->bundle = pt_link_load_bytes_finish (PT_LINK (source), result, &error);
  if (run->bundle == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  claims = pt_check_bundle (run->bundle, NULL, NULL);
  if (!claims->parsed || claims->cid == NULL)
    g_task_run_in_thread (task, run_thread);
  else
    pt_link_load_file_async (run->link, claims->cid, cancellable, run_got_file_cb,
                             g_steal_pointer (&task));
}

void
pt_check_run_report_async (PtLink *link, const char *area, const char *device, gint64 seq,
                           const char *rpc, const PtCheckAnchor *anchor, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Run *run;

  g_return_if_fail (PT_IS_LINK (link));
  g_return_if_fail (area != NULL && device != NULL && anchor != NULL);
  task = g_task_new (NULL, cancellable, callback, user_data);
  run = g_new0 (Run, 1);
  run->link = g_object_ref (link);
  run_set_anchor (run, anchor);
  run->rpc = g_strdup (rpc);
  g_task_set_task_data (task, run, run_free);
  pt_link_load_proof_async (link, area, device, seq, cancellable, run_got_bundle_cb, task);
}

void
pt_check_run_file_async (GBytes *file, const char *rpc, const PtCheckAnchor *anchor,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Run *run;

  g_return_if_fail (file != NULL && anchor != NULL);
  task = g_task_new (NULL, cancellable, callback, user_data);
  run = g_new0 (Run, 1);
  run->bundle = g_bytes_ref (file);
  run->rpc = g_strdup (rpc);
  run_set_anchor (run, anchor);
  g_task_set_task_data (task, run, run_free);
  g_task_run_in_thread (task, run_thread);
}

PtCheckResult *
pt_check_run_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
