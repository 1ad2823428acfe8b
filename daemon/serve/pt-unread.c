/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-unread.h"

#include "pt-connection.h"
#include "pt-error.h"

#define PIECE_MAX (1024 * 1024)
#define SMALL (16 * 1024) /* status and health are told in want too */

struct _PtUnread
{
  PtBudget *budget;
  GHashTable *bodies; /* a body or its pieces -> Body */
};

/* One that is counted, and by how many answers it is kept. */
typedef struct
{
  PtUnread *unread;
  gpointer shared; /* NULL: it is nobody else's */
  guint users;
  gsize size;
  char *who;
} Body;

/* Keeps ->shared alive, so that nothing else comes to lie where it is. */
typedef struct
{
  Body *body;
  PtRequest *request;
} User;

static void
user_finished (SoupServerMessage *message, User *user)
{
  Body *body = user->body;

  g_signal_handlers_disconnect_by_data (message, user);
  if (--body->users == 0)
    {
      pt_budget_give (body->unread->budget, body->who, body->size);
      if (body->shared != NULL)
        g_hash_table_remove (body->unread->bodies, body->shared);
      g_free (body->who);
      g_free (body);
    }
  pt_request_unref (user->request);
  g_free (user);
}

static Body *
unread_add (PtUnread *unread, PtRequest *request, gpointer shared, gsize size)
{
  PtConnection *connection = pt_connection_of (request->message);
  const char *who = connection != NULL ? pt_connection_who (connection) : NULL;
  Body *body;

  /* One that is larger than all there is waits until there is nothing else. */
  size = MIN (size, pt_budget_largest (unread->budget, who));
  if (pt_budget_take (unread->budget, who, size) != PT_BUDGET_TAKEN)
    return NULL;
  body = g_new0 (Body, 1);
  *body = (Body){ unread, shared, 0, size, g_strdup (who) };
  if (shared != NULL)
    g_hash_table_insert (unread->bodies, shared, body);
  return body;
}

static gsize
size_of_answer (const PtRequest *request)
{
  gsize size = 0;

  if (request->next != NULL)
    return request->length < 0 ? PIECE_MAX : (gsize) MIN (request->length, PIECE_MAX);
  for (guint i = 0; request->pieces != NULL && i < request->pieces->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (request->pieces, i));
  return request->body != NULL ? g_bytes_get_size (request->body) : size;
}

gboolean
pt_unread_enter (PtUnread *unread, PtRequest *request, GError **error)
{
  gpointer shared;
  gsize size;
  Body *body;
  User *user;

  g_return_val_if_fail (unread != NULL && request != NULL, FALSE);

  size = size_of_answer (request);
  if (size <= SMALL || request->is_head)
    return TRUE;
  shared = request->pieces != NULL ? (gpointer) request->pieces : (gpointer) request->body;
  body = shared != NULL ? g_hash_table_lookup (unread->bodies, shared) : NULL;
  if (body == NULL)
    body = unread_add (unread, request, shared, size);
  if (body == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY,
                           "Too many answers wait to be read. Try again in a moment.");
      return FALSE;
    }
  body->users++;
  user = g_new (User, 1);
  *user = (User){ body, pt_request_ref (request) };
  g_signal_connect (request->message, "finished", G_CALLBACK (user_finished), user);
  return TRUE;
}

PtUnread *
pt_unread_new (PtBudget *budget)
{
  PtUnread *unread;

  g_return_val_if_fail (budget != NULL, NULL);

  unread = g_new0 (PtUnread, 1);
  unread->budget = budget;
  unread->bodies = g_hash_table_new (NULL, NULL);
  return unread;
}

void
pt_unread_free (PtUnread *unread)
{
  if (unread == NULL)
    return;
  g_hash_table_unref (unread->bodies);
  g_free (unread);
}
