/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* What a proxy says first on a connection, of whom it speaks for: the PROXY protocol, versions 1
 * and 2 (HAProxy's doc/proxy-protocol.txt). No input and output here. */

#define PT_PROXY_HEAD_MAX (16 + 2048) /* bytes; other programs send some hundred */

typedef struct
{
  GSocketFamily family; /* G_SOCKET_FAMILY_INVALID: it speaks for itself */
  guint8 address[16];
  guint16 port;
} PtProxyHead;

/* @data: all that has come. The head's length once it is there; 0: more is needed (all of @data
 * belongs to it, or *@wrong is a static sentence that says why it is refused). */
gsize pt_proxy_head (PtProxyHead *head, const guint8 *data, gsize size, const char **wrong);
/* Whom it names; NULL: nobody. */
GSocketAddress *pt_proxy_head_address (const PtProxyHead *head);
