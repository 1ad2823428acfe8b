/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A keyring in a file of the test's own: libsecret's, without a desktop. */

#include <glib/gstdio.h>

#include "common/pt-key-text.h"
#include "pt-error.h"
#include "pt-keyring.h"

typedef struct
{
  char *folder;
  GAsyncResult *result;
} PtKeyringFixture;

static inline void
pt_keyring_start (PtKeyringFixture *fixture)
{
  g_autofree char *path = NULL;

  fixture->folder = g_dir_make_tmp ("powertrack-keyring-XXXXXX", NULL);
  fixture->result = NULL;
  path = g_build_filename (fixture->folder, "keyring", NULL);
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
}

static inline void
pt_keyring_stop (PtKeyringFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "keyring", NULL);

  g_clear_object (&fixture->result);
  g_unlink (path);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static inline void
pt_keyring_came (GObject *source, GAsyncResult *result, gpointer data)
{
  ((PtKeyringFixture *) data)->result = g_object_ref (result);
}

/* What was asked last, once it is there. */
static inline GAsyncResult *
pt_keyring_wait (PtKeyringFixture *fixture)
{
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return fixture->result;
}

#define pt_keyring_done(fixture) g_clear_object (&(fixture)->result)

/* A new key of an official, which is there then. */
static inline PtKeyringKey *
pt_keyring_put (PtKeyringFixture *fixture, const char *area, const char *official, PtP256Key *key)
{
  g_autoptr (GError) error = NULL;
  PtKeyringKey *added;

  pt_keyring_add_async (area, official, key, NULL, pt_keyring_came, fixture);
  added = pt_keyring_add_finish (pt_keyring_wait (fixture), &error);
  g_assert_no_error (error);
  pt_keyring_done (fixture);
  return added;
}
