/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite-place.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "pt-error.h"

/* By what statfs(2) calls them. */
static const struct
{
  guint32 magic;
  const char *name;
} network[] = {
  { 0x00006969, "NFS" },        { 0xff534d42, "CIFS" },   { 0xfe534d42, "SMB" },
  { 0x0000517b, "SMB" },        { 0x65735546, "FUSE" },   { 0x5346414f, "AFS" },
  { 0x6b414653, "AFS" },        { 0x73757245, "Coda" },   { 0x00c36400, "Ceph" },
  { 0x01021997, "9P" },         { 0x0bd00bd0, "Lustre" }, { 0x01161970, "GFS2" },
  { 0x7461636f, "OCFS2" },      { 0x47504653, "GPFS" },   { 0x0000564c, "NCP" },
  { 0xaad7aaea, "PanFS" },      { 0x19830326, "BeeGFS" }, { 0x20030528, "OrangeFS" },
  { 0x786f4256, "VirtualBox" },
};

static const char *
network_name (guint32 magic)
{
  for (guint i = 0; i < G_N_ELEMENTS (network); i++)
    if (network[i].magic == magic)
      return network[i].name;
  return NULL;
}

gboolean
pt_sqlite_place_check (const char *path, GError **error)
{
  g_autofree char *folder = NULL;
  struct stat file;
  struct statfs system;
  const char *name;

  g_return_val_if_fail (path != NULL, FALSE);

  if (stat (path, &file) == 0 && !S_ISREG (file.st_mode))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s is no file. A database is wanted there, or nothing.", path);
      return FALSE;
    }
  folder = g_path_get_dirname (path);
  if (statfs (folder, &system) != 0)
    return TRUE; /* who opens it says why it can't be */
  name = network_name ((guint32) system.f_type);
  if (name == NULL)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s lies on a file system of another machine or program (%s), where a database does "
               "not keep what was acknowledged. Name a folder on a disk of this machine.",
               path, name);
  return FALSE;
}
