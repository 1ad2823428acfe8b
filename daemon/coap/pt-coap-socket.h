/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <coap3/coap.h>
#include <glib.h>
#include <sys/socket.h>

/* libcoap's socket, for who stands before it. */

typedef struct
{
  struct sockaddr_storage from;
  socklen_t from_size;
  gsize control_size;
  union
  {
    struct cmsghdr align;
    guint8 bytes[256];
  } control; /* the address that it was sent to */
} PtCoapSender;

/* Of the only endpoint of @context: the one that its epoll waits for. -1: none is found. */
int pt_coap_socket_find (coap_context_t *context);
/* Of the next datagram, which stays: its size, -1 where there is none; larger than @size where it
 * does not fit. */
gssize pt_coap_socket_peek (int file, void *out, gsize size, PtCoapSender *sender);
/* Takes the next datagram away. */
gboolean pt_coap_socket_take (int file, PtCoapSender *sender);
/* To @sender, from the address that its datagram was sent to. */
void pt_coap_socket_answer (int file, PtCoapSender *sender, void *data, gsize size);
