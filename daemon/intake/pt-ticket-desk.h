/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-filing.h"
#include "pt-form.h"

/* Tickets over HTTP: for whom one is asked, and what is known there already. */
gboolean pt_ticket_desk_take (PtFilings *filings, PtRequest *request, GError **error);

/* Where something is amiss, as a form says it: `site`, or `lat` and `lon`. */
typedef struct
{
  const char *site; /* NULL: the cell */
  gint64 lat, lon;  /* 1e-7 degrees */
} PtFormPlace;

gboolean pt_ticket_desk_read_place (PtForm *form, PtFormPlace *out, GError **error);

/* Whether the area takes a complaint of this category there; *@area gets its number. */
gboolean pt_ticket_desk_check (PtFilings *filings, const char *area_id, const char *category,
                               const PtFormPlace *place, gint32 *area, GError **error);
/* A number that is free. */
gboolean pt_ticket_desk_draw (PtFilings *filings, char *out, GError **error);
