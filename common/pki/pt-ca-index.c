/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ca-index.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-encoding.h"
#include "pt-error.h"

#define KEY_TEXT_SIZE (4 * (PT_PUBLIC_KEY_SIZE + 2) / 3 + 1)

struct _PtCaIndex
{
  char *path;
  int file;            /* -1: it is only read */
  GArray *issued;      /* PtCaIssued */
  GHashTable *last;    /* "area/device" -> number + 1 */
  GHashTable *serials; /* serial in hex -> number + 1; while it is read */
  gint64 list_number;
  GString *waiting; /* lines that are not written */
};

const char *
pt_ca_reason_name (PtCaReason reason)
{
  switch (reason)
    {
    case PT_CA_KEY_COMPROMISE:
      return "key-compromise";
    case PT_CA_SUPERSEDED:
      return "superseded";
    case PT_CA_CESSATION:
      return "cessation";
    }
  return "";
}

static gboolean
parse_reason (const char *text, PtCaReason *out)
{
  static const PtCaReason all[] = { PT_CA_KEY_COMPROMISE, PT_CA_SUPERSEDED, PT_CA_CESSATION };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (strcmp (text, pt_ca_reason_name (all[i])) == 0)
      {
        *out = all[i];
        return TRUE;
      }
  return FALSE;
}

/* Members of a line; what is missing makes the line wrong. */

static const char *
get_text (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : "";
}

static gint64
get_number (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node)
                                                                         : -1;
}

static void
keep (PtCaIndex *index, const PtCaIssued *issued, const char *area, const char *device)
{
  g_autofree char *name = g_strconcat (area, "/", device, NULL);
  gpointer kept = NULL;
  PtCaIssued made = *issued;
  guint number = index->issued->len + 1;

  made.before = GPOINTER_TO_INT (g_hash_table_lookup (index->last, name)) - 1;
  /* The table keeps the first text of a name, and frees another. */
  g_hash_table_insert (index->last, g_strdup (name), GUINT_TO_POINTER (number));
  g_hash_table_lookup_extended (index->last, name, &kept, NULL);
  made.name = kept;
  g_array_append_val (index->issued, made);
}

static gboolean
take_issued (PtCaIndex *index, JsonObject *object)
{
  const char *serial = get_text (object, "serial"), *key = get_text (object, "key");
  const char *area = get_text (object, "area"), *device = get_text (object, "device");
  PtCaIssued issued
      = { .from = get_number (object, "from"), .until = get_number (object, "until") };

  if (index->issued->len >= PT_CA_ISSUED_MAX || issued.from < 0 || issued.until < 0 || *area == '\0'
      || *device == '\0'
      || !pt_hex_decode (pt_span (serial, strlen (serial)), issued.serial, sizeof issued.serial)
      || !pt_base64url_decode (pt_span (key, strlen (key)), issued.key, sizeof issued.key))
    return FALSE;
  keep (index, &issued, area, device);
  return g_hash_table_insert (index->serials, g_strdup (serial),
                              GUINT_TO_POINTER (index->issued->len));
}

static gboolean
take_revoked (PtCaIndex *index, JsonObject *object)
{
  guint number
      = GPOINTER_TO_UINT (g_hash_table_lookup (index->serials, get_text (object, "serial")));
  PtCaIssued *issued = NULL;

  if (number == 0)
    return FALSE;
  issued = &g_array_index (index->issued, PtCaIssued, number - 1);
  issued->revoked = get_number (object, "ts");
  return issued->revoked > 0 && parse_reason (get_text (object, "reason"), &issued->reason);
}

static gboolean
take_line (PtCaIndex *index, JsonParser *parser, const char *line, gsize size)
{
  JsonNode *root = NULL;
  JsonObject *object = NULL;
  const char *what = NULL;

  if (size == 0 || !json_parser_load_from_data (parser, line, (gssize) size, NULL))
    return FALSE;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  object = json_node_get_object (root);
  what = get_text (object, "what");
  if (strcmp (what, "issued") == 0)
    return take_issued (index, object);
  if (strcmp (what, "revoked") == 0)
    return take_revoked (index, object);
  index->list_number = get_number (object, "number");
  return strcmp (what, "list") == 0 && index->list_number > 0;
}

/* *@size: of the whole lines. */
static gboolean
read_all (PtCaIndex *index, gsize *size, GError **error)
{
  g_autoptr (GMappedFile) map = g_mapped_file_new (index->path, FALSE, error);
  g_autoptr (JsonParser) parser = json_parser_new ();
  const char *at = NULL, *end = NULL;
  guint64 line = 0;

  if (map == NULL)
    return FALSE;
  at = g_mapped_file_get_contents (map);
  end = at != NULL ? at + g_mapped_file_get_length (map) : NULL;
  for (*size = 0; at != NULL && at < end; line++)
    {
      const char *stop = memchr (at, '\n', (gsize) (end - at));

      if (stop == NULL)
        break;
      if (!take_line (index, parser, at, (gsize) (stop - at)))
        {
          g_set_error (
              error, PT_ERROR, PT_ERROR_MALFORMED,
              _ ("%s line %" PRIu64 " is not as it was written; restore the file from a copy"),
              index->path, line + 1);
          return FALSE;
        }
      *size += (gsize) (stop + 1 - at);
      at = stop + 1;
    }
  return TRUE;
}

static gboolean
fail_file (PtCaIndex *index, GError **error)
{
  int code = errno;

  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("Cannot write %s: %s"), index->path,
               g_strerror (code));
  return FALSE;
}

static gboolean
open_to_write (PtCaIndex *index, GError **error)
{
  index->file = g_open (index->path, O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (index->file < 0)
    return fail_file (index, error);
  if (flock (index->file, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_BUSY,
               _ ("%s is in use: another run issues certificates; wait for its end"), index->path);
  return FALSE;
}

PtCaIndex *
pt_ca_index_open (const char *path, gboolean writes, GError **error)
{
  g_autoptr (PtCaIndex) index = NULL;
  struct stat info;
  gsize size = 0;

  g_return_val_if_fail (path != NULL, NULL);
  index = g_new0 (PtCaIndex, 1);
  index->path = g_strdup (path);
  index->file = -1;
  index->issued = g_array_new (FALSE, FALSE, sizeof (PtCaIssued));
  index->last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  index->serials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  index->waiting = g_string_new (NULL);
  if (writes && !open_to_write (index, error))
    return NULL;
  if (stat (path, &info) == 0 && info.st_size > PT_CA_INDEX_FILE_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                   _ ("%s is larger than 2 GiB; begin a new certificate authority"), path);
      return NULL;
    }
  if (!read_all (index, &size, error))
    return NULL;
  if (writes && ftruncate (index->file, (off_t) size) != 0)
    {
      fail_file (index, error);
      return NULL;
    }
  g_hash_table_remove_all (index->serials);
  return g_steal_pointer (&index);
}

void
pt_ca_index_free (PtCaIndex *index)
{
  if (index == NULL)
    return;
  if (index->file >= 0)
    close (index->file);
  g_array_unref (index->issued);
  g_hash_table_unref (index->last);
  g_hash_table_unref (index->serials);
  g_string_free (index->waiting, TRUE);
  g_free (index->path);
  g_free (index);
}

guint
pt_ca_index_count (const PtCaIndex *index)
{
  g_return_val_if_fail (index != NULL, 0);
  return index->issued->len;
}

const PtCaIssued *
pt_ca_index_get (const PtCaIndex *index, guint number)
{
  g_return_val_if_fail (index != NULL && number < index->issued->len, NULL);
  return &g_array_index (index->issued, PtCaIssued, number);
}

int
pt_ca_index_find (const PtCaIndex *index, const char *area, const char *device)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (index != NULL && area != NULL && device != NULL, -1);
  name = g_strconcat (area, "/", device, NULL);
  return GPOINTER_TO_INT (g_hash_table_lookup (index->last, name)) - 1;
}

gint64
pt_ca_index_list_number (const PtCaIndex *index)
{
  g_return_val_if_fail (index != NULL, 0);
  return index->list_number;
}

gboolean
pt_ca_index_add (PtCaIndex *index, const PtCaIssued *issued, const char *area, const char *device,
                 GError **error)
{
  char serial[2 * PT_CA_SERIAL_SIZE + 1] = "", key[KEY_TEXT_SIZE] = "";

  g_return_val_if_fail (index != NULL && issued != NULL && area != NULL && device != NULL, FALSE);
  if (index->issued->len >= PT_CA_ISSUED_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                   _ ("%s holds 4,000,000 certificates; begin a new certificate authority"),
                   index->path);
      return FALSE;
    }
  keep (index, issued, area, device);
  pt_hex_encode (issued->serial, sizeof issued->serial, serial, sizeof serial);
  pt_base64url_encode (issued->key, sizeof issued->key, key, sizeof key);
  g_string_append_printf (index->waiting,
                          "{\"area\":\"%s\",\"device\":\"%s\",\"from\":%" G_GINT64_FORMAT
                          ",\"key\":\"%s\",\"serial\":\"%s\",\"until\":%" G_GINT64_FORMAT
                          ",\"what\":\"issued\"}\n",
                          area, device, issued->from, key, serial, issued->until);
  return TRUE;
}

void
pt_ca_index_revoke (PtCaIndex *index, guint number, gint64 when, PtCaReason reason)
{
  char serial[2 * PT_CA_SERIAL_SIZE + 1] = "";
  PtCaIssued *issued = NULL;

  g_return_if_fail (index != NULL && number < index->issued->len && when > 0);
  issued = &g_array_index (index->issued, PtCaIssued, number);
  issued->revoked = when;
  issued->reason = reason;
  pt_hex_encode (issued->serial, sizeof issued->serial, serial, sizeof serial);
  g_string_append_printf (index->waiting,
                          "{\"reason\":\"%s\",\"serial\":\"%s\",\"ts\":%" G_GINT64_FORMAT
                          ",\"what\":\"revoked\"}\n",
                          pt_ca_reason_name (reason), serial, when);
}

gint64
pt_ca_index_next_list (PtCaIndex *index)
{
  g_return_val_if_fail (index != NULL, 0);
  index->list_number++;
  g_string_append_printf (index->waiting, "{\"number\":%" G_GINT64_FORMAT ",\"what\":\"list\"}\n",
                          index->list_number);
  return index->list_number;
}

gboolean
pt_ca_index_sync (PtCaIndex *index, GError **error)
{
  gsize at = 0;

  g_return_val_if_fail (index != NULL && index->file >= 0, FALSE);
  while (at < index->waiting->len)
    {
      ssize_t written = write (index->file, index->waiting->str + at, index->waiting->len - at);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return fail_file (index, error);
      at += (gsize) written;
    }
  if (at > 0 && fsync (index->file) != 0)
    return fail_file (index, error);
  g_string_truncate (index->waiting, 0);
  return TRUE;
}
