/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept beside the log: what was said, histories, outages, what was refused. */
#include <string.h>

#include "pt-keep-said.h"
#include "pt-store-copy-private.h"
#include "pt-store-views.h"

#define ROWS_AT_ONCE 1000
#define SAID_AT_ONCE 64
#define SAID_BYTES_AT_ONCE (16 * 1024 * 1024)

/* What was said, each with its private part */

typedef struct
{
  PtStoreCopy *copy;
  guint64 last;
  GArray *rows;     /* PtSaidRow, own */
  GArray *privates; /* PtPrivateRow, own */
  gsize bytes;
} Said;

static void
said_row_clear (gpointer data)
{
  PtSaidRow *row = data;

  g_free ((char *) row->name);
  g_clear_pointer (&row->receipt, g_bytes_unref);
  g_clear_pointer (&row->body, g_bytes_unref);
}

static void
private_row_clear (gpointer data)
{
  pt_private_row_clear (data);
}

static gboolean
note_last_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  ((Said *) user_data)->last = row->entry;
  return TRUE;
}

static gboolean
flush_said (Said *said, GError **error)
{
  const PtGroup group = { .said = (PtSaidRow *) (gpointer) said->rows->data,
                          .said_count = said->rows->len,
                          .privates = (PtPrivateRow *) (gpointer) said->privates->data,
                          .private_count = said->privates->len };

  if (said->rows->len > 0 && !pt_store_commit (said->copy->to, &group, error))
    return FALSE;
  g_array_set_size (said->rows, 0);
  g_array_set_size (said->privates, 0);
  said->bytes = 0;
  return TRUE;
}

static gsize
bytes_of (GArray *privates, guint from)
{
  gsize bytes = 0;

  for (guint i = from; i < privates->len; i++)
    {
      const PtPrivateRow *row = &g_array_index (privates, PtPrivateRow, i);

      for (guint j = 0; j < row->photo_count; j++)
        bytes += g_bytes_get_size (row->photos[j].bytes);
    }
  return bytes;
}

static gboolean
take_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  Said *said = user_data;
  PtSaidRow own = *row;
  guint before = said->privates->len;

  own.name = g_strdup (row->name);
  own.receipt = row->receipt != NULL ? g_bytes_ref (row->receipt) : NULL;
  own.body = g_bytes_ref (row->body);
  g_array_append_val (said->rows, own);
  if (row->kind == PT_SAID_ACTION
      && !pt_keep_said_private (said->copy->from, row, said->privates, error))
    return FALSE;
  said->bytes += bytes_of (said->privates, before);
  return (said->rows->len < SAID_AT_ONCE && said->bytes < SAID_BYTES_AT_ONCE)
         || flush_said (said, error);
}

gboolean
pt_store_copy_said (PtStoreCopy *copy, guint32 area, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtSaidRow));
  g_autoptr (GArray) privates = g_array_new (FALSE, FALSE, sizeof (PtPrivateRow));
  Said said = { .copy = copy, .rows = rows, .privates = privates };

  g_return_val_if_fail (copy != NULL, FALSE);

  g_array_set_clear_func (rows, said_row_clear);
  g_array_set_clear_func (privates, private_row_clear);
  return pt_store_scan_said (copy->to, area, 0, note_last_said, &said, error)
         && pt_store_scan_said (copy->from, area, said.last, take_said, &said, error)
         && flush_said (&said, error);
}

/* Histories */

typedef struct
{
  PtStoreCopy *copy;
  GArray *rows; /* PtSubjectRow: subject, area, folded_to, history */
} Histories;

static void
history_row_clear (gpointer data)
{
  pt_history_clear (&((PtSubjectRow *) data)->history);
}

static gboolean
flush_histories (Histories *histories, GError **error)
{
  if (histories->rows->len > 0
      && !pt_store_save_histories (histories->copy->to,
                                   (PtSubjectRow *) (gpointer) histories->rows->data,
                                   histories->rows->len, error))
    return FALSE;
  g_array_set_size (histories->rows, 0);
  return TRUE;
}

static gboolean
take_history (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Histories *histories = user_data;
  PtSubjectRow own = { .subject = row->subject, .area = row->area, .folded_to = row->folded_to };

  own.history = row->history;
  pt_history_init (&row->history);
  g_array_append_val (histories->rows, own);
  return histories->rows->len < ROWS_AT_ONCE || flush_histories (histories, error);
}

gboolean
pt_store_copy_histories (PtStoreCopy *copy, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtSubjectRow));
  Histories histories = { copy, rows };

  g_return_val_if_fail (copy != NULL, FALSE);

  g_array_set_clear_func (rows, history_row_clear);
  return pt_store_scan_subjects (copy->from, PT_SUBJECT_DEVICE, take_history, &histories, error)
         && flush_histories (&histories, error);
}

/* Outages, in the order in which they are read: the last one that is there says how far it came. */

typedef struct
{
  PtStoreCopy *copy;
  PtOutageQuery query;
  GArray *writes; /* PtOutageWrite */
  guint count;
} Outages;

static gboolean
note_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  Outages *outages = user_data;

  outages->count++;
  outages->query.after_start = row->start;
  outages->query.after_device = row->device;
  outages->query.after_seq = row->start_seq;
  return TRUE;
}

static gboolean
take_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  Outages *outages = user_data;
  GArray *areas = outages->copy->device_areas;
  PtOutageWrite write = { .device = row->device, .customers = row->customers };

  if (row->device < areas->len)
    write.area = g_array_index (areas, guint32, row->device);
  write.change = (PtOutageChange){ .kind = PT_CHANGE_OPEN,
                                   .start_seq = row->start_seq,
                                   .start = row->start,
                                   .end_seq = row->end_seq,
                                   .end = row->end,
                                   .ended_by = row->ended_by,
                                   .place = row->place };
  g_array_append_val (outages->writes, write);
  return note_outage (row, user_data, error);
}

static gboolean
copy_outages_page (Outages *outages, GError **error)
{
  PtGroup group = { 0 };

  outages->count = 0;
  if (!pt_store_outages (outages->copy->from, &outages->query, take_outage, outages, error))
    return FALSE;
  group.outages = (PtOutageWrite *) (gpointer) outages->writes->data;
  group.outage_count = outages->writes->len;
  if (group.outage_count > 0 && !pt_store_commit (outages->copy->to, &group, error))
    return FALSE;
  g_array_set_size (outages->writes, 0);
  return TRUE;
}

gboolean
pt_store_copy_outages (PtStoreCopy *copy, GError **error)
{
  g_autoptr (GArray) writes = g_array_new (FALSE, FALSE, sizeof (PtOutageWrite));
  Outages outages
      = { .copy = copy, .query = { .area = -1, .limit = ROWS_AT_ONCE }, .writes = writes };

  g_return_val_if_fail (copy != NULL, FALSE);

  do
    {
      outages.count = 0;
      if (!pt_store_outages (copy->to, &outages.query, note_outage, &outages, error))
        return FALSE;
    }
  while (outages.count == outages.query.limit);
  do
    if (!copy_outages_page (&outages, error))
      return FALSE;
  while (outages.count == outages.query.limit);
  return TRUE;
}

/* Evidence, which no store keeps twice */

typedef struct
{
  PtStoreCopy *copy;
  guint64 last;
  GArray *rows;      /* PtEntryRow */
  GPtrArray *bodies; /* GBytes of them */
} Evidence;

static gboolean
take_evidence (const PtEvidenceRow *row, gpointer user_data, GError **error)
{
  Evidence *evidence = user_data;
  GBytes *body = g_bytes_new (row->body, row->size);
  PtEntryRow own
      = { .area = row->area, .subject = row->subject, .seq = row->seq, .received = row->received };

  own.body = g_bytes_get_data (body, &own.size);
  g_ptr_array_add (evidence->bodies, body);
  g_array_append_val (evidence->rows, own);
  evidence->last = row->number;
  return TRUE;
}

gboolean
pt_store_copy_evidence (PtStoreCopy *copy, GError **error)
{
  PtEvidenceQuery query = { .area = -1, .limit = ROWS_AT_ONCE };
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtEntryRow));
  g_autoptr (GPtrArray) bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Evidence evidence = { .copy = copy, .rows = rows, .bodies = bodies };
  guint count;

  g_return_val_if_fail (copy != NULL, FALSE);

  do
    {
      PtGroup group = { 0 };

      if (!pt_store_evidence (copy->from, &query, take_evidence, &evidence, error))
        return FALSE;
      group.evidence = (PtEntryRow *) (gpointer) rows->data;
      group.evidence_count = count = rows->len;
      if (count > 0 && !pt_store_commit (copy->to, &group, error))
        return FALSE;
      g_array_set_size (rows, 0);
      g_ptr_array_set_size (bodies, 0);
      query.after = evidence.last;
    }
  while (count == query.limit);
  return TRUE;
}

/* What was refused of late: a ring, newest first */

typedef struct
{
  GArray *rows; /* PtRejectedRow */
  GPtrArray *strings;
} Rejected;

static const char *
keep_string (Rejected *rejected, const char *text, gsize size)
{
  char *own = g_malloc (size + 1);

  memcpy (own, text, size);
  own[size] = '\0';
  g_ptr_array_add (rejected->strings, own);
  return own;
}

static gboolean
take_rejected (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  Rejected *rejected = user_data;
  PtRejectedRow own = { .at = row->at, .size = row->size };

  own.source = keep_string (rejected, row->source, strlen (row->source));
  own.transport = keep_string (rejected, row->transport, strlen (row->transport));
  own.address = keep_string (rejected, row->address, strlen (row->address));
  own.certificate = keep_string (rejected, row->certificate, strlen (row->certificate));
  own.area = keep_string (rejected, row->area, strlen (row->area));
  own.device = keep_string (rejected, row->device, strlen (row->device));
  own.reason = keep_string (rejected, row->reason, strlen (row->reason));
  own.text = keep_string (rejected, row->text, row->size);
  g_array_append_val (rejected->rows, own);
  return TRUE;
}

static gboolean
note_rejected (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  *(gboolean *) user_data = TRUE;
  return FALSE;
}

/* All or nothing: there are few, and some that came later push out the oldest. */
gboolean
pt_store_copy_rejected (PtStoreCopy *copy, GError **error)
{
  PtRejectedQuery query = { .limit = PT_REJECTED_MAX };
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtRejectedRow));
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  Rejected rejected = { rows, strings };
  PtGroup group = { 0 };
  gboolean is_there = FALSE;

  g_return_val_if_fail (copy != NULL, FALSE);

  if (!pt_store_rejected (copy->to, &query, note_rejected, &is_there, error))
    return FALSE;
  if (is_there)
    return TRUE;
  if (!pt_store_rejected (copy->from, &query, take_rejected, &rejected, error))
    return FALSE;
  for (guint i = 0; i < rows->len / 2; i++)
    {
      PtRejectedRow row = g_array_index (rows, PtRejectedRow, i);

      g_array_index (rows, PtRejectedRow, i)
          = g_array_index (rows, PtRejectedRow, rows->len - 1 - i);
      g_array_index (rows, PtRejectedRow, rows->len - 1 - i) = row;
    }
  group.rejected = (PtRejectedRow *) (gpointer) rows->data;
  group.rejected_count = rows->len;
  return rows->len == 0 || pt_store_commit (copy->to, &group, error);
}
