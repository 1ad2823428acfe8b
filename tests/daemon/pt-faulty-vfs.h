/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* SQLite's way to the disk with a switch: one write or sync of one thread fails, done or not. */
#include <glib.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

typedef struct
{
  sqlite3_file base;
  sqlite3_file *real;
} PtFaultyFile;

static struct
{
  sqlite3_vfs vfs;
  sqlite3_vfs *real;
  const char *thread; /* whose calls count: its name */
  gint left;          /* atomic: calls until one fails; 0: none does */
  gint failed;        /* atomic: how many did */
  gboolean forever;   /* all after it fail too */
  gboolean done;      /* what fails was done before */
  int write_code, sync_code;
} pt_faulty;

static inline gboolean
pt_faulty_counts (void)
{
  char name[16] = "";

  pthread_getname_np (pthread_self (), name, sizeof name);
  return pt_faulty.thread != NULL && g_str_equal (name, pt_faulty.thread);
}

static inline gboolean
pt_faulty_now (void)
{
  if (!pt_faulty_counts () || g_atomic_int_get (&pt_faulty.left) == 0)
    return FALSE;
  if (g_atomic_int_get (&pt_faulty.left) == 1)
    {
      g_atomic_int_set (&pt_faulty.left, pt_faulty.forever ? 1 : 0);
      g_atomic_int_inc (&pt_faulty.failed);
      return TRUE;
    }
  g_atomic_int_add (&pt_faulty.left, -1);
  return FALSE;
}

#define PT_REAL(file) (((PtFaultyFile *) (file))->real)

static inline int
pt_faulty_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
  gboolean fails = pt_faulty_now ();
  int code = SQLITE_OK;

  if (!fails || pt_faulty.done)
    code = PT_REAL (file)->pMethods->xWrite (PT_REAL (file), data, size, at);
  return fails ? pt_faulty.write_code : code;
}

static inline int
pt_faulty_sync (sqlite3_file *file, int flags)
{
  gboolean fails = pt_faulty_now ();
  int code = SQLITE_OK;

  if (!fails || pt_faulty.done)
    code = PT_REAL (file)->pMethods->xSync (PT_REAL (file), flags);
  return fails ? pt_faulty.sync_code : code;
}

#define PT_PASS(name, parameters, arguments)                                                       \
  static inline int pt_faulty_##name parameters                                                    \
  {                                                                                                \
    return PT_REAL (file)->pMethods->name arguments;                                               \
  }

PT_PASS (xClose, (sqlite3_file * file), (PT_REAL (file)))
PT_PASS (xRead, (sqlite3_file * file, void *out, int size, sqlite3_int64 at),
         (PT_REAL (file), out, size, at))
PT_PASS (xTruncate, (sqlite3_file * file, sqlite3_int64 size), (PT_REAL (file), size))
PT_PASS (xFileSize, (sqlite3_file * file, sqlite3_int64 *size), (PT_REAL (file), size))
PT_PASS (xLock, (sqlite3_file * file, int lock), (PT_REAL (file), lock))
PT_PASS (xUnlock, (sqlite3_file * file, int lock), (PT_REAL (file), lock))
PT_PASS (xCheckReservedLock, (sqlite3_file * file, int *out), (PT_REAL (file), out))
PT_PASS (xFileControl, (sqlite3_file * file, int op, void *arg), (PT_REAL (file), op, arg))
PT_PASS (xSectorSize, (sqlite3_file * file), (PT_REAL (file)))
PT_PASS (xDeviceCharacteristics, (sqlite3_file * file), (PT_REAL (file)))
PT_PASS (xShmMap, (sqlite3_file * file, int page, int size, int extend, void volatile **out),
         (PT_REAL (file), page, size, extend, out))
PT_PASS (xShmLock, (sqlite3_file * file, int offset, int n, int flags),
         (PT_REAL (file), offset, n, flags))
PT_PASS (xShmUnmap, (sqlite3_file * file, int remove), (PT_REAL (file), remove))

static inline void
pt_faulty_xShmBarrier (sqlite3_file *file)
{
  PT_REAL (file)->pMethods->xShmBarrier (PT_REAL (file));
}

static const sqlite3_io_methods pt_faulty_methods
    = { .iVersion = 2,
        .xClose = pt_faulty_xClose,
        .xRead = pt_faulty_xRead,
        .xWrite = pt_faulty_write,
        .xTruncate = pt_faulty_xTruncate,
        .xSync = pt_faulty_sync,
        .xFileSize = pt_faulty_xFileSize,
        .xLock = pt_faulty_xLock,
        .xUnlock = pt_faulty_xUnlock,
        .xCheckReservedLock = pt_faulty_xCheckReservedLock,
        .xFileControl = pt_faulty_xFileControl,
        .xSectorSize = pt_faulty_xSectorSize,
        .xDeviceCharacteristics = pt_faulty_xDeviceCharacteristics,
        .xShmMap = pt_faulty_xShmMap,
        .xShmLock = pt_faulty_xShmLock,
        .xShmBarrier = pt_faulty_xShmBarrier,
        .xShmUnmap = pt_faulty_xShmUnmap };

static inline int
pt_faulty_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
  PtFaultyFile *own = (PtFaultyFile *) file;
  int code;

  own->real = (sqlite3_file *) (own + 1);
  code = pt_faulty.real->xOpen (pt_faulty.real, name, own->real, flags, out);
  own->base.pMethods = own->real->pMethods != NULL ? &pt_faulty_methods : NULL;
  return code;
}

/* Once, in main (): whatever is opened from then on goes this way. */
static inline void
pt_faulty_install (void)
{
  pt_faulty.real = sqlite3_vfs_find (NULL);
  pt_faulty.vfs = *pt_faulty.real;
  pt_faulty.vfs.zName = "faulty";
  pt_faulty.vfs.szOsFile += (int) sizeof (PtFaultyFile);
  pt_faulty.vfs.xOpen = pt_faulty_open;
  g_assert_cmpint (sqlite3_vfs_register (&pt_faulty.vfs, 1), ==, SQLITE_OK);
}

/* The @nth call of @thread from now on; 0: none. */
static inline void
pt_faulty_set (const char *thread, gint nth, gboolean done, int write_code, int sync_code)
{
  g_atomic_int_set (&pt_faulty.left, 0);
  pt_faulty.thread = thread;
  pt_faulty.done = done;
  pt_faulty.forever = FALSE;
  pt_faulty.write_code = write_code;
  pt_faulty.sync_code = sync_code;
  g_atomic_int_set (&pt_faulty.failed, 0);
  g_atomic_int_set (&pt_faulty.left, nth);
}
