/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack proof`: fetches the proof bundle of one report and checks it before keeping it. */

#include <stdio.h>
#include <string.h>

#include "pt-bundle.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-p256.h"
#include "pt-i18n.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtVerifier, pt_p256_verifier_free)

typedef struct
{
  char *url, *area, *device, *out;
  gint64 seq;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
  g_free (options->device);
  g_free (options->out);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static GBytes *
fetch (const Options *options, const char *url, GError **error)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GString) whole = g_string_new (NULL);

  g_string_append_printf (whole, "%s/api/v1/proof?seq=%" G_GINT64_FORMAT, url, options->seq);
  pt_cli_append_text (whole, "device", options->device);
  pt_cli_append_text (whole, "area", options->area);
  return pt_http_client_get_ok (client, whole->str, error);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, PT_ERROR, PT_ERROR_BAD_SIGNATURE,
               _ ("what the daemon sent is not a valid proof (%s); nothing was saved"), why);
  return FALSE;
}

static gboolean
is_asked_for (const PtBundle *bundle, const Options *options)
{
  PtEntry entry;

  return pt_entry_parse (bundle->entry, PT_ENTRY_STORED, &entry) == PT_OK
         && entry.kind == PT_ENTRY_REPORT && pt_span_is (entry.device, options->device)
         && entry.seq == options->seq
         && (options->area == NULL || pt_span_is (entry.area, options->area));
}

static gboolean
check (GBytes *body, const Options *options, GError **error)
{
  g_autoptr (PtVerifier) verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_autofree char *buffer = g_malloc (2 * PT_ENTRY_MAX);
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  PtBundleFindings findings;
  gsize size = 0;
  const char *data = g_bytes_get_data (body, &size);
  PtResult result = pt_bundle_parse (pt_span (data, size), buffer, 2 * PT_ENTRY_MAX, bundle);

  if (result != PT_OK)
    return refuse (error, pt_result_slug (result));
  if (!is_asked_for (bundle, options))
    return refuse (error, _ ("it is about another report"));
  result = pt_bundle_verify (bundle, verifier, NULL, &findings);
  return result == PT_OK || refuse (error, pt_result_slug (result));
}

static gboolean
save (GBytes *body, const char *path, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (body, &size);

  if (strcmp (path, "-") != 0)
    return g_file_set_contents (path, data, (gssize) size, error);
  if (fwrite (data, 1, size, stdout) == size && fflush (stdout) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("the standard output could not be written"));
  return FALSE;
}

static void
print_saved (const Options *options)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  if (strcmp (options->out, "-") == 0)
    return;
  if (!options->json)
    {
      g_print (_ ("Saved the checked proof of %s's report %" PRId64
                  " to %s; check it again any time: powertrack verify %s\n"),
               options->device, options->seq, options->out, options->out);
      return;
    }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, options->out);
  json_builder_set_member_name (builder, "holds");
  json_builder_add_boolean_value (builder, TRUE);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

int
pt_proof_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device, N_ ("The report's device"),
      N_ ("DEVICE") },
    { "seq", 0, 0, G_OPTION_ARG_INT64, &options.seq, N_ ("The report's counter"), N_ ("N") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("The device's area"), N_ ("AREA") },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out, N_ ("Where to save; - prints it"),
      N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Say in JSON what was saved"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("proof", NULL,
                     N_ ("Fetches the proof of one report and checks it before keeping it."),
                     entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  if (options.device == NULL || options.seq < 1 || options.out == NULL)
    return pt_cli_usage ("proof", _ ("--device, --seq (from 1 up) and --out are needed"));
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage ("proof", "%s", error->message);
  body = fetch (&options, url, &error);
  if (body == NULL || !check (body, &options, &error) || !save (body, options.out, &error))
    return pt_cli_fail ("proof", error);
  print_saved (&options);
  return PT_EXIT_HOLDS;
}
