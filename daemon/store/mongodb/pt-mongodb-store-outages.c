/* SPDX-License-Identifier: Apache-2.0 */
/* Outages: {_id: device.start_seq, d: device, q: start_seq, s: start, f: end_seq, e: end,
 * y: ended_by, c: customers, p: place, a: area, l: how many octal digits it lasted}. One that began
 * earlier than was known gets another key, and of the old one y is GONE. */
#include "pt-mongodb-store-private.h"

#define GONE (-1)
#define SPANS 18 /* octal digits */

static PtMongodbKey
outage_key (guint32 device, gint64 start_seq)
{
  return pt_mongodb_key ("%08x.%016" G_GINT64_MODIFIER "x", device, start_seq);
}

static void
read_outage (const bson_t *document, PtOutageRow *row)
{
  *row = (PtOutageRow){ .device = (guint32) pt_bson_int (document, "d"),
                        .start_seq = pt_bson_int (document, "q"),
                        .start = pt_bson_int (document, "s"),
                        .end_seq = pt_bson_int (document, "f"),
                        .end = pt_bson_int (document, "e"),
                        .ended_by = (PtOutageEnd) pt_bson_int (document, "y"),
                        .customers = pt_bson_int (document, "c"),
                        .place = (guint32) pt_bson_int (document, "p") };
}

static gint64
digits_of (const PtOutageRow *row)
{
  gint64 digits = 1;

  for (gint64 rest = row->end - row->start; row->ended_by != PT_END_NONE && rest >= 8; rest /= 8)
    digits++;
  return row->ended_by != PT_END_NONE ? digits : 0;
}

/* Writing */

typedef struct
{
  PtOutageRow row;
  gboolean is_changed, is_gone;
} Held;

/* Of a device: all its outages from @from on, and what the group makes of them. */
typedef struct
{
  GArray *held; /* Held, by start_seq */
  gint64 from;  /* G_MAXINT64: none were read */
  guint32 area;
} Device;

typedef struct
{
  PtMongodb *mongodb;
  GHashTable *devices; /* number -> Device */
} Work;

static void
device_free (gpointer data)
{
  Device *device = data;

  g_array_unref (device->held);
  g_free (device);
}

static Device *
device_of (Work *work, guint32 number)
{
  Device *device = g_hash_table_lookup (work->devices, GUINT_TO_POINTER (number));

  if (device == NULL)
    {
      device = g_new0 (Device, 1);
      device->held = g_array_new (FALSE, TRUE, sizeof (Held));
      device->from = G_MAXINT64;
      g_hash_table_insert (work->devices, GUINT_TO_POINTER (number), device);
    }
  return device;
}

static guint
held_up_to (const Device *device, gint64 seq)
{
  guint count = device->held->len;

  while (count > 0 && g_array_index (device->held, Held, count - 1).row.start_seq > seq)
    count--;
  return count;
}

static void
hold (Device *device, const PtOutageRow *row, gboolean is_changed)
{
  Held held = { *row, is_changed, FALSE };

  g_array_insert_val (device->held, held_up_to (device, row->start_seq), held);
}

static gboolean
take_outage (const bson_t *document, gpointer data, GError **error)
{
  Device *device = data;
  PtOutageRow row;

  read_outage (document, &row);
  hold (device, &row, FALSE);
  return TRUE;
}

/* An outage that lasts is its device's last, so what changes it needs no other. */
static gboolean
take_open (const bson_t *document, gpointer data, GError **error)
{
  Device *device;
  PtOutageRow row;

  read_outage (document, &row);
  device = device_of (data, row.device);
  hold (device, &row, FALSE);
  device->from = MIN (device->from, row.start_seq);
  return TRUE;
}

/* In one question for all that may have one. */
static gboolean
read_open (Work *work, const PtGroup *group, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();
  bson_t in, list;
  guint count = 0;

  bson_append_document_begin (filter, "d", -1, &in);
  bson_append_array_begin (&in, "$in", -1, &list);
  for (guint i = 0; i < group->outage_count; i++)
    {
      char index[16];

      if (group->outages[i].change.kind == PT_CHANGE_OPEN)
        continue;
      g_snprintf (index, sizeof index, "%u", count++);
      BSON_APPEND_INT64 (&list, index, group->outages[i].device);
    }
  bson_append_array_end (&in, &list);
  bson_append_document_end (filter, &in);
  BSON_APPEND_INT64 (filter, "y", PT_END_NONE);
  return count == 0
         || pt_mongodb_find (work->mongodb, PT_MONGODB_OUTAGES, filter, NULL, take_open, work,
                             error);
}

static gboolean
take_start_seq (const bson_t *document, gpointer data, GError **error)
{
  *(gint64 *) data = pt_bson_int (document, "q");
  return TRUE;
}

/* Reads on, down to the one that began last with @seq or before. */
static gboolean
read_down (Work *work, guint32 number, Device *device, gint64 seq, GError **error)
{
  g_autoptr (bson_t) below = bson_new (), between = bson_new ();
  g_autoptr (bson_t) last = pt_bson_sorted (1, "_id", "-", NULL);
  PtMongodbKey bottom = pt_mongodb_key ("%08x.", number);
  gint64 top = device->from == G_MAXINT64 ? G_MAXINT64 : device->from - 1, from = 0;

  pt_bson_add_range (below, "_id", bottom.text, outage_key (number, MIN (seq, top)).text);
  pt_bson_add_compare (below, "y", "$gte", PT_END_NONE);
  if (!pt_mongodb_find (work->mongodb, PT_MONGODB_OUTAGES, below, last, take_start_seq, &from,
                        error))
    return FALSE;
  pt_bson_add_range (between, "_id", from > 0 ? outage_key (number, from - 1).text : bottom.text,
                     outage_key (number, top).text);
  pt_bson_add_compare (between, "y", "$gte", PT_END_NONE);
  device->from = from;
  return pt_mongodb_find (work->mongodb, PT_MONGODB_OUTAGES, between, NULL, take_outage, device,
                          error);
}

/* The one that holds counter @seq: that began last before it. */
static Held *
find_held (Work *work, guint32 number, Device *device, gint64 seq, GError **error)
{
  while (TRUE)
    {
      for (guint i = held_up_to (device, seq); i > 0; i--)
        {
          Held *held = &g_array_index (device->held, Held, i - 1);

          if (held->is_gone)
            continue;
          if (held->row.start_seq < device->from)
            break;
          return held;
        }
      if (device->from <= 0)
        break;
      if (!read_down (work, number, device, seq, error))
        return NULL;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "The outage of device number %u that a report changes is not in the store; restore "
               "the store from a backup.",
               number);
  return NULL;
}

static void
set_start (Held *held, gint64 start)
{
  held->row.start = start;
  if (held->row.ended_by > PT_END_REPORT)
    held->row.end = MAX (held->row.end, start);
  held->is_changed = TRUE;
}

static void
set_end (Held *held, const PtOutageChange *change)
{
  held->row.end_seq = change->end_seq;
  held->row.end = change->end;
  held->row.ended_by = change->ended_by;
  held->is_changed = TRUE;
}

static void
move_start (Device *device, Held *held, const PtOutageWrite *write)
{
  const PtOutageChange *change = &write->change;
  Held moved = *held;

  moved.row.start_seq = change->start_seq;
  moved.row.place = change->place;
  moved.row.customers = write->customers;
  set_start (&moved, change->start);
  if (change->start_seq == held->row.start_seq)
    {
      *held = moved;
      return;
    }
  held->is_gone = held->is_changed = TRUE;
  hold (device, &moved.row, TRUE);
}

static void
split (Device *device, Held *held, const PtOutageWrite *write)
{
  const PtOutageChange *change = &write->change;
  Held second = *held;

  second.row.start_seq = change->start_seq;
  set_start (&second, change->start);
  if (change->place != PT_PLACE_UNKNOWN)
    {
      second.row.place = change->place;
      second.row.customers = write->customers;
    }
  set_end (held, change);
  hold (device, &second.row, TRUE);
}

/* Some say it by where it began, others by where it did. */
static gint64
change_seq (const PtOutageChange *change)
{
  return change->kind == PT_CHANGE_MOVE_START || change->kind == PT_CHANGE_SPLIT
             ? change->old_start_seq
             : change->start_seq;
}

static void
open_outage (Device *device, const PtOutageWrite *write)
{
  const PtOutageChange *change = &write->change;
  const PtOutageRow row = { write->device, change->start_seq, change->start,    change->end_seq,
                            change->end,   change->ended_by,  write->customers, change->place };

  hold (device, &row, TRUE);
  if (device->from == G_MAXINT64 && change->ended_by == PT_END_NONE)
    device->from = change->start_seq;
}

static gboolean
apply_change (Work *work, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  Device *device = device_of (work, write->device);
  Held *held;

  device->area = write->area;
  if (change->kind == PT_CHANGE_OPEN)
    {
      open_outage (device, write);
      return TRUE;
    }
  held = find_held (work, write->device, device, change_seq (change), error);
  if (held == NULL)
    return FALSE;
  switch (change->kind)
    {
    case PT_CHANGE_OPEN:
      break;
    case PT_CHANGE_CLOSE:
    case PT_CHANGE_CUT:
    case PT_CHANGE_MOVE_END:
      set_end (held, change);
      break;
    case PT_CHANGE_MOVE_START:
      move_start (device, held, write);
      break;
    case PT_CHANGE_SPLIT:
      split (device, held, write);
      break;
    case PT_CHANGE_TIME_START:
      if (held->row.start_seq == change->start_seq)
        set_start (held, change->start);
      break;
    case PT_CHANGE_TIME_END:
      if (held->row.end_seq == change->end_seq)
        {
          held->row.end = change->end;
          held->is_changed = TRUE;
        }
      break;
    }
  return TRUE;
}

static bson_t *
outage_op (const Held *held, guint32 area)
{
  const PtOutageRow *row = &held->row;
  g_autoptr (bson_t) members = bson_new ();

  BSON_APPEND_INT64 (members, "d", row->device);
  BSON_APPEND_INT64 (members, "q", row->start_seq);
  BSON_APPEND_INT64 (members, "s", row->start);
  BSON_APPEND_INT64 (members, "f", row->end_seq);
  BSON_APPEND_INT64 (members, "e", row->end);
  BSON_APPEND_INT64 (members, "y", held->is_gone ? GONE : (gint64) row->ended_by);
  BSON_APPEND_INT64 (members, "c", row->customers);
  BSON_APPEND_INT64 (members, "p", row->place);
  BSON_APPEND_INT64 (members, "a", area);
  BSON_APPEND_INT64 (members, "l", digits_of (row));
  return pt_mongodb_put (PT_MONGODB_OUTAGES, outage_key (row->device, row->start_seq).text,
                         members);
}

/* What is gone first: its key may be another's now. */
static void
add_ops (const Device *device, GHashTable *ops)
{
  for (guint gone = 0; gone < 2; gone++)
    for (guint i = 0; i < device->held->len; i++)
      {
        const Held *held = &g_array_index (device->held, Held, i);

        if (held->is_changed && held->is_gone == (gone == 0))
          pt_mongodb_add_op (ops, device->area, outage_op (held, device->area));
      }
}

gboolean
pt_mongodb_outage_ops (PtMongodb *mongodb, const PtGroup *group, GHashTable *ops, GError **error)
{
  g_autoptr (GHashTable) devices
      = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, device_free);
  Work work = { mongodb, devices };
  GHashTableIter iter;
  gpointer device;

  g_return_val_if_fail (group != NULL && ops != NULL, FALSE);

  if (!read_open (&work, group, error))
    return FALSE;
  for (guint i = 0; i < group->outage_count; i++)
    if (!apply_change (&work, &group->outages[i], error))
      return FALSE;
  g_hash_table_iter_init (&iter, devices);
  while (g_hash_table_iter_next (&iter, NULL, &device))
    add_ops (device, ops);
  return TRUE;
}

/* Reading. One question, whose branches each go through an index in the order of the answer. */

static void
begin_branch (bson_t *list, guint *count, bson_t *branch)
{
  char index[16];

  g_snprintf (index, sizeof index, "%u", (*count)++);
  bson_append_document_begin (list, index, -1, branch);
}

/* {s: {$gte: first, $lt: before}}; 0: no bound above. */
static void
add_starts (bson_t *branch, gint64 first, gint64 before)
{
  bson_t range;

  bson_append_document_begin (branch, "s", -1, &range);
  BSON_APPEND_INT64 (&range, "$gte", first);
  if (before != 0)
    BSON_APPEND_INT64 (&range, "$lt", before);
  bson_append_document_end (branch, &range);
}

/* Those that end after @query->from: it begins there or later, or lasts, or lasted so long; by how
 * long it did, in powers of 8, so that of each sort only those are looked at which may reach so
 * far. */
static void
add_overlap (bson_t *filter, const PtOutageQuery *query)
{
  bson_t any, branch;
  guint count = 0;

  if (query->from == 0)
    {
      add_starts (filter, query->after_start, query->to);
      return;
    }
  bson_append_array_begin (filter, "$or", -1, &any);
  begin_branch (&any, &count, &branch);
  BSON_APPEND_INT64 (&branch, "y", PT_END_NONE);
  add_starts (&branch, query->after_start, query->to);
  bson_append_document_end (&any, &branch);
  for (gint64 digits = 1, most = 8; digits <= SPANS; digits++, most *= 8)
    {
      begin_branch (&any, &count, &branch);
      BSON_APPEND_INT64 (&branch, "l", digits);
      add_starts (&branch, MAX (query->after_start, query->from - most), query->to);
      pt_bson_add_compare (&branch, "e", "$gt", query->from);
      bson_append_document_end (&any, &branch);
    }
  bson_append_array_end (filter, &any);
}

/* (s, d, q) > the place to go on from. */
static void
add_after (bson_t *filter, const PtOutageQuery *query)
{
  bson_t any, branch;
  guint count = 0;

  bson_append_array_begin (filter, "$or", -1, &any);
  begin_branch (&any, &count, &branch);
  pt_bson_add_compare (&branch, "s", "$gt", query->after_start);
  bson_append_document_end (&any, &branch);
  begin_branch (&any, &count, &branch);
  BSON_APPEND_INT64 (&branch, "s", query->after_start);
  pt_bson_add_compare (&branch, "d", "$gt", query->after_device);
  bson_append_document_end (&any, &branch);
  begin_branch (&any, &count, &branch);
  BSON_APPEND_INT64 (&branch, "s", query->after_start);
  BSON_APPEND_INT64 (&branch, "d", query->after_device);
  pt_bson_add_compare (&branch, "q", "$gt", query->after_seq);
  bson_append_document_end (&any, &branch);
  bson_append_array_end (filter, &any);
}

/* Only open, only ended, or both, and none that is gone. */
static void
add_ends (bson_t *filter, const PtOutageQuery *query)
{
  if (query->only_open)
    BSON_APPEND_INT64 (filter, "y", PT_END_NONE);
  else
    pt_bson_add_compare (filter, "y", "$gte",
                         query->only_ended ? (gint64) PT_END_REPORT : (gint64) PT_END_NONE);
}

static void
add_device (bson_t *filter, const PtOutagesOf *of)
{
  bson_t range;

  BSON_APPEND_INT64 (filter, "d", of->device);
  bson_append_document_begin (filter, "p", -1, &range);
  BSON_APPEND_INT64 (&range, "$gte", of->first_place);
  BSON_APPEND_INT64 (&range, "$lte", of->last_place);
  bson_append_document_end (filter, &range);
}

/* @of: a device, or NULL. */
static bson_t *
make_filter (const PtOutageQuery *query, const PtOutagesOf *of)
{
  bson_t *filter = bson_new (), all, part;
  guint count = 0;

  if (of != NULL)
    add_device (filter, of);
  else if (query->area >= 0)
    BSON_APPEND_INT64 (filter, "a", query->area);
  add_ends (filter, query);
  bson_append_array_begin (filter, "$and", -1, &all);
  begin_branch (&all, &count, &part);
  add_overlap (&part, query);
  bson_append_document_end (&all, &part);
  if (query->after_start != 0 || query->after_device != 0 || query->after_seq != 0)
    {
      begin_branch (&all, &count, &part);
      add_after (&part, query);
      bson_append_document_end (&all, &part);
    }
  bson_append_array_end (filter, &all);
  return filter;
}

static gboolean
append_outage (const bson_t *document, gpointer data, GError **error)
{
  PtOutageRow row;

  read_outage (document, &row);
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

static gboolean
collect (PtMongodb *mongodb, const PtOutageQuery *query, const PtOutagesOf *of, GArray *rows,
         GError **error)
{
  g_autoptr (bson_t) filter = make_filter (query, of);
  g_autoptr (bson_t) options = pt_bson_sorted (query->limit, "s", "+", "d", "+", "q", "+", NULL);

  return pt_mongodb_find (mongodb, PT_MONGODB_OUTAGES, filter, options, append_outage, rows, error);
}

gboolean
pt_mongodb_store_outages (PtStore *parent, const PtOutageQuery *query, PtOutageRowFunc func,
                          gpointer user_data, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));

  if (!pt_mongodb_settle_to_read (store, &mongodb, error))
    return FALSE;
  if (query->devices == NULL && !collect (&mongodb, query, NULL, rows, error))
    return FALSE;
  for (guint i = 0; i < query->device_count; i++)
    if (!collect (&mongodb, query, &query->devices[i], rows, error))
      return FALSE;
  g_array_sort (rows, pt_outage_row_compare);
  for (guint i = 0; i < MIN (rows->len, query->limit); i++)
    if (!func (&g_array_index (rows, PtOutageRow, i), user_data, error))
      return FALSE;
  return TRUE;
}
