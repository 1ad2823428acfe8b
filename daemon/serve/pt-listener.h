/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-budget.h"
#include "pt-connection.h"

/* The listening sockets, and all connections that came through them. It goes on accepting after the
 * process ran out of descriptors, keeps their number below what the rest of the daemon needs, and
 * lets those go that are slow. libsoup, on its own, stops listening for good at the first failure
 * and lets nobody go. Main loop. */
typedef struct _PtListener PtListener;

typedef struct
{
  PtBudget *places; /* of connections */
  void (*opened) (PtConnection *connection, gpointer data);
  gboolean (*is_tight) (gpointer data); /* there is want of something else */
  gpointer data;
} PtListenerOptions;

/* Raises the soft limit of descriptors to the hard one, at most 65536. */
void pt_listener_raise_limit (void);
/* How many connections there is room for, beside what is open now and a reserve for the rest. */
guint pt_listener_room (void);

/* Keeps what @options point to. */
PtListener *pt_listener_new (const PtListenerOptions *options);
/* Nobody is accepted any more; who is connected stays. */
void pt_listener_stop (PtListener *listener);
void pt_listener_cut_all (PtListener *listener);
void pt_listener_free (PtListener *listener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtListener, pt_listener_free)

/* Listens at @address; returns where it really does. @listen holds for those who come there, as it
 * is when they come, and has to outlive the listener. A Unix socket is for this user alone; one
 * that nobody listens at any more makes room for it. */
GSocketAddress *pt_listener_listen (PtListener *listener, const PtListen *listen,
                                    GSocketAddress *address, GError **error);

/* The name under which a client's share is counted: an IPv4 address, or the 64 bits of an IPv6 one
 * that a site is given. NULL: it is one of @proxies. */
char *pt_client_name (GSocketAddress *address, const char *const *proxies);
