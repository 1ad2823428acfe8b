/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-memory-store.h"

#include <string.h>

#include "pt-store-class.h"

typedef struct
{
  guint64 id;
  guint32 area;
  guint32 device;
  gint64 seq;
  gint64 received;
  GBytes *body;
} Entry;

typedef struct
{
  guint64 entry;
  gboolean active;
  GBytes *body;
} Registration;

typedef struct
{
  PtDeviceRow row;       /* body is the newest registration's */
  GArray *registrations; /* Registration, oldest first */
} Device;

typedef struct
{
  guint32 area;
  char *id;
  GBytes *body;
} Official;

typedef struct
{
  PtStoreFailure failure;
  guint after, times;
} FailureSwitch;

typedef struct
{
  PtStore parent;
  GMutex lock;
  GArray *areas;      /* PtAreaRow */
  GArray *entries;    /* Entry, rising id */
  guint64 last_entry; /* also when all are pruned */
  guint64 reports;
  GArray *devices;         /* Device */
  GPtrArray *officials;    /* Official */
  GArray *outages;         /* PtOutageRow */
  GArray *evidence;        /* Entry, id = device */
  GArray *batches;         /* PtBatchRow, by (to, area) */
  GPtrArray *transactions; /* PtTransactionRow, by nonce; FINAL ones stay */
  FailureSwitch switches[PT_STORE_WRITE_COUNT];
} MemoryStore;

static void
clear_entry (Entry *entry)
{
  g_bytes_unref (entry->body);
}

static void
official_free (gpointer data)
{
  Official *official = data;
  g_free (official->id);
  g_bytes_unref (official->body);
  g_free (official);
}

static void
clear_registration (Registration *registration)
{
  g_bytes_unref (registration->body);
}

static void
clear_device_row (PtDeviceRow *row)
{
  g_bytes_unref (row->body);
  pt_history_clear (&row->history);
}

static void
clear_device (Device *device)
{
  clear_device_row (&device->row);
  g_array_unref (device->registrations);
}

static void
memory_free (PtStore *store)
{
  MemoryStore *self = (MemoryStore *) store;
  g_array_unref (self->areas);
  g_array_unref (self->entries);
  g_array_unref (self->devices);
  g_array_unref (self->outages);
  g_ptr_array_unref (self->officials);
  g_array_unref (self->evidence);
  g_array_unref (self->batches);
  g_ptr_array_unref (self->transactions);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Failure switches. A write asks before () whether it may begin, and after () what to say. */

static gboolean
before (MemoryStore *self, PtStoreWrite verb, GError **error)
{
  const FailureSwitch *s = &self->switches[verb];
  if (s->times == 0 || s->after > 0 || s->failure != PT_FAIL_NOT_PERSISTED)
    return TRUE;
  self->switches[verb].times--;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                       "The store was told to fail before writing; try again.");
  return FALSE;
}

static gboolean
after (MemoryStore *self, PtStoreWrite verb, GError **error)
{
  FailureSwitch *s = &self->switches[verb];
  if (s->after > 0)
    {
      s->after--;
      return TRUE;
    }
  if (s->times == 0 || s->failure != PT_FAIL_PERSISTED)
    return TRUE;
  s->times--;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                       "The store was told to fail after writing; try again.");
  return FALSE;
}

static gboolean
conflict (GError **error, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT, sentence);
  return FALSE;
}

/* Entries, outages and devices */

/* The device's outage that holds counter @seq: the one that began last before it. */
static PtOutageRow *
find_outage (GArray *outages, guint32 device, gint64 seq)
{
  PtOutageRow *found = NULL;
  for (guint i = 0; i < outages->len; i++)
    {
      PtOutageRow *row = &g_array_index (outages, PtOutageRow, i);
      if (row->device == device && row->start_seq <= seq
          && (found == NULL || row->start_seq > found->start_seq))
        found = row;
    }
  return found;
}

static gboolean
apply_outage (GArray *outages, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  PtOutageRow added = { write->device,   change->start_seq, change->start,
                        change->end_seq, change->end,       write->customers };
  if (change->kind == PT_CHANGE_OPEN)
    {
      g_array_append_val (outages, added);
      return TRUE;
    }
  gboolean by_start = change->kind == PT_CHANGE_CLOSE || change->kind == PT_CHANGE_MOVE_END;
  PtOutageRow *row
      = find_outage (outages, write->device, by_start ? change->start_seq : change->old_start_seq);
  if (row == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                   "The outage of device number %u that a report changes is not in the store; "
                   "restore the store from a backup.",
                   write->device);
      return FALSE;
    }
  if (change->kind == PT_CHANGE_MOVE_START)
    {
      row->start_seq = change->start_seq;
      row->start = change->start;
      return TRUE;
    }
  added.end_seq = row->end_seq;
  added.end = row->end;
  row->end_seq = change->end_seq;
  row->end = change->end;
  if (change->kind == PT_CHANGE_SPLIT)
    g_array_append_val (outages, added); /* @row is not used after this: it may have moved */
  return TRUE;
}

static gboolean
apply_outages (MemoryStore *self, const PtGroup *group, GError **error)
{
  if (group->outage_count == 0)
    return TRUE;
  g_autoptr (GArray) changed = g_array_copy (self->outages);
  for (guint i = 0; i < group->outage_count; i++)
    if (!apply_outage (changed, &group->outages[i], error))
      return FALSE;
  g_array_unref (self->outages);
  self->outages = g_steal_pointer (&changed);
  return TRUE;
}

static void put_official (MemoryStore *self, const PtOfficialRow *row);

static void
append_entry (GArray *entries, const PtEntryRow *row, guint64 id)
{
  Entry entry
      = { id, row->area, row->device, row->seq, row->received, g_bytes_new (row->body, row->size) };
  g_array_append_val (entries, entry);
}

static void
put_device (MemoryStore *self, const PtDeviceRow *row, guint64 first_id)
{
  if (row->number == self->devices->len)
    {
      Device added = { .row = { .number = row->number, .area = row->area } };
      added.registrations = g_array_new (FALSE, FALSE, sizeof (Registration));
      g_array_set_clear_func (added.registrations, (GDestroyNotify) clear_registration);
      pt_history_init (&added.row.history);
      g_array_append_val (self->devices, added);
    }
  Device *device = &g_array_index (self->devices, Device, row->number);
  Registration registration = { first_id + row->entry, row->active, g_bytes_ref (row->body) };
  g_array_append_val (device->registrations, registration);
  g_clear_pointer (&device->row.body, g_bytes_unref);
  device->row.body = g_bytes_ref (row->body);
  device->row.entry = registration.entry;
  device->row.active = row->active;
}

static gboolean
check_devices (MemoryStore *self, const PtGroup *group, GError **error)
{
  guint count = self->devices->len;
  for (guint i = 0; i < group->device_count; i++)
    {
      if (group->devices[i].number > count)
        return conflict (error, "A device's number is not the count of devices.");
      if (group->devices[i].entry >= group->entry_count)
        return conflict (error, "A device's entry is not among the group's entries.");
      if (group->devices[i].number == count)
        count++;
    }
  return TRUE;
}

static gboolean
memory_commit (PtStore *store, const PtGroup *group, guint64 *first_id, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  *first_id = 0;
  if (!before (self, PT_STORE_COMMIT, error) || !check_devices (self, group, error)
      || !apply_outages (self, group, error))
    return FALSE;
  *first_id = self->last_entry + 1;
  for (guint i = 0; i < group->entry_count; i++)
    {
      append_entry (self->entries, &group->entries[i], ++self->last_entry);
      self->reports += group->entries[i].seq > 0;
    }
  for (guint i = 0; i < group->device_count; i++)
    put_device (self, &group->devices[i], *first_id);
  for (guint i = 0; i < group->official_count; i++)
    put_official (self, &group->officials[i]);
  for (guint i = 0; i < group->evidence_count; i++)
    append_entry (self->evidence, &group->evidence[i], group->evidence[i].id);
  return after (self, PT_STORE_COMMIT, error);
}

static gboolean
memory_scan_entries (PtStore *store, guint64 after_id, gint64 before_received, PtEntryRowFunc func,
                     gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GArray) snapshot = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (snapshot, (GDestroyNotify) clear_entry);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry entry = g_array_index (self->entries, Entry, i);
      if (entry.id <= after_id || (before_received != 0 && entry.received >= before_received))
        continue;
      g_bytes_ref (entry.body);
      g_array_append_val (snapshot, entry);
    }
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < snapshot->len; i++)
    {
      const Entry *entry = &g_array_index (snapshot, Entry, i);
      PtEntryRow row = { .id = entry->id,
                         .area = entry->area,
                         .device = entry->device,
                         .seq = entry->seq,
                         .received = entry->received };
      row.body = g_bytes_get_data (entry->body, &row.size);
      if (!func (&row, user_data, &local))
        break;
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
memory_read_entry (PtStore *store, guint64 id, GBytes **body, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  *body = NULL;
  guint64 first = self->entries->len > 0 ? g_array_index (self->entries, Entry, 0).id : 1;
  if (id >= first && id - first < self->entries->len)
    *body = g_bytes_ref (g_array_index (self->entries, Entry, id - first).body);
  return TRUE;
}

static void
copy_history (const PtHistory *from, PtHistory *to)
{
  g_autoptr (GBytes) gaps = pt_history_save_gaps (from);
  pt_history_init (to);
  to->latest = from->latest;
  gboolean loaded = pt_history_load_gaps (to, gaps);
  g_assert (loaded);
}

/* Whether the newest registration that is sealed makes the device active. */
static gboolean
was_active (MemoryStore *self, const Device *device)
{
  guint64 sealed = device->row.area < self->areas->len
                       ? g_array_index (self->areas, PtAreaRow, device->row.area).head.last_entry
                       : 0;
  for (guint i = device->registrations->len; i > 0; i--)
    {
      const Registration *registration
          = &g_array_index (device->registrations, Registration, i - 1);
      if (registration->entry <= sealed)
        return registration->active;
    }
  return FALSE;
}

static gboolean
memory_scan_devices (PtStore *store, PtDeviceRowFunc func, gpointer user_data, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GArray) snapshot = g_array_new (FALSE, FALSE, sizeof (PtDeviceRow));
  g_array_set_clear_func (snapshot, (GDestroyNotify) clear_device_row);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->devices->len; i++)
    {
      const Device *device = &g_array_index (self->devices, Device, i);
      PtDeviceRow row = device->row;
      g_bytes_ref (row.body);
      row.was_active = was_active (self, device);
      copy_history (&device->row.history, &row.history);
      g_array_append_val (snapshot, row);
    }
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < snapshot->len; i++)
    if (!func (&g_array_index (snapshot, PtDeviceRow, i), user_data, error))
      return FALSE;
  return TRUE;
}

static gboolean
memory_save_devices (PtStore *store, const PtDeviceRow *rows, guint count, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_SAVE_DEVICES, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (rows[i].number >= self->devices->len)
      {
        g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no device number %u.",
                     rows[i].number);
        return FALSE;
      }
  for (guint i = 0; i < count; i++)
    {
      PtDeviceRow *row = &g_array_index (self->devices, Device, rows[i].number).row;
      pt_history_clear (&row->history);
      copy_history (&rows[i].history, &row->history);
      row->folded_to = rows[i].folded_to;
    }
  return after (self, PT_STORE_SAVE_DEVICES, error);
}

static GPtrArray *
memory_device_bodies (PtStore *store, guint32 number, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (number >= self->devices->len)
    return bodies;
  GArray *registrations = g_array_index (self->devices, Device, number).registrations;
  for (guint i = registrations->len; i > 0; i--)
    g_ptr_array_add (bodies, g_bytes_ref (g_array_index (registrations, Registration, i - 1).body));
  return bodies;
}

static void
put_official (MemoryStore *self, const PtOfficialRow *row)
{
  Official *official;
  for (guint i = 0; i < self->officials->len; i++)
    {
      official = g_ptr_array_index (self->officials, i);
      if (official->area != row->area || strcmp (official->id, row->id) != 0)
        continue;
      g_bytes_unref (official->body);
      official->body = g_bytes_ref (row->body);
      return;
    }
  official = g_new0 (Official, 1);
  official->area = row->area;
  official->id = g_strdup (row->id);
  official->body = g_bytes_ref (row->body);
  g_ptr_array_add (self->officials, official);
}

static gboolean
memory_scan_officials (PtStore *store, PtOfficialRowFunc func, gpointer user_data, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  for (guint i = 0; i < self->officials->len; i++)
    {
      const Official *official = g_ptr_array_index (self->officials, i);
      PtOfficialRow row = { official->area, official->id, official->body };
      if (!func (&row, user_data, error))
        return FALSE;
    }
  return TRUE;
}

/* Outages */

static int
compare_outages (gconstpointer a, gconstpointer b)
{
  const PtOutageRow *x = a, *y = b;
  if (x->start != y->start)
    return x->start < y->start ? -1 : 1;
  if (x->device != y->device)
    return x->device < y->device ? -1 : 1;
  return (x->start_seq > y->start_seq) - (x->start_seq < y->start_seq);
}

static gboolean
device_matches (MemoryStore *self, guint32 number, const PtOutageQuery *query)
{
  if (query->area >= 0
      && (number >= self->devices->len
          || g_array_index (self->devices, Device, number).row.area != (guint32) query->area))
    return FALSE;
  if (query->devices == NULL)
    return TRUE;
  for (guint i = 0; i < query->device_count; i++)
    if (query->devices[i] == number)
      return TRUE;
  return FALSE;
}

static gboolean
outage_matches (MemoryStore *self, const PtOutageRow *row, const PtOutageQuery *query)
{
  PtOutageRow last = { .device = query->after_device,
                       .start_seq = query->after_seq,
                       .start = query->after_start };
  if (compare_outages (row, &last) <= 0 || (query->only_open && row->end_seq != 0)
      || (query->only_ended && row->end_seq == 0))
    return FALSE;
  if (query->to != 0 && row->start >= query->to)
    return FALSE;
  if (query->from != 0 && row->end_seq != 0 && row->end <= query->from)
    return FALSE;
  return device_matches (self, row->device, query);
}

static gboolean
memory_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                gpointer user_data, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->outages->len; i++)
    {
      const PtOutageRow *row = &g_array_index (self->outages, PtOutageRow, i);
      if (outage_matches (self, row, query))
        g_array_append_vals (found, row, 1);
    }
  g_mutex_unlock (&self->lock);
  g_array_sort (found, compare_outages);
  guint count = query->limit > 0 ? MIN (found->len, query->limit) : found->len;
  for (guint i = 0; i < count; i++)
    if (!func (&g_array_index (found, PtOutageRow, i), user_data, error))
      return FALSE;
  return TRUE;
}

/* Areas and batches */

static gboolean
memory_add_area (PtStore *store, const PtAreaRow *row, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_ADD_AREA, error))
    return FALSE;
  if (row->number != self->areas->len)
    return conflict (error, "The area's number is not the count of areas.");
  for (guint i = 0; i < self->areas->len; i++)
    if (g_str_equal (g_array_index (self->areas, PtAreaRow, i).id, row->id))
      return conflict (error, "There is an area of this name.");
  g_array_append_vals (self->areas, row, 1);
  return after (self, PT_STORE_ADD_AREA, error);
}

static GArray *
memory_areas (PtStore *store, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  return g_array_copy (self->areas);
}

static gboolean
same_head (const PtHead *a, const PtHead *b)
{
  return a->batch == b->batch && a->to == b->to && a->last_entry == b->last_entry
         && a->frontier.size == b->frontier.size
         && memcmp (a->frontier.nodes, b->frontier.nodes,
                    pt_frontier_count (&a->frontier) * sizeof (PtHash))
                == 0;
}

static int
compare_batches (gconstpointer a, gconstpointer b)
{
  const PtBatchRow *x = a, *y = b;
  if (x->to != y->to)
    return x->to < y->to ? -1 : 1;
  return (x->area > y->area) - (x->area < y->area);
}

static gboolean
memory_seal (PtStore *store, const PtSeal *seals, guint count, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_SEAL, error))
    return FALSE;
  g_autoptr (GArray) areas = g_array_copy (self->areas);
  for (guint i = 0; i < count; i++)
    {
      if (seals[i].row.area >= areas->len)
        return conflict (error, "There is no such area to seal.");
      PtAreaRow *area = &g_array_index (areas, PtAreaRow, seals[i].row.area);
      if (!same_head (&area->head, &seals[i].previous))
        return conflict (error, "The head of the area's log has moved.");
      area->head = seals[i].next;
    }
  g_array_unref (self->areas);
  self->areas = g_steal_pointer (&areas);
  for (guint i = 0; i < count; i++)
    {
      PtBatchRow row = seals[i].row;
      row.state = PT_BATCH_SEALED;
      g_strlcpy (row.area_id, g_array_index (self->areas, PtAreaRow, row.area).id,
                 sizeof row.area_id);
      g_array_append_val (self->batches, row);
    }
  g_array_sort (self->batches, compare_batches);
  return after (self, PT_STORE_SEAL, error);
}

static gboolean
batch_matches (const PtBatchRow *row, const PtBatchQuery *query)
{
  PtBatchRow last = { .to = query->before_to, .area = query->before_area };
  return (query->area < 0 || row->area == (guint32) query->area)
         && (query->state < 0 || (gint32) row->state == query->state)
         && (query->batch == 0 || row->batch == query->batch)
         && (query->before_to == 0 || compare_batches (row, &last) < 0);
}

static GArray *
memory_batches (PtStore *store, const PtBatchQuery *query, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  for (guint i = self->batches->len; i > 0 && (query->limit == 0 || found->len < query->limit); i--)
    {
      const PtBatchRow *row = &g_array_index (self->batches, PtBatchRow, i - 1);
      if (batch_matches (row, query))
        g_array_append_vals (found, row, 1);
    }
  return found;
}

static GArray *
memory_unfinished (PtStore *store, guint limit, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  for (guint i = 0; i < self->batches->len && (limit == 0 || found->len < limit); i++)
    {
      const PtBatchRow *row = &g_array_index (self->batches, PtBatchRow, i);
      if (row->state != PT_BATCH_FINAL)
        g_array_append_vals (found, row, 1);
    }
  return found;
}

static PtBatchRow *
find_batch (MemoryStore *self, guint32 area, guint64 batch)
{
  for (guint i = self->batches->len; i > 0; i--)
    {
      PtBatchRow *row = &g_array_index (self->batches, PtBatchRow, i - 1);
      if (row->area == area && row->batch == batch)
        return row;
    }
  return NULL;
}

static gboolean
check_state (MemoryStore *self, const PtBatchRow *rows, guint count, PtBatchState state,
             GError **error)
{
  for (guint i = 0; i < count; i++)
    {
      const PtBatchRow *row = find_batch (self, rows[i].area, rows[i].batch);
      if (row != NULL && row->state == state)
        continue;
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "Batch %" G_GUINT64_FORMAT " of area number %u is not %s.", rows[i].batch,
                   rows[i].area, pt_batch_state_name (state));
      return FALSE;
    }
  return TRUE;
}

static gboolean
memory_published (PtStore *store, const PtBatchRow *rows, guint count, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_PUBLISHED, error)
      || !check_state (self, rows, count, PT_BATCH_SEALED, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    find_batch (self, rows[i].area, rows[i].batch)->state = PT_BATCH_PUBLISHED;
  return after (self, PT_STORE_PUBLISHED, error);
}

/* Transactions */

static PtTransactionRow *
copy_transaction (const PtTransactionRow *row)
{
  PtTransactionRow *copy = g_memdup2 (row, sizeof *row);
  copy->raw = g_bytes_ref (row->raw);
  copy->versions = g_array_copy (row->versions);
  return copy;
}

static PtTransactionRow *
find_transaction (MemoryStore *self, guint64 nonce, guint *index)
{
  for (guint i = 0; i < self->transactions->len; i++)
    {
      PtTransactionRow *row = g_ptr_array_index (self->transactions, i);
      if (index != NULL)
        *index = i;
      if (row->nonce == nonce)
        return row;
    }
  return NULL;
}

/* A transaction that may still change, or PT_ERROR_CONFLICT. */
static PtTransactionRow *
find_pending (MemoryStore *self, guint64 nonce, guint *index, GError **error)
{
  PtTransactionRow *row = find_transaction (self, nonce, index);
  if (row != NULL && row->state != PT_BATCH_FINAL)
    return row;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
               "There is no transaction of nonce %" G_GUINT64_FORMAT " that is not final.", nonce);
  return NULL;
}

static int
compare_transactions (gconstpointer a, gconstpointer b)
{
  const PtTransactionRow *x = *(PtTransactionRow *const *) a, *y = *(PtTransactionRow *const *) b;
  return (x->nonce > y->nonce) - (x->nonce < y->nonce);
}

static gboolean
memory_submit (PtStore *store, const PtTransactionRow *transaction, const PtBatchRow *rows,
               guint count, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_SUBMIT, error)
      || !check_state (self, rows, count, PT_BATCH_PUBLISHED, error))
    return FALSE;
  if (find_transaction (self, transaction->nonce, NULL) != NULL)
    return conflict (error, "There is a transaction of this nonce.");
  PtTransactionRow *row = g_memdup2 (transaction, sizeof *transaction);
  row->state = PT_BATCH_SUBMITTED;
  row->block = 0;
  row->raw = g_bytes_ref (transaction->raw);
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_array_append_val (row->versions, row->hash);
  g_ptr_array_add (self->transactions, row);
  g_ptr_array_sort (self->transactions, compare_transactions);
  for (guint i = 0; i < count; i++)
    {
      PtBatchRow *batch = find_batch (self, rows[i].area, rows[i].batch);
      batch->state = PT_BATCH_SUBMITTED;
      batch->has_nonce = TRUE;
      batch->nonce = row->nonce;
    }
  return after (self, PT_STORE_SUBMIT, error);
}

static gboolean
memory_bump (PtStore *store, const PtTransactionRow *transaction, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_BUMP, error))
    return FALSE;
  PtTransactionRow *row = find_pending (self, transaction->nonce, NULL, error);
  if (row == NULL)
    return FALSE;
  g_bytes_unref (row->raw);
  row->raw = g_bytes_ref (transaction->raw);
  row->hash = transaction->hash;
  row->sent = transaction->sent;
  row->max_fee = transaction->max_fee;
  row->max_priority_fee = transaction->max_priority_fee;
  g_array_append_val (row->versions, row->hash);
  return after (self, PT_STORE_BUMP, error);
}

static gboolean
memory_mined (PtStore *store, const PtTransactionRow *transaction, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_MINED, error))
    return FALSE;
  PtTransactionRow *row = find_pending (self, transaction->nonce, NULL, error);
  if (row == NULL)
    return FALSE;
  gboolean mined = transaction->block != 0;
  static const PtHash none;
  row->hash
      = mined ? transaction->hash : g_array_index (row->versions, PtHash, row->versions->len - 1);
  row->block = transaction->block;
  row->block_hash = mined ? transaction->block_hash : none;
  row->gas_used = mined ? transaction->gas_used : 0;
  for (guint i = 0; i < self->batches->len; i++)
    {
      PtBatchRow *batch = &g_array_index (self->batches, PtBatchRow, i);
      if (!batch->has_nonce || batch->nonce != row->nonce)
        continue;
      batch->transaction = mined ? row->hash : none;
      batch->block = row->block;
    }
  return after (self, PT_STORE_MINED, error);
}

static gboolean
memory_finalize (PtStore *store, guint64 nonce, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!before (self, PT_STORE_FINALIZE, error))
    return FALSE;
  PtTransactionRow *row = find_pending (self, nonce, NULL, error);
  if (row == NULL)
    return FALSE;
  if (row->block == 0)
    return conflict (error, "A transaction that is not mined can't be final.");
  row->state = PT_BATCH_FINAL;
  for (guint i = 0; i < self->batches->len; i++)
    {
      PtBatchRow *batch = &g_array_index (self->batches, PtBatchRow, i);
      if (batch->has_nonce && batch->nonce == nonce)
        batch->state = PT_BATCH_FINAL;
    }
  return after (self, PT_STORE_FINALIZE, error);
}

static gboolean
memory_withdraw (PtStore *store, guint64 nonce, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint index = 0;
  if (!before (self, PT_STORE_WITHDRAW, error) || find_pending (self, nonce, &index, error) == NULL)
    return FALSE;
  g_ptr_array_remove_index (self->transactions, index);
  for (guint i = 0; i < self->batches->len; i++)
    {
      PtBatchRow *batch = &g_array_index (self->batches, PtBatchRow, i);
      if (!batch->has_nonce || batch->nonce != nonce)
        continue;
      batch->state = PT_BATCH_PUBLISHED;
      batch->has_nonce = FALSE;
      batch->nonce = batch->block = 0;
      memset (&batch->transaction, 0, sizeof batch->transaction);
    }
  return after (self, PT_STORE_WITHDRAW, error);
}

static GPtrArray *
memory_transactions (PtStore *store, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_transaction_row_free);
  for (guint i = 0; i < self->transactions->len; i++)
    {
      const PtTransactionRow *row = g_ptr_array_index (self->transactions, i);
      if (row->state != PT_BATCH_FINAL)
        g_ptr_array_add (found, copy_transaction (row));
    }
  return found;
}

static gboolean
memory_prune (PtStore *store, guint64 up_to, guint limit, guint *removed, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  *removed = 0;
  if (!before (self, PT_STORE_PRUNE, error))
    return FALSE;
  guint count = 0;
  while (count < self->entries->len && count < limit
         && g_array_index (self->entries, Entry, count).id <= up_to)
    count++;
  if (count > 0)
    g_array_remove_range (self->entries, 0, count);
  *removed = count;
  return after (self, PT_STORE_PRUNE, error);
}

static gboolean
memory_counts (PtStore *store, PtCounts *counts, GError **error)
{
  MemoryStore *self = (MemoryStore *) store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  *counts = (PtCounts){ .last_entry = self->last_entry, .reports = self->reports };
  for (guint i = 0; i < self->batches->len; i++)
    counts->batches[g_array_index (self->batches, PtBatchRow, i).state]++;
  for (guint i = 0; i < self->outages->len; i++)
    counts->open_outages += g_array_index (self->outages, PtOutageRow, i).end_seq == 0;
  return TRUE;
}

static const PtStoreClass memory_class = {
  .free = memory_free,
  .commit = memory_commit,
  .add_area = memory_add_area,
  .areas = memory_areas,
  .scan_entries = memory_scan_entries,
  .read_entry = memory_read_entry,
  .scan_devices = memory_scan_devices,
  .save_devices = memory_save_devices,
  .scan_officials = memory_scan_officials,
  .device_bodies = memory_device_bodies,
  .outages = memory_outages,
  .seal = memory_seal,
  .batches = memory_batches,
  .unfinished = memory_unfinished,
  .published = memory_published,
  .submit = memory_submit,
  .bump = memory_bump,
  .mined = memory_mined,
  .finalize = memory_finalize,
  .withdraw = memory_withdraw,
  .transactions = memory_transactions,
  .prune = memory_prune,
  .counts = memory_counts,
};

PtStore *
pt_memory_store_new (void)
{
  MemoryStore *self = g_new0 (MemoryStore, 1);
  self->parent.klass = &memory_class;
  g_mutex_init (&self->lock);
  self->areas = g_array_new (FALSE, FALSE, sizeof (PtAreaRow));
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, (GDestroyNotify) clear_entry);
  self->devices = g_array_new (FALSE, FALSE, sizeof (Device));
  g_array_set_clear_func (self->devices, (GDestroyNotify) clear_device);
  self->outages = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));
  self->officials = g_ptr_array_new_with_free_func (official_free);
  self->evidence = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->evidence, (GDestroyNotify) clear_entry);
  self->batches = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  self->transactions = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_transaction_row_free);
  return &self->parent;
}

void
pt_memory_store_fail (PtStore *store, PtStoreWrite verb, PtStoreFailure failure, guint after_calls,
                      guint times)
{
  MemoryStore *self = (MemoryStore *) store;
  g_return_if_fail (store != NULL && store->klass == &memory_class && verb < PT_STORE_WRITE_COUNT);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  self->switches[verb] = (FailureSwitch){ failure, after_calls, times };
}

guint
pt_memory_store_evidence_count (PtStore *store)
{
  MemoryStore *self = (MemoryStore *) store;
  g_return_val_if_fail (store != NULL && store->klass == &memory_class, 0);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  return self->evidence->len;
}
