/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whom an entry is about. Each entry has a subject and a number in it: a device's counter, an
 * official's time of registration, and of all that is said of an area its number there. Stores and
 * indexes keep the kinds' numbers. */
typedef enum
{
  PT_SUBJECT_DEVICE = 1,
  PT_SUBJECT_OFFICIAL,
  PT_SUBJECT_AREA /* actions, notices, profiles: the number is the area's */
} PtSubjectKind;

#define PT_SUBJECT_KINDS 4 /* an array by kind; none is 0 */

typedef struct
{
  PtSubjectKind kind;
  guint32 number; /* from 0, over all areas and for each kind, with holes: as in the registry */
} PtSubject;

static inline PtSubject
pt_subject_device (guint32 number)
{
  return (PtSubject){ PT_SUBJECT_DEVICE, number };
}

static inline PtSubject
pt_subject_official (guint32 number)
{
  return (PtSubject){ PT_SUBJECT_OFFICIAL, number };
}

static inline PtSubject
pt_subject_area (guint32 number)
{
  return (PtSubject){ PT_SUBJECT_AREA, number };
}

/* Both in one number, by kind and then by number: what stores keep of a subject. */
static inline gint64
pt_subject_key (PtSubject subject)
{
  return ((gint64) subject.kind << 32) | subject.number;
}

static inline PtSubject
pt_subject_from_key (gint64 key)
{
  return (PtSubject){ (PtSubjectKind) (key >> 32), (guint32) key };
}
