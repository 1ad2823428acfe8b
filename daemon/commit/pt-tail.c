/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tail.h"

#include <string.h>

typedef struct
{
  gint64 seq;
  guint64 id;
} Place;

/* Rising by id; most devices have one or two reports in a window. */
typedef struct
{
  Place *places;
  guint count, capacity;
} DeviceTail;

struct _PtTail
{
  GMutex lock;
  GArray *devices; /* DeviceTail by device number */
};

static void
device_tail_clear (gpointer data)
{
  g_free (((DeviceTail *) data)->places);
}

PtTail *
pt_tail_new (void)
{
  PtTail *tail = g_new0 (PtTail, 1);

  g_mutex_init (&tail->lock);
  tail->devices = g_array_new (FALSE, TRUE, sizeof (DeviceTail));
  g_array_set_clear_func (tail->devices, device_tail_clear);
  return tail;
}

void
pt_tail_free (PtTail *tail)
{
  if (tail == NULL)
    return;
  g_array_unref (tail->devices);
  g_mutex_clear (&tail->lock);
  g_free (tail);
}

void
pt_tail_add (PtTail *tail, guint32 device, gint64 seq, guint64 id, guint64 sealed)
{
  g_autoptr (GMutexLocker) locker = NULL;
  DeviceTail *own;
  guint passed = 0;

  g_return_if_fail (tail != NULL && device != G_MAXUINT32);

  locker = g_mutex_locker_new (&tail->lock);
  if (device >= tail->devices->len)
    g_array_set_size (tail->devices, device + 1 + device / 4);
  own = &g_array_index (tail->devices, DeviceTail, device);
  while (passed < own->count && own->places[passed].id <= sealed)
    passed++;
  if (passed > 0)
    {
      own->count -= passed;
      memmove (own->places, own->places + passed, own->count * sizeof (Place));
    }
  if (own->count == own->capacity)
    {
      own->capacity = MAX (2, own->capacity * 2);
      own->places = g_renew (Place, own->places, own->capacity);
    }
  own->places[own->count++] = (Place){ seq, id };
}

guint64
pt_tail_find (PtTail *tail, guint32 device, gint64 seq)
{
  g_autoptr (GMutexLocker) locker = NULL;
  DeviceTail *own;

  g_return_val_if_fail (tail != NULL, 0);

  locker = g_mutex_locker_new (&tail->lock);
  if (device >= tail->devices->len)
    return 0;
  own = &g_array_index (tail->devices, DeviceTail, device);
  for (guint i = own->count; i > 0; i--)
    if (own->places[i - 1].seq == seq)
      return own->places[i - 1].id;
  return 0;
}

void
pt_tail_drop (PtTail *tail, guint32 device, guint64 id)
{
  g_autoptr (GMutexLocker) locker = NULL;
  DeviceTail *own;

  g_return_if_fail (tail != NULL);

  locker = g_mutex_locker_new (&tail->lock);
  if (device >= tail->devices->len)
    return;
  own = &g_array_index (tail->devices, DeviceTail, device);
  while (own->count > 0 && own->places[own->count - 1].id >= id)
    own->count--;
}
