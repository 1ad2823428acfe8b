/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-directory.h"
#include "pt-signature.h"
#include "pt-store-log.h"

/* Who was to be heard, and who was: the registry as of the last sealed entry, which lags behind the
 * live one. One thread. */
typedef struct _PtRoster PtRoster;

PtRoster *pt_roster_new (PtDirectory *directory);
void pt_roster_free (PtRoster *roster);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRoster, pt_roster_free)

/* At start-up, and for each registration in the order of the log. */
void pt_roster_set_active (PtRoster *roster, guint32 device, gboolean active);
/* A new sealing pass: nobody was heard. */
void pt_roster_begin (PtRoster *roster);
void pt_roster_hear (PtRoster *roster, guint32 device);

/* A batch, and the block of the chain that its roster names. */
typedef struct
{
  guint32 area;
  guint64 batch;
  gint64 to; /* ms */
  PtNamedBlock named;
} PtRosterPlace;

/* Writes the batch's signed, stored roster entry with received = ts = @place->to. */
gboolean pt_roster_write (PtRoster *roster, const PtRosterPlace *place, const PtSigner *signer,
                          char *out, gsize out_size, gsize *size, GError **error);
