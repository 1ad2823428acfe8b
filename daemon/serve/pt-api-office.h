/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-api.h"
#include "pt-office.h"

/* What officials do who logged in: sessions, and what is private of complaints. */

typedef struct
{
  const PtReads *reads;
  PtOffice *office;
} PtApiOffice;

extern const PtRoute pt_api_sessions_routes[]; /* PtApiOffice */
extern const PtRoute pt_api_private_routes[];  /* PtApiOffice */

/* The session that the request names; PT_ERROR_UNAUTHORIZED where there is none,
 * PT_ERROR_FORBIDDEN where it is not of @area, or @roles, bits of PtRole, has not its. Any thread,
 * without the directory's door. */
gboolean pt_api_session (PtRequest *request, PtOffice *office, const char *area, guint roles,
                         PtSession *out, GError **error);
#define PT_ROLE_BIT(role) (1u << (role))
#define PT_ROLES_ACTING (PT_ROLE_BIT (PT_ROLE_OPERATOR) | PT_ROLE_BIT (PT_ROLE_OFFICER))
#define PT_ROLES_ALL (PT_ROLES_ACTING | PT_ROLE_BIT (PT_ROLE_AUDITOR))

/* Who may see what is private, and how it is written: for PtApiParts. @api stays. */
PtPrivateView pt_api_private_view (PtApiOffice *api);
