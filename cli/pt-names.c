/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-names.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a. Who floods it with colliding names slows down only the check of that one's own file. */
static size_t
hash_key (PtSpan key)
{
  uint64_t hash = 14695981039346656037u;

  for (size_t i = 0; i < key.size; i++)
    hash = (hash ^ (uint8_t) key.data[i]) * 1099511628211u;
  return (size_t) (hash ^ (hash >> 32));
}

static PtNamesSlot *
find_slot (const PtNames *names, PtSpan key)
{
  size_t at = hash_key (key) & (names->capacity - 1);

  while (names->slots[at].key != NULL && !pt_span_is (key, names->slots[at].key))
    at = (at + 1) & (names->capacity - 1);
  return &names->slots[at];
}

static bool
grow (PtNames *names)
{
  PtNames bigger
      = { .capacity = names->capacity == 0 ? 64 : names->capacity * 2, .count = names->count };

  bigger.slots = calloc (bigger.capacity, sizeof *bigger.slots);
  if (bigger.slots == NULL)
    return false;
  for (size_t i = 0; i < names->capacity; i++)
    if (names->slots[i].key != NULL)
      {
        const char *key = names->slots[i].key;

        *find_slot (&bigger, pt_span (key, strlen (key))) = names->slots[i];
      }
  free (names->slots);
  *names = bigger;
  return true;
}

void *
pt_names_get (const PtNames *names, PtSpan key)
{
  return names->capacity == 0 ? NULL : find_slot (names, key)->value;
}

bool
pt_names_put (PtNames *names, PtSpan key, void *value)
{
  PtNamesSlot *slot;

  if (2 * (names->count + 1) > names->capacity && !grow (names))
    return false;
  slot = find_slot (names, key);
  slot->key = strndup (key.data, key.size);
  if (slot->key == NULL)
    return false;
  slot->value = value;
  names->count++;
  return true;
}

void
pt_names_clear (PtNames *names, void (*free_value) (void *))
{
  for (size_t i = 0; i < names->capacity; i++)
    if (names->slots[i].key != NULL)
      {
        free (names->slots[i].key);
        free_value (names->slots[i].value);
      }
  free (names->slots);
  *names = (PtNames){ 0 };
}
