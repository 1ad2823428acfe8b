/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-daemon-status.h"

#include <glib/gi18n-lib.h>

#include "pt-error.h"
#include "pt-read.h"

#define RPC_MAX 16 /* addresses that are taken up */

void
pt_daemon_status_free (PtDaemonStatus *status)
{
  if (status == NULL)
    return;
  g_free (status->version);
  g_free (status->contract);
  g_free (status->chain_state);
  g_strfreev (status->public_rpc);
  g_free (status->cause);
  g_free (status->detail);
  g_free (status);
}

static char **
read_addresses (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint count = array != NULL ? MIN (json_array_get_length (array), RPC_MAX) : 0;

  for (guint i = 0; i < count; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (node));
    }
  return g_strv_builder_end (builder);
}

static void
read_chain (JsonObject *root, PtDaemonStatus *status, GError **error)
{
  JsonObject *chain = pt_read_object (root, "chain", PT_READ_OPTIONAL, error);

  status->public_rpc = read_addresses (
      chain != NULL ? pt_read_array (chain, "public_rpc", PT_READ_OPTIONAL, error) : NULL);
  if (chain == NULL)
    return;
  status->chain_id = (guint64) pt_read_integer (chain, "chain_id", PT_READ_NEEDED, error);
  status->from_block = (guint64) pt_read_integer (chain, "from_block", PT_READ_OPTIONAL, error);
  status->contract = g_strdup (pt_read_text (chain, "contract", PT_READ_OPTIONAL, error));
  status->chain_state = g_strdup (pt_read_text (chain, "state", PT_READ_OPTIONAL, error));
}

/* "0.1.2" begins with 0 and 1. Before 1.0 each second number may change everything, later each
 * first: the generation is what both have to share. */
static guint64
version_generation (const char *version)
{
  const char *at = version;
  char *end;
  guint64 first = MIN (g_ascii_strtoull (at, &end, 10), G_MAXUINT32);

  if (first > 0)
    return first << 32;
  at = *end == '.' ? end + 1 : end;
  return MIN (g_ascii_strtoull (at, NULL, 10), G_MAXUINT32);
}

/* First of all: what another version calls its members is no reason that a person could use. */
static gboolean
read_version (JsonObject *object, PtDaemonStatus *status, GError **error)
{
  const char *version = pt_read_text (object, "version", PT_READ_NEEDED, error);
  guint64 theirs, ours = version_generation (PT_VERSION);

  if (version == NULL)
    return FALSE;
  status->version = g_strdup (version);
  theirs = version_generation (version);
  if (theirs == ours)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
               theirs > ours
                   ? _ ("The daemon's version is %s, this console's is %s: update this console.")
                   : _ ("The daemon's version is %s, this console's is %s: update the daemon."),
               version, PT_VERSION);
  return FALSE;
}

/* What the daemon says of copied keys, in the reader's language. */
static char *
copied_sentence (gint64 count)
{
  gulong many = (gulong) CLAMP (count, 1, G_MAXINT32);

  return g_strdup_printf (
      ngettext ("%lu device's key was copied: it signed two different reports with one counter. "
                "Revoke or replace it.",
                "%lu devices' keys were copied: each signed two different reports with one "
                "counter. Revoke or replace them.",
                many),
      many);
}

static void
read_members (JsonObject *object, PtDaemonStatus *status, GError **error)
{
  JsonObject *batches = pt_read_object (object, "batches", PT_READ_NEEDED, error);
  const char *text;

  status->now = pt_read_integer (object, "now", PT_READ_NEEDED, error);
  status->clock_speed = pt_read_number (object, "clock_speed", error);
  /* What was seen of a stepped one says nothing of when it goes on. */
  if (g_strcmp0 (pt_read_text (object, "clock_source", PT_READ_OPTIONAL, error), "stepped") == 0)
    status->clock_speed = 0;
  status->areas = pt_read_integer (object, "areas", PT_READ_NEEDED, error);
  status->pending = pt_read_integer (object, "pending", PT_READ_NEEDED, error);
  status->attention
      = g_strcmp0 (pt_read_text (object, "state", PT_READ_NEEDED, error), "attention") == 0;
  text = pt_read_text (object, "cause", PT_READ_OPTIONAL, error);
  status->cause = g_strdup (text != NULL ? text : status->attention ? "?" : "");
  status->detail = g_strdup (pt_read_text (object, "detail", PT_READ_NEEDED, error));
  if (g_strcmp0 (status->cause, "conflict") == 0)
    {
      g_free (status->detail);
      status->detail
          = copied_sentence (pt_read_integer (object, "keys_copied", PT_READ_OPTIONAL, error));
    }
  read_chain (object, status, error);
  for (guint i = PT_BATCH_SEALED; batches != NULL && i < PT_BATCH_STATES; i++)
    status->batches[i]
        = pt_read_integer (batches, pt_batch_state_name ((PtBatchState) i), PT_READ_NEEDED, error);
}

gpointer
pt_daemon_status_read (JsonNode *root, gconstpointer data, GError **error)
{
  g_autoptr (PtDaemonStatus) status = g_new0 (PtDaemonStatus, 1);
  g_autoptr (GError) local = NULL;
  JsonObject *object;

  g_return_val_if_fail (root != NULL, NULL);
  object = pt_read_as_object (root, "version", &local);
  if (object != NULL && read_version (object, status, &local))
    read_members (object, status, &local);
  if (local == NULL)
    return g_steal_pointer (&status);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
