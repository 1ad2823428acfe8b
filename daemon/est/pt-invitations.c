/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-invitations.h"

#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-encoding.h"
#include "pt-entry.h"
#include "pt-error.h"
#include "pt-sha256.h"

#define HEADING "# Invitations of powertrackd: device, SHA-256, until, certificates, key\n"
#define FILE_MAX (4 * 1024 * 1024) /* bytes */
#define RANDOM_SIZE 15
#define FIELDS 5
#define NO_KEY "-"

typedef struct
{
  PtHash hash;
  gint64 until;
  gint64 given; /* certificates */
  gboolean has_key;
  guint8 key[PT_PUBLIC_KEY_SIZE];
} Invitation;

struct _PtInvitations
{
  char *path;
  GHashTable *devices; /* "area/device" -> Invitation */
};

static char *
name_of (const char *area, const char *device)
{
  return g_strconcat (area, "/", device, NULL);
}

static void
hash_password (const char *name, const char *password, PtHash *out)
{
  g_autofree char *text = g_strconcat ("powertrack-invitation:", name, ":", password, NULL);

  pt_sha256 (text, strlen (text), out);
  explicit_bzero (text, strlen (text));
}

/* The file */

static gboolean
name_is_sound (const char *name)
{
  const char *slash = strchr (name, '/');

  return slash != NULL && pt_is_area_id (pt_span (name, (gsize) (slash - name)))
         && pt_is_id (pt_span (slash + 1, strlen (slash + 1)));
}

static gboolean
take_line (PtInvitations *invitations, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", FIELDS + 1);
  g_autofree Invitation *read = g_new0 (Invitation, 1);

  if (g_strv_length (fields) != FIELDS || !name_is_sound (fields[0])
      || !pt_hex_decode (pt_span (fields[1], strlen (fields[1])), &read->hash, sizeof read->hash)
      || !pt_integer_decode (pt_span (fields[2], strlen (fields[2])), &read->until)
      || !pt_integer_decode (pt_span (fields[3], strlen (fields[3])), &read->given))
    return FALSE;
  read->has_key = strcmp (fields[4], NO_KEY) != 0;
  if (read->has_key
      && !pt_hex_decode (pt_span (fields[4], strlen (fields[4])), read->key, sizeof read->key))
    return FALSE;
  g_hash_table_insert (invitations->devices, g_strdup (fields[0]), g_steal_pointer (&read));
  return g_hash_table_size (invitations->devices) <= PT_INVITATIONS_MAX;
}

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s %s", path, why);
  return FALSE;
}

static gboolean
invitations_read (PtInvitations *invitations, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GStatBuf info;

  if (g_stat (invitations->path, &info) != 0)
    return TRUE; /* nobody was invited yet */
  if ((info.st_mode & 077) != 0)
    return refuse (invitations->path, "can be read by others. Run chmod 600 on it.", error);
  if (info.st_size > FILE_MAX)
    return refuse (invitations->path, "is no file of invitations. Move it away.", error);
  if (!g_file_get_contents (invitations->path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '#' && lines[i][0] != '\0' && !take_line (invitations, lines[i]))
      return refuse (invitations->path, "is no file of invitations. Move it away.", error);
  return TRUE;
}

static void
write_line (GString *text, const char *name, const Invitation *invitation)
{
  char hash[2 * sizeof (PtHash) + 1] = "", key[2 * PT_PUBLIC_KEY_SIZE + 1] = NO_KEY;

  pt_hex_encode (&invitation->hash, sizeof invitation->hash, hash, sizeof hash);
  if (invitation->has_key)
    pt_hex_encode (invitation->key, sizeof invitation->key, key, sizeof key);
  g_string_append_printf (text, "%s %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s\n", name, hash,
                          invitation->until, invitation->given, key);
}

static gboolean
invitations_write (const PtInvitations *invitations, GError **error)
{
  g_autoptr (GString) text = g_string_new (HEADING);
  GHashTableIter iter;
  gpointer name, invitation;

  g_hash_table_iter_init (&iter, invitations->devices);
  while (g_hash_table_iter_next (&iter, &name, &invitation))
    write_line (text, name, invitation);
  return g_file_set_contents_full (invitations->path, text->str, (gssize) text->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}

PtInvitations *
pt_invitations_open (const char *path, GError **error)
{
  g_autoptr (PtInvitations) invitations = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  invitations = g_new0 (PtInvitations, 1);
  invitations->path = g_strdup (path);
  invitations->devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return invitations_read (invitations, error) ? g_steal_pointer (&invitations) : NULL;
}

void
pt_invitations_free (PtInvitations *invitations)
{
  if (invitations == NULL)
    return;
  g_hash_table_unref (invitations->devices);
  g_free (invitations->path);
  g_free (invitations);
}

/* Making one */

static gboolean
is_over (gpointer name, gpointer value, gpointer now)
{
  const Invitation *invitation = value;

  return invitation->until <= *(gint64 *) now;
}

static char *
draw_password (GError **error)
{
  guint8 random[RANDOM_SIZE];
  char password[PT_INVITATION_PASSWORD_SIZE + 1] = "";

  if (RAND_bytes (random, sizeof random) == 1)
    {
      pt_base32_encode (random, sizeof random, password, sizeof password);
      return g_strdup (password);
    }
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "There are no random numbers just now.");
  return NULL;
}

char *
pt_invitations_make (PtInvitations *invitations, const char *area, const char *device, gint64 now,
                     gint64 until, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *password = NULL;
  Invitation *made;

  g_return_val_if_fail (invitations != NULL && area != NULL && device != NULL, NULL);

  name = name_of (area, device);
  g_hash_table_foreach_remove (invitations->devices, is_over, &now);
  if (!g_hash_table_contains (invitations->devices, name)
      && g_hash_table_size (invitations->devices) >= PT_INVITATIONS_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_BUSY,
                   "%u devices are invited and have not come. Invite others when some have.",
                   PT_INVITATIONS_MAX);
      return NULL;
    }
  password = draw_password (error);
  if (password == NULL)
    return NULL;
  made = g_new0 (Invitation, 1);
  made->until = until;
  hash_password (name, password, &made->hash);
  g_hash_table_insert (invitations->devices, g_steal_pointer (&name), made);
  return invitations_write (invitations, error) ? g_steal_pointer (&password) : NULL;
}

/* Asking for it */

gboolean
pt_invitations_know (const PtInvitations *invitations, const char *area, const char *device,
                     const char *password, gint64 now)
{
  static const Invitation nobody;
  g_autofree char *name = NULL;
  const Invitation *found;
  gboolean is_same;
  PtHash hash;

  g_return_val_if_fail (invitations != NULL && area != NULL && device != NULL, FALSE);
  g_return_val_if_fail (password != NULL, FALSE);

  name = name_of (area, device);
  found = g_hash_table_lookup (invitations->devices, name);
  hash_password (name, password, &hash);
  is_same = CRYPTO_memcmp (&hash, found != NULL ? &found->hash : &nobody.hash, sizeof hash) == 0;
  return is_same && found != NULL && found->until > now;
}

gboolean
pt_invitations_bind (PtInvitations *invitations, const char *area, const char *device,
                     const guint8 key[PT_PUBLIC_KEY_SIZE], GError **error)
{
  g_autofree char *name = NULL;
  Invitation *found;

  g_return_val_if_fail (invitations != NULL && area != NULL && device != NULL, FALSE);

  name = name_of (area, device);
  found = g_hash_table_lookup (invitations->devices, name);
  g_return_val_if_fail (found != NULL, FALSE);
  if (found->has_key && memcmp (found->key, key, sizeof found->key) == 0)
    return TRUE;
  if (found->has_key)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT,
                           "This password was used with another key. Ask for a new invitation.");
      return FALSE;
    }
  found->has_key = TRUE;
  memcpy (found->key, key, sizeof found->key);
  return invitations_write (invitations, error);
}

gboolean
pt_invitations_use (PtInvitations *invitations, const char *area, const char *device,
                    GError **error)
{
  g_autofree char *name = NULL;
  Invitation *found;

  g_return_val_if_fail (invitations != NULL && area != NULL && device != NULL, FALSE);

  name = name_of (area, device);
  found = g_hash_table_lookup (invitations->devices, name);
  g_return_val_if_fail (found != NULL, FALSE);
  if (++found->given >= PT_INVITATION_CERTIFICATES)
    g_hash_table_remove (invitations->devices, name);
  return invitations_write (invitations, error);
}

guint
pt_invitations_count (const PtInvitations *invitations)
{
  g_return_val_if_fail (invitations != NULL, 0);

  return g_hash_table_size (invitations->devices);
}
