/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A chain of a test's own: anvil from contracts/node_modules on a port of its own choice, ended by
 * its pid. */

#include <string.h>

#include "pt-test.h"

#define PT_ANVIL_CHAIN_ID 31337

typedef struct
{
  GSubprocess *process;
  guint16 port;
  char *url;
} PtAnvil;

/* The first account that anvil endows; well known, worth nothing. */
static const guint8 pt_anvil_scalar[32]
    = { 0xac, 0x09, 0x74, 0xbe, 0xc3, 0x9a, 0x17, 0xe3, 0x6b, 0xa4, 0xa6,
        0xb4, 0xd2, 0x38, 0xff, 0x94, 0x4b, 0xac, 0xb4, 0x78, 0xcb, 0xed,
        0x5e, 0xfc, 0xae, 0x78, 0x4d, 0x7b, 0xf4, 0xf2, 0xff, 0x80 };

static inline gboolean
pt_anvil_answers (guint16 port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);

  return connection != NULL;
}

static inline void
pt_anvil_start (PtAnvil *anvil)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "contracts", "node_modules", "@foundry-rs",
                          "anvil-linux-amd64", "bin", "anvil", NULL);
  g_autofree char *port = NULL;

  if (!g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    g_error ("anvil is not installed; run `make deps`");
  anvil->port = pt_test_free_port ();
  port = g_strdup_printf ("%u", anvil->port);
  anvil->url = g_strdup_printf ("http://127.0.0.1:%u", anvil->port);
  anvil->process
      = pt_test_start ((const char *[]){ program, "--silent", "--host", "127.0.0.1", "--port", port,
                                         "--chain-id", "31337", "--hardfork", "cancun", NULL });
  PT_TEST_POLL (pt_anvil_answers (anvil->port));
}

static inline void
pt_anvil_stop (PtAnvil *anvil)
{
  g_subprocess_send_signal (anvil->process, SIGTERM);
  g_subprocess_wait (anvil->process, NULL, NULL);
  g_clear_object (&anvil->process);
  g_clear_pointer (&anvil->url, g_free);
}
