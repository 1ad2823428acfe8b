/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fast.h"

#include <glib-unix.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "pt-connection-private.h"
#include "pt-fast-head.h"

#define EVENTS_MAX 64 /* looked at in one turn of the loop */

struct _PtFastRequest
{
  PtFast *fast;
  PtConnection *connection; /* a reference */
  gsize charged;
  guint status, wait;
  char *body;
  PtFastRequest *next; /* of those that are answered, the newest first */
};

struct _PtFast
{
  PtBudget *bodies;
  const char *path; /* NULL: there is no handler, or no more */
  PtFastFunc func;
  gpointer context;
  guint under_way;
  int waits; /* the epoll set */
  GSource *readable_source, *answered_source;
  PtFastRequest *answered; /* atomic */
  gint64 date_second;
  char date[40];
};

/* Answers */

static const char *
fast_date (PtFast *fast)
{
  gint64 second = g_get_real_time () / G_USEC_PER_SEC;

  if (second != fast->date_second)
    {
      g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (second);
      g_autofree char *text = soup_date_time_to_string (now, SOUP_DATE_HTTP);

      g_strlcpy (fast->date, text, sizeof fast->date);
      fast->date_second = second;
    }
  return fast->date;
}

/* As libsoup would write it. */
static void
request_write (PtFastRequest *request)
{
  gboolean good = request->status == SOUP_STATUS_OK;
  const char *hsts = pt_connection_listen (request->connection)->hsts;
  gsize size = strlen (request->body);
  g_autofree char *later = g_strdup_printf ("Retry-After: %u\r\n", request->wait);
  g_autofree char *text = g_strdup_printf (
      "HTTP/1.1 %u %s\r\nServer: powertrackd\r\nDate: %s\r\nX-Content-Type-Options: nosniff\r\n"
      "%s%s%sContent-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n%s",
      request->status, soup_status_get_phrase (request->status), fast_date (request->fast),
      hsts != NULL ? "Strict-Transport-Security: " : "", hsts != NULL ? hsts : "",
      hsts != NULL ? "\r\n" : "", good ? "application/json" : "application/problem+json", size,
      good ? "" : later, request->body);

  pt_connection_answer_fast (request->connection, text, strlen (text));
}

static void
request_free (PtFastRequest *request)
{
  g_object_unref (request->connection);
  g_free (request->body);
  g_free (request);
}

static void
fast_finish (PtFast *fast, PtFastRequest *request)
{
  pt_budget_give (fast->bodies, pt_connection_who (request->connection), request->charged);
  fast->under_way--;
  request_write (request);
  request_free (request);
}

static PtFastRequest *
in_their_order (PtFastRequest *newest)
{
  PtFastRequest *first = NULL;

  while (newest != NULL)
    {
      PtFastRequest *next = newest->next;

      newest->next = first;
      first = newest;
      newest = next;
    }
  return first;
}

static gboolean
fast_answered (gpointer data)
{
  PtFast *fast = data;
  PtFastRequest *request;

  g_source_set_ready_time (fast->answered_source, -1);
  request = in_their_order (g_atomic_pointer_exchange (&fast->answered, NULL));
  while (request != NULL)
    {
      PtFastRequest *next = request->next;

      fast_finish (fast, request);
      request = next;
    }
  return G_SOURCE_CONTINUE;
}

void
pt_fast_answer (PtFastRequest *request, guint status, guint wait, char *body)
{
  PtFast *fast;
  PtFastRequest *newest;

  g_return_if_fail (request != NULL && request->body == NULL && body != NULL);

  fast = request->fast;
  request->status = status;
  request->wait = wait;
  request->body = body;
  do
    {
      newest = g_atomic_pointer_get (&fast->answered);
      request->next = newest;
    }
  while (!g_atomic_pointer_compare_and_exchange (&fast->answered, newest, request));
  if (newest == NULL) /* else the loop is woken already */
    g_source_set_ready_time (fast->answered_source, 0);
}

/* Requests */

PtConnection *
pt_fast_connection (PtFastRequest *request)
{
  g_return_val_if_fail (request != NULL, NULL);

  return request->connection;
}

gboolean
pt_fast_wants (PtFast *fast, const char *head, gsize size, guint64 length)
{
  g_return_val_if_fail (fast != NULL && head != NULL, FALSE);

  return fast->path != NULL && length > 0 && length <= PT_FAST_BODY_MAX
         && pt_fast_head_fits (head, size, fast->path);
}

gboolean
pt_fast_take (PtFast *fast, PtConnection *connection, const char *body, gsize size)
{
  const char *who;
  g_autoptr (GBytes) bytes = NULL;
  PtFastRequest *request;

  g_return_val_if_fail (fast != NULL && PT_IS_CONNECTION (connection) && body != NULL, FALSE);

  who = pt_connection_who (connection);
  if (fast->path == NULL || pt_budget_take (fast->bodies, who, size) != PT_BUDGET_TAKEN)
    return FALSE;
  request = g_new0 (PtFastRequest, 1);
  request->fast = fast;
  request->connection = g_object_ref (connection);
  request->charged = size;
  fast->under_way++;
  bytes = g_bytes_new (body, size);
  if (fast->func (request, bytes, fast->context))
    return TRUE;
  fast->under_way--;
  pt_budget_give (fast->bodies, who, size);
  request_free (request);
  return FALSE;
}

/* Connections */

static gboolean
fast_readable (int waits, GIOCondition condition, gpointer data)
{
  struct epoll_event events[EVENTS_MAX];
  int count = epoll_wait (waits, events, EVENTS_MAX, 0);

  /* One may end another. */
  for (int i = 0; i < count; i++)
    g_object_ref (events[i].data.ptr);
  for (int i = 0; i < count; i++)
    {
      pt_connection_pump (events[i].data.ptr);
      g_object_unref (events[i].data.ptr);
    }
  return G_SOURCE_CONTINUE;
}

gboolean
pt_fast_watch (PtFast *fast, int descriptor, PtConnection *connection)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };

  g_return_val_if_fail (fast != NULL && PT_IS_CONNECTION (connection), FALSE);

  event.data.ptr = connection;
  return fast->waits >= 0 && epoll_ctl (fast->waits, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* Closing the descriptor is not enough: a program that is being started may still have it. */
void
pt_fast_forget (PtFast *fast, int descriptor)
{
  g_return_if_fail (fast != NULL && descriptor >= 0);

  epoll_ctl (fast->waits, EPOLL_CTL_DEL, descriptor, NULL);
}

/* Beginning and end */

void
pt_fast_set_handler (PtFast *fast, const char *path, PtFastFunc func, gpointer context)
{
  g_return_if_fail (fast != NULL && fast->path == NULL && path != NULL && func != NULL);

  fast->path = path;
  fast->func = func;
  fast->context = context;
}

void
pt_fast_close (PtFast *fast)
{
  g_return_if_fail (fast != NULL);

  fast->path = NULL;
}

guint
pt_fast_under_way (PtFast *fast)
{
  g_return_val_if_fail (fast != NULL, 0);

  return fast->under_way;
}

static gboolean
answered_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  return func (data);
}

PtFast *
pt_fast_new (PtBudget *bodies)
{
  static GSourceFuncs funcs = { .dispatch = answered_dispatch };
  PtFast *fast;

  g_return_val_if_fail (bodies != NULL, NULL);

  fast = g_new0 (PtFast, 1);
  fast->bodies = bodies;
  fast->answered_source = g_source_new (&funcs, sizeof (GSource));
  g_source_set_callback (fast->answered_source, fast_answered, fast, NULL);
  g_source_attach (fast->answered_source, NULL);
  fast->waits = epoll_create1 (EPOLL_CLOEXEC);
  if (fast->waits < 0)
    return fast; /* without descriptors all is libsoup's */
  fast->readable_source = g_unix_fd_source_new (fast->waits, G_IO_IN);
  g_source_set_callback (fast->readable_source, G_SOURCE_FUNC (fast_readable), fast, NULL);
  g_source_attach (fast->readable_source, NULL);
  return fast;
}

static void
source_end (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

void
pt_fast_free (PtFast *fast)
{
  if (fast == NULL)
    return;
  g_warn_if_fail (fast->under_way == 0);
  source_end (fast->answered_source);
  g_clear_pointer (&fast->readable_source, source_end);
  if (fast->waits >= 0)
    close (fast->waits);
  g_free (fast);
}
