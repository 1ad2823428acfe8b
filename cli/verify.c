/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack verify`: tells proof bundles, batch files and dossiers apart and checks them,
 * offline.
 */

#include "pt-offline.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "pt-encoding.h"
#include "pt-p256.h"
#include "pt-i18n.h"

static const char help[] = N_ (
    "Usage: powertrack verify [OPTION...] FILE\n"
    "\n"
    "Checks a proof bundle, a batch file or the dossier of a complaint with the network off.\n"
    "What the file alone cannot show is named as \"not checked\", with how to check it. With\n"
    "--rpc and --contract the chain is asked for it.\n"
    "\n"
    "  --authority-key KEY  the area's authority key (base64url), as registered on the chain\n"
    "  --service-key KEY    the area's service key (base64url), as registered on the chain\n"
    "  --root HEX           the root that the chain holds for the batch\n"
    "  --prev-root HEX      the root that the chain holds for the batch before\n"
    "  --size N             the size of the tree that the chain holds for the batch\n"
    "  --rpc URL            ask this chain for all of these\n"
    "  --contract ADDR      the contract there\n"
    "  --from-block N       the block it was deployed in (default 0)\n"
    "  --json               print one JSON object\n"
    "  -h, --help           this text\n");

enum
{
  OPTION_AUTHORITY = 1,
  OPTION_SERVICE,
  OPTION_ROOT,
  OPTION_PREVIOUS_ROOT,
  OPTION_SIZE,
  OPTION_JSON
};

static bool
parse_key (const char *option, const char *text, uint8_t out[PT_PUBLIC_KEY_SIZE])
{
  bool good = pt_base64url_decode (pt_span (text, strlen (text)), out, PT_PUBLIC_KEY_SIZE)
              && pt_p256_key_is_sound (out);

  if (!good)
    pt_offline_complain (
        _ ("powertrack verify: %s: not a P-256 public key in base64url (87 characters)\n"), option);
  return good;
}

static bool
parse_size (const char *text, uint64_t *out)
{
  char *end;

  errno = 0;
  *out = strtoull (text, &end, 10);
  if (errno == 0 && *out > 0 && *end == '\0' && *text >= '1' && *text <= '9')
    return true;
  pt_offline_complain (_ ("powertrack verify: --size: a number from 1 up is wanted\n"));
  return false;
}

static bool
parse_root (const char *option, const char *text, PtHash *out)
{
  if (strncmp (text, "0x", 2) == 0)
    text += 2;
  if (pt_hex_decode (pt_span (text, strlen (text)), out, sizeof *out))
    return true;
  pt_offline_complain (_ ("powertrack verify: %s: 64 lower-case hex digits are wanted\n"), option);
  return false;
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options (int argc, char **argv, PtVerifyOptions *out)
{
  static const struct option options[]
      = { { "authority-key", required_argument, NULL, OPTION_AUTHORITY },
          { "service-key", required_argument, NULL, OPTION_SERVICE },
          { "root", required_argument, NULL, OPTION_ROOT },
          { "prev-root", required_argument, NULL, OPTION_PREVIOUS_ROOT },
          { "size", required_argument, NULL, OPTION_SIZE },
          { "json", no_argument, NULL, OPTION_JSON },
          { "help", no_argument, NULL, 'h' },
          { 0 } };
  int option;

  opterr = 0; /* it would print the argument as it is */
  while ((option = getopt_long (argc, argv, "h", options, NULL)) != -1)
    {
      bool good = true;

      if (option == OPTION_AUTHORITY)
        good = out->has_authority = parse_key ("--authority-key", optarg, out->authority_key);
      else if (option == OPTION_SERVICE)
        good = out->has_service = parse_key ("--service-key", optarg, out->service_key);
      else if (option == OPTION_ROOT)
        good = out->has_root = parse_root ("--root", optarg, &out->root);
      else if (option == OPTION_PREVIOUS_ROOT)
        good = out->has_previous_root = parse_root ("--prev-root", optarg, &out->previous_root);
      else if (option == OPTION_SIZE)
        good = out->has_size = parse_size (optarg, &out->size);
      else if (option == OPTION_JSON)
        out->json = true;
      else
        {
          if (option == 'h')
            return fputs (_ (help), stdout) < 0 ? PT_EXIT_FAILED : PT_EXIT_HOLDS;
          pt_offline_complain (_ ("powertrack %s: '%s' is no option of it, or lacks its value; try "
                                  "'powertrack %s --help'\n"),
                               "verify", argv[optind - 1], "verify");
          return PT_EXIT_USAGE;
        }
      if (!good)
        return PT_EXIT_USAGE;
    }
  if (optind + 1 != argc)
    {
      pt_offline_complain (
          _ ("powertrack verify: name one FILE; try 'powertrack verify --help'\n"));
      return PT_EXIT_USAGE;
    }
  out->path = argv[optind];
  return -1;
}

/* Editors, mail and version control change a text's bytes, and then nothing in it can be checked:
 * how, or NULL where the file looks as ours do. */
static const char *
how_changed (const char *text, size_t size)
{
  static const char begin[] = "{\"area\":\"";
  bool ours = memmem (text, size, "powertrack-proof-1", 18) != NULL
              || memmem (text, size, "powertrack-dossier-1", 20) != NULL
              || memmem (text, size, "\"entries\"", 9) != NULL
              || memmem (text, size, "\"chain\"", 7) != NULL;

  if (size >= 2 && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0))
    return _ ("it is no UTF-8 any more");
  if (!ours)
    return NULL;
  if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    return _ ("a byte order mark was put before it");
  if (memchr (text, '\r', size) != NULL)
    return _ ("its lines end with CR and LF");
  if (strncmp (text, begin, sizeof begin - 1) != 0)
    return _ ("its JSON was formatted anew");
  return NULL;
}

static bool
tell_changed (FILE *file, const char *path)
{
  static char head[65536];
  size_t size = fread (head, 1, sizeof head - 1, file);
  const char *how;

  head[size] = '\0';
  rewind (file);
  how = how_changed (head, size);
  if (how != NULL)
    pt_offline_complain (
        _ ("powertrack verify: %s: the file was changed on its way: %s. Nothing can be said of "
           "what it was; get it again and keep it as it comes.\n"),
        path, how);
  return how != NULL;
}

/* The third member's key tells: "chain" in a bundle, "entries" in a batch, "format" in a dossier.
 */
static PtVerifyForm
detect (FILE *file)
{
  char head[192] = { 0 };
  size_t size = fread (head, 1, sizeof head - 1, file);

  rewind (file);
  if (memmem (head, size, "\"entries\":[", 11) != NULL)
    return PT_FORM_BATCH;
  if (memmem (head, size, "\"chain\":{", 9) != NULL)
    return PT_FORM_BUNDLE;
  if (memmem (head, size, "powertrack-dossier-1", 20) != NULL)
    return PT_FORM_DOSSIER;
  return PT_FORM_UNKNOWN;
}

PtVerifyForm
pt_verify_open (const char *path, FILE **file, uint64_t *size, int *status)
{
  PtVerifyForm form = PT_FORM_UNKNOWN;
  struct stat info;

  *size = 0;
  *status = PT_EXIT_NOT_CHECKED;
  *file = fopen (path, "rb");
  if (*file == NULL || fstat (fileno (*file), &info) != 0)
    {
      pt_offline_complain ("powertrack verify: %s: %s\n", path, strerror (errno));
      return form;
    }
  if (!S_ISREG (info.st_mode))
    {
      pt_offline_complain (_ ("powertrack verify: %s: not a regular file; save it first\n"), path);
      return form;
    }
  *size = (uint64_t) info.st_size;
  *status = PT_EXIT_FAILED;
  if (tell_changed (*file, path))
    return form;
  form = detect (*file);
  if (form == PT_FORM_UNKNOWN)
    pt_offline_complain (
        _ ("powertrack verify: %s: neither a proof bundle (\"powertrack-proof-1\"), a batch file "
           "(\"powertrack-batch-1\") nor a dossier (\"powertrack-dossier-1\")\n"),
        path);
  return form;
}

int
pt_verify_file (PtVerifyForm form, FILE *file, uint64_t size, const PtVerifyOptions *options)
{
  int status = PT_EXIT_FAILED;

  switch (form)
    {
    case PT_FORM_BUNDLE:
      status = pt_verify_bundle (file, options);
      break;
    case PT_FORM_BATCH:
      status = pt_verify_batch (file, size, options);
      break;
    case PT_FORM_DOSSIER:
      status = pt_verify_dossier (file, size, options);
      break;
    case PT_FORM_UNKNOWN:
      break;
    }
  return fflush (stdout) != 0 && status == PT_EXIT_HOLDS ? PT_EXIT_NOT_CHECKED : status;
}

int
pt_verify_main (int argc, char **argv)
{
  PtVerifyOptions options = { 0 };
  int status = parse_options (argc, argv, &options);
  PtVerifyForm form;
  uint64_t size;
  FILE *file;

  if (status >= 0)
    return status;
  form = pt_verify_open (options.path, &file, &size, &status);
  if (form != PT_FORM_UNKNOWN)
    status = pt_verify_file (form, file, size, &options);
  if (file != NULL)
    fclose (file);
  return status;
}
