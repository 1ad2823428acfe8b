/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tests with folders, ports and programs of their own share. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>

/* Removes a folder with all that is in it; one that is not there is a failure. */
static inline void
pt_test_remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);

  for (const char *name; directory != NULL && (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      pt_test_remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

/* A port of this machine that nobody listened on a moment ago. */
static inline guint16
pt_test_free_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);

  g_assert_no_error (error);
  g_socket_listener_close (listener);
  return port;
}

static inline void
pt_test_end_with_parent_cb (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Starts a program that says nothing; a test that fails leaves it not behind. @arguments: the
 * program first, NULL last. */
static inline GSubprocess *
pt_test_start (const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process = NULL;

  g_subprocess_launcher_set_child_setup (launcher, pt_test_end_with_parent_cb, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  return process;
}

/* How long a test waits for what has to come. Nobody waits so long but to fail: how fast a machine
 * is, and what it does besides, is not for a test to guess. */
#define PT_TEST_PATIENCE_S 300

/* When what is waited for from now on is late: of g_get_monotonic_time (), us. */
static inline gint64
pt_test_late (void)
{
  return g_get_monotonic_time () + PT_TEST_PATIENCE_S * G_TIME_SPAN_SECOND;
}

#define PT_TEST_WAIT(expression, turn, detail)                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 late = pt_test_late ();                                                                 \
    while (!(expression))                                                                          \
      {                                                                                            \
        if (g_get_monotonic_time () > late)                                                        \
          g_error ("%s did not come: %s", #expression, detail);                                    \
        if (!(turn))                                                                               \
          g_usleep (1000);                                                                         \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

/* Turns the main loop until @expression holds; a test that waits too long fails, saying @detail. */
#define PT_TEST_WAIT_FOR(expression, detail)                                                       \
  PT_TEST_WAIT (expression, g_main_context_iteration (NULL, FALSE), detail)

/* The same for what other threads and programs do. */
#define PT_TEST_POLL(expression) PT_TEST_WAIT (expression, FALSE, "others are at work")
