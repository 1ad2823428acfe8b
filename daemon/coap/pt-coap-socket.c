/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-socket.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define RECEIVE_MAX (4 * 1024 * 1024) /* bytes; the kernel gives what net.core.rmem_max allows */
#define DESCRIPTORS_MAX 65536

/* libcoap's epoll takes the one that it waits for no second time. */
static int
find_socket (int epoll)
{
  struct rlimit most;
  int count = getrlimit (RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < DESCRIPTORS_MAX
                  ? (int) most.rlim_cur
                  : DESCRIPTORS_MAX;

  for (int fd = 0; fd < count; fd++)
    {
      struct epoll_event event = { 0 };
      int type = 0;
      socklen_t size = sizeof type;

      if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM)
        continue;
      if (epoll_ctl (epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        epoll_ctl (epoll, EPOLL_CTL_DEL, fd, NULL);
      else if (errno == EEXIST)
        return fd;
    }
  return -1;
}

int
pt_coap_socket_find (coap_context_t *context)
{
  int most = RECEIVE_MAX, file;

  g_return_val_if_fail (context != NULL, -1);

  file = find_socket (coap_context_get_coap_fd (context));
  /* Who waits for a commit has all the others' next reports in here. */
  if (file >= 0)
    setsockopt (file, SOL_SOCKET, SO_RCVBUF, &most, sizeof most);
  return file;
}

gssize
pt_coap_socket_peek (int file, void *out, gsize size, PtCoapSender *sender)
{
  g_return_val_if_fail (out != NULL && sender != NULL, -1);

  memset (&sender->from, 0, sizeof sender->from);
  sender->from_size = sizeof sender->from;
  sender->control_size = 0;
  return recvfrom (file, out, size, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT,
                   (struct sockaddr *) &sender->from, &sender->from_size);
}

gboolean
pt_coap_socket_take (int file, PtCoapSender *sender)
{
  struct msghdr message = { 0 };

  g_return_val_if_fail (sender != NULL, FALSE);

  message.msg_name = &sender->from;
  message.msg_namelen = sizeof sender->from;
  message.msg_control = &sender->control;
  message.msg_controllen = sizeof sender->control;
  if (recvmsg (file, &message, MSG_DONTWAIT) < 0)
    return FALSE;
  sender->from_size = message.msg_namelen;
  sender->control_size = message.msg_controllen;
  return TRUE;
}

void
pt_coap_socket_answer (int file, PtCoapSender *sender, void *data, gsize size)
{
  struct iovec part = { data, size };
  struct msghdr message = { 0 };

  g_return_if_fail (sender != NULL && data != NULL);

  message.msg_name = &sender->from;
  message.msg_namelen = sender->from_size;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &sender->control;
  message.msg_controllen = sender->control_size;
  if (sendmsg (file, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    g_debug ("A device over CoAP was not answered: %s", g_strerror (errno));
}
