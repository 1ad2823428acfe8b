/* SPDX-License-Identifier: Apache-2.0 */
#include "register-post.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-terminal.h"

#define BODY_MAX (1024 * 1024)
#define TRIES_WHEN_BUSY 30
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 2000
#define REFUSED_MAX 1000 /* kept with their lines */

typedef struct
{
  guint64 line;
  char *id;
  gsize start, size; /* in the body, the newline included */
} PtRegisterLine;

static void
line_free (gpointer data)
{
  PtRegisterLine *line = data;

  g_free (line->id);
  g_free (line);
}

void
pt_register_post_init (PtRegisterPost *post, PtHttpClient *client, const char *url)
{
  pt_register_post_init_at (post, client, url, "/api/v1/registrations");
}

void
pt_register_post_init_at (PtRegisterPost *post, PtHttpClient *client, const char *url,
                          const char *path)
{
  g_return_if_fail (post != NULL && client != NULL && url != NULL && path != NULL);
  *post = (PtRegisterPost){ .client = client };
  post->url = g_strconcat (url, path, NULL);
  post->body = g_string_new (NULL);
  post->lines = g_ptr_array_new_with_free_func (line_free);
  post->refused = json_array_new ();
  post->begin = json_array_new ();
}

void
pt_register_post_clear (PtRegisterPost *post)
{
  g_return_if_fail (post != NULL && post->body != NULL);
  g_clear_pointer (&post->url, g_free);
  g_string_free (g_steal_pointer (&post->body), TRUE);
  g_clear_pointer (&post->lines, g_ptr_array_unref);
  g_clear_pointer (&post->refused, json_array_unref);
  g_clear_pointer (&post->begin, json_array_unref);
}

gboolean
pt_register_post_add (PtRegisterPost *post, const char *entry, gsize size, guint64 line,
                      const char *id, GError **error)
{
  PtRegisterLine *added = NULL;

  g_return_val_if_fail (post != NULL && entry != NULL && id != NULL, FALSE);
  added = g_new0 (PtRegisterLine, 1);
  *added = (PtRegisterLine){ line, g_strdup (id), post->body->len, size + 1 };
  g_ptr_array_add (post->lines, added);
  g_string_append_len (post->body, entry, (gssize) size);
  g_string_append_c (post->body, '\n');
  return (post->lines->len < PT_REGISTER_LINES_MAX && post->body->len < BODY_MAX)
         || pt_register_post_flush (post, error);
}

static void
keep_refused (PtRegisterPost *post, const PtRegisterLine *line, const char *slug)
{
  JsonObject *object = NULL;

  if (post->rejected++ >= REFUSED_MAX)
    return;
  object = json_object_new ();
  json_object_set_int_member (object, "line", (gint64) line->line);
  json_object_set_string_member (object, "id", line->id);
  json_object_set_string_member (object, "error", slug);
  json_array_add_object_element (post->refused, object);
}

/* The lines that the daemon had no room for become the next body. */
static void
take_rejected (PtRegisterPost *post, JsonArray *rejected, GString *body, GPtrArray *lines)
{
  for (guint i = 0; i < json_array_get_length (rejected); i++)
    {
      JsonNode *node = json_array_get_element (rejected, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      gint64 at = object != NULL ? pt_cli_integer (object, "line", 0) : 0;
      const char *slug = object != NULL ? pt_cli_string (object, "error", "") : "";
      PtRegisterLine *line = NULL;

      if (at < 1 || at > post->lines->len)
        continue;
      line = g_ptr_array_index (post->lines, at - 1);
      if (strcmp (slug, "busy") != 0)
        {
          keep_refused (post, line, slug);
          continue;
        }
      g_ptr_array_add (lines, g_new0 (PtRegisterLine, 1));
      *(PtRegisterLine *) g_ptr_array_index (lines, lines->len - 1)
          = (PtRegisterLine){ line->line, g_strdup (line->id), body->len, line->size };
      g_string_append_len (body, post->body->str + line->start, (gssize) line->size);
    }
}

/* Devices that have other hardware than before, and what that has to count on with. */
static void
take_begin (PtRegisterPost *post, JsonArray *begin)
{
  for (guint i = 0; i < json_array_get_length (begin); i++)
    {
      JsonNode *node = json_array_get_element (begin, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      gint64 at = object != NULL ? pt_cli_integer (object, "line", 0) : 0;
      const PtRegisterLine *line = NULL;
      JsonObject *kept = NULL;

      if (at < 1 || at > post->lines->len || json_array_get_length (post->begin) >= REFUSED_MAX)
        continue;
      line = g_ptr_array_index (post->lines, at - 1);
      kept = json_object_new ();
      json_object_set_string_member (kept, "id", line->id);
      json_object_set_int_member (kept, "first_seq", pt_cli_integer (object, "first_seq", 1));
      json_array_add_object_element (post->begin, kept);
    }
}

void
pt_register_post_print_begin (const PtRegisterPost *post)
{
  g_return_if_fail (post != NULL);

  for (guint i = 0; i < json_array_get_length (post->begin); i++)
    {
      JsonObject *object = json_array_get_object_element (post->begin, i);

      g_print (_ ("%s counts on: its first report has the counter %" PRIi64 "\n"),
               json_object_get_string_member (object, "id"),
               json_object_get_int_member (object, "first_seq"));
    }
}

static gboolean
take_answer (PtRegisterPost *post, GBytes *answer, guint status, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonObject *object = pt_cli_object (parser, answer);
  JsonNode *rejected = NULL, *begin = NULL;
  GString *body = NULL;
  GPtrArray *lines = NULL;

  if (object == NULL || status / 100 != 2)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("%s answered %u: %s"), post->url, status,
                   object != NULL ? pt_cli_string (object, "detail", _ ("no detail"))
                                  : _ ("is --url the daemon's address?"));
      return FALSE;
    }
  body = g_string_new (NULL);
  lines = g_ptr_array_new_with_free_func (line_free);
  post->accepted += (guint64) pt_cli_integer (object, "accepted", 0);
  post->duplicate += (guint64) pt_cli_integer (object, "duplicate", 0);
  begin = json_object_get_member (object, "begin");
  if (begin != NULL && JSON_NODE_HOLDS_ARRAY (begin))
    take_begin (post, json_node_get_array (begin));
  rejected = json_object_get_member (object, "rejected");
  if (rejected != NULL && JSON_NODE_HOLDS_ARRAY (rejected))
    take_rejected (post, json_node_get_array (rejected), body, lines);
  g_string_free (post->body, TRUE);
  g_ptr_array_unref (post->lines);
  post->body = body;
  post->lines = lines;
  return TRUE;
}

gboolean
pt_register_post_flush (PtRegisterPost *post, GError **error)
{
  guint pause = PAUSE_FIRST_MS;

  g_return_val_if_fail (post != NULL, FALSE);
  for (guint try = 0; post->lines->len > 0; try++)
    {
      g_autoptr (GBytes) body = g_bytes_new (post->body->str, post->body->len);
      g_autoptr (GBytes) answer = NULL;
      guint status = 0;

      if (try == TRIES_WHEN_BUSY)
        {
          g_set_error (
              error, PT_ERROR, PT_ERROR_BUSY,
              _ ("the daemon is too busy; run this again later, what it took stays taken"));
          return FALSE;
        }
      if (try > 0)
        {
          g_usleep (pause * 1000);
          pause = MIN (2 * pause, PAUSE_MAX_MS);
        }
      answer = pt_http_client_post (post->client, post->url, "application/x-ndjson", body, &status,
                                    error);
      if (answer == NULL)
        return FALSE;
      if (status != 503 && status != 429 && !take_answer (post, answer, status, error))
        return FALSE;
    }
  return TRUE;
}

JsonObject *
pt_register_post_to_json (const PtRegisterPost *post, gboolean many)
{
  JsonObject *object = NULL;

  g_return_val_if_fail (post != NULL, NULL);
  object = json_object_new ();
  json_object_set_int_member (object, "accepted", (gint64) post->accepted);
  json_object_set_int_member (object, "duplicate", (gint64) post->duplicate);
  if (many)
    json_object_set_int_member (object, "rejected_count", (gint64) post->rejected);
  json_object_set_array_member (object, "rejected", json_array_ref (post->refused));
  if (json_array_get_length (post->begin) > 0)
    json_object_set_array_member (object, "begin", json_array_ref (post->begin));
  return object;
}

void
pt_register_progress_clear (PtRegisterProgress *progress)
{
  g_return_if_fail (progress != NULL);

  if (progress->is_there)
    g_printerr (PT_TERMINAL_CLEAR_LINE);
  progress->is_there = FALSE;
}

void
pt_register_progress_show (PtRegisterProgress *progress, guint64 done, guint64 total)
{
  gint64 now = g_get_monotonic_time ();
  gboolean terminal = isatty (STDERR_FILENO) == 1;

  g_return_if_fail (progress != NULL);

  if (progress->shown == 0)
    progress->shown = now;
  if (now - progress->shown < (terminal ? G_USEC_PER_SEC / 10 : 10 * G_USEC_PER_SEC))
    return;
  pt_register_progress_clear (progress);
  progress->shown = now;
  progress->is_there = terminal;
  g_printerr (_ ("%" PRIu64 " of %" PRIu64 " devices"), done, total);
  if (!terminal)
    g_printerr ("\n");
}

char *
pt_register_differences (const PtRegisterColumn *columns, gsize count)
{
  GString *names = NULL;

  g_return_val_if_fail (columns != NULL, NULL);

  for (gsize i = 0; i < count; i++)
    if (columns[i].differs)
      {
        if (names == NULL)
          names = g_string_new (columns[i].name);
        else
          g_string_append_printf (names, ", %s", columns[i].name);
      }
  return names != NULL ? g_string_free (names, FALSE) : NULL;
}

gboolean
pt_register_date (PtHttpClient *client, const char *url, gint64 before, gboolean is_given,
                  gint64 *now, gint64 *ts, GError **error)
{
  g_return_val_if_fail (client != NULL && url != NULL && now != NULL && ts != NULL, FALSE);

  if (before >= *now && !is_given && !pt_cli_daemon_now (client, url, now, error))
    return FALSE;
  *ts = MAX (*now, before + 1);
  return TRUE;
}
