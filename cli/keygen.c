/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack keygen`: a P-256 key of an authority, a device or an official. */

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-json.h"
#include "pt-offline.h"
#include "pt-p256.h"
#include "pt-i18n.h"

static const char help[] = N_ (
    "Usage: powertrack keygen --out FILE [--json]\n"
    "       powertrack keygen --ethereum --out FILE --password-file FILE [--import FILE]\n"
    "                         [--fast] [--json]\n"
    "\n"
    "Makes a P-256 key (PEM, mode 0600) for an area's authority, a device or an official and\n"
    "prints its public key in base64url. With --ethereum: an account for the chain as a\n"
    "keystore file (Web3 Secret Storage v3), and prints its address.\n"
    "\n"
    "  --out FILE            where to write; an existing file is never replaced\n"
    "  --json                print one JSON object\n"
    "  --ethereum            make an Ethereum account instead\n"
    "  --password-file FILE  the first line of FILE protects the keystore\n"
    "  --import FILE         take the private key from FILE (64 hex digits) instead\n"
    "  --fast                weaker scrypt, for tests and demos only\n"
    "  -h, --help            this text\n");

static int
print_key (const char *path, const char *text)
{
  char buffer[8192];
  PtJsonWriter writer;
  PtSpan out;

  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, "{\"file\":");
  pt_json_write_string (&writer, pt_span (path, strlen (path)));
  pt_json_write_literal (&writer, ",\"public_key\":");
  pt_json_write_string (&writer, pt_span (text, strlen (text)));
  pt_json_write_literal (&writer, "}\n");
  if (pt_json_writer_finish (&writer, &out) != PT_OK)
    return PT_EXIT_FAILED;
  return fwrite (out.data, 1, out.size, stdout) == out.size ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

static int
make_key (const char *path, bool json)
{
  PtP256Key *key = pt_p256_key_generate ();
  char text[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1] = { 0 };
  uint8_t public_key[PT_PUBLIC_KEY_SIZE];
  const char *message = NULL;
  bool written;

  if (key == NULL)
    {
      pt_offline_complain (
          _ ("powertrack keygen: no key could be made; is the system short of memory?\n"));
      return PT_EXIT_FAILED;
    }
  pt_p256_key_public (key, public_key);
  written = pt_p256_key_write (key, path, &message);
  pt_p256_key_free (key);
  if (!written)
    {
      pt_offline_complain ("powertrack keygen: %s: %s\n", path, _ (message));
      return PT_EXIT_FAILED;
    }
  pt_base64url_encode (public_key, sizeof public_key, text, sizeof text);
  if (json)
    return print_key (path, text);
  return printf ("%s\n", text) < 0 ? PT_EXIT_FAILED : PT_EXIT_HOLDS;
}

int
pt_keygen_main (int argc, char **argv)
{
  static const struct option options[] = { { "out", required_argument, NULL, 'o' },
                                           { "json", no_argument, NULL, 'j' },
                                           { "help", no_argument, NULL, 'h' },
                                           { 0 } };
  const char *path = NULL;
  bool json = false;
  int option;

  opterr = 0; /* it would print the argument as it is */
  while ((option = getopt_long (argc, argv, "h", options, NULL)) != -1)
    switch (option)
      {
      case 'o':
        path = optarg;
        break;
      case 'j':
        json = true;
        break;
      case 'h':
        fputs (_ (help), stdout);
        return PT_EXIT_HOLDS;
      default:
        pt_offline_complain (_ ("powertrack %s: '%s' is no option of it, or lacks its value; try "
                                "'powertrack %s --help'\n"),
                             "keygen", argv[optind - 1], "keygen");
        return PT_EXIT_USAGE;
      }
  if (path == NULL || optind != argc)
    {
      pt_offline_complain (path == NULL
                               ? _ ("powertrack keygen: say where to write with --out FILE\n")
                               : _ ("powertrack keygen: an argument too many\n"));
      return PT_EXIT_USAGE;
    }
  return make_key (path, json);
}
