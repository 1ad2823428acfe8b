/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint-post.h"

#include <stdio.h>
#include <string.h>

#include "complaint-words.h"
#include "pt-canonical.h"
#include "pt-cli.h"
#include "pt-confirm.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "complaint-private.h"
#include "pt-receipt.h"
#include "pt-terminal.h"
#include "pt-text.h"
#include "ticket-work.h"

static PtResult
write_unsigned (const PtPost *post, char *text, gsize *size, PtEntry *parsed)
{
  PtResult result = pt_entry_write (&post->fields, text, PT_ENTRY_MAX, size);

  return result == PT_OK ? pt_entry_parse (pt_span (text, *size), PT_ENTRY_UNSIGNED, parsed)
                         : result;
}

char *
pt_post_sign (const PtPost *post, GError **error)
{
  g_autofree char *text = g_malloc (PT_ENTRY_MAX), *out = g_malloc (PT_ENTRY_MAX);
  gsize size = 0;
  PtEntry parsed;
  PtResult result;

  g_return_val_if_fail (post != NULL, NULL);
  result = write_unsigned (post, text, &size, &parsed);
  if (result == PT_OK)
    result = pt_entry_sign (&parsed, &post->actor->signer, out, PT_ENTRY_MAX, &size);
  if (result == PT_OK)
    return g_strndup (out, size);
  g_set_error (error, PT_ERROR, pt_error_from_result (result), _ ("the entry can't be made: %s"),
               pt_result_slug (result));
  return NULL;
}

gboolean
pt_post_show (const PtPost *post, int *status)
{
  g_autofree char *text = g_malloc (PT_ENTRY_MAX), *bytes = g_malloc0 (PT_ENTRY_MAX + 64);
  g_autofree char *summary = NULL;
  gsize size = 0;
  PtEntry parsed;

  g_return_val_if_fail (post != NULL && status != NULL, FALSE);
  if (write_unsigned (post, text, &size, &parsed) == PT_OK
      && pt_entry_signed_bytes (&parsed, bytes, PT_ENTRY_MAX + 63, &size) == PT_OK)
    {
      pt_text_make_safe (bytes, size, TRUE);
      summary = g_strdup (post->summary);
      pt_text_make_safe (summary, strlen (summary), TRUE);
      g_printerr (_ ("%s\nThis will be signed, exactly:\n\n%s\n\n"), summary, bytes);
    }
  return post->yes || pt_confirm (post->verb, _ ("Sign and send it?"), status);
}

/* The body as JSON, where there are no pictures. */
static GBytes *
make_json (const PtPost *post, const char *entry, const char *nonce)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "entry", entry);
  if (post->private != NULL)
    json_object_set_string_member (object, "private", post->private);
  if (post->ticket != NULL)
    {
      json_object_set_string_member (object, "ticket", post->ticket);
      json_object_set_string_member (object, "nonce", nonce);
    }
  return pt_cli_body (object);
}

static void
append_part (GByteArray *body, const char *boundary, const char *name, const char *type,
             const void *data, gsize size)
{
  g_autofree char *head = NULL;

  if (type != NULL)
    head = g_strdup_printf ("--%s\r\nContent-Disposition: form-data; name=\"%s\"; "
                            "filename=\"photo\"\r\nContent-Type: %s\r\n\r\n",
                            boundary, name, type);
  else
    head = g_strdup_printf ("--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", boundary,
                            name);
  g_byte_array_append (body, (const guint8 *) head, (guint) strlen (head));
  g_byte_array_append (body, data, (guint) size);
  g_byte_array_append (body, (const guint8 *) "\r\n", 2);
}

/* RFC 7578. */
static GBytes *
make_multipart (const PtPost *post, const char *entry, const char *nonce, const char *boundary)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autofree char *end = g_strdup_printf ("--%s--\r\n", boundary);

  append_part (body, boundary, "entry", NULL, entry, strlen (entry));
  append_part (body, boundary, "private", NULL, post->private, strlen (post->private));
  if (post->ticket != NULL)
    {
      append_part (body, boundary, "ticket", NULL, post->ticket, strlen (post->ticket));
      append_part (body, boundary, "nonce", NULL, nonce, strlen (nonce));
    }
  for (guint i = 0; i < post->photos->len; i++)
    {
      const PtPhoto *photo = g_ptr_array_index (post->photos, i);
      gsize size = 0;
      gconstpointer data = g_bytes_get_data (photo->bytes, &size);

      append_part (body, boundary, "photo", photo->type, data, size);
    }
  g_byte_array_append (body, (const guint8 *) end, (guint) strlen (end));
  return g_byte_array_free_to_bytes (g_steal_pointer (&body));
}

/* Where somebody was faster than @post: what stands there now. */
static void
tell_faster (const PtPost *post, JsonObject *problem)
{
  JsonNode *node = json_object_get_member (problem, "complaint");
  JsonObject *complaint
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *chain = complaint != NULL ? json_object_get_member (complaint, "chain") : NULL;
  guint count = chain != NULL && JSON_NODE_HOLDS_ARRAY (chain)
                    ? json_array_get_length (json_node_get_array (chain))
                    : 0;
  JsonNode *last
      = count > 0 ? json_array_get_element (json_node_get_array (chain), count - 1) : NULL;

  if (last == NULL || !JSON_NODE_HOLDS_OBJECT (last)
      || pt_cli_integer (json_node_get_object (last), "n", 0) < post->fields.n)
    return;
  g_printerr (_ ("Somebody was faster. The newest step is now:\n"));
  pt_complaint_print_step (json_node_get_object (last), TRUE);
  g_printerr (_ ("Look at it, and run this again if it is still to be done.\n"));
}

static void
tell_refusal (const PtPost *post, guint status, JsonObject *problem)
{
  const char *type = problem != NULL ? pt_cli_string (problem, "type", "") : "";
  const char *slash = strrchr (type, '/');
  g_autofree char *slug = g_strdup (slash != NULL ? slash + 1 : type);
  g_autofree char *detail = g_strdup (problem != NULL ? pt_cli_string (problem, "detail", "")
                                                      : _ ("is --url the daemon's address?"));

  pt_text_make_safe (slug, strlen (slug), FALSE);
  pt_text_make_safe (detail, strlen (detail), FALSE);
  g_printerr (_ ("powertrack %s: the daemon refused it (%u %s): %s\n"), post->verb, status, slug,
              detail);
  if (problem != NULL && status == 409)
    tell_faster (post, problem);
}

GBytes *
pt_post_receipt (JsonObject *answer, const PtEntry *stored, GError **error)
{
  JsonNode *node = json_object_get_member (answer, "receipt");
  g_autofree char *text
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? pt_canonical_json (node) : NULL;
  PtReceipt parsed;
  PtHash leaf;

  if (text == NULL || pt_receipt_parse (pt_span (text, strlen (text)), &parsed) != PT_OK)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, _ ("the daemon gave no receipt"));
      return NULL;
    }
  pt_tree_leaf_hash (stored->bytes, &leaf);
  if (memcmp (&leaf, &parsed.leaf, sizeof leaf) == 0 && parsed.received == stored->received
      && pt_span_equal (parsed.area, stored->area))
    return g_bytes_new (text, strlen (text));
  g_set_error (error, PT_ERROR, PT_ERROR_BAD_SIGNATURE,
               _ ("the daemon's receipt is for another entry"));
  return NULL;
}

gboolean
pt_post_keep_receipt (GBytes *receipt, const char *path, GError **error)
{
  g_autofree char *line = NULL;
  gsize size = 0;
  const char *text = g_bytes_get_data (receipt, &size);

  line = g_strdup_printf ("%.*s\n", (int) size, text);
  return path == NULL || g_file_set_contents (path, line, -1, error);
}

/* What the daemon stored must be what was signed, and the receipt for exactly that. */
static GBytes *
check_stored (const char *signed_entry, JsonObject *answer, GError **error)
{
  const char *stored = pt_cli_string (answer, "entry", "");
  PtEntry ours, theirs;
  gboolean same
      = pt_entry_parse (pt_span (signed_entry, strlen (signed_entry)), PT_ENTRY_SIGNED, &ours)
            == PT_OK
        && pt_entry_parse (pt_span (stored, strlen (stored)), PT_ENTRY_STORED, &theirs) == PT_OK
        && pt_entry_same_signed (&ours, &theirs);

  if (same)
    return pt_post_receipt (answer, &theirs, error);
  g_set_error (error, PT_ERROR, PT_ERROR_BAD_SIGNATURE,
               _ ("the daemon says it stored something else than was signed"));
  return NULL;
}

/* The answer where it is what was asked for, its receipt kept. */
static JsonNode *
take_answer (const PtPost *post, const char *entry, guint status, GBytes *body, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonObject *object = pt_cli_object (parser, body);
  g_autoptr (GBytes) receipt = NULL;

  if ((status != 200 && status != 201) || object == NULL)
    {
      tell_refusal (post, status, object);
      return NULL;
    }
  receipt = check_stored (entry, object, error);
  if (receipt == NULL || !pt_post_keep_receipt (receipt, post->receipt_file, error))
    return NULL;
  return json_parser_steal_root (parser);
}

static GBytes *
post_entry (const PtPost *post, const char *entry, guint *status, GError **error)
{
  char nonce[PT_WORK_NONCE_SIZE + 1] = "";
  g_autofree char *url = g_strconcat (post->url, post->path, NULL);
  g_autofree char *boundary = NULL, *type = NULL;
  g_autoptr (GBytes) body = NULL;

  if (post->ticket != NULL && !pt_ticket_work_solve (post->ticket, post->bits, nonce))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("the daemon asks for more work than any of ours does"));
      return NULL;
    }
  if (post->photos == NULL || post->photos->len == 0)
    {
      body = make_json (post, entry, nonce);
      return pt_http_client_post (post->client, url, "application/json", body, status, error);
    }
  boundary = g_strdup_printf ("powertrack-%08x%08x%08x", g_random_int (), g_random_int (),
                              g_random_int ());
  type = g_strconcat ("multipart/form-data; boundary=", boundary, NULL);
  body = make_multipart (post, entry, nonce, boundary);
  return pt_http_client_post (post->client, url, type, body, status, error);
}

JsonNode *
pt_post_send (PtPost *post, int *status)
{
  g_autofree char *entry = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *answer = NULL;
  guint http = 0;

  g_return_val_if_fail (post != NULL && status != NULL, NULL);
  if (!pt_post_show (post, status))
    return NULL;
  entry = pt_post_sign (post, &error);
  if (entry != NULL)
    body = post_entry (post, entry, &http, &error);
  if (body != NULL)
    answer = take_answer (post, entry, http, body, &error);
  *status = answer != NULL ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
  if (error != NULL)
    pt_cli_fail (post->verb, error);
  return answer;
}
