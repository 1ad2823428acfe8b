/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* Who writes which area, where several daemons (members) have one store. A process holds an area by
 * its token, which rises with each taking: what it writes of one that was taken since changes
 * nothing, and fails with PT_ERROR_CONFLICT. What to do when is pt-lease-plan.h's.
 *
 * Only a store that was opened to be shared has these verbs, others are one process's alone. */

#define PT_MEMBERS_MAX 64
#define PT_MEMBER_NAME_MAX 63
#define PT_MEMBER_ADDRESS_MAX 255

typedef struct
{
  char name[PT_MEMBER_NAME_MAX + 1];
  guint64 beat; /* another one after each pt_store_beat () of that name */
  char clients[PT_MEMBER_ADDRESS_MAX + 1]; /* where it is reached: by who hands in; "": nowhere */
  char members[PT_MEMBER_ADDRESS_MAX + 1]; /* by other members */
} PtMemberRow;

typedef struct
{
  char holder[PT_MEMBER_NAME_MAX + 1]; /* "": nobody */
  guint64 token;
} PtLeaseRow;

gboolean pt_store_is_shared (PtStore *store);

/* Says that the member of that name is there (@row->beat is ignored). The first one of a process
 * takes the name over from one before, for which the next is PT_ERROR_STOP: two daemons must not
 * have one name. */
gboolean pt_store_beat (PtStore *store, const PtMemberRow *row, GError **error);
/* It is there no more; what it did not give is free at once. */
gboolean pt_store_leave (PtStore *store, GError **error);
GArray *pt_store_members (PtStore *store, GError **error); /* of PtMemberRow, by name */
GArray *pt_store_leases (PtStore *store, GError **error);  /* of PtLeaseRow, by area */

/* The area is this process's from then on, under the name of its last beat, with all that was
 * committed; *@taken: its token now. PT_ERROR_CONFLICT: its token is not @token any more. After
 * PT_ERROR_RETRY the leases tell whether it was taken, and then it has to be taken anew. */
gboolean pt_store_lease_take (PtStore *store, guint32 area, guint64 token, guint64 *taken,
                              GError **error);
/* Nobody's. PT_ERROR_CONFLICT: it is another one's. Whatever comes of it, this process has to take
 * it anew before it writes any of it again. */
gboolean pt_store_lease_give (PtStore *store, guint32 area, GError **error);
