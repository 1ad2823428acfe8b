/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-filing.h"
#include "pt-ticket-desk.h"

/* Actions that the service signs for somebody. */

typedef struct
{
  PtAction action;
  const char *area, *complaint;
  const char *category;       /* to file */
  PtFormPlace place;          /* to file */
  const char *text, *contact; /* of the private part; text NULL: there is none */
} PtDeskWords;

/* One on its way: the chain's newest n and hash are those of now. PT_ERROR_NOT_FOUND and whatever a
 * form's words can be. */
PtFiling *pt_desk_entry_new (PtFilings *filings, const PtDeskWords *words, GError **error);
