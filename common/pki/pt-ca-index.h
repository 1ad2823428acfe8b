/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* What a certificate authority issued and revoked: a file of JSON lines that only grows, so that
 * nothing of it is lost. */

#define PT_CA_SERIAL_SIZE 16             /* bytes, random */
#define PT_CA_ISSUED_MAX (4000000)       /* certificates */
#define PT_CA_INDEX_FILE_MAX (2LL << 30) /* bytes */

/* RFC 5280 section 5.3.1. */
typedef enum
{
  PT_CA_KEY_COMPROMISE = 1,
  PT_CA_SUPERSEDED = 4,
  PT_CA_CESSATION = 5
} PtCaReason;

const char *pt_ca_reason_name (PtCaReason reason);

typedef struct
{
  guint8 serial[PT_CA_SERIAL_SIZE];
  guint8 key[PT_PUBLIC_KEY_SIZE];
  const char *name;   /* "area/device" */
  gint64 from, until; /* ms since 1970 */
  gint64 revoked;     /* likewise; 0: it is not */
  PtCaReason reason;  /* where it is */
  int before;         /* the same device's, or -1 */
} PtCaIssued;

typedef struct _PtCaIndex PtCaIndex;

/* Reads it. With @writes it is this process's alone until it is freed, and the end of a line that a
 * crash broke off is taken away. PT_ERROR_BUSY: another has it. */
PtCaIndex *pt_ca_index_open (const char *path, gboolean writes, GError **error);
void pt_ca_index_free (PtCaIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCaIndex, pt_ca_index_free)

guint pt_ca_index_count (const PtCaIndex *index);
const PtCaIssued *pt_ca_index_get (const PtCaIndex *index, guint number);
/* The number of the newest of a device, or -1. */
int pt_ca_index_find (const PtCaIndex *index, const char *area, const char *device);
/* The number of the newest revocation list, 0: there was none. */
gint64 pt_ca_index_list_number (const PtCaIndex *index);

/* These are written with the next pt_ca_index_sync (). */
gboolean pt_ca_index_add (PtCaIndex *index, const PtCaIssued *issued, const char *area,
                          const char *device, GError **error);
void pt_ca_index_revoke (PtCaIndex *index, guint number, gint64 when, PtCaReason reason);
gint64 pt_ca_index_next_list (PtCaIndex *index);
/* Returns when all of it is durable. */
gboolean pt_ca_index_sync (PtCaIndex *index, GError **error);
