/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack`: runs what needs no network itself and hands every other verb to
 * `powertrack-online`, or to the daemon's `powertrack-store`. It links core, P-256 and libcrypto
 * only, so that who checks a proof has little to trust, and `verify` starts in a few milliseconds.
 */

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pt-i18n.h"
#include "pt-offline.h"

static const char help[]
    = N_ ("Usage: powertrack VERB [OPTION...]\n"
          "\n"
          "Signed outage reports that nobody can change, drop or back-date unseen.\n"
          "\n"
          "Without network:\n"
          "  verify FILE        check a proof bundle, a batch file or a complaint's dossier;\n"
          "                     with --rpc against the chain\n"
          "  receipt check      whether a receipt's promise was kept; likewise\n"
          "  profile check      whether a file is a profile, and contradicts itself\n"
          "  keygen             make a key for an authority, a device, an official or a citizen;\n"
          "                     with --ethereum an account for the chain\n"
          "\n"
          "On the daemon's machine:\n"
          "  store backup       copy its database, while it runs\n"
          "  store check        whether what is stored fits together\n"
          "  store copy         all of one store into another, of whichever sort\n"
          "  store vacuum       give room of the database that is not used back\n"
          "\n"
          "Certificates for devices:\n"
          "  ca init            make a certificate authority\n"
          "  ca show            what it issued and revoked\n"
          "  ca crl             make its revocation list anew\n"
          "\n"
          "With a daemon (--url):\n"
          "  status             how the daemon does\n"
          "  outages            outages, open and past\n"
          "  batches            sealed batches and where they stand\n"
          "  proof              fetch and check the proof of one report\n"
          "  evidence           refused reports that prove a copied key\n"
          "  rejected           reports that were refused of late, and why\n"
          "  area register      register areas with the daemon and on the chain\n"
          "  device decommission  take devices out of service for good\n"
          "  device enroll      give devices a key, a registration and a certificate\n"
          "  device invite      let one that made its key itself ask for a certificate\n"
          "  device pending     those that asked and wait for their registration\n"
          "  device register    register devices, one or many from CSV\n"
          "  device revoke      refuse devices from now on\n"
          "  device rotate      give them new ones\n"
          "  official register  register an official\n"
          "  official revoke    revoke one\n"
          "  official keys      officials' keys in the desktop's keyring\n"
          "  official show      how officials are registered\n"
          "  official list      all of them\n"
          "  notice list        announced shutdowns, and when supply is expected back\n"
          "  notice set         announce one, or change it\n"
          "  notice withdraw    take one back\n"
          "  profile set        promise what a profile says in an area\n"
          "  profile show       what is promised in an area\n"
          "\n"
          "Complaints:\n"
          "  complaint list         those of an area, with their clocks\n"
          "  complaint show         one of them, step by step\n"
          "  complaint file         file one\n"
          "  complaint join         say \"me too\"\n"
          "  complaint comment      say something more\n"
          "  complaint confirm      it is resolved\n"
          "  complaint reopen       it is not\n"
          "  complaint withdraw     end one's own\n"
          "  complaint acknowledge  somebody has seen it\n"
          "  complaint assign       give it to an official\n"
          "  complaint resolve      it is put right\n"
          "  complaint unresolve    take that back\n"
          "  complaint reject       there is nothing to put right\n"
          "  complaint approve      another officer's reject\n"
          "  complaint duplicate    it is the same as another\n"
          "  complaint proof        fetch and check the proof of a step\n"
          "  complaint dossier      all of it with its proofs in one file\n"
          "  complaint hide         keep what was said at a step from officials\n"
          "  complaint unhide       take that back\n"
          "  complaint erase        forget what was said in confidence at a step\n"
          "\n"
          "With a chain (--rpc):\n"
          "  chain deploy       deploy the contract\n"
          "  chain area         show an area's keys, operator and newest batch\n"
          "  chain owner        show, offer or take the contract's ownership\n"
          "  area operator      have another account anchor areas\n"
          "  audit              check everything that was ever anchored\n"
          "\n"
          "Every verb knows --help and --json. Exit status: 0 only if what was asked holds,\n"
          "1 if it does not, 2 if it was asked wrongly, 3 if not all could be looked at.\n"
          "\n"
          "  -h, --help         this text\n"
          "  --version          the version\n");

/* Beside this program in the build directory (@folder there), else where it is installed. */
static bool
find_program (const char *folder, const char *name, char *out, size_t out_size)
{
  char self[PATH_MAX] = { 0 };
  ssize_t size = readlink ("/proc/self/exe", self, sizeof self - 1);

  if (size > 0)
    {
      int length = snprintf (out, out_size, "%s/%s%s", dirname (self), folder, name);

      if (length > 0 && (size_t) length < out_size && access (out, X_OK) == 0)
        return true;
      /* A tree of an installation that lies elsewhere than it was made for. */
      length = snprintf (out, out_size, "%s/../libexec/powertrack/%s", self, name);
      if (length > 0 && (size_t) length < out_size && access (out, X_OK) == 0)
        return true;
    }
  snprintf (out, out_size, "%s/powertrack/%s", PT_LIBEXECDIR, name);
  return access (out, X_OK) == 0;
}

static int
run_program (const char *folder, const char *name, char **argv)
{
  char path[PATH_MAX + 64];

  if (!find_program (folder, name, path, sizeof path))
    {
      pt_offline_complain (
          _ ("powertrack: %s is missing; install the whole package, to the prefix that it was "
             "configured for\n"),
          path);
      return PT_EXIT_FAILED;
    }
  execv (path, argv);
  pt_offline_complain ("powertrack: %s: %s\n", path, strerror (errno));
  return PT_EXIT_FAILED;
}

static bool
has_option (int argc, char **argv, const char *option)
{
  size_t size = strlen (option);

  for (int i = 2; i < argc; i++)
    if (strncmp (argv[i], option, size) == 0 && (argv[i][size] == '\0' || argv[i][size] == '='))
      return true;
  return false;
}

int
main (int argc, char **argv)
{
  const char *verb = argc > 1 ? argv[1] : NULL;

  pt_i18n_start (PT_LOCALEDIR, argc, argv);
  if (verb == NULL)
    {
      fputs (_ (help), stderr);
      return PT_EXIT_USAGE;
    }
  if (strcmp (verb, "--help") == 0 || strcmp (verb, "-h") == 0 || strcmp (verb, "help") == 0)
    {
      fputs (_ (help), stdout);
      return PT_EXIT_HOLDS;
    }
  if (strcmp (verb, "--version") == 0)
    {
      printf ("powertrack %s\n", PT_VERSION);
      return PT_EXIT_HOLDS;
    }
  if (strcmp (verb, "verify") == 0 && !has_option (argc, argv, "--rpc"))
    return pt_verify_main (argc - 1, argv + 1);
  if (strcmp (verb, "keygen") == 0 && !has_option (argc, argv, "--ethereum"))
    return pt_keygen_main (argc - 1, argv + 1);
  if (argc > 2 && strcmp (verb, "receipt") == 0 && strcmp (argv[2], "check") == 0
      && !has_option (argc, argv, "--rpc"))
    return pt_receipt_check_main (argc - 2, argv + 2);
  if (strcmp (verb, "store") == 0)
    return run_program ("../daemon/", "powertrack-store", argv);
  return run_program ("", "powertrack-online", argv);
}
