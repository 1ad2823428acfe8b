/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-est.h"
#include "pt-route.h"

/* The mouth of PtEst: the addresses of RFC 7030 for devices, over TLS alone, and those of
 * administration. All but the authority's certificate is answered by a thread of its own, which
 * gives the authority's folder back when nobody asks. Main loop. */
typedef struct _PtEstHttp PtEstHttp;

/* What pt_est_http_routes are added with; @est has to outlive it. NULL: all of them say that no
 * certificates are given. */
PtEstHttp *pt_est_http_new (PtEst *est);
/* The files of PtEst are read again, soon; the journal says whether that went well. */
void pt_est_http_reload (PtEstHttp *http);
/* Before the server is freed: whoever waits is told to come again, and nobody else is taken. */
void pt_est_http_close (PtEstHttp *http);
/* After the server. */
void pt_est_http_free (PtEstHttp *http);

extern const PtRoute pt_est_http_routes[];
