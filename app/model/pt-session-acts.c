/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-session-private.h"

#define MIB (1024 * 1024)
#define DETAIL_MAX (16 * MIB)
#define JSON_DEPTH 16

void
pt_act_result_free (PtActResult *result)
{
  if (result == NULL)
    return;
  g_free (result->problem);
  g_clear_pointer (&result->detail, pt_complaint_detail_free);
  g_free (result);
}

/* Reading answers, in a thread: every signature of a chain is checked */

static JsonNode *
parse_body (const PtFetchReply *reply)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  gsize size;
  const char *data = g_bytes_get_data (reply->body, &size);

  return size > 0 && pt_json_is_shallow (data, size, JSON_DEPTH)
                 && json_parser_load_from_data (parser, data, (gssize) size, NULL)
                 && json_parser_get_root (parser) != NULL
                 && JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser))
             ? json_parser_steal_root (parser)
             : NULL;
}

static void
detail_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PtFetchReply *reply = data;
  g_autoptr (JsonNode) root = parse_body (reply);
  g_autoptr (GError) error = NULL;
  PtComplaintDetail *detail = NULL;

  if (reply->status != SOUP_STATUS_OK)
    error = pt_fetch_reply_error (reply);
  else if (root == NULL)
    error
        = g_error_new_literal (PT_ERROR, PT_ERROR_UNSUPPORTED, _ ("What it answers is not JSON."));
  else
    detail = pt_complaint_detail_read (root, NULL, &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, detail, (GDestroyNotify) pt_complaint_detail_free);
}

/* The complaint that an answer or a refusal brings along; NULL: none that can be read. */
static PtComplaintDetail *
detail_inside (JsonNode *root)
{
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
  JsonNode *node = object != NULL ? json_object_get_member (object, "complaint") : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? pt_complaint_detail_read (node, NULL, NULL)
                                                       : NULL;
}

static void
act_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PtFetchReply *reply = data;
  g_autoptr (JsonNode) root = parse_body (reply);
  PtActResult *result = g_new0 (PtActResult, 1);

  result->is_done = reply->status == SOUP_STATUS_OK || reply->status == SOUP_STATUS_CREATED;
  result->detail = detail_inside (root);
  if (!result->is_done)
    {
      g_autoptr (GError) error = pt_fetch_reply_error (reply);

      result->problem = g_strdup (error->message);
    }
  g_task_return_pointer (task, result, (GDestroyNotify) pt_act_result_free);
}

/* Hands an answer on to @thread. */
static void
read_in_thread (GTask *task, GObject *link, GAsyncResult *result, GTaskThreadFunc thread)
{
  g_autoptr (GError) error = NULL;
  PtFetchReply *reply = pt_link_send_finish (PT_LINK (link), result, &error);
  PtSession *session = g_task_get_source_object (task);

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (reply->status == SOUP_STATUS_UNAUTHORIZED)
    pt_session_end (session, _ ("The daemon has ended the session."));
  g_task_set_task_data (task, reply, (GDestroyNotify) pt_fetch_reply_free);
  g_task_run_in_thread (task, thread);
}

/* Asking */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  read_in_thread (task, source, result, detail_thread);
}

void
pt_session_load_async (PtSession *session, const char *area, const char *complaint,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  PtFetchRequest request = { NULL };
  g_autofree char *path = NULL;
  GTask *task;

  g_return_if_fail (PT_IS_SESSION (session));
  g_return_if_fail (area != NULL && complaint != NULL);
  if (pt_session_is_of (session, area))
    request.token = session->token;
  path = g_strdup_printf ("/complaints/%s/%s", area, complaint);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_session_load_async);
  pt_link_send_async (session->link, path, &request, DETAIL_MAX, cancellable, loaded_cb, task);
}

PtComplaintDetail *
pt_session_load_finish (PtSession *session, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, session), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Acting */

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  read_in_thread (task, source, result, act_thread);
}

/* What the draft points to, kept until the key is there. */
typedef struct
{
  PtActionDraft draft;
  char *area, *complaint, *site, *by, *note, *to, *of;
} Act;

static void
act_free (gpointer data)
{
  Act *act = data;

  g_free (act->area);
  g_free (act->complaint);
  g_free (act->site);
  g_free (act->by);
  g_free (act->note);
  g_free (act->to);
  g_free (act->of);
  g_free (act);
}

static Act *
act_new (const PtActionDraft *draft)
{
  Act *act = g_new0 (Act, 1);

  act->draft = *draft;
  act->draft.area = act->area = g_strdup (draft->area);
  act->draft.complaint = act->complaint = g_strdup (draft->complaint);
  act->draft.site = act->site = g_strdup (draft->site);
  act->draft.by = act->by = g_strdup (draft->by);
  act->draft.note = act->note = g_strdup (draft->note);
  act->draft.to = act->to = g_strdup (draft->to);
  act->draft.of = act->of = g_strdup (draft->of);
  return act;
}

static void
act_post (GTask *task, const char *entry)
{
  PtSession *session = g_task_get_source_object (task);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GBytes) body = NULL;
  PtFetchRequest request = { "POST", "application/json", NULL, session->token };
  JsonObject *object = json_object_new ();
  char *text;

  json_object_set_string_member (object, "entry", entry);
  json_node_take_object (node, object);
  text = json_to_string (node, FALSE);
  request.body = body = g_bytes_new_take (text, strlen (text));
  pt_link_send_async (session->link, "/actions", &request, DETAIL_MAX,
                      g_task_get_cancellable (task), acted_cb, g_object_ref (task));
}

static void
act_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Act *act = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  PtP256Key *key = pt_keyring_open_finish (result, &error);
  g_autofree char *entry = key != NULL ? pt_action_draft_sign (&act->draft, key, &error) : NULL;

  if (key != NULL)
    pt_p256_key_free (key);
  if (entry == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    act_post (task, entry);
}

void
pt_session_act_async (PtSession *session, const PtActionDraft *draft, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (PT_IS_SESSION (session) && draft != NULL);
  g_return_if_fail (session->key != NULL);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_session_act_async);
  g_task_set_task_data (task, act_new (draft), act_free);
  pt_keyring_open_async (session->key, cancellable, act_opened_cb, task);
}

PtActResult *
pt_session_act_finish (PtSession *session, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, session), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
