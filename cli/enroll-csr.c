/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll-csr.h"

#include <sys/stat.h>

#include "pt-error.h"
#include "pt-i18n.h"

typedef struct
{
  PtCsr csr;
  char *file;
  gboolean is_used;
} Request;

struct _PtEnrollCsrs
{
  GHashTable *requests; /* "area/device", or "/device" of one that names no area -> Request */
};

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->file);
  g_free (request);
}

void
pt_enroll_csrs_free (PtEnrollCsrs *csrs)
{
  if (csrs == NULL)
    return;
  g_hash_table_unref (csrs->requests);
  g_free (csrs);
}

static gboolean
refuse (GError **error, const char *file, const char *problem)
{
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, "%s: %s", file, problem);
  return FALSE;
}

static gboolean
add_file (PtEnrollCsrs *csrs, const char *path, GError **error)
{
  g_autofree char *text = NULL, *name = NULL;
  PtCsr csr;
  Request *request = NULL;
  struct stat info;
  gsize size = 0;

  if (stat (path, &info) == 0 && info.st_size > PT_CSR_SIZE_MAX)
    return refuse (error, path, _ ("it is empty, or larger than 16 KiB"));
  if (!g_file_get_contents (path, &text, &size, error))
    return FALSE;
  if (!pt_csr_parse (text, size, &csr, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  name = g_strconcat (csr.area, "/", csr.device, NULL);
  request = g_hash_table_lookup (csrs->requests, name);
  if (request != NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("%s and %s name the same device, %s; keep one of them"), request->file, path,
                   csr.device);
      return FALSE;
    }
  request = g_new0 (Request, 1);
  request->csr = csr;
  request->file = g_strdup (path);
  g_hash_table_insert (csrs->requests, g_steal_pointer (&name), request);
  return TRUE;
}

static gboolean
is_request (const char *name)
{
  const char *const ends[] = { ".csr", ".pem", ".der", ".p10" };

  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (name, ends[i]))
      return TRUE;
  return FALSE;
}

static gboolean
add_folder (PtEnrollCsrs *csrs, const char *path, GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, error);

  if (folder == NULL)
    return FALSE;
  for (const char *name = g_dir_read_name (folder); name != NULL; name = g_dir_read_name (folder))
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (!is_request (name))
        continue;
      if (g_hash_table_size (csrs->requests) >= PT_ENROLL_CSRS_MAX)
        return refuse (error, path, _ ("more than 200,000 requests; split the folder"));
      if (!add_file (csrs, file, error))
        return FALSE;
    }
  return g_hash_table_size (csrs->requests) > 0
         || refuse (error, path, _ ("no file in it ends in .csr, .pem, .der or .p10"));
}

PtEnrollCsrs *
pt_enroll_csrs_read (const char *path, GError **error)
{
  g_autoptr (PtEnrollCsrs) csrs = NULL;
  gboolean good;

  g_return_val_if_fail (path != NULL, NULL);
  csrs = g_new0 (PtEnrollCsrs, 1);
  csrs->requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, request_free);
  good = g_file_test (path, G_FILE_TEST_IS_DIR) ? add_folder (csrs, path, error)
                                                : add_file (csrs, path, error);
  return good ? g_steal_pointer (&csrs) : NULL;
}

const PtCsr *
pt_enroll_csrs_find (PtEnrollCsrs *csrs, const char *area, const char *device)
{
  g_autofree char *whole = NULL, *alone = NULL;
  Request *request = NULL;

  g_return_val_if_fail (csrs != NULL && area != NULL && device != NULL, NULL);
  whole = g_strconcat (area, "/", device, NULL);
  alone = g_strconcat ("/", device, NULL);
  request = g_hash_table_lookup (csrs->requests, whole);
  if (request == NULL)
    request = g_hash_table_lookup (csrs->requests, alone);
  if (request == NULL)
    return NULL;
  request->is_used = TRUE;
  return &request->csr;
}

guint
pt_enroll_csrs_unused (PtEnrollCsrs *csrs, const char **file)
{
  GHashTableIter iterator;
  gpointer value = NULL;
  guint count = 0;

  g_return_val_if_fail (csrs != NULL && file != NULL, 0);
  g_hash_table_iter_init (&iterator, csrs->requests);
  while (g_hash_table_iter_next (&iterator, NULL, &value))
    if (!((Request *) value)->is_used)
      {
        *file = ((Request *) value)->file;
        count++;
      }
  return count;
}
