/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-registry.h"

#include <string.h>

G_STATIC_ASSERT (PT_SEQ_WINDOW == PT_SEQ_BEHIND_MAX);

struct _PtRegistry
{
  GHashTable *areas; /* id -> PtArea */
  GPtrArray *areas_by_number;
  GPtrArray *devices;           /* in the order in which they came */
  GPtrArray *devices_by_number; /* NULL: a hole */
  guint32 next_official;        /* above the highest number */
};

/* Ids are looked up by span, so that no lookup copies. */
typedef struct
{
  char text[PT_ID_MAX + 1];
} Id;

static const char *
id_from_span (PtSpan span, Id *id)
{
  gsize size = MIN (span.size, PT_ID_MAX);

  memcpy (id->text, span.data, size);
  id->text[size] = '\0';
  return id->text;
}

static void
device_free (gpointer data)
{
  PtDevice *device = data;

  pt_history_clear (&device->history);
  pt_past_clear (&device->past);
  pt_ranges_clear (&device->passed);
  pt_ranges_clear (&device->lost);
  g_free (device->id);
  g_free (device->site);
  g_free (device->feeder);
  g_free (device);
}

static void
official_free (gpointer data)
{
  PtOfficial *official = data;

  g_free (official->id);
  g_free (official->name);
  g_free (official);
}

static void
history_free (gpointer data)
{
  pt_history_clear (data);
  g_free (data);
}

static void
area_free (gpointer data)
{
  PtArea *area = data;

  g_hash_table_unref (area->devices);
  g_hash_table_unref (area->officials);
  pt_promises_free (area->promises);
  g_hash_table_unref (area->sites);
  g_hash_table_unref (area->former);
  g_clear_pointer (&area->counters, g_hash_table_unref);
  g_clear_pointer (&area->sorted, g_ptr_array_unref);
  g_free (area);
}

PtRegistry *
pt_registry_new (void)
{
  PtRegistry *registry = g_new0 (PtRegistry, 1);

  registry->areas = g_hash_table_new (g_str_hash, g_str_equal);
  registry->areas_by_number = g_ptr_array_new_with_free_func (area_free);
  registry->devices = g_ptr_array_new_with_free_func (device_free);
  registry->devices_by_number = g_ptr_array_new ();
  return registry;
}

void
pt_registry_free (PtRegistry *registry)
{
  if (registry == NULL)
    return;
  g_hash_table_unref (registry->areas);
  g_ptr_array_unref (registry->areas_by_number);
  g_ptr_array_unref (registry->devices);
  g_ptr_array_unref (registry->devices_by_number);
  g_free (registry);
}

PtArea *
pt_registry_add_area (PtRegistry *registry, const char *id, const guint8 *authority_key,
                      const guint8 *service_key)
{
  PtArea *area;

  g_return_val_if_fail (pt_is_area_id (pt_span (id, strlen (id))), NULL);
  g_return_val_if_fail (!g_hash_table_contains (registry->areas, id), NULL);

  area = g_new0 (PtArea, 1);
  area->number = registry->areas_by_number->len;
  g_strlcpy (area->id, id, sizeof area->id);
  memcpy (area->authority_key, authority_key, PT_PUBLIC_KEY_SIZE);
  memcpy (area->service_key, service_key, PT_PUBLIC_KEY_SIZE);
  area->devices = g_hash_table_new (g_str_hash, g_str_equal);
  area->officials = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, official_free);
  area->promises = pt_promises_new ();
  area->former
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  area->sites
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  g_hash_table_insert (registry->areas, area->id, area);
  g_ptr_array_add (registry->areas_by_number, area);
  return area;
}

PtArea *
pt_registry_area (PtRegistry *registry, PtSpan id)
{
  Id text;

  g_return_val_if_fail (registry != NULL, NULL);

  return g_hash_table_lookup (registry->areas, id_from_span (id, &text));
}

PtArea *
pt_registry_area_at (PtRegistry *registry, guint number)
{
  g_return_val_if_fail (number < registry->areas_by_number->len, NULL);
  return g_ptr_array_index (registry->areas_by_number, number);
}

guint
pt_registry_area_count (PtRegistry *registry)
{
  g_return_val_if_fail (registry != NULL, 0);

  return registry->areas_by_number->len;
}

PtDevice *
pt_registry_device (PtArea *area, PtSpan id)
{
  Id text;

  g_return_val_if_fail (area != NULL, NULL);

  return g_hash_table_lookup (area->devices, id_from_span (id, &text));
}

PtDevice *
pt_registry_device_at (PtRegistry *registry, guint index)
{
  g_return_val_if_fail (index < registry->devices->len, NULL);
  return g_ptr_array_index (registry->devices, index);
}

guint
pt_registry_device_count (PtRegistry *registry)
{
  g_return_val_if_fail (registry != NULL, 0);

  return registry->devices->len;
}

PtDevice *
pt_registry_device_numbered (PtRegistry *registry, guint32 number)
{
  g_return_val_if_fail (registry != NULL, NULL);

  return number < registry->devices_by_number->len
             ? g_ptr_array_index (registry->devices_by_number, number)
             : NULL;
}

PtOfficial *
pt_registry_official (PtArea *area, PtSpan id)
{
  Id text;

  g_return_val_if_fail (area != NULL, NULL);

  return g_hash_table_lookup (area->officials, id_from_span (id, &text));
}

void
pt_area_begin_late (PtArea *area)
{
  g_return_if_fail (area->counters == NULL);
  area->counters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, history_free);
}

static PtDeviceFacts
device_facts (const PtDevice *device)
{
  return (PtDeviceFacts){ (PtStatus) device->status, pt_span (device->site, strlen (device->site)),
                          device->lat, device->lon };
}

static PtRule
area_judge_report (PtArea *area, const PtEntry *entry, const guint8 **key)
{
  PtDevice *device = pt_registry_device (area, entry->device);
  PtDeviceFacts facts;
  PtRule rule;

  if (device == NULL)
    return pt_rule_report (entry, NULL);
  facts = device_facts (device);
  rule = pt_rule_report (entry, &facts);
  *key = rule == PT_RULE_HOLDS ? device->public_key : NULL;
  return rule;
}

typedef struct
{
  gint64 first, last;
  guint64 missing;
} Missing;

static void
count_missing (gint64 first, gint64 last, gpointer user_data)
{
  Missing *missing = user_data;

  if (first <= missing->last && last >= missing->first)
    missing->missing += (guint64) (MIN (last, missing->last) - MAX (first, missing->first)) + 1;
}

static PtRule
area_judge_lost (PtArea *area, const PtEntry *entry, const guint8 **key)
{
  Missing missing = { entry->first, entry->last, 0 };
  PtDevice *device = pt_registry_device (area, entry->device);
  PtDeviceFacts facts;
  PtRule rule;

  if (device == NULL)
    return pt_rule_lost (entry, NULL, 0, 0);
  facts = device_facts (device);
  missing.missing = pt_ranges_count (&device->passed, entry->first, entry->last);
  pt_history_each_gap (&device->history, count_missing, &missing);
  /* What stands before this part of the log may be above the counters, and have none of them. */
  rule = area->counters != NULL
             ? pt_rule_lost (entry, &facts, PT_INTEGER_MAX + 1,
                             (guint64) (entry->last - entry->first) + 1)
             : pt_rule_lost (entry, &facts, device->history.latest.seq, missing.missing);
  *key = rule == PT_RULE_HOLDS ? device->public_key : NULL;
  return rule;
}

/* The officials that an action or a notice names. */
typedef struct
{
  PtPromiseSigners signers;
  PtOfficialFacts by, to;
} Named;

static const PtOfficialFacts *
area_official_facts (PtArea *area, PtSpan id, PtOfficialFacts *facts, const guint8 **key)
{
  const PtOfficial *official = id.size > 0 ? pt_registry_official (area, id) : NULL;

  if (official == NULL)
    return NULL;
  *facts = (PtOfficialFacts){ (PtStatus) official->status, (PtRole) official->role };
  *key = official->public_key;
  return facts;
}

static void
area_name (PtArea *area, const PtEntry *entry, Named *named)
{
  const guint8 *key = NULL;

  *named = (Named){ 0 };
  if (pt_entry_signer (entry) == PT_SIGNER_OFFICIAL)
    named->signers.by = area_official_facts (area, entry->by, &named->by, &named->signers.by_key);
  named->signers.to = area_official_facts (area, entry->to, &named->to, &key);
}

static const guint8 *
area_signing_key (const PtArea *area, const PtEntry *entry, const Named *named)
{
  switch (pt_entry_signer (entry))
    {
    case PT_SIGNER_AUTHORITY:
      return area->authority_key;
    case PT_SIGNER_SERVICE:
      return area->service_key;
    case PT_SIGNER_CITIZEN:
      return entry->key;
    case PT_SIGNER_OFFICIAL:
      return named->signers.by != NULL && named->by.status == PT_STATUS_ACTIVE
                 ? named->signers.by_key
                 : NULL;
    case PT_SIGNER_DEVICE:
      break;
    }
  return NULL;
}

static PtRule
area_judge_promise (PtArea *area, const PtEntry *entry, const guint8 **key)
{
  Named named;

  area_name (area, entry, &named);
  *key = area_signing_key (area, entry, &named);
  return pt_promises_judge (area->promises, entry, &named.signers, area->counters != NULL);
}

PtRule
pt_registry_judge (PtRegistry *registry, const PtEntry *entry, const guint8 **key)
{
  PtArea *area;

  g_return_val_if_fail (registry != NULL && key != NULL, PT_RULE_UNKNOWN_AREA);

  area = pt_registry_area (registry, entry->area);
  *key = NULL;
  if (area == NULL)
    return PT_RULE_UNKNOWN_AREA;
  switch (entry->kind)
    {
    case PT_ENTRY_DEVICE:
    case PT_ENTRY_OFFICIAL:
      *key = area->authority_key;
      return pt_rule_registration (entry, pt_registry_registered (registry, entry));
    case PT_ENTRY_REPORT:
      return area_judge_report (area, entry, key);
    case PT_ENTRY_LOST:
      return area_judge_lost (area, entry, key);
    case PT_ENTRY_ACTION:
    case PT_ENTRY_NOTICE:
    case PT_ENTRY_PROFILE:
      return area_judge_promise (area, entry, key);
    case PT_ENTRY_ROSTER:
      *key = area->service_key;
      return PT_RULE_HOLDS;
    }
  g_return_val_if_reached (PT_RULE_UNKNOWN_AREA);
}

gint64
pt_registry_registered (PtRegistry *registry, const PtEntry *entry)
{
  PtArea *area;
  Id text;

  g_return_val_if_fail (registry != NULL, -1);

  area = pt_registry_area (registry, entry->area);
  if (area != NULL && entry->kind == PT_ENTRY_PROFILE)
    return pt_promises_profile_time (area->promises);
  if (area != NULL && entry->kind == PT_ENTRY_DEVICE)
    {
      PtDevice *device = pt_registry_device (area, entry->device);

      return device != NULL ? device->registered : -1;
    }
  if (area != NULL && entry->kind == PT_ENTRY_OFFICIAL)
    {
      PtOfficial *official
          = g_hash_table_lookup (area->officials, id_from_span (entry->official, &text));

      return official != NULL ? official->registered : -1;
    }
  return -1;
}

/* Nobody finds other bytes for a digest of eight that somebody else chose. */
static guint64
registration_digest (const PtEntry *entry)
{
  PtHash digest;
  guint64 first;

  pt_entry_digest (entry, &digest);
  memcpy (&first, digest.bytes, sizeof first);
  return first;
}

gboolean
pt_registry_is_registered (PtRegistry *registry, const PtEntry *entry)
{
  const PtOfficial *official;
  const PtDevice *device;
  PtArea *area;

  g_return_val_if_fail (registry != NULL && entry != NULL, FALSE);

  area = pt_registry_area (registry, entry->area);
  if (area == NULL || pt_registry_registered (registry, entry) != entry->ts)
    return FALSE;
  if (entry->kind == PT_ENTRY_PROFILE)
    return pt_promises_is_profile (area->promises, entry);
  if (entry->kind == PT_ENTRY_DEVICE)
    {
      device = pt_registry_device (area, entry->device);
      return device->registration == registration_digest (entry);
    }
  official = pt_registry_official (area, entry->official);
  return official->registration == registration_digest (entry);
}

static void
area_add_former (PtArea *area, PtDevice *device, const char *site)
{
  GPtrArray *devices = g_hash_table_lookup (area->former, site);

  if (devices == NULL)
    {
      devices = g_ptr_array_sized_new (1);
      g_hash_table_insert (area->former, g_strdup (site), devices);
    }
  if (!g_ptr_array_find (devices, device, NULL))
    g_ptr_array_add (devices, device);
}

gboolean
pt_device_key_is_copied (const PtDevice *device)
{
  g_return_val_if_fail (device != NULL, FALSE);

  return device->status == PT_STATUS_ACTIVE && device->copied > device->after;
}

gboolean
pt_device_load_past (PtDevice *device, GBytes *bytes)
{
  g_return_val_if_fail (device != NULL && bytes != NULL, FALSE);

  pt_past_clear (&device->past);
  if (!pt_past_load (&device->past, bytes))
    return FALSE;
  device->after = pt_past_after (&device->past, device->public_key);
  for (guint i = 0; i < pt_past_place (&device->past); i++)
    area_add_former (device->area, device, g_array_index (device->past.places, PtPlace, i).site);
  return TRUE;
}

static PtSpan
span_of (const char *text)
{
  return pt_span (text, text != NULL ? strlen (text) : 0);
}

PtStanding
pt_device_place (const PtDevice *device, guint32 place)
{
  PtStanding standing = { 0 };

  g_return_val_if_fail (device != NULL, standing);

  if (place < pt_past_place (&device->past))
    {
      const PtPlace *former = &g_array_index (device->past.places, PtPlace, place);

      return (PtStanding){ .site = span_of (former->site),
                           .feeder = span_of (former->feeder),
                           .lat = former->lat,
                           .lon = former->lon,
                           .customers = former->customers,
                           .level = former->level,
                           .key = device->public_key };
    }
  return (PtStanding){ .site = span_of (device->site),
                       .feeder = span_of (device->feeder),
                       .lat = device->lat,
                       .lon = device->lon,
                       .customers = device->customers,
                       .level = device->level,
                       .key = device->public_key };
}

guint32
pt_device_find_place (const PtDevice *device, PtSpan site)
{
  guint32 places;

  g_return_val_if_fail (device != NULL, 0);

  places = pt_past_place (&device->past);
  for (guint32 place = places; place > 0; place--)
    if (pt_span_equal (pt_device_place (device, place).site, site))
      return place;
  return pt_span_equal (pt_device_place (device, 0).site, site) ? 0 : places;
}

static void
area_move_site (PtArea *area, PtDevice *device, PtSpan site)
{
  g_autofree char *name = g_strndup (site.data, site.size);
  GPtrArray *devices;

  if (device->site != NULL && strcmp (device->site, name) == 0)
    return;
  if (device->site != NULL)
    {
      area_add_former (area, device, device->site);
      devices = g_hash_table_lookup (area->sites, device->site);
      g_ptr_array_remove (devices, device);
      if (devices->len == 0)
        g_hash_table_remove (area->sites, device->site);
    }
  devices = g_hash_table_lookup (area->sites, name);
  if (devices == NULL)
    {
      devices = g_ptr_array_sized_new (1);
      g_hash_table_insert (area->sites, g_strdup (name), devices);
    }
  g_ptr_array_add (devices, device);
  g_free (device->site);
  device->site = g_steal_pointer (&name);
}

static void
registry_add_device (PtRegistry *registry, PtDevice *device)
{
  g_assert (pt_registry_device_numbered (registry, device->number) == NULL);
  g_ptr_array_add (registry->devices, device);
  if (device->number >= registry->devices_by_number->len)
    g_ptr_array_set_size (registry->devices_by_number, (int) device->number + 1);
  g_ptr_array_index (registry->devices_by_number, device->number) = device;
}

static PtDevice *
registry_apply_device (PtRegistry *registry, PtArea *area, const PtEntry *entry, guint32 number)
{
  PtDevice *device = pt_registry_device (area, entry->device);

  if (device == NULL)
    {
      device = g_new0 (PtDevice, 1);
      device->number = number;
      device->id = g_strndup (entry->device.data, entry->device.size);
      device->area = area;
      device->status = PT_STATUS_REVOKED;
      registry_add_device (registry, device);
      g_hash_table_insert (area->devices, device->id, device);
    }
  else
    {
      PtStanding before = pt_device_place (device, G_MAXUINT32), now = pt_standing_of (entry);

      pt_past_note (&device->past, &before, &now, device->history.latest.seq);
      device->after = pt_past_after (&device->past, entry->key);
    }
  if (device->status == PT_STATUS_ACTIVE)
    area->active_devices--;
  device->status = (guint8) entry->status;
  if (device->status == PT_STATUS_ACTIVE)
    area->active_devices++;
  device->level = (guint8) entry->level;
  memcpy (device->public_key, entry->key, PT_PUBLIC_KEY_SIZE);
  device->lat = (gint32) entry->lat;
  device->lon = (gint32) entry->lon;
  device->customers = entry->customers;
  g_free (device->feeder);
  device->feeder
      = entry->feeder.size > 0 ? g_strndup (entry->feeder.data, entry->feeder.size) : NULL;
  device->registered = entry->ts;
  device->registration = registration_digest (entry);
  area_move_site (area, device, entry->site);
  return device;
}

static void
registry_apply_official (PtRegistry *registry, PtArea *area, const PtEntry *entry, guint32 number)
{
  Id text;
  PtOfficial *official
      = g_hash_table_lookup (area->officials, id_from_span (entry->official, &text));

  if (official == NULL)
    {
      official = g_new0 (PtOfficial, 1);
      official->number = number;
      registry->next_official = MAX (registry->next_official, number + 1);
      official->id = g_strdup (text.text);
      g_hash_table_insert (area->officials, official->id, official);
    }
  memcpy (official->public_key, entry->key, PT_PUBLIC_KEY_SIZE);
  g_free (official->name);
  official->name = g_strndup (entry->name.data, entry->name.size);
  official->role = (guint8) entry->role;
  official->status = (guint8) entry->status;
  official->registered = entry->ts;
  official->registration = registration_digest (entry);
}

/* Of a place that was not kept it is only known whether the device was moved since. */
static gboolean
sighting_names (const PtDevice *device, const PtSighting *latest, PtSpan site)
{
  if (latest->seq == 0
      || (latest->place == PT_PLACE_UNKNOWN && device->history.cut == PT_CUT_MOVED))
    return FALSE;
  return pt_span_equal (pt_device_place (device, latest->place).site, site);
}

/* What the active devices of the complaint's site say where its resolve stands in the log. */
static void
area_count_evidence (PtArea *area, const PtEntry *entry, PtLatestFunc func, gpointer user_data,
                     PtEvidenceCount *count)
{
  const PtComplaintFacts *complaint = pt_promises_complaint (area->promises, entry->complaint);
  GPtrArray *devices;
  Id text;

  devices = g_hash_table_lookup (area->sites, id_from_span (entry->site, &text));
  for (guint i = 0; complaint != NULL && devices != NULL && i < devices->len; i++)
    {
      const PtDevice *device = g_ptr_array_index (devices, i);
      const PtSighting *latest = func (device, user_data);

      if (device->status == PT_STATUS_ACTIVE)
        pt_evidence_add (count, sighting_names (device, latest, entry->site), latest->power,
                         latest->order > complaint->asked_order
                             && latest->time > complaint->asked_at);
    }
}

static const PtSighting *
device_latest (const PtDevice *device, gpointer user_data)
{
  return &device->history.latest;
}

PtEvidence
pt_registry_evidence (PtArea *area, const PtEntry *entry, PtLatestFunc latest, gpointer user_data)
{
  PtEvidenceCount count = { 0 };

  g_return_val_if_fail (area != NULL && entry != NULL, PT_EVIDENCE_NONE);

  if (entry->action == PT_ACTION_RESOLVE && entry->site.size > 0)
    area_count_evidence (area, entry, latest != NULL ? latest : device_latest, user_data, &count);
  return pt_promises_evidence (area->promises, entry, &count);
}

/* Devices that would give this verdict. */
static PtEvidenceCount
count_for (PtEvidence evidence)
{
  return (PtEvidenceCount){ .off = evidence == PT_EVIDENCE_CONTRADICTED,
                            .fresh = evidence == PT_EVIDENCE_SUPPORTED,
                            .any = TRUE };
}

void
pt_registry_recover_said (PtArea *area, const PtEntry *entry, const PtHash *leaf, guint64 order,
                          const guint8 *signer, PtEvidence evidence)
{
  PtEvidenceCount count = count_for (evidence);
  PtPromiseSigners signers = { .by_key = signer };

  g_return_if_fail (area != NULL && entry != NULL && leaf != NULL && signer != NULL);

  area->taken = order;
  pt_promises_pass (area->promises, entry->received);
  pt_promises_take (area->promises, entry, leaf, &signers,
                    &(PtPromiseFacts){ .order = order, .devices = &count });
}

static void
area_apply_promise (PtArea *area, const PtEntry *entry, const PtHash *leaf)
{
  PtEvidenceCount devices = { 0 };
  Named named;

  if (entry->kind == PT_ENTRY_ACTION && entry->action == PT_ACTION_RESOLVE && entry->site.size > 0)
    area_count_evidence (area, entry, device_latest, NULL, &devices);
  area_name (area, entry, &named);
  pt_promises_take (area->promises, entry, leaf, &named.signers,
                    &(PtPromiseFacts){ area->taken, area->counters != NULL, &devices });
}

static void
add_range (PtRanges *ranges, gint64 first, gint64 last)
{
  gboolean added = pt_ranges_add (ranges, first, last);

  g_assert (added); /* like any allocation of GLib's */
}

static void
area_apply_lost (PtArea *area, const PtEntry *entry)
{
  PtDevice *device = pt_registry_device (area, entry->device);

  if (device != NULL)
    add_range (&device->lost, entry->first, entry->last);
}

PtDevice *
pt_registry_register (PtRegistry *registry, const PtEntry *entry, guint32 number)
{
  PtArea *area = pt_registry_area (registry, entry->area);

  g_return_val_if_fail (area != NULL && number < PT_SUBJECTS_MAX, NULL);

  if (entry->kind == PT_ENTRY_DEVICE)
    return registry_apply_device (registry, area, entry, number);
  g_return_val_if_fail (entry->kind == PT_ENTRY_OFFICIAL, NULL);
  registry_apply_official (registry, area, entry, number);
  return NULL;
}

PtDevice *
pt_registry_apply (PtRegistry *registry, const PtEntry *entry, const PtHash *leaf)
{
  PtArea *area = pt_registry_area (registry, entry->area);

  g_return_val_if_fail (area != NULL, NULL);
  switch (entry->kind)
    {
    case PT_ENTRY_DEVICE:
      return registry_apply_device (registry, area, entry, registry->devices_by_number->len);
    case PT_ENTRY_OFFICIAL:
      registry_apply_official (registry, area, entry, registry->next_official);
      return NULL;
    case PT_ENTRY_ACTION:
    case PT_ENTRY_NOTICE:
    case PT_ENTRY_PROFILE:
      area_apply_promise (area, entry, leaf);
      return NULL;
    case PT_ENTRY_REPORT:
      return pt_registry_device (area, entry->device);
    case PT_ENTRY_LOST:
      area_apply_lost (area, entry);
      return NULL;
    case PT_ENTRY_ROSTER:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

/* Where the counters of the report's device are followed, or NULL. */
static PtHistory *
area_history (PtArea *area, const PtEntry *entry, PtDevice *device)
{
  PtHistory *history;
  Id text;

  if (area->counters == NULL)
    return device != NULL ? &device->history : NULL;
  history = g_hash_table_lookup (area->counters, id_from_span (entry->device, &text));
  if (history == NULL)
    {
      history = g_new0 (PtHistory, 1);
      pt_history_init (history);
      g_hash_table_insert (area->counters, g_strdup (text.text), history);
    }
  return history;
}

static void
note_passed (gint64 first, gint64 last, gpointer user_data)
{
  PtDevice *device = user_data;

  add_range (&device->passed, first, last);
}

/* Where a report stands, and what its key's counters are above. */
typedef struct
{
  guint32 place;
  guint64 order;
  gint64 after;
} Standing;

/* @time gets that of the report that holds. */
static PtRule
history_take (PtHistory *history, const PtEntry *entry, const Standing *standing, gint64 *time)
{
  PtReport report
      = { entry->seq, entry->ts, entry->received, entry->power, standing->place, standing->order };
  PtOutageChange change;

  switch (pt_history_check (history, entry->seq))
    {
    case PT_SEQ_NEW:
      if (pt_rule_new_key (entry, standing->after) != PT_RULE_HOLDS)
        return PT_RULE_SEQ_BEFORE_KEY;
      pt_history_apply (history, &report, &change);
      pt_history_settle (history, NULL, NULL);
      *time = change.time;
      return PT_RULE_HOLDS;
    case PT_SEQ_USED:
      return PT_RULE_SEQ_USED;
    case PT_SEQ_TOO_OLD:
      return PT_RULE_SEQ_OLD;
    }
  g_return_val_if_reached (PT_RULE_SEQ_OLD);
}

static PtRule
area_take_report (PtArea *area, PtDevice *device, const PtEntry *entry)
{
  PtHistory *history = area_history (area, entry, device);
  Standing standing = { .order = area->taken };
  gint64 time = 0;
  PtRule rule;

  if (history == NULL)
    return PT_RULE_HOLDS;
  if (device != NULL && pt_ranges_has (&device->lost, entry->seq))
    return PT_RULE_SEQ_LOST;
  if (device != NULL && entry->seq > history->latest.seq)
    pt_history_each_passed (&device->history, entry->seq, note_passed, device);
  /* Of a part of the log nobody knows which keys were there before. */
  standing.after = device != NULL && area->counters == NULL ? device->after : 0;
  standing.place = device != NULL ? pt_past_place (&device->past) : 0;
  rule = history_take (history, entry, &standing, &time);
  if (rule != PT_RULE_HOLDS)
    return rule;
  if (entry->power == PT_POWER_OFF)
    pt_promises_fell (area->promises, entry->site, time);
  return PT_RULE_HOLDS;
}

PtRule
pt_registry_take (PtRegistry *registry, const PtEntry *entry, const PtHash *leaf, guint64 batch)
{
  PtArea *area = pt_registry_area (registry, entry->area);
  PtDevice *device;
  PtRule rule;

  g_return_val_if_fail (area != NULL, PT_RULE_UNKNOWN_AREA);
  area->taken++;
  pt_promises_pass (area->promises, entry->received);
  if (pt_entry_registers (entry))
    {
      rule = pt_rule_registration (entry, pt_registry_registered (registry, entry));
      if (rule != PT_RULE_HOLDS)
        return rule;
    }
  device = pt_registry_apply (registry, entry, leaf);
  if (entry->kind != PT_ENTRY_REPORT)
    return PT_RULE_HOLDS;
  if (device != NULL)
    device->heard_batch = batch;
  return area_take_report (area, device, entry);
}

static int
device_compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(PtDevice *const *) a)->id, (*(PtDevice *const *) b)->id);
}

GPtrArray *
pt_registry_sorted_devices (PtArea *area)
{
  GHashTableIter iter;
  gpointer device;

  g_return_val_if_fail (area != NULL, NULL);

  if (area->sorted != NULL && area->sorted->len == g_hash_table_size (area->devices))
    return area->sorted;
  g_clear_pointer (&area->sorted, g_ptr_array_unref);
  area->sorted = g_ptr_array_sized_new (g_hash_table_size (area->devices));
  g_hash_table_iter_init (&iter, area->devices);
  while (g_hash_table_iter_next (&iter, NULL, &device))
    g_ptr_array_add (area->sorted, device);
  g_ptr_array_sort (area->sorted, device_compare_ids);
  return area->sorted;
}

void
pt_roster_count_add (PtRosterCount *count, const PtDevice *device, gboolean heard)
{
  PtHash leaf;

  g_return_if_fail (count != NULL);

  count->expected++;
  if (heard)
    {
      count->heard++;
      return;
    }
  pt_tree_leaf_hash (pt_span (device->id, strlen (device->id)), &leaf);
  pt_frontier_append (&count->silent, &leaf);
}

void
pt_registry_roster (PtArea *area, guint64 batch, gint64 *expected, gint64 *heard,
                    PtHash *silent_root)
{
  GPtrArray *sorted;
  PtRosterCount count = { 0 };

  g_return_if_fail (area != NULL);

  sorted = pt_registry_sorted_devices (area);
  for (guint i = 0; i < sorted->len; i++)
    {
      PtDevice *device = g_ptr_array_index (sorted, i);

      if (device->status == PT_STATUS_ACTIVE)
        pt_roster_count_add (&count, device, device->heard_batch == batch);
    }
  *expected = count.expected;
  *heard = count.heard;
  pt_frontier_root (&count.silent, silent_root);
}

PtRule
pt_registry_judge_roster (PtArea *area, guint64 batch, const PtEntry *entry, PtRosterFacts *facts)
{
  g_return_val_if_fail (area != NULL && facts != NULL, PT_RULE_ROSTER_EXPECTED);

  pt_registry_roster (area, batch, &facts->expected, &facts->heard, &facts->silent_root);
  facts->names_block = area->names_block;
  area->names_block |= entry->has_block;
  return area->counters != NULL ? PT_RULE_HOLDS : pt_rule_roster (entry, facts);
}
