/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"
#include "pt-history.h"
#include "pt-past.h"
#include "pt-promises.h"
#include "pt-ranges.h"
#include "pt-rules.h"
#include "pt-tree.h"

/* Who may sign what: areas, their devices and officials, and complaints' chains, as the log so far
 * says. The daemon and the auditor apply the same entries to it with the same rules. Not
 * thread-safe; the daemon guards it with a lock. Records are never freed before the registry, so
 * pointers stay good. */

typedef struct _PtRegistry PtRegistry;
typedef struct _PtArea PtArea;

/* Devices, and officials, of all areas: numbers are below. */
#define PT_SUBJECTS_MAX (1u << 25)

typedef struct
{
  guint32 number;       /* among those of all areas; there may be holes */
  guint8 level, status; /* PtLevel, PtStatus */
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  gint32 lat, lon; /* 1e-7 degree */
  gint64 customers;
  gint64 registered;    /* ts of its newest device entry */
  guint64 registration; /* the first eight bytes of that one's digest */
  gint64 after;         /* what the counters of its present key have to be above */
  gint64 copied;        /* the highest counter that it signed twice, with other words; 0: none */
  char *id, *site;      /* owned */
  char *feeder;         /* owned; NULL: not said */
  PtPast past;
  PtArea *area;
  PtHistory history;
  PtRanges passed;     /* missing counters that no report can fill any more, as far as entries were
                        * taken */
  PtRanges lost;       /* counters that it said it lost */
  guint64 heard_batch; /* the last batch that holds a report of it */
} PtDevice;

typedef struct
{
  guint32 number;  /* likewise, among officials */
  char *id, *name; /* owned */
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  guint8 role, status;
  gint64 registered;
  guint64 registration;
} PtOfficial;

struct _PtArea
{
  guint32 number; /* dense, from 0 */
  char id[PT_AREA_MAX + 1];
  guint8 authority_key[PT_PUBLIC_KEY_SIZE], service_key[PT_PUBLIC_KEY_SIZE];
  GHashTable *devices;   /* id (char *) -> PtDevice */
  GHashTable *officials; /* id -> PtOfficial */
  PtPromises *promises;  /* complaints, notices, the profile in force */
  GHashTable *sites;     /* site -> GPtrArray of PtDevice */
  GHashTable *former;    /* site -> GPtrArray of PtDevice that were moved away from it */
  GHashTable *counters;  /* device id -> PtHistory; only where a part of the log is read */
  guint active_devices;
  guint64 taken;        /* order of the newest entry: see PtReport; pt_registry_take () counts it */
  gboolean names_block; /* a roster that was judged named a block of the chain */
  GPtrArray *sorted;    /* devices by id, or NULL; private */
};

PtRegistry *pt_registry_new (void);
void pt_registry_free (PtRegistry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRegistry, pt_registry_free)

PtArea *pt_registry_add_area (PtRegistry *registry, const char *id, const guint8 *authority_key,
                              const guint8 *service_key);
PtArea *pt_registry_area (PtRegistry *registry, PtSpan id); /* or NULL */
PtArea *pt_registry_area_at (PtRegistry *registry, guint number);
guint pt_registry_area_count (PtRegistry *registry);
PtDevice *pt_registry_device (PtArea *area, PtSpan id); /* or NULL */
/* The devices in the order in which they came to be known here, from 0 on. */
PtDevice *pt_registry_device_at (PtRegistry *registry, guint index);
guint pt_registry_device_count (PtRegistry *registry);
PtDevice *pt_registry_device_numbered (PtRegistry *registry, guint32 number); /* or NULL */
PtOfficial *pt_registry_official (PtArea *area, PtSpan id);                   /* or NULL */

/* Loads what was saved of it, once its newest registration is applied. FALSE: not well-formed. */
gboolean pt_device_load_past (PtDevice *device, GBytes *bytes);
/* Whether its present key signed a counter twice and still may sign: it is in two hands. */
gboolean pt_device_key_is_copied (const PtDevice *device);
/* One of its places, the present one included; @place beyond: that. */
PtStanding pt_device_place (const PtDevice *device, guint32 place);
/* The last of its places that is @site. */
guint32 pt_device_find_place (const PtDevice *device, PtSpan site);

/* The log is read from a later place than its first entry on: complaints may go on from before, and
 * the counters of devices that are registered nowhere here are followed too. To be said before the
 * first entry. */
void pt_area_begin_late (PtArea *area);

/* Whether the registry as it stands lets anybody sign @entry: known and active signer, site and
 * place, complaint's n and prev, a registration that is newer; all but the signature and the
 * counter.
 * *@key: whose signature it must have, or NULL where nobody may sign it. */
PtRule pt_registry_judge (PtRegistry *registry, const PtEntry *entry, const guint8 **key);

/* The device's report with the highest counter. */
typedef const PtSighting *(*PtLatestFunc) (const PtDevice *device, gpointer user_data);

/* What the active devices of the site of @entry, a resolve that would come next, say of it.
 * @latest: of each of them; NULL: as the registry has it. */
PtEvidence pt_registry_evidence (PtArea *area, const PtEntry *entry, PtLatestFunc latest,
                                 gpointer user_data);
/* An action, notice or profile of the log once more, with what was kept of it: where it stands, the
 * key that signed it, the verdict. */
void pt_registry_recover_said (PtArea *area, const PtEntry *entry, const PtHash *leaf,
                               guint64 order, const guint8 *signer, PtEvidence evidence);

/* `ts` of the newest registration of the device or official that @entry registers; -1: none. */
gint64 pt_registry_registered (PtRegistry *registry, const PtEntry *entry);

/* Whether @entry says what the newest registration of its device or official says, whatever its
 * signature. */
gboolean pt_registry_is_registered (PtRegistry *registry, const PtEntry *entry);

/* Applies an entry that was checked: registers, revokes, advances a complaint or a notice (@leaf:
 * its hash; needed for these only). A report's history is applied only with pt_history_apply ().
 * What is new gets the number above the highest. Returns the device of a device or report entry,
 * else NULL. */
PtDevice *pt_registry_apply (PtRegistry *registry, const PtEntry *entry, const PtHash *leaf);
/* The same for the registration of a device or official that has this number, or gets it where it
 * is new: the store's numbers are the same for all who read it. */
PtDevice *pt_registry_register (PtRegistry *registry, const PtEntry *entry, guint32 number);

/* Takes an entry of batch @batch of the log: judges a report's counter, then applies the entry; but
 * a registration that breaks a rule changes nothing. */
PtRule pt_registry_take (PtRegistry *registry, const PtEntry *entry, const PtHash *leaf,
                         guint64 batch);

/* The area's devices by id, bytewise. Kept until a device comes; one thread at a time. */
GPtrArray *pt_registry_sorted_devices (PtArea *area);

/* Counts up a roster: the active devices in the order of their ids, each heard or silent. */
typedef struct
{
  gint64 expected, heard;
  PtFrontier silent; /* its root is silent_root: RFC 6962 over the ids of the silent ones */
} PtRosterCount;

void pt_roster_count_add (PtRosterCount *count, const PtDevice *device, gboolean heard);

/* Roster of an area as it stands: active devices, those with heard_batch == @batch, RFC 6962 root
 * over the other ids, sorted bytewise. */
void pt_registry_roster (PtArea *area, guint64 batch, gint64 *expected, gint64 *heard,
                         PtHash *silent_root);

/* Whether the roster's numbers are those of the area as it stands, which *@facts gets. Holds where
 * the log's beginning isn't known. */
PtRule pt_registry_judge_roster (PtArea *area, guint64 batch, const PtEntry *entry,
                                 PtRosterFacts *facts);
