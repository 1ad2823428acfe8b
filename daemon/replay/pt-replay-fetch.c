/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-replay-fetch.h"

#include <string.h>

#include "pt-audit-fetch.h"

#define BLOCK_TIMEOUT_S 60

char **
pt_replay_gateways (const char *text)
{
  char **parts = g_strsplit (text != NULL ? text : "", ";", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *part = g_strstrip (parts[i]);
      gsize size = strlen (part);

      while (size > 0 && part[size - 1] == '/')
        part[--size] = '\0';
    }
  return parts;
}

typedef struct
{
  PtBlockWriter *writer;
  guint64 left;
  gboolean too_long;
  GError *error;
} Copy;

static gboolean
copy_bytes (GBytes *bytes, gpointer user_data)
{
  Copy *copy = user_data;
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  copy->too_long = size > copy->left;
  if (copy->too_long)
    return FALSE;
  copy->left -= size;
  return pt_block_store_writer_write (copy->writer, data, size, &copy->error);
}

/* What a gateway said, in a word or two. */
static char *
failure_text (const PtAuditFinding *failure)
{
  if (failure->code == PT_AUDIT_BLOCK_REFUSED)
    return g_strdup_printf ("%u", failure->status);
  if (failure->code == PT_AUDIT_BLOCK_UNREACHABLE)
    return g_strdup (failure->detail != NULL ? failure->detail : "no answer");
  return g_strdup ("something else");
}

static PtAuditFetcher *
fetcher_new (const char *gateway, const PtCid *cid, gint *stopped)
{
  const PtAuditFetchOptions options
      = { .gateway = gateway, .threads = 1, .block_timeout = BLOCK_TIMEOUT_S };
  GArray *jobs = g_array_new (FALSE, FALSE, sizeof (PtAuditJob));
  PtAuditJob job = { *cid, stopped };

  g_array_append_val (jobs, job);
  return pt_audit_fetcher_new (&options, jobs);
}

/* The file from one gateway. FALSE with an error when we can't keep it; *@said: it has it not. */
static gboolean
fetch_from (PtBlockStore *blocks, const char *gateway, const PtCid *cid, guint64 most,
            gint *stopped, char **said, GError **error)
{
  g_autoptr (PtBlockWriter) writer = pt_block_store_writer_new (blocks, error);
  Copy copy = { .writer = writer, .left = most };
  g_autoptr (PtAuditFetcher) fetcher = NULL;
  PtAuditFinding failure = { 0 };
  guint64 bytes;
  PtCid made;

  if (writer == NULL)
    return FALSE;
  fetcher = fetcher_new (gateway, cid, stopped);
  if (!pt_audit_fetcher_read (fetcher, copy_bytes, &copy, &failure))
    {
      *said = failure_text (&failure);
      return TRUE;
    }
  if (copy.error != NULL)
    {
      g_propagate_error (error, copy.error);
      return FALSE;
    }
  if (!copy.too_long
      && !pt_block_store_writer_finish (writer, PT_BLOCKS_DURABLE, &made, &bytes, error))
    return FALSE;
  if (copy.too_long || !pt_cid_equal (&made, cid))
    *said = g_strdup ("a file of another layout than ours");
  return TRUE;
}

/* Whether each of its blocks is what its name says: lengths alone would hold for one that rotted.
 * FALSE with an error when that can't be looked at for now. */
static gboolean
is_here (PtBlockStore *blocks, const PtCid *cid, gboolean *here, GError **error)
{
  g_autoptr (PtBlockWalk) walk = pt_block_store_walk (blocks, cid);
  g_autoptr (GError) damage = NULL;
  g_autoptr (GBytes) block = NULL;
  PtCid name;

  *here = FALSE;
  while (pt_block_walk_next (walk, &name, &block, &damage))
    {
      if (block == NULL)
        {
          *here = TRUE;
          return TRUE;
        }
      g_clear_pointer (&block, g_bytes_unref);
    }
  if (g_error_matches (damage, PT_ERROR, PT_ERROR_OPERATOR)
      || g_error_matches (damage, PT_ERROR, PT_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&damage));
  return FALSE;
}

gboolean
pt_replay_fetch (PtBlockStore *blocks, const char *const *gateways, const PtCid *cid, guint64 most,
                 gint *stopped, GError **error)
{
  g_autoptr (GString) asked = g_string_new ("here");
  char text[PT_CID_TEXT_SIZE + 1];
  gint never = FALSE;
  gboolean here;

  g_return_val_if_fail (blocks != NULL && cid != NULL, FALSE);

  if (!is_here (blocks, cid, &here, error))
    return FALSE;
  if (here)
    return TRUE;
  for (guint i = 0; gateways != NULL && gateways[i] != NULL; i++)
    {
      g_autofree char *said = NULL;

      if (!fetch_from (blocks, gateways[i], cid, most, stopped != NULL ? stopped : &never, &said,
                       error))
        return FALSE;
      if (said == NULL)
        return TRUE;
      g_string_append_printf (asked, ", at %s (%s)", gateways[i], said);
    }
  pt_cid_to_text (cid, text);
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the file %s is wanted, and was not found %s. Put it into a gateway that "
               "[chain] gateways names, or its blocks here",
               text, asked->str);
  return FALSE;
}
