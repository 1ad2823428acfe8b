/* SPDX-License-Identifier: Apache-2.0 */
/* A key that the areas were not registered with never signs, and none is made in its stead. */
#include "pt-service-key.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-memory-store.h"
#include "pt-store-log.h"

typedef struct
{
  char *directory, *path;
  PtStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("pt-service-key-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "service.pem", NULL);
  fixture->store = pt_memory_store_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_store_free (fixture->store);
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->path);
  g_free (fixture->directory);
}

static void
add_area (Fixture *fixture, guint32 number, const char *id, const guint8 *key)
{
  g_autoptr (GError) error = NULL;
  PtAreaRow row = { .number = number };

  g_strlcpy (row.id, id, sizeof row.id);
  if (key != NULL)
    memcpy (row.service_key, key, PT_PUBLIC_KEY_SIZE);
  pt_store_add_area (fixture->store, &row, &error);
  g_assert_no_error (error);
}

/* Its public half. */
static void
open_key (Fixture *fixture, guint8 *key)
{
  g_autoptr (GError) error = NULL;
  PtP256Key *opened = pt_service_key_open (fixture->path, fixture->store, &error);

  g_assert_no_error (error);
  g_assert_nonnull (opened);
  pt_p256_key_public (opened, key);
  pt_p256_key_free (opened);
}

static void
text_of (const guint8 *key, char text[100])
{
  text[pt_base64url_encode (key, PT_PUBLIC_KEY_SIZE, text, 100)] = '\0';
}

static void
assert_refused (Fixture *fixture, const char *first, const char *second)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_service_key_open (fixture->path, fixture->store, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_assert_nonnull (strstr (error->message, first));
  g_assert_nonnull (strstr (error->message, second));
}

/* Before there is an area a key is made, and it is the same from then on. */
static void
test_made (Fixture *fixture, gconstpointer data)
{
  guint8 first[PT_PUBLIC_KEY_SIZE], second[PT_PUBLIC_KEY_SIZE];

  open_key (fixture, first);
  add_area (fixture, 0, "east", first);
  open_key (fixture, second);
  g_assert_cmpmem (first, sizeof first, second, sizeof second);
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  guint8 key[PT_PUBLIC_KEY_SIZE];
  char text[100];

  open_key (fixture, key);
  text_of (key, text);
  add_area (fixture, 0, "east", key);
  g_remove (fixture->path);
  assert_refused (fixture, text, "missing");
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

/* Registered by a version that did not write down with which key. */
static void
test_missing_unknown (Fixture *fixture, gconstpointer data)
{
  add_area (fixture, 0, "east", NULL);
  assert_refused (fixture, "missing", "none was made");
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_other (Fixture *fixture, gconstpointer data)
{
  guint8 first[PT_PUBLIC_KEY_SIZE], second[PT_PUBLIC_KEY_SIZE];
  g_autoptr (PtStore) empty = NULL;
  char first_text[100], second_text[100];

  open_key (fixture, first);
  add_area (fixture, 0, "east", first);
  g_remove (fixture->path);
  empty = fixture->store;
  fixture->store = pt_memory_store_new ();
  open_key (fixture, second);
  pt_store_free (fixture->store);
  fixture->store = g_steal_pointer (&empty);
  text_of (first, first_text);
  text_of (second, second_text);
  assert_refused (fixture, first_text, second_text);
}

/* From the first start on that knows better, all areas are held to it. */
static void
test_adopted (Fixture *fixture, gconstpointer data)
{
  guint8 first[PT_PUBLIC_KEY_SIZE];
  char text[100];

  open_key (fixture, first);
  add_area (fixture, 0, "east", NULL);
  open_key (fixture, first);
  text_of (first, text);
  g_remove (fixture->path);
  assert_refused (fixture, text, "missing");
}

#define ADD(name, func) g_test_add ("/service-key/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("made", test_made);
  ADD ("missing", test_missing);
  ADD ("missing-unknown", test_missing_unknown);
  ADD ("other", test_other);
  ADD ("adopted", test_adopted);
  return g_test_run ();
}
