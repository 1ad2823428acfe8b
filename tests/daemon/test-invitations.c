/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-invitations.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-error.h"

#define HOUR G_GINT64_CONSTANT (3600000)
#define NOW G_GINT64_CONSTANT (1700000000000)

static char *folder;

static PtInvitations *
open_file (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  PtInvitations *invitations = pt_invitations_open (path, &error);

  g_assert_no_error (error);
  return invitations;
}

static char *
invite (PtInvitations *invitations, const char *device)
{
  g_autoptr (GError) error = NULL;
  char *password = pt_invitations_make (invitations, "east", device, NOW, NOW + HOUR, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (password), ==, PT_INVITATION_PASSWORD_SIZE);
  return password;
}

static void
test_known (void)
{
  g_autoptr (PtInvitations) invitations = open_file ("known");
  g_autofree char *one = invite (invitations, "tx-1"), *two = invite (invitations, "a:b");
  g_autofree char *newer = NULL;

  g_assert_true (pt_invitations_know (invitations, "east", "tx-1", one, NOW));
  g_assert_true (pt_invitations_know (invitations, "east", "a:b", two, NOW));
  g_assert_false (pt_invitations_know (invitations, "east", "tx-1", two, NOW));
  g_assert_false (pt_invitations_know (invitations, "west", "tx-1", one, NOW));
  g_assert_false (pt_invitations_know (invitations, "east", "tx-3", "", NOW));
  g_assert_true (pt_invitations_know (invitations, "east", "tx-1", one, NOW + HOUR - 1));
  g_assert_false (pt_invitations_know (invitations, "east", "tx-1", one, NOW + HOUR));
  newer = invite (invitations, "tx-1");
  g_assert_false (pt_invitations_know (invitations, "east", "tx-1", one, NOW));
  g_assert_true (pt_invitations_know (invitations, "east", "tx-1", newer, NOW));
}

/* For one key and so many certificates, also by whoever opens the file again. */
static void
test_one_key (void)
{
  g_autoptr (PtInvitations) invitations = open_file ("key");
  g_autofree char *password = invite (invitations, "tx-1"), *path = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  guint8 key[PT_PUBLIC_KEY_SIZE] = { 4, 1 }, other[PT_PUBLIC_KEY_SIZE] = { 4, 2 };
  GStatBuf info;

  g_assert_true (pt_invitations_bind (invitations, "east", "tx-1", key, &error));
  g_assert_true (pt_invitations_bind (invitations, "east", "tx-1", key, &error));
  g_clear_pointer (&invitations, pt_invitations_free);
  invitations = open_file ("key");
  g_assert_false (pt_invitations_bind (invitations, "east", "tx-1", other, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  for (guint i = 0; i < PT_INVITATION_CERTIFICATES; i++)
    {
      g_assert_true (pt_invitations_know (invitations, "east", "tx-1", password, NOW));
      g_assert_true (pt_invitations_use (invitations, "east", "tx-1", &error));
      g_clear_pointer (&invitations, pt_invitations_free);
      invitations = open_file ("key");
    }
  g_assert_false (pt_invitations_know (invitations, "east", "tx-1", password, NOW));
  path = g_build_filename (folder, "key", NULL);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, password));
}

static void
test_bounded (void)
{
  g_autofree char *path = g_build_filename (folder, "many", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PtInvitations) invitations = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *password = NULL;

  for (guint i = 0; i < PT_INVITATIONS_MAX; i++)
    g_string_append_printf (text, "east/d-%u %064u %" G_GINT64_FORMAT " 0 -\n", i, i, NOW + HOUR);
  g_assert_true (
      g_file_set_contents_full (path, text->str, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  invitations = open_file ("many");
  g_assert_null (pt_invitations_make (invitations, "east", "tx-1", NOW, NOW + HOUR, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  g_free (invite (invitations, "d-7"));
  g_clear_error (&error);
  password = pt_invitations_make (invitations, "east", "tx-1", NOW + HOUR, NOW + 2 * HOUR, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pt_invitations_count (invitations), ==, 1);
}

static void
test_refused (void)
{
  static const char *const texts[] = { "east/tx-1",
                                       "east/tx-1 00 1 0 -",
                                       "EAST/tx-1 %064u 1 0 -",
                                       "east/tx-1 %064u 01 0 -",
                                       "east/tx-1 %064u 1 0 - -",
                                       "east/tx-1 %064u 1 0 04" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *path = g_build_filename (folder, "wrong", NULL);
      g_auto (GStrv) parts = g_strsplit (texts[i], "%064u", -1);
      g_autofree char *text
          = g_strjoinv ("0000000000000000000000000000000000000000000000000000000000000000", parts);
      g_autoptr (GError) error = NULL;

      g_assert_true (
          g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      g_assert_null (pt_invitations_open (path, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_clear_error (&error);
      g_assert_cmpint (g_chmod (path, 0644), ==, 0);
      g_assert_null (pt_invitations_open (path, &error));
      g_assert_nonnull (strstr (error->message, "chmod 600"));
    }
}

static void
clear_folder (void)
{
  const char *const names[] = { "known", "key", "many", "wrong" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("pt-invitations-XXXXXX", NULL);
  g_test_add_func ("/invitations/known", test_known);
  g_test_add_func ("/invitations/one-key", test_one_key);
  g_test_add_func ("/invitations/bounded", test_bounded);
  g_test_add_func ("/invitations/refused", test_refused);
  status = g_test_run ();
  clear_folder ();
  return status;
}
