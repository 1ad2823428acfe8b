/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-login.h"

#include <glib.h>

#define URL "http://daemon.example:8080"
#define LOGIN(area, official, host)                                                                \
  "powertrack login v1\n{\"area\":\"" area "\",\"challenge\":\"x\",\"host\":\"" host               \
  "\",\"official\":\"" official "\",\"ts\":1}"
#define OURS LOGIN ("east", "officer-1", "daemon.example:8080")

/* Only what is a login of this official is ever signed. */
static void
test_other (void)
{
  static const char *const bad[] = {
    "",
    "powertrack login v1\n",
    "powertrack action v1\n{\"area\":\"east\",\"official\":\"officer-1\"}",
    LOGIN ("west", "officer-1", "daemon.example:8080"),
    LOGIN ("east", "officer-2", "daemon.example:8080"),
    LOGIN ("east", "officer-1", ""),
    OURS "\n",
    OURS "powertrack action v1\n{}",
    "powertrack login v1\n{\"area\":\"east\"}",
    "powertrack login v1\n{\"area\":\"east\",\"official\":\"officer-1\"}",
    "powertrack login "
    "v1\n{\"area\":\"east\",\"host\":\"daemon.example\",\"official\":\"officer-1\","
    "\"x\":{}}",
  };

  g_assert_cmpint (pt_login_judge (OURS, "east", "officer-1", URL, NULL), ==, PT_LOGIN_GOOD);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpint (pt_login_judge (bad[i], "east", "officer-1", URL, NULL), ==, PT_LOGIN_OTHER);
}

typedef struct
{
  const char *url, *host;
  gboolean same;
} Host;

static char *
login_at (const char *host)
{
  return g_strdup_printf ("powertrack login v1\n{\"area\":\"east\",\"challenge\":\"x\",\"host\":"
                          "\"%s\",\"official\":\"officer-1\",\"ts\":1}",
                          host);
}

/* The host that is named is the one that is talked to. */
static void
test_host (void)
{
  static const Host hosts[] = {
    { URL, "daemon.example:8080", TRUE },
    { URL, "daemon.example", TRUE },
    { URL, "Daemon.Example:8080", TRUE },
    { URL "/below/", "daemon.example:8080", TRUE },
    { "https://daemon.example", "daemon.example", TRUE },
    { "https://daemon.example", "daemon.example:8080", FALSE },
    { URL, "daemon.example:8081", FALSE },
    { URL, "other.example:8080", FALSE },
    { URL, "daemon.example.evil", FALSE },
    { URL, "daemon", FALSE },
    { "http://[::1]:8080", "[::1]:8080", TRUE },
    { "http://[::1]:8080", "[::2]:8080", FALSE },
    { "http://127.0.0.1:8080", "127.0.0.1:8080", TRUE },
    { "nonsense", "nonsense", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *text = login_at (hosts[i].host), *host = NULL;

      g_assert_cmpint (pt_login_judge (text, "east", "officer-1", hosts[i].url, &host), ==,
                       hosts[i].same ? PT_LOGIN_GOOD : PT_LOGIN_ELSEWHERE);
      g_assert_cmpstr (host, ==, hosts[i].same ? NULL : hosts[i].host);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/login/other", test_other);
  g_test_add_func ("/login/host", test_host);
  return g_test_run ();
}
