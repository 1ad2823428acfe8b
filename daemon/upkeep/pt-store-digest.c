/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-digest.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-store-batches.h"
#include "pt-store-log.h"
#include "pt-store-views.h"

#define ROWS_AT_ONCE 1000

typedef struct
{
  PtStore *store;
  GChecksum *sum;
  guint count;
  PtOutageQuery outages;
  PtEvidenceQuery evidence;
} Digest;

static void
add_number (Digest *digest, gint64 number)
{
  g_checksum_update (digest->sum, (const guchar *) &number, sizeof number);
}

static void
add_data (Digest *digest, gconstpointer data, gsize size)
{
  add_number (digest, (gint64) size);
  g_checksum_update (digest->sum, data, (gssize) size);
}

static void
add_bytes (Digest *digest, GBytes *bytes)
{
  gsize size = 0;
  gconstpointer data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  add_data (digest, size > 0 ? data : "", size);
}

/* Entries */

static gboolean
take_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  add_number (user_data, (gint64) row->number);
  add_number (user_data, row->subject.kind);
  add_number (user_data, row->subject.number);
  add_number (user_data, row->seq);
  add_number (user_data, row->received);
  add_data (user_data, row->body, row->size);
  return TRUE;
}

static gboolean
digest_entries (Digest *digest, guint areas, GError **error)
{
  for (guint i = 0; i < areas; i++)
    if (!pt_store_scan_entries (digest->store, i, 0, 0, take_entry, digest, error))
      return FALSE;
  return TRUE;
}

/* Subjects */

static gboolean
take_subject (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Digest *digest = user_data;
  g_autoptr (GPtrArray) bodies = pt_store_subject_bodies (digest->store, row->subject, error);
  g_autoptr (GBytes) history = pt_history_save (&row->history);

  if (bodies == NULL)
    return FALSE;
  add_number (digest, row->subject.number);
  add_number (digest, row->area);
  add_number (digest, (gint64) row->entry);
  add_number (digest, row->active ? 1 : 0);
  add_number (digest, row->was_active ? 1 : 0);
  add_number (digest, (gint64) row->folded_to);
  add_bytes (digest, row->body);
  add_bytes (digest, row->past);
  add_bytes (digest, history);
  for (guint i = 0; i < bodies->len; i++)
    add_bytes (digest, g_ptr_array_index (bodies, i));
  return TRUE;
}

static gboolean
digest_subjects (Digest *digest, guint areas, GError **error)
{
  return pt_store_scan_subjects (digest->store, PT_SUBJECT_DEVICE, take_subject, digest, error)
         && pt_store_scan_subjects (digest->store, PT_SUBJECT_OFFICIAL, take_subject, digest,
                                    error);
}

/* Outages */

static gboolean
take_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  Digest *digest = user_data;
  const gint64 numbers[] = { row->device, row->start_seq, row->start,     row->end_seq,
                             row->end,    row->ended_by,  row->customers, row->place };

  add_data (digest, numbers, sizeof numbers);
  digest->count++;
  digest->outages.after_start = row->start;
  digest->outages.after_device = row->device;
  digest->outages.after_seq = row->start_seq;
  return TRUE;
}

static gboolean
digest_outages (Digest *digest, guint areas, GError **error)
{
  /* By area, so that this is compared too. */
  for (guint i = 0; i < areas; i++)
    {
      digest->outages = (PtOutageQuery){ .area = (gint32) i, .limit = ROWS_AT_ONCE };
      do
        {
          digest->count = 0;
          if (!pt_store_outages (digest->store, &digest->outages, take_outage, digest, error))
            return FALSE;
        }
      while (digest->count == ROWS_AT_ONCE);
    }
  return TRUE;
}

/* What was said */

static gboolean
take_private (const PtPrivateRow *row, gpointer user_data, GError **error)
{
  Digest *digest = user_data;
  const char *reason = row->moderation.reason != NULL ? row->moderation.reason : "";

  add_number (digest, row->n);
  add_number (digest, row->text != NULL ? 1 : 0);
  add_bytes (digest, row->text);
  add_number (digest, row->moderation.hidden ? 1 : 0);
  add_number (digest, row->moderation.at);
  add_data (digest, row->moderation.by, strlen (row->moderation.by));
  add_data (digest, reason, strlen (reason));
  for (guint i = 0; i < row->photo_count; i++)
    {
      PtPhoto photo = { 0 };

      if (!pt_store_photo (digest->store, row->area, row->complaint, &row->photos[i].sent, &photo,
                           NULL, error))
        return FALSE;
      add_data (digest, &photo.sent, sizeof photo.sent);
      add_bytes (digest, photo.bytes);
      pt_photo_clear (&photo);
    }
  return TRUE;
}

static gboolean
take_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  Digest *digest = user_data;
  const gint64 numbers[]
      = { (gint64) row->entry, row->kind, row->n, (gint64) row->evidence, (gint64) row->later };

  add_data (digest, numbers, sizeof numbers);
  add_data (digest, row->name, strlen (row->name));
  add_data (digest, &row->leaf, sizeof row->leaf);
  add_data (digest, row->signer, sizeof row->signer);
  add_bytes (digest, row->receipt);
  add_bytes (digest, row->body);
  /* A complaint's private parts with its first action. */
  return row->kind != PT_SAID_ACTION || row->n != 1
         || pt_store_privates (digest->store, row->area, row->name, 0, take_private, digest, error);
}

static gboolean
digest_said (Digest *digest, guint areas, GError **error)
{
  for (guint i = 0; i < areas; i++)
    if (!pt_store_scan_said (digest->store, i, 0, take_said, digest, error))
      return FALSE;
  return TRUE;
}

/* Evidence, by its order: numbers are a store's own */

static gboolean
take_evidence (const PtEvidenceRow *row, gpointer user_data, GError **error)
{
  Digest *digest = user_data;
  const gint64 numbers[]
      = { row->subject.kind, row->subject.number, row->area, row->seq, row->received };

  add_data (digest, numbers, sizeof numbers);
  add_data (digest, row->body, row->size);
  digest->count++;
  digest->evidence.after = row->number;
  return TRUE;
}

static gboolean
digest_evidence (Digest *digest, guint areas, GError **error)
{
  digest->evidence = (PtEvidenceQuery){ .area = -1, .limit = ROWS_AT_ONCE };
  do
    {
      digest->count = 0;
      if (!pt_store_evidence (digest->store, &digest->evidence, take_evidence, digest, error))
        return FALSE;
    }
  while (digest->count == ROWS_AT_ONCE);
  return TRUE;
}

/* Transactions, likewise */

static gboolean
digest_transactions (Digest *digest, guint areas, GError **error)
{
  g_autoptr (GPtrArray) rows = pt_store_transactions (digest->store, error);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const PtTransactionRow *row = g_ptr_array_index (rows, i);
      const gint64 numbers[] = { (gint64) row->chain_id,
                                 (gint64) row->nonce,
                                 row->state,
                                 row->sent,
                                 (gint64) row->max_fee,
                                 (gint64) row->max_priority_fee,
                                 (gint64) row->block,
                                 (gint64) row->gas_used };

      add_data (digest, numbers, sizeof numbers);
      add_data (digest, row->account, sizeof row->account);
      add_data (digest, &row->hash, sizeof row->hash);
      add_data (digest, &row->block_hash, sizeof row->block_hash);
      add_bytes (digest, row->raw);
      add_data (digest, row->versions->data, row->versions->len * sizeof (PtHash));
    }
  return rows != NULL;
}

/* Two stores */

static char *
digest_of (PtStore *store, gboolean (*part) (Digest *digest, guint areas, GError **error),
           GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GArray) areas = pt_store_areas (store, error);
  Digest digest = { .store = store, .sum = sum };

  if (areas == NULL || !part (&digest, areas->len, error))
    return NULL;
  return g_strdup (g_checksum_get_string (sum));
}

static const struct
{
  const char *what;
  gboolean (*part) (Digest *digest, guint areas, GError **error);
} parts[] = {
  { N_ ("Entries are not the same."), digest_entries },
  { N_ ("Devices or officials are not the same."), digest_subjects },
  { N_ ("Outages are not the same."), digest_outages },
  { N_ ("What was said is not the same."), digest_said },
  { N_ ("Evidence is not the same."), digest_evidence },
  { N_ ("Transactions are not the same."), digest_transactions },
};

void
pt_store_compare_contents (PtStore *store, PtStore *copy, PtStoreFindings *findings,
                           const char *name)
{
  g_return_if_fail (store != NULL && copy != NULL && findings != NULL && name != NULL);

  pt_store_findings_ask (findings, name);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *one = digest_of (store, parts[i].part, &error);
      g_autofree char *other = one != NULL ? digest_of (copy, parts[i].part, &error) : NULL;

      if (other == NULL)
        pt_store_findings_error (findings, name, error);
      else if (!g_str_equal (one, other))
        pt_store_findings_fail (findings, name, "%s", _ (parts[i].what));
    }
}
