/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack keygen --ethereum`: an account for the chain as a keystore file. */

#include <string.h>
#include <sys/random.h>

#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-ethereum-keystore.h"
#include "pt-i18n.h"

static gboolean
import_scalar (const char *path, guint8 scalar[32], GError **error)
{
  g_autofree char *text = pt_cli_read_secret (path, error);
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;
  const char *digits = lower;
  gboolean good = FALSE;

  if (lower == NULL)
    return FALSE;
  if (g_str_has_prefix (digits, "0x"))
    digits += 2;
  good = pt_hex_decode (pt_span (digits, strlen (digits)), scalar, 32);
  explicit_bzero (lower, strlen (lower));
  explicit_bzero (text, strlen (text));
  if (!good)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 _ ("%s: line 1 is not a private key of 64 hex digits"), path);
  return good;
}

static PtEthereumSigner *
make_signer (const char *import, guint8 scalar[32], GError **error)
{
  PtEthereumSigner *signer = NULL;

  if (import != NULL && !import_scalar (import, scalar, error))
    return NULL;
  for (int i = 0; signer == NULL && i < (import != NULL ? 1 : 8); i++)
    if (import != NULL || getrandom (scalar, 32, 0) == 32)
      signer = pt_ethereum_signer_new (scalar);
  if (signer == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 import != NULL ? _ ("%s: the number is not a private key (0, or too large)")
                                : _ ("the system gave no random bytes"),
                 import);
  return signer;
}

static void
print_address (const guint8 address[20], const char *path, gboolean json)
{
  char text[43];
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  pt_address_to_text (pt_keccak_permutation_nettle, address, text);
  if (!json)
    {
      g_print ("%s\n", text);
      return;
    }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "address");
  json_builder_add_string_value (builder, text);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, path);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

int
pt_ethereum_keygen_main (int argc, char **argv)
{
  g_autofree char *out = NULL, *password = NULL, *import = NULL;
  gboolean ethereum = FALSE, fast = FALSE, json = FALSE;
  g_autoptr (PtEthereumSigner) signer = NULL;
  g_autoptr (GError) error = NULL;
  guint8 scalar[32] = { 0 };
  gboolean written = FALSE;
  const GOptionEntry entries[]
      = { { "ethereum", 0, 0, G_OPTION_ARG_NONE, &ethereum, N_ ("Make an Ethereum account"), NULL },
          { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, N_ ("Where to write the keystore"),
            N_ ("FILE") },
          { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &password,
            N_ ("The first line of FILE protects it"), N_ ("FILE") },
          { "import", 0, 0, G_OPTION_ARG_FILENAME, &import,
            N_ ("Take the private key from FILE (64 hex digits)"), N_ ("FILE") },
          { "fast", 0, 0, G_OPTION_ARG_NONE, &fast, N_ ("Weaker scrypt, for tests and demos only"),
            NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
          { NULL } };

  if (!pt_cli_parse ("keygen", NULL,
                     N_ ("Makes an Ethereum account as a keystore file (version 3)."), entries,
                     argc, argv, NULL))
    return PT_EXIT_USAGE;
  if (out == NULL || password == NULL)
    return pt_cli_usage ("keygen", _ ("--out FILE and --password-file FILE are needed"));
  signer = make_signer (import, scalar, &error);
  written = signer != NULL && pt_ethereum_keystore_write (out, scalar, password, fast, &error);
  explicit_bzero (scalar, sizeof scalar);
  if (!written)
    return pt_cli_fail ("keygen", error);
  print_address (signer->address, out, json);
  return PT_EXIT_HOLDS;
}
