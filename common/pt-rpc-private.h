/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-http-client.h"
#include "pt-rpc.h"

/* pt-rpc.c: the call. pt-rpc-values.c: its answer's values. pt-rpc-chain.c, -fees.c and -logs.c:
 * the questions. */

struct _PtRpc
{
  PtHttpClient *client;
  char *url;
  gint64 next_id;
  gint64 deadline; /* monotonic us; 0: none */
  guint patience;  /* ms that a call may go on asking one that is busy */
  gboolean candid; /* messages carry the endpoint's own words */
  PtRpcFault fault;
  char *words;  /* the endpoint's own, of the last fault; or NULL */
  char *logged; /* the last ones that went to the log */
};

/* Waits @ms; FALSE when the deadline would pass. */
gboolean pt_rpc_pause (PtRpc *rpc, guint ms);

/* PT_ERROR_RETRY: the answer to @method is none, and @what says why. Always FALSE. */
gboolean pt_rpc_set_nonsense (PtRpc *rpc, GError **error, const char *method, const char *what);

/* Values of JSON: quantities and data of EIP-1474. Texts are NULL where there is none. */
const char *pt_rpc_node_text (JsonNode *node);
const char *pt_rpc_member_text (JsonObject *object, const char *name);
/* "0x", no leading zeros, at most @max_digits. */
gboolean pt_rpc_is_quantity (const char *text, gsize max_digits);
gboolean pt_rpc_parse_quantity (const char *text, guint64 *out);
/* 2 * @size digits without "0x"; exactly @size bytes with it. */
gboolean pt_rpc_parse_hex (const char *digits, gsize size, guint8 *out);
gboolean pt_rpc_parse_fixed (const char *text, guint8 *out, gsize size);
/* NULL unless it is data of at most 256 KiB. */
GBytes *pt_rpc_parse_data (const char *text);
void pt_rpc_append_hex (GString *string, const guint8 *data, gsize size);
void pt_rpc_append_hex_member (GString *string, const char *name, const guint8 *data, gsize size);

gboolean pt_rpc_call_quantity (PtRpc *rpc, const char *method, const char *params, guint64 *out,
                               GError **error);
GBytes *pt_rpc_call_data (PtRpc *rpc, const char *method, const char *params, GError **error);
