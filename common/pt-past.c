/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-past.h"

#include <string.h>

PtStanding
pt_standing_of (const PtEntry *registration)
{
  g_return_val_if_fail (registration != NULL, (PtStanding){ 0 });

  return (PtStanding){ .site = registration->site,
                       .feeder = registration->feeder,
                       .lat = registration->lat,
                       .lon = registration->lon,
                       .customers = registration->customers,
                       .level = registration->level,
                       .key = registration->key };
}

static void
place_clear (gpointer data)
{
  PtPlace *place = data;

  g_clear_pointer (&place->site, g_free);
  g_clear_pointer (&place->feeder, g_free);
}

static GArray *
places_new (void)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (PtPlace));

  g_array_set_clear_func (places, place_clear);
  return places;
}

void
pt_past_clear (PtPast *past)
{
  g_return_if_fail (past != NULL);

  g_clear_pointer (&past->places, g_array_unref);
  g_clear_pointer (&past->keys, g_array_unref);
}

void
pt_past_copy (const PtPast *from, PtPast *to)
{
  g_return_if_fail (from != NULL && to != NULL);

  *to = (PtPast){ .keys = from->keys != NULL ? g_array_copy (from->keys) : NULL };
  to->places = from->places != NULL ? places_new () : NULL;
  for (guint i = 0; from->places != NULL && i < from->places->len; i++)
    {
      PtPlace place = g_array_index (from->places, PtPlace, i);

      place.site = g_strdup (place.site);
      place.feeder = g_strdup (place.feeder);
      g_array_append_val (to->places, place);
    }
}

static const PtKeyStart *
find_key (const PtPast *past, const guint8 *key)
{
  for (guint i = 0; past->keys != NULL && i < past->keys->len; i++)
    {
      const PtKeyStart *start = &g_array_index (past->keys, PtKeyStart, i);

      if (memcmp (start->key, key, PT_PUBLIC_KEY_SIZE) == 0)
        return start;
    }
  return NULL;
}

static void
add_key (PtPast *past, const guint8 *key, gint64 after)
{
  PtKeyStart start = { .after = after };

  memcpy (start.key, key, PT_PUBLIC_KEY_SIZE);
  if (past->keys == NULL)
    past->keys = g_array_new (FALSE, FALSE, sizeof (PtKeyStart));
  g_array_append_val (past->keys, start);
}

static void
add_place (PtPast *past, const PtStanding *before, gint64 highest)
{
  PtPlace place
      = { .site = g_strndup (before->site.data, before->site.size),
          .feeder
          = before->feeder.size > 0 ? g_strndup (before->feeder.data, before->feeder.size) : NULL,
          .lat = (gint32) before->lat,
          .lon = (gint32) before->lon,
          .level = (guint8) before->level,
          .customers = before->customers,
          .last_seq = highest };

  if (past->places == NULL)
    past->places = places_new ();
  g_array_append_val (past->places, place);
}

void
pt_past_note (PtPast *past, const PtStanding *before, const PtStanding *now, gint64 highest)
{
  g_return_if_fail (past != NULL && before != NULL && now != NULL);

  if (!pt_span_equal (before->site, now->site) || before->lat != now->lat || before->lon != now->lon
      || before->level != now->level || before->customers != now->customers
      || !pt_span_equal (before->feeder, now->feeder))
    add_place (past, before, highest);
  if (memcmp (before->key, now->key, PT_PUBLIC_KEY_SIZE) == 0)
    return;
  if (past->keys == NULL)
    add_key (past, before->key, 0);
  if (find_key (past, now->key) == NULL)
    add_key (past, now->key, highest);
}

guint32
pt_past_place (const PtPast *past)
{
  g_return_val_if_fail (past != NULL, 0);

  return past->places != NULL ? past->places->len : 0;
}

gint64
pt_past_after (const PtPast *past, const guint8 *key)
{
  const PtKeyStart *start;

  g_return_val_if_fail (past != NULL && key != NULL, 0);

  start = find_key (past, key);
  return start != NULL ? start->after : 0;
}

/* Bytes: how many places and keys; each place, then each key; integers of eight bytes, big-endian.
 * Where a place has a feeder, WITH_FEEDERS is added to the number of places, and each place ends
 * with its own: versions that know none refuse that. */

#define WITH_FEEDERS (G_GINT64_CONSTANT (1) << 32)

static void
put (GByteArray *bytes, gint64 value)
{
  guint64 big = GUINT64_TO_BE ((guint64) value);

  g_byte_array_append (bytes, (const guint8 *) &big, sizeof big);
}

static void
put_text (GByteArray *bytes, const char *text)
{
  gsize size = text != NULL ? strlen (text) : 0;

  put (bytes, (gint64) size);
  g_byte_array_append (bytes, (const guint8 *) text, (guint) size);
}

static void
put_place (GByteArray *bytes, const PtPlace *place, gboolean feeder)
{
  put_text (bytes, place->site);
  put (bytes, place->lat);
  put (bytes, place->lon);
  put (bytes, place->level);
  put (bytes, place->customers);
  put (bytes, place->last_seq);
  if (feeder)
    put_text (bytes, place->feeder);
}

static gboolean
has_feeders (GArray *places)
{
  for (guint i = 0; places != NULL && i < places->len; i++)
    if (g_array_index (places, PtPlace, i).feeder != NULL)
      return TRUE;
  return FALSE;
}

GBytes *
pt_past_save (const PtPast *past)
{
  GByteArray *bytes;
  gboolean feeders;
  guint places, keys;

  g_return_val_if_fail (past != NULL, NULL);

  bytes = g_byte_array_new ();
  places = past->places != NULL ? past->places->len : 0;
  feeders = has_feeders (past->places);
  keys = past->keys != NULL ? past->keys->len : 0;
  if (places + keys > 0)
    {
      put (bytes, places + (feeders ? WITH_FEEDERS : 0));
      put (bytes, keys);
    }
  for (guint i = 0; i < places; i++)
    put_place (bytes, &g_array_index (past->places, PtPlace, i), feeders);
  for (guint i = 0; i < keys; i++)
    {
      const PtKeyStart *start = &g_array_index (past->keys, PtKeyStart, i);

      g_byte_array_append (bytes, start->key, PT_PUBLIC_KEY_SIZE);
      put (bytes, start->after);
    }
  return g_byte_array_free_to_bytes (bytes);
}

typedef struct
{
  const guint8 *data;
  gsize size;
} Reader;

static gboolean
get_bytes (Reader *reader, gsize size, const guint8 **out)
{
  if (reader->size < size)
    return FALSE;
  *out = reader->data;
  reader->data += size;
  reader->size -= size;
  return TRUE;
}

static gboolean
get (Reader *reader, gint64 least, gint64 most, gint64 *value)
{
  const guint8 *bytes;
  guint64 big;

  if (!get_bytes (reader, sizeof big, &bytes))
    return FALSE;
  memcpy (&big, bytes, sizeof big);
  *value = (gint64) GUINT64_FROM_BE (big);
  return *value >= least && *value <= most;
}

static gboolean
get_text (Reader *reader, gint64 least, PtSpan *out)
{
  const guint8 *data;
  gint64 size;

  if (!get (reader, least, PT_ID_MAX, &size) || !get_bytes (reader, (gsize) size, &data))
    return FALSE;
  *out = pt_span ((const char *) data, (gsize) size);
  return TRUE;
}

static gboolean
get_place (Reader *reader, PtPast *past, gboolean has_feeder)
{
  gint64 lat, lon, level, customers, last_seq;
  PtSpan site, feeder = { 0 };
  PtStanding standing;

  if (!get_text (reader, 1, &site) || !get (reader, -900000000, 900000000, &lat)
      || !get (reader, -1800000000, 1800000000, &lon) || !get (reader, 0, PT_LEVEL_HOUSE, &level)
      || !get (reader, 0, PT_INTEGER_MAX, &customers) || !get (reader, 0, PT_INTEGER_MAX, &last_seq)
      || (has_feeder && !get_text (reader, 0, &feeder)))
    return FALSE;
  standing = (PtStanding){ .site = site,
                           .feeder = feeder,
                           .lat = lat,
                           .lon = lon,
                           .level = (int) level,
                           .customers = customers };
  add_place (past, &standing, last_seq);
  return TRUE;
}

static gboolean
get_all (Reader *reader, PtPast *past)
{
  gint64 places, keys, after;
  gboolean feeders;
  const guint8 *key;

  if (!get (reader, 0, WITH_FEEDERS + G_MAXINT32, &places) || !get (reader, 0, G_MAXINT32, &keys))
    return FALSE;
  feeders = (places & WITH_FEEDERS) != 0;
  places &= ~WITH_FEEDERS;
  for (gint64 i = 0; i < places; i++)
    if (!get_place (reader, past, feeders))
      return FALSE;
  for (gint64 i = 0; i < keys; i++)
    {
      if (!get_bytes (reader, PT_PUBLIC_KEY_SIZE, &key) || !get (reader, 0, PT_INTEGER_MAX, &after))
        return FALSE;
      add_key (past, key, after);
    }
  return reader->size == 0;
}

gboolean
pt_past_load (PtPast *past, GBytes *bytes)
{
  Reader reader;

  g_return_val_if_fail (past != NULL && bytes != NULL, FALSE);

  *past = (PtPast){ 0 };
  reader.data = g_bytes_get_data (bytes, &reader.size);
  if (reader.size == 0 || get_all (&reader, past))
    return TRUE;
  pt_past_clear (past);
  return FALSE;
}
