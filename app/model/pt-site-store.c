/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-store.h"

#include <string.h>

#include "pt-mercator.h"

#define SITES_MAX 4000000 /* more is no grid, it is a mistake */
#define AREAS_MAX 65536
#define NAMES_MAX 262144 /* of places and feeders; sites beyond go without one */
#define SLOTS_MIN 1024

/* An area's interned id and what its sites add up to. */
typedef struct
{
  const char *id;
  PtSiteTotals totals;
} Area;

/* Where the site of a row is kept; slots hold numbers + 1, so that 0 is an empty one. */
typedef struct
{
  const char *area; /* interned: compared by address */
  const char *site;
} Key;

struct _PtSiteStore
{
  GObject parent_instance;
  GArray *rows;       /* PtSiteRow */
  GArray *noted;      /* guint8 a row: it is in `changed` already */
  GHashTable *areas;  /* id -> Area */
  GStringChunk *text; /* sites' ids */
  GHashTable *names;  /* of places and feeders: one text for all sites that have it */
  guint32 *slots;     /* open addressing, at most 3/4 full */
  guint slot_count;   /* a power of two */
  PtSiteTotals totals;
  GArray *changed; /* guint: what the next idle tells */
  gboolean moved;
  gboolean loading;
  guint idle;
};

G_DEFINE_FINAL_TYPE (PtSiteStore, pt_site_store, G_TYPE_OBJECT)

enum
{
  CHANGED,
  RESET,
  SIGNALS
};

static guint signals[SIGNALS];

/* FNV-1a over the id, begun with the area's address. */
static guint
key_hash (const Key *key)
{
  guint64 hash = G_GUINT64_CONSTANT (0xcbf29ce484222325) ^ (guintptr) key->area;

  for (const char *at = key->site; *at != '\0'; at++)
    hash = (hash ^ (guint8) *at) * G_GUINT64_CONSTANT (0x100000001b3);
  return (guint) (hash ^ (hash >> 32));
}

static inline PtSiteRow *
store_row (PtSiteStore *self, guint number)
{
  return &g_array_index (self->rows, PtSiteRow, number);
}

/* The slot that holds @key, or the empty one where it belongs. */
static guint32 *
store_slot (PtSiteStore *self, const Key *key)
{
  guint mask = self->slot_count - 1;

  for (guint at = key_hash (key) & mask;; at = (at + 1) & mask)
    {
      const PtSiteRow *row;

      if (self->slots[at] == 0)
        return &self->slots[at];
      row = store_row (self, self->slots[at] - 1);
      if (row->area == key->area && strcmp (row->site, key->site) == 0)
        return &self->slots[at];
    }
}

static void
store_grow (PtSiteStore *self)
{
  if (self->rows->len < self->slot_count / 4 * 3)
    return;
  self->slot_count *= 2;
  g_free (self->slots);
  self->slots = g_new0 (guint32, self->slot_count);
  for (guint number = 0; number < self->rows->len; number++)
    {
      const PtSiteRow *row = store_row (self, number);
      Key key = { row->area, row->site };

      *store_slot (self, &key) = number + 1;
    }
}

static void
totals_add (PtSiteTotals *totals, const PtSiteRow *row, int sign)
{
  totals->sites[row->state] += (guint) sign;
  totals->customers[row->state] += sign * row->customers;
}

static void
store_count (PtSiteStore *self, const PtSiteRow *row, int sign)
{
  Area *area = g_hash_table_lookup (self->areas, row->area);

  totals_add (&self->totals, row, sign);
  totals_add (&area->totals, row, sign);
}

/* Telling */

static gboolean
store_tell (gpointer data)
{
  PtSiteStore *self = data;
  g_autoptr (GArray) changed = g_steal_pointer (&self->changed);
  gboolean moved = self->moved;

  self->idle = 0;
  self->moved = FALSE;
  self->changed = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < changed->len; i++)
    g_array_index (self->noted, guint8, g_array_index (changed, guint, i)) = 0;
  g_object_ref (self);
  if (moved)
    g_signal_emit (self, signals[RESET], 0);
  else if (changed->len > 0)
    g_signal_emit (self, signals[CHANGED], 0, changed);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
store_forget_news (PtSiteStore *self)
{
  g_clear_handle_id (&self->idle, g_source_remove);
  self->moved = FALSE;
  for (guint i = 0; i < self->changed->len; i++)
    g_array_index (self->noted, guint8, g_array_index (self->changed, guint, i)) = 0;
  g_array_set_size (self->changed, 0);
}

static void
store_note (PtSiteStore *self, guint number)
{
  guint8 *noted = &g_array_index (self->noted, guint8, number);

  if (self->loading)
    return;
  if (!*noted)
    g_array_append_val (self->changed, number);
  *noted = 1;
  /* Before the next frame is drawn (GDK_PRIORITY_REDRAW is G_PRIORITY_HIGH_IDLE + 20). */
  if (self->idle == 0)
    self->idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, store_tell, self, NULL);
}

/* Putting */

static Area *
store_area (PtSiteStore *self, const char *id)
{
  Area *area = g_hash_table_lookup (self->areas, id);

  if (area != NULL || g_hash_table_size (self->areas) >= AREAS_MAX)
    return area;
  area = g_new0 (Area, 1);
  area->id = g_intern_string (id);
  g_hash_table_insert (self->areas, (gpointer) area->id, area);
  return area;
}

/* The one text of a name; NULL stays NULL. */
static const char *
store_name (PtSiteStore *self, const char *name)
{
  const char *known = name != NULL ? g_hash_table_lookup (self->names, name) : NULL;
  char *made;

  if (name == NULL || known != NULL || g_hash_table_size (self->names) >= NAMES_MAX)
    return known;
  made = g_strdup (name);
  g_hash_table_add (self->names, made);
  return made;
}

static guint
store_add (PtSiteStore *self, guint32 *slot, const PtSiteRow *row, const Area *area)
{
  guint8 noted = 0;
  PtSiteRow made = *row;

  if (self->rows->len >= SITES_MAX)
    return PT_SITE_NONE;
  made.area = area->id;
  made.site = g_string_chunk_insert (self->text, row->site);
  made.place = store_name (self, row->place);
  made.feeder = store_name (self, row->feeder);
  pt_mercator (made.lat, made.lon, &made.x, &made.y);
  g_array_append_val (self->rows, made);
  g_array_append_val (self->noted, noted);
  *slot = self->rows->len;
  store_count (self, &made, 1);
  store_note (self, self->rows->len - 1);
  store_grow (self);
  return self->rows->len - 1;
}

static gboolean
same_news (const PtSiteRow *a, const PtSiteRow *b)
{
  return a->state == b->state && a->level == b->level && a->customers == b->customers
         && a->since == b->since && a->last_report == b->last_report;
}

static void
store_update (PtSiteStore *self, guint number, const PtSiteRow *row)
{
  PtSiteRow *known = store_row (self, number);
  gboolean moved = known->lat != row->lat || known->lon != row->lon;
  const char *place = store_name (self, row->place), *feeder = store_name (self, row->feeder);
  PtSiteRow made = *row;

  if (!moved && known->place == place && known->feeder == feeder && same_news (known, row))
    return;
  made.area = known->area;
  made.site = known->site;
  made.place = place;
  made.feeder = feeder;
  made.x = known->x;
  made.y = known->y;
  if (moved)
    pt_mercator (made.lat, made.lon, &made.x, &made.y);
  store_count (self, known, -1);
  moved |= known->feeder != feeder;
  *known = made;
  store_count (self, known, 1);
  self->moved |= moved && !self->loading;
  store_note (self, number);
}

guint
pt_site_store_put (PtSiteStore *self, const PtSiteRow *row)
{
  const Area *area;
  guint32 *slot;
  Key key;

  g_return_val_if_fail (PT_IS_SITE_STORE (self), PT_SITE_NONE);
  g_return_val_if_fail (row != NULL && row->area != NULL && row->site != NULL, PT_SITE_NONE);
  g_return_val_if_fail ((guint) row->state < PT_SITE_STATES, PT_SITE_NONE);
  area = store_area (self, row->area);
  if (area == NULL)
    return PT_SITE_NONE;
  key = (Key){ area->id, row->site };
  slot = store_slot (self, &key);
  if (*slot == 0)
    return store_add (self, slot, row, area);
  store_update (self, *slot - 1, row);
  return *slot - 1;
}

void
pt_site_store_clear (PtSiteStore *self)
{
  g_return_if_fail (PT_IS_SITE_STORE (self));
  store_forget_news (self);
  g_array_set_size (self->rows, 0);
  g_array_set_size (self->noted, 0);
  g_hash_table_remove_all (self->areas);
  g_string_chunk_clear (self->text);
  g_hash_table_remove_all (self->names);
  memset (self->slots, 0, self->slot_count * sizeof *self->slots);
  self->totals = (PtSiteTotals){ 0 };
  g_signal_emit (self, signals[RESET], 0);
}

void
pt_site_store_begin_load (PtSiteStore *self)
{
  g_return_if_fail (PT_IS_SITE_STORE (self));
  self->loading = TRUE;
}

void
pt_site_store_end_load (PtSiteStore *self)
{
  g_return_if_fail (PT_IS_SITE_STORE (self));
  if (!self->loading)
    return;
  self->loading = FALSE;
  store_forget_news (self);
  g_signal_emit (self, signals[RESET], 0);
}

/* Reading */

guint
pt_site_store_size (PtSiteStore *self)
{
  g_return_val_if_fail (PT_IS_SITE_STORE (self), 0);
  return self->rows->len;
}

const PtSiteRow *
pt_site_store_get (PtSiteStore *self, guint number)
{
  g_return_val_if_fail (PT_IS_SITE_STORE (self), NULL);
  g_return_val_if_fail (number < self->rows->len, NULL);
  return store_row (self, number);
}

const PtSiteRow *
pt_site_store_rows (PtSiteStore *self)
{
  g_return_val_if_fail (PT_IS_SITE_STORE (self), NULL);
  return (const PtSiteRow *) self->rows->data;
}

guint
pt_site_store_find (PtSiteStore *self, const char *area, const char *site)
{
  const Area *known;
  Key key;

  g_return_val_if_fail (PT_IS_SITE_STORE (self), PT_SITE_NONE);
  g_return_val_if_fail (area != NULL && site != NULL, PT_SITE_NONE);
  known = g_hash_table_lookup (self->areas, area);
  if (known == NULL)
    return PT_SITE_NONE;
  key = (Key){ known->id, site };
  return *store_slot (self, &key) - 1; /* an empty slot's 0 becomes PT_SITE_NONE */
}

void
pt_site_store_totals (PtSiteStore *self, const char *area, PtSiteTotals *out)
{
  const Area *known;

  g_return_if_fail (PT_IS_SITE_STORE (self));
  g_return_if_fail (out != NULL);
  *out = self->totals;
  if (area == NULL)
    return;
  known = g_hash_table_lookup (self->areas, area);
  *out = known != NULL ? known->totals : (PtSiteTotals){ 0 };
}

/* The object */

static void
pt_site_store_finalize (GObject *object)
{
  PtSiteStore *self = PT_SITE_STORE (object);

  g_clear_handle_id (&self->idle, g_source_remove);
  g_array_unref (self->rows);
  g_array_unref (self->noted);
  g_array_unref (self->changed);
  g_hash_table_unref (self->areas);
  g_string_chunk_free (self->text);
  g_hash_table_unref (self->names);
  g_free (self->slots);
  G_OBJECT_CLASS (pt_site_store_parent_class)->finalize (object);
}

static void
pt_site_store_class_init (PtSiteStoreClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_site_store_finalize;
  signals[CHANGED] = g_signal_new ("changed", PT_TYPE_SITE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_ARRAY);
  signals[RESET] = g_signal_new ("reset", PT_TYPE_SITE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
pt_site_store_init (PtSiteStore *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (PtSiteRow));
  self->noted = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->changed = g_array_new (FALSE, FALSE, sizeof (guint));
  self->areas = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->text = g_string_chunk_new (65536);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->slot_count = SLOTS_MIN;
  self->slots = g_new0 (guint32, self->slot_count);
}

PtSiteStore *
pt_site_store_new (void)
{
  return g_object_new (PT_TYPE_SITE_STORE, NULL);
}
