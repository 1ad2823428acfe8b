/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tests with folders, ports and programs of their own share. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

/* Whether the port's name is ours now, as tools/pt_stack.py takes it too; it is until we end. */
static inline gboolean
pt_test_claim_port (guint port)
{
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  int size = g_snprintf (name.sun_path + 1, sizeof name.sun_path - 1, "powertrack-port-%u", port);
  int claim = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (claim, >=, 0);
  if (bind (claim, (struct sockaddr *) &name,
            (socklen_t) offsetof (struct sockaddr_un, sun_path) + 1 + (socklen_t) size)
      == 0)
    return TRUE;
  close (claim);
  return FALSE;
}

/* A port that is this test's while it lives, whether somebody listens on it or not. It is below
 * those that the kernel gives to whoever asks for any. */
static inline guint16
pt_test_free_port (void)
{
  for (;;)
    {
      g_autoptr (GSocketListener) listener = g_socket_listener_new ();
      guint16 port = (guint16) g_random_int_range (10000, 32000);

      if (pt_test_claim_port (port) && g_socket_listener_add_inet_port (listener, port, NULL, NULL))
        return port;
    }
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
