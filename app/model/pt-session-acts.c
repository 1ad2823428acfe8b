/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-complaint-words.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-feed-areas.h"
#include "pt-format.h"
#include "pt-json-bounds.h"
#include "pt-read.h"
#include "pt-session-private.h"

#define MIB (1024 * 1024)
#define DETAIL_MAX (16 * MIB)
#define JSON_DEPTH 16
#define PAGES_MAX 100
#define OFFICIALS_MAX 64            /* that are asked for, of one complaint */
#define REGISTRATIONS_MAX (2 * MIB) /* bytes of an answer */
#define BASE "/api/v1"              /* as `next` says it */

void
pt_act_result_free (PtActResult *result)
{
  if (result == NULL)
    return;
  g_free (result->problem);
  g_clear_pointer (&result->detail, pt_complaint_detail_free);
  g_free (result);
}

char *
pt_act_result_faster (const PtActResult *result, gint64 n, gint64 now)
{
  const PtComplaintStep *last;
  g_autofree char *time = NULL;

  g_return_val_if_fail (result != NULL, NULL);
  last = result->detail != NULL ? pt_complaint_detail_last (result->detail) : NULL;
  if (last == NULL || last->n < n)
    return NULL;
  time = pt_format_time (last->received, now);
  return g_strdup_printf (_ ("Somebody was faster: %s by %s at %s. Your note is kept; look again "
                             "before you sign."),
                          pt_complaint_done_word (last->action),
                          last->name != NULL ? last->name : last->by, time);
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

/* A complaint that comes page by page. */
typedef struct
{
  PtFetchReply *reply; /* the page that came last */
  JsonNode *root;      /* the first page, with the steps of those after it */
  char *next;          /* where the next one is, below the base; NULL: that was all */
  guint pages;
  gboolean is_ours; /* of the area that the session is of: its words may be seen */
  char *url, *area, *complaint;
  PtSight sight;         /* what was seen of it when it was asked for */
  char *authority_key;   /* of the area; or NULL */
  GPtrArray *officials;  /* ids of whom its steps name, */
  GPtrArray *registered; /* and the PtFetchReply of each of the first of them, or NULL */
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_clear_pointer (&load->reply, pt_fetch_reply_free);
  g_clear_pointer (&load->root, json_node_unref);
  g_free (load->next);
  g_free (load->url);
  g_free (load->area);
  g_free (load->complaint);
  g_free (load->authority_key);
  g_clear_pointer (&load->officials, g_ptr_array_unref);
  g_ptr_array_unref (load->registered);
  g_free (load);
}

/* The steps of another page go behind those that are there. */
static gboolean
load_append (Load *load, JsonNode *page, GError **error)
{
  JsonObject *object = json_node_get_object (load->root);
  JsonArray *more = pt_read_array (json_node_get_object (page), "chain", PT_READ_NEEDED, error);
  JsonArray *steps = more != NULL ? pt_read_array (object, "chain", PT_READ_NEEDED, error) : NULL;

  for (guint i = 0; steps != NULL && i < json_array_get_length (more); i++)
    json_array_add_element (steps, json_array_dup_element (more, i));
  return steps != NULL;
}

/* Where the next page is: of the same complaint, or nowhere. */
static char *
next_path (JsonNode *page, GError **error)
{
  const char *next = pt_read_text (json_node_get_object (page), "next", PT_READ_OPTIONAL, error);

  if (next == NULL)
    return NULL;
  if (g_str_has_prefix (next, BASE "/complaints/"))
    return g_strdup (next + strlen (BASE));
  pt_read_refuse ("next", error);
  return NULL;
}

static void
load_take_page (Load *load, GError **error)
{
  g_autoptr (JsonNode) page = parse_body (load->reply);

  g_clear_pointer (&load->next, g_free);
  load->pages++;
  if (load->reply->status != SOUP_STATUS_OK)
    g_propagate_error (error, pt_fetch_reply_error (load->reply));
  else if (page == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED, _ ("What it answers is not JSON."));
  else if (load->root == NULL || load_append (load, page, error))
    {
      load->next = load->pages < PAGES_MAX ? next_path (page, error) : NULL;
      if (load->root == NULL)
        load->root = g_steal_pointer (&page);
    }
}

static void
page_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Load *load = data;
  g_autoptr (GError) error = NULL;

  load_take_page (load, &error);
  if (error == NULL && load->next == NULL)
    load->officials = pt_complaint_detail_officials (load->root, OFFICIALS_MAX);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

/* What the authority signed of an official: as the daemon shows it, nothing, or not known. */
static void
vouch_take (PtVouch *vouch, const char *official, const PtFetchReply *reply)
{
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;

  if (reply == NULL)
    return;
  if (reply->status == SOUP_STATUS_OK)
    {
      answer = parse_body (reply);
      if (answer != NULL)
        pt_vouch_add (vouch, official, answer);
      return;
    }
  error = pt_fetch_reply_error (reply);
  if (g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND))
    pt_vouch_add (vouch, official, NULL);
}

static void
detail_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Load *load = data;
  g_autoptr (PtVouch) vouch = pt_vouch_new (load->area, load->authority_key);
  GError *error = NULL;
  PtComplaintDetail *detail;

  for (guint i = 0; i < load->registered->len; i++)
    vouch_take (vouch, load->officials->pdata[i], load->registered->pdata[i]);
  detail = pt_complaint_detail_read (load->root, vouch, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, detail, (GDestroyNotify) pt_complaint_detail_free);
}

/* The complaint that an answer or a refusal brings along; NULL: none that can be read. */
static PtComplaintDetail *
detail_inside (JsonNode *root)
{
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
  JsonNode *node = object != NULL ? json_object_get_member (object, "complaint") : NULL;

  /* A part of a chain says nothing of its end. */
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
                 && pt_read_text (json_node_get_object (node), "next", PT_READ_OPTIONAL, NULL)
                        == NULL
             ? pt_complaint_detail_read (node, NULL, NULL)
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

static void
session_note_status (PtSession *session, const PtFetchReply *reply)
{
  if (reply->status == SOUP_STATUS_UNAUTHORIZED)
    pt_session_end (session, _ ("The daemon has ended the session."));
}

/* Asking: page after page */

static void load_page (GTask *task, const char *path);
static void ask_official (GTask *task);

/* What goes on in a thread with what @task, which waits for it, has. */
static void
load_run (GTask *task, GTaskThreadFunc func, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) work
      = g_task_new (g_task_get_source_object (task), g_task_get_cancellable (task), callback, task);

  g_task_set_task_data (work, g_task_get_task_data (task), NULL);
  g_task_run_in_thread (work, func);
}

/* What contradicts what was seen of it before is told with it. */
static void
detail_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PtSession *session = g_task_get_source_object (task);
  const Load *load = g_task_get_task_data (task);
  gint64 now = g_get_real_time () / 1000;
  GError *error = NULL;
  PtComplaintDetail *detail = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  detail->lie = pt_sight_contradicted (&load->sight, detail, now);
  if (detail->lie == NULL)
    pt_seen_take (session->seen, load->url, detail, now, FALSE);
  g_task_return_pointer (task, detail, (GDestroyNotify) pt_complaint_detail_free);
}

static void
official_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Load *load = g_task_get_task_data (task);

  /* Of whom there is no answer nothing is known. */
  g_ptr_array_add (load->registered, pt_link_send_finish (PT_LINK (source), result, NULL));
  if (!g_task_return_error_if_cancelled (task))
    ask_official (g_steal_pointer (&task));
}

/* One after another; takes @task. */
static void
ask_official (GTask *task)
{
  PtSession *session = g_task_get_source_object (task);
  const Load *load = g_task_get_task_data (task);
  const PtFetchRequest request = { 0 };
  g_autofree char *path = NULL;

  if (load->authority_key == NULL || load->registered->len >= load->officials->len)
    {
      load_run (task, detail_thread, detail_read_cb);
      return;
    }
  path = g_strdup_printf ("/officials/%s/%s", load->area,
                          (const char *) load->officials->pdata[load->registered->len]);
  pt_link_send_async (session->link, path, &request, REGISTRATIONS_MAX,
                      g_task_get_cancellable (task), official_cb, task);
}

/* That there is none is news where it was seen. */
static GError *
load_error (const Load *load, GError *error)
{
  g_autofree char *lie = NULL;

  if (g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND))
    lie = pt_sight_contradicted (&load->sight, NULL, g_get_real_time () / 1000);
  if (lie == NULL)
    return error;
  g_error_free (error);
  return g_error_new_literal (PT_ERROR, PT_ERROR_CONFLICT, lie);
}

static void
page_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Load *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *next = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  next = g_steal_pointer (&load->next);
  if (error != NULL)
    g_task_return_error (task, load_error (load, g_steal_pointer (&error)));
  else if (next != NULL)
    load_page (g_steal_pointer (&task), next);
  else
    ask_official (g_steal_pointer (&task));
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Load *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&load->reply, pt_fetch_reply_free);
  load->reply = pt_link_send_finish (PT_LINK (source), result, &error);
  if (load->reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  session_note_status (g_task_get_source_object (task), load->reply);
  load_run (g_steal_pointer (&task), page_thread, page_read_cb);
}

/* Takes @task. */
static void
load_page (GTask *task, const char *path)
{
  PtSession *session = g_task_get_source_object (task);
  const Load *load = g_task_get_task_data (task);
  const PtFetchRequest request = { NULL, NULL, NULL, load->is_ours ? session->token : NULL };

  pt_link_send_async (session->link, path, &request, DETAIL_MAX, g_task_get_cancellable (task),
                      loaded_cb, task);
}

/* As the daemon names it; NULL: it doesn't, or not yet. */
static char *
find_authority (PtSession *session, const char *area)
{
  GListModel *areas = pt_link_list (session->link, &pt_list_areas);

  for (guint i = 0; i < g_list_model_get_n_items (areas); i++)
    {
      g_autoptr (PtAreaHead) head = g_list_model_get_item (areas, i);

      if (strcmp (head->area, area) == 0)
        return g_strdup (head->authority_key);
    }
  return NULL;
}

static Load *
load_new (PtSession *session, const char *area, const char *complaint)
{
  Load *load = g_new0 (Load, 1);

  load->is_ours = pt_session_is_of (session, area);
  load->url = g_strdup (pt_link_url (session->link));
  load->area = g_strdup (area);
  load->complaint = g_strdup (complaint);
  load->sight = pt_seen_get (session->seen, load->url, area, complaint);
  load->authority_key = find_authority (session, area);
  load->registered = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_fetch_reply_free);
  return load;
}

void
pt_session_load_async (PtSession *session, const char *area, const char *complaint,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *path = NULL;
  GTask *task;

  g_return_if_fail (PT_IS_SESSION (session));
  g_return_if_fail (area != NULL && complaint != NULL);
  path = g_strdup_printf ("/complaints/%s/%s", area, complaint);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_session_load_async);
  g_task_set_task_data (task, load_new (session, area, complaint), load_free);
  load_page (task, path);
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
  g_autoptr (GError) error = NULL;
  PtFetchReply *reply = pt_link_send_finish (PT_LINK (source), result, &error);

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  session_note_status (g_task_get_source_object (task), reply);
  g_task_set_task_data (task, reply, (GDestroyNotify) pt_fetch_reply_free);
  g_task_run_in_thread (task, act_thread);
}

/* What the draft points to, kept until the key is there. */
typedef struct
{
  PtActionDraft draft;
  gint64 erases; /* a step; 0: none */
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

/* Takes @object. */
static void
act_post (GTask *task, const char *path, JsonObject *object)
{
  PtSession *session = g_task_get_source_object (task);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GBytes) body = NULL;
  PtFetchRequest request = { "POST", "application/json", NULL, session->token };
  char *text;

  json_node_take_object (node, object);
  text = json_to_string (node, FALSE);
  request.body = body = g_bytes_new_take (text, strlen (text));
  pt_link_send_async (session->link, path, &request, DETAIL_MAX, g_task_get_cancellable (task),
                      acted_cb, g_object_ref (task));
}

static void
act_post_entry (GTask *task, const Act *act, const char *entry)
{
  g_autofree char *path = g_strdup_printf ("/complaints/%s/%s/erase", act->area, act->complaint);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "entry", entry);
  if (act->erases > 0)
    json_object_set_int_member (object, "n", act->erases);
  act_post (task, act->erases > 0 ? path : "/actions", object);
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
    act_post_entry (task, act, entry);
}

void
pt_session_act_async (PtSession *session, const PtActionDraft *draft, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PT_IS_SESSION (session) && draft != NULL);
  pt_session_erase_async (session, draft, 0, cancellable, callback, user_data);
}

void
pt_session_erase_async (PtSession *session, const PtActionDraft *draft, gint64 n,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Act *act;
  GTask *task;

  g_return_if_fail (PT_IS_SESSION (session) && draft != NULL);
  g_return_if_fail (session->key != NULL);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_session_erase_async);
  act = act_new (draft);
  act->erases = n;
  g_task_set_task_data (task, act, act_free);
  pt_keyring_open_async (session->key, cancellable, act_opened_cb, task);
}

void
pt_session_hide_async (PtSession *session, const char *area, const char *complaint, gint64 n,
                       gboolean hidden, const char *reason, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *path = NULL;
  g_autoptr (GTask) task = NULL;
  JsonObject *object;

  g_return_if_fail (PT_IS_SESSION (session) && area != NULL && complaint != NULL);
  g_return_if_fail (reason != NULL);
  path = g_strdup_printf ("/complaints/%s/%s/hide", area, complaint);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_session_hide_async);
  object = json_object_new ();
  json_object_set_int_member (object, "n", n);
  json_object_set_boolean_member (object, "hidden", hidden);
  json_object_set_string_member (object, "reason", reason);
  act_post (task, path, object);
}

PtActResult *
pt_session_act_finish (PtSession *session, GAsyncResult *result, GError **error)
{
  PtActResult *done;

  g_return_val_if_fail (g_task_is_valid (result, session), NULL);
  done = g_task_propagate_pointer (G_TASK (result), error);
  if (done != NULL && done->is_done && done->detail != NULL)
    pt_seen_take (session->seen, pt_link_url (session->link), done->detail,
                  g_get_real_time () / 1000, TRUE);
  return done;
}
