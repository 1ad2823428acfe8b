/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-state.h"

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-p256.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "PTFLEET1"

typedef struct
{
  char magic[8];
  guint32 record_size;
  guint32 finished; /* the run below is over */
  guint64 records;
  guint64 fingerprint; /* of the run; 0: none */
  gint64 start;        /* of the run */
  char daemon[96];     /* its service key */
  char boot[40];       /* the boot of the machine in which it was last open; empty: closed */
} Header;

struct _PtFleetState
{
  char *path;
  int file;
  gsize size;
  Header *header; /* the mapping; NULL: the file is empty */
  PtFleetRecord *records;
  guint32 *numbers; /* the plan's device -> its record */
  guint count;
  gboolean was_cut;
};

static gboolean
fail (PtFleetState *state, GError **error, const char *problem)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s: %s", state->path, problem);
  return FALSE;
}

static gboolean
fail_errno (PtFleetState *state, GError **error, const char *what)
{
  g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("Cannot %s the fleet's state %s: %s."), what,
               state->path, g_strerror (errno));
  return FALSE;
}

static void
unmap (PtFleetState *state)
{
  if (state->header != NULL)
    munmap (state->header, state->size);
  state->header = NULL;
  state->records = NULL;
}

void
pt_fleet_state_free (PtFleetState *state)
{
  if (state == NULL)
    return;
  if (state->header != NULL)
    {
      if (msync (state->header, state->size, MS_SYNC) == 0)
        state->header->boot[0] = '\0';
      msync (state->header, sizeof (Header), MS_SYNC);
    }
  unmap (state);
  if (state->file >= 0)
    close (state->file);
  g_free (state->path);
  g_free (state->numbers);
  g_free (state);
}

/* Opens the file and locks it; a file that was replaced meanwhile is opened again. */
static gboolean
open_locked (PtFleetState *state, GError **error)
{
  struct stat mine, now;

  for (;;)
    {
      state->file = open (state->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (state->file < 0)
        return fail_errno (state, error, _ ("open"));
      if (flock (state->file, LOCK_EX | LOCK_NB) != 0)
        return fail (state, error,
                     _ ("another fleet uses this state; end it, or name another file with "
                        "--state."));
      if (fstat (state->file, &mine) != 0)
        return fail_errno (state, error, _ ("read"));
      if (stat (state->path, &now) == 0 && now.st_ino == mine.st_ino)
        break;
      close (state->file);
    }
  if (!S_ISREG (mine.st_mode))
    return fail (state, error, _ ("is no file; name another with --state."));
  if ((mine.st_mode & 077) != 0)
    return fail (state, error,
                 _ ("holds private keys and others may read it; set its mode to 0600."));
  state->size = (gsize) mine.st_size;
  return TRUE;
}

static gboolean
map (PtFleetState *state, GError **error)
{
  void *address = mmap (NULL, state->size, PROT_READ | PROT_WRITE, MAP_SHARED, state->file, 0);

  if (address == MAP_FAILED)
    return fail_errno (state, error, _ ("map"));
  state->header = address;
  state->records = (PtFleetRecord *) (gpointer) ((char *) address + sizeof (Header));
  return TRUE;
}

static gboolean
check_map (PtFleetState *state, GError **error)
{
  const Header *header = state->header;

  if (state->size < sizeof (Header) || memcmp (header->magic, MAGIC, sizeof header->magic) != 0
      || header->record_size != sizeof (PtFleetRecord)
      || header->records > state->size / sizeof (PtFleetRecord)
      || state->size != sizeof (Header) + header->records * sizeof (PtFleetRecord))
    return fail (state, error,
                 _ ("is no state of this fleet, or was cut off; name another file with --state."));
  for (guint64 i = 0; i < header->records; i++)
    {
      const PtFleetRecord *record = &state->records[i];

      if (record->area[sizeof record->area - 1] != '\0'
          || record->device[sizeof record->device - 1] != '\0')
        return fail (state, error, _ ("is damaged; name another file with --state."));
    }
  return TRUE;
}

static void
read_boot (char boot[40])
{
  g_autofree char *text = NULL;

  memset (boot, 0, 40);
  if (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    g_strlcpy (boot, g_strstrip (text), 40);
  else
    g_strlcpy (boot, "unknown", 40);
}

/* After the machine itself went down, counters may have been used that did not reach the disk. */
static void
skip_counters (PtFleetState *state)
{
  for (guint64 i = 0; i < state->header->records; i++)
    {
      PtDeviceMemory *memory = &state->records[i].memory;

      memory->used_seq += PT_FLEET_SKIP;
      if (memory->next - memory->first > PT_FLEET_RING)
        memory->first = memory->next = 0;
    }
}

static void
mark_open (PtFleetState *state)
{
  char boot[40];

  read_boot (boot);
  state->was_cut = state->header->boot[0] != '\0';
  if (state->was_cut && memcmp (boot, state->header->boot, sizeof boot) != 0)
    skip_counters (state);
  memcpy (state->header->boot, boot, sizeof boot);
}

static char *
record_name (const char *area, const char *device)
{
  return g_strconcat (area, "/", device, NULL);
}

/* Finds the plan's devices; those without a record get the numbers after the last. Returns how many
 * are new. */
static guint
number_devices (PtFleetState *state, const PtFleetPlan *plan)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint records = state->header != NULL ? (guint) state->header->records : 0, count = records;

  for (guint i = 0; i < records; i++)
    g_hash_table_insert (names, record_name (state->records[i].area, state->records[i].device),
                         GUINT_TO_POINTER (i + 1));
  state->count = plan->devices->len;
  state->numbers = g_new (guint32, MAX (state->count, 1));
  for (guint i = 0; i < state->count; i++)
    {
      const PtFleetDevice *device = plan->devices->pdata[i];
      char *name = record_name (device->area, device->id);
      guint known = GPOINTER_TO_UINT (g_hash_table_lookup (names, name));

      state->numbers[i] = known != 0 ? known - 1 : count++;
      if (known == 0)
        g_hash_table_insert (names, name, GUINT_TO_POINTER (count));
      else
        g_free (name);
    }
  return count - records;
}

static gboolean
fill_record (PtFleetState *state, PtFleetRecord *record, const PtFleetDevice *device,
             GError **error)
{
  PtP256Key *key = pt_p256_key_generate ();

  if (key == NULL)
    return fail (state, error, _ ("no key could be made; is OpenSSL's random source at work?"));
  memset (record, 0, sizeof *record);
  g_strlcpy (record->area, device->area, sizeof record->area);
  g_strlcpy (record->device, device->id, sizeof record->device);
  pt_p256_key_to_scalar (key, record->scalar);
  pt_p256_key_free (key);
  return TRUE;
}

static gboolean
write_all (int file, const void *data, gsize size)
{
  const char *bytes = data;

  while (size > 0)
    {
      gssize written = write (file, bytes, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      bytes += written;
      size -= (gsize) written;
    }
  return TRUE;
}

/* The old records and @added new ones. */
static gboolean
write_records (PtFleetState *state, int file, const PtFleetPlan *plan, guint added, GError **error)
{
  guint old = state->header != NULL ? (guint) state->header->records : 0;
  Header header = { .magic = MAGIC, .record_size = sizeof (PtFleetRecord) };
  PtFleetRecord record;

  if (state->header != NULL)
    header = *state->header;
  header.records = old + added;
  if (!write_all (file, &header, sizeof header)
      || (old > 0 && !write_all (file, state->records, old * sizeof record)))
    return fail_errno (state, error, _ ("write"));
  for (guint i = 0; i < state->count; i++)
    {
      if (state->numbers[i] < old)
        continue;
      if (!fill_record (state, &record, plan->devices->pdata[i], error))
        return FALSE;
      if (!write_all (file, &record, sizeof record))
        return fail_errno (state, error, _ ("write"));
    }
  explicit_bzero (&record, sizeof record);
  return fsync (file) == 0 || fail_errno (state, error, _ ("write"));
}

/* Makes the file anew with more records, beside the old one, and puts it in its place. */
static gboolean
grow (PtFleetState *state, const PtFleetPlan *plan, guint added, GError **error)
{
  g_autofree char *temporary = g_strconcat (state->path, ".new", NULL);
  int file;

  g_unlink (temporary);
  file = open (temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return fail_errno (state, error, _ ("write"));
  if (flock (file, LOCK_EX | LOCK_NB) != 0 || !write_records (state, file, plan, added, error)
      || (g_rename (temporary, state->path) != 0 && !fail_errno (state, error, _ ("replace"))))
    {
      close (file);
      g_unlink (temporary);
      return FALSE;
    }
  unmap (state);
  close (state->file);
  state->file = file;
  state->size = (gsize) lseek (file, 0, SEEK_END);
  return map (state, error);
}

PtFleetState *
pt_fleet_state_open (const char *path, const PtFleetPlan *plan, GError **error)
{
  g_autoptr (PtFleetState) state = g_new0 (PtFleetState, 1);
  guint added;

  state->path = g_strdup (path);
  state->file = -1;
  if (!open_locked (state, error))
    return NULL;
  if (state->size > 0 && (!map (state, error) || !check_map (state, error)))
    {
      unmap (state); /* so that closing does not write to what is not ours */
      return NULL;
    }
  added = number_devices (state, plan);
  if ((added > 0 || state->header == NULL) && !grow (state, plan, added, error))
    return NULL;
  mark_open (state);
  if (!pt_fleet_state_flush (state, error))
    return NULL;
  return g_steal_pointer (&state);
}

PtFleetRecord *
pt_fleet_state_record (PtFleetState *state, guint number)
{
  g_return_val_if_fail (number < state->count, NULL);
  return &state->records[state->numbers[number]];
}

gboolean
pt_fleet_state_was_cut (PtFleetState *state)
{
  g_return_val_if_fail (state != NULL, FALSE);
  return state->was_cut;
}

gboolean
pt_fleet_state_flush (PtFleetState *state, GError **error)
{
  if (msync (state->header, state->size, MS_SYNC) == 0)
    return TRUE;
  return fail_errno (state, error, _ ("write"));
}

static gboolean
is_daemon (PtFleetState *state, const char *service_key)
{
  return strncmp (state->header->daemon, service_key, sizeof state->header->daemon - 1) == 0;
}

gboolean
pt_fleet_state_resume (PtFleetState *state, guint64 fingerprint, const char *service_key,
                       gint64 *start)
{
  if (state->header->fingerprint != fingerprint || state->header->finished
      || !is_daemon (state, service_key))
    return FALSE;
  *start = state->header->start;
  return TRUE;
}

guint
pt_fleet_state_begin (PtFleetState *state, guint64 fingerprint, const char *service_key,
                      gint64 start)
{
  gboolean other = !is_daemon (state, service_key);
  guint dropped = 0;

  for (guint i = 0; i < state->count; i++)
    {
      PtDeviceMemory *memory = &pt_fleet_state_record (state, i)->memory;

      memory->last_ts = 0;
      if (!other)
        continue;
      dropped += (guint) (memory->next - memory->first);
      memory->first = memory->next;
    }
  state->header->fingerprint = fingerprint;
  state->header->start = start;
  state->header->finished = 0;
  g_strlcpy (state->header->daemon, service_key, sizeof state->header->daemon);
  return dropped;
}

void
pt_fleet_state_finish (PtFleetState *state)
{
  state->header->finished = 1;
}

gint64
pt_fleet_state_last_ts (PtFleetState *state)
{
  gint64 last = 0;

  for (guint i = 0; i < state->count; i++)
    last = MAX (last, pt_fleet_state_record (state, i)->memory.last_ts);
  return last;
}

static gboolean
append_listed (PtFleetState *state, const PtFleetPlan *plan, guint number, GString *text,
               GError **error)
{
  const PtFleetDevice *device = plan->devices->pdata[number];
  PtP256Key *key = pt_p256_key_from_scalar (pt_fleet_state_record (state, number)->scalar);
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  char encoded[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1];
  gsize size;

  if (key == NULL)
    return fail (state, error, _ ("is damaged; name another file with --state."));
  pt_p256_key_public (key, public_key);
  pt_p256_key_free (key);
  size = pt_base64url_encode (public_key, sizeof public_key, encoded, sizeof encoded);
  g_string_append_printf (
      text, "%s,%s,%s,%.*s,%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%s,%" G_GINT64_FORMAT ",%s\n",
      device->area, device->id, device->site, (int) size, encoded, device->lat, device->lon,
      pt_level_name (device->level), device->customers, device->feeder);
  return TRUE;
}

gboolean
pt_fleet_state_list (PtFleetState *state, const PtFleetPlan *plan, const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new ("area,device,site,key,lat,lon,level,customers,feeder\n");

  for (guint i = 0; i < state->count; i++)
    if (!append_listed (state, plan, i, text, error))
      return FALSE;
  if (!g_file_set_contents (path, text->str, (gssize) text->len, error))
    {
      g_prefix_error (error, _ ("Cannot write the list %s: "), path);
      return FALSE;
    }
  return TRUE;
}
