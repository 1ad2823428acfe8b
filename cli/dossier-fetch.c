/* SPDX-License-Identifier: Apache-2.0 */
#include "dossier-fetch.h"

#include <string.h>

#include "dossier-reports.h"
#include "pt-bundle.h"
#include "pt-canonical.h"
#include "pt-cli.h"
#include "pt-dossier.h"
#include "pt-error.h"
#include "pt-i18n.h"

/* Everything that a dossier's spans point to. */
typedef struct
{
  PtDossier *dossier;
  GPtrArray *texts; /* char * */
} Making;

static void
making_clear (Making *making)
{
  g_free (making->dossier);
  g_clear_pointer (&making->texts, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Making, making_clear)

/* Keeps @text (taken; NULL: ""). */
static PtSpan
keep (Making *making, char *text)
{
  if (text == NULL)
    return pt_span ("", 0);
  g_ptr_array_add (making->texts, text);
  return pt_span (text, strlen (text));
}

static void
add_text (Making *making, PtDossierTexts *texts, const char *text)
{
  for (gsize i = 0; i < texts->count; i++)
    if (pt_span_is (texts->items[i], text))
      return;
  if (*text != '\0' && texts->count < PT_DOSSIER_TEXTS_MAX)
    texts->items[texts->count++] = keep (making, g_strdup (text));
}

/* GETs @path; NULL without an error where the daemon answers @missing. */
static JsonNode *
get_or_none (PtHttpClient *client, const char *url, const char *path, guint missing, GError **error)
{
  g_autofree char *whole = g_strconcat (url, path, NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GBytes) body = NULL;
  guint status = 0;

  body = pt_http_client_get (client, whole, NULL, &status, error);
  if (body == NULL || status == missing)
    return NULL;
  if (status == 200 && pt_cli_object (parser, body) != NULL)
    return json_parser_steal_root (parser);
  g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("%s answered %u"), whole, status);
  return NULL;
}

static const char *
entry_of (const PtComplaintKnown *known, gint64 n)
{
  JsonArray *chain = pt_complaint_known_chain (known);

  for (guint i = 0; i < json_array_get_length (chain); i++)
    {
      JsonNode *node = json_array_get_element (chain, i);

      if (JSON_NODE_HOLDS_OBJECT (node)
          && pt_cli_integer (json_node_get_object (node), "n", 0) == n)
        return pt_cli_string (json_node_get_object (node), "entry", "");
    }
  return "";
}

static gboolean
check_proof (const char *proof, const char *entry, GError **error)
{
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  g_autofree char *buffer = g_malloc (strlen (proof) + 1);
  PtHash leaf;

  if (pt_bundle_parse (pt_span (proof, strlen (proof)), buffer, strlen (proof) + 1, bundle) == PT_OK
      && pt_span_is (bundle->entry, entry))
    {
      pt_tree_leaf_hash (bundle->entry, &leaf);
      if (pt_tree_verify_inclusion (bundle->index, bundle->size, &leaf, bundle->path,
                                    bundle->path_count, &bundle->root)
          == PT_OK)
        return TRUE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_BAD_SIGNATURE,
               _ ("what the daemon sent is no valid proof of this step"));
  return FALSE;
}

/* NULL without an error where it is not anchored yet. */
static char *
fetch_proof (PtHttpClient *client, const char *url, const PtComplaintKnown *known, gint64 n,
             GError **error)
{
  g_autofree char *path = g_strdup_printf ("/api/v1/complaints/%s/%s/proof?n=%" G_GINT64_FORMAT,
                                           known->area, known->id, n);
  g_autoptr (JsonNode) node = get_or_none (client, url, path, 409, error);
  g_autofree char *proof = node != NULL ? pt_canonical_json (node) : NULL;

  return proof != NULL && check_proof (proof, entry_of (known, n), error) ? g_steal_pointer (&proof)
                                                                          : NULL;
}

char *
pt_dossier_fetch_proof (PtHttpClient *client, const char *url, const PtComplaintKnown *known,
                        gint64 n, GError **error)
{
  g_autoptr (GError) why = NULL;
  char *proof = NULL;

  g_return_val_if_fail (client != NULL && url != NULL && known != NULL, NULL);
  proof = fetch_proof (client, url, known, n, &why);
  if (proof == NULL && why == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_NOT_ANCHORED,
                 _ ("this step is not on the chain yet, or there is none such; try again later"));
  else if (proof == NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  return proof;
}

static gboolean
add_step (Making *making, PtHttpClient *client, const char *url, const PtComplaintKnown *known,
          JsonObject *step, GError **error)
{
  gint64 n = pt_cli_integer (step, "n", 0);
  g_autofree char *path = g_strdup_printf ("/api/v1/complaints/%s/%s/receipt?n=%" G_GINT64_FORMAT,
                                           known->area, known->id, n);
  g_autoptr (JsonNode) receipt = NULL;
  g_autoptr (GError) why = NULL;
  PtDossierStep *out = &making->dossier->steps[making->dossier->step_count++];

  out->entry = keep (making, g_strdup (pt_cli_string (step, "entry", "")));
  out->evidence = keep (making, g_strdup (pt_cli_string (step, "evidence", "")));
  out->proof = keep (making, fetch_proof (client, url, known, n, &why));
  if (why == NULL)
    receipt = get_or_none (client, url, path, 404, &why);
  out->receipt = keep (making, receipt != NULL ? pt_canonical_json (receipt) : NULL);
  if (why == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* All that the authority ever signed of it: who vouched for which step is for who checks. */
static gboolean
add_registration (Making *making, PtHttpClient *client, const char *url, const char *area,
                  const char *official, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/api/v1/officials/%s/%s", area, official);
  g_autoptr (GError) why = NULL;
  g_autoptr (JsonNode) node = get_or_none (client, url, path, 404, &why);
  JsonNode *rows
      = node != NULL ? json_object_get_member (json_node_get_object (node), "registrations") : NULL;
  JsonArray *array
      = rows != NULL && JSON_NODE_HOLDS_ARRAY (rows) ? json_node_get_array (rows) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *row = json_array_get_element (array, i);

      if (json_node_get_value_type (row) == G_TYPE_STRING)
        add_text (making, &making->dossier->registrations, json_node_get_string (row));
    }
  if (why == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
add_registrations (Making *making, PtHttpClient *client, const char *url,
                   const PtComplaintKnown *known, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *chain = pt_complaint_known_chain (known);

  for (guint i = 0; i < json_array_get_length (chain); i++)
    {
      JsonObject *step = json_array_get_object_element (chain, i);
      const char *named[] = { pt_cli_string (step, "by", NULL), pt_cli_string (step, "to", NULL) };

      for (gsize j = 0; j < G_N_ELEMENTS (named); j++)
        if (named[j] != NULL && pt_is_id (pt_span (named[j], strlen (named[j])))
            && !g_str_equal (named[j], "citizen") && !g_str_equal (named[j], "service")
            && g_hash_table_add (seen, (gpointer) named[j])
            && !add_registration (making, client, url, known->area, named[j], error))
          return FALSE;
    }
  return TRUE;
}

/* When what @text is an entry of was received; -1: it is none. */
static gint64
received_of (const char *text)
{
  PtEntry entry;

  return pt_entry_parse (pt_span (text, strlen (text)), PT_ENTRY_STORED, &entry) == PT_OK
             ? entry.received
             : -1;
}

/* A page of profiles, of which @before keeps the newest from before the complaint and the dossier
 * all that follow. Where the next page begins; -1: that was all. */
static gint64
take_profiles (Making *making, JsonObject *page, gint64 filed, char **before)
{
  JsonNode *node = json_object_get_member (page, "entries");
  JsonArray *rows
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonNode *row = json_array_get_element (rows, i);
      const char *text
          = json_node_get_value_type (row) == G_TYPE_STRING ? json_node_get_string (row) : "";

      if (received_of (text) > filed)
        add_text (making, &making->dossier->profiles, text);
      else
        {
          g_free (*before);
          *before = g_strdup (text);
        }
    }
  return pt_cli_integer (page, "next_from", -1);
}

/* The profile in force when the complaint was filed, and all since. */
static gboolean
add_profiles (Making *making, PtHttpClient *client, const char *url, const PtComplaintKnown *known,
              GError **error)
{
  gint64 filed = received_of (entry_of (known, 1)), from = 0;
  g_autofree char *before = NULL;
  g_autoptr (GError) why = NULL;

  for (gint64 last = -1; from > last;)
    {
      g_autofree char *path = g_strdup_printf ("/api/v1/profiles/%s/entries?from=%" G_GINT64_FORMAT,
                                               known->area, from);
      g_autoptr (JsonNode) node = get_or_none (client, url, path, 404, &why);

      last = from;
      from
          = node != NULL ? take_profiles (making, json_node_get_object (node), filed, &before) : -1;
    }
  if (before != NULL)
    add_text (making, &making->dossier->profiles, before);
  if (why == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* What the devices said around its resolves. */
static gboolean
add_reports (Making *making, PtHttpClient *client, const char *url, const PtComplaintKnown *known,
             GError **error)
{
  g_autoptr (GPtrArray) proofs = g_ptr_array_new ();
  g_autoptr (GPtrArray) reports = NULL;

  for (gsize i = 0; i < making->dossier->step_count; i++)
    g_ptr_array_add (proofs, (gpointer) making->dossier->steps[i].proof.data);
  reports
      = pt_dossier_fetch_reports (client, url, known, proofs, &making->dossier->left_out, error);
  for (guint i = 0; reports != NULL && i < reports->len; i++)
    add_text (making, &making->dossier->reports, g_ptr_array_index (reports, i));
  return reports != NULL;
}

static char *
write_out (const Making *making, GError **error)
{
  gsize room = 4096, size = 0;
  g_autofree char *text = NULL;
  PtResult result;

  for (guint i = 0; i < making->texts->len; i++)
    room += 6 * strlen (g_ptr_array_index (making->texts, i)) + 64;
  text = g_malloc (room);
  result = room > PT_DOSSIER_MAX ? PT_TOO_LARGE
                                 : pt_dossier_write (making->dossier, text, room - 1, &size);
  if (result != PT_OK)
    {
      g_set_error (error, PT_ERROR, pt_error_from_result (result),
                   _ ("the dossier can't be made: %s"), pt_result_slug (result));
      return NULL;
    }
  text[size] = '\0';
  return g_steal_pointer (&text);
}

char *
pt_dossier_fetch (PtHttpClient *client, const char *url, const PtComplaintKnown *known,
                  GPtrArray *privates, PtDossierLacks *lacks, GError **error)
{
  g_auto (Making) making
      = { .dossier = g_new0 (PtDossier, 1), .texts = g_ptr_array_new_with_free_func (g_free) };
  JsonArray *chain = NULL;

  g_return_val_if_fail (client != NULL && url != NULL && known != NULL && lacks != NULL, NULL);
  chain = pt_complaint_known_chain (known);
  *lacks = (PtDossierLacks){ 0 };
  making.dossier->area = pt_span (known->area, strlen (known->area));
  making.dossier->complaint = pt_span (known->id, strlen (known->id));
  if (!pt_cli_daemon_now (client, url, &making.dossier->made, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (chain); i++)
    {
      if (i == PT_DOSSIER_STEPS_MAX || !JSON_NODE_HOLDS_OBJECT (json_array_get_element (chain, i)))
        {
          g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE, _ ("it has too many steps"));
          return NULL;
        }
      if (!add_step (&making, client, url, known, json_array_get_object_element (chain, i), error))
        return NULL;
      lacks->steps += making.dossier->steps[i].proof.size == 0;
    }
  if (!add_registrations (&making, client, url, known, error)
      || !add_profiles (&making, client, url, known, error)
      || !add_reports (&making, client, url, known, error))
    return NULL;
  lacks->reports = making.dossier->left_out;
  for (guint i = 0; privates != NULL && i < privates->len; i++)
    add_text (&making, &making.dossier->privates, g_ptr_array_index (privates, i));
  return write_out (&making, error);
}
