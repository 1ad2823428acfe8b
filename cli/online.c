/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack-online`: the verbs that talk to a daemon or a chain. `powertrack` executes it. */

#include <string.h>

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-terminal.h"

typedef struct
{
  const char *noun, *verb; /* verb NULL: one word */
  int (*run) (int argc, char **argv);
} Verb;

static const Verb verbs[] = {
  { "area", "operator", pt_area_operator_main },
  { "area", "register", pt_area_register_main },
  { "audit", NULL, pt_audit_main },
  { "batches", NULL, pt_batches_main },
  { "chain", "area", pt_chain_area_main },
  { "chain", "deploy", pt_chain_deploy_main },
  { "chain", "owner", pt_chain_owner_main },
  { "device", "register", pt_device_register_main },
  { "evidence", NULL, pt_evidence_main },
  { "keygen", NULL, pt_ethereum_keygen_main },
  { "official", "register", pt_official_register_main },
  { "outages", NULL, pt_outages_main },
  { "proof", NULL, pt_proof_main },
  { "status", NULL, pt_status_main },
};

static int
unknown (const char *noun, const char *wanted)
{
  if (wanted != NULL)
    g_printerr (_ ("powertrack: did you mean 'powertrack %s %s'? try 'powertrack --help'\n"), noun,
                wanted);
  else
    g_printerr (_ ("powertrack: '%s' is no verb; try 'powertrack --help'\n"), noun);
  return PT_EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  const char *wanted = NULL;

  pt_i18n_start (PT_LOCALEDIR, argc, argv);
  pt_terminal_guard ();
  if (argc < 2)
    return unknown ("", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      const Verb *verb = &verbs[i];

      if (strcmp (verb->noun, argv[1]) != 0)
        continue;
      if (verb->verb == NULL)
        return verb->run (argc - 1, argv + 1);
      if (argc > 2 && (strcmp (verb->verb, argv[2]) == 0 || strcmp ("--help", argv[2]) == 0))
        return strcmp ("--help", argv[2]) == 0 ? verb->run (argc - 1, argv + 1)
                                               : verb->run (argc - 2, argv + 2);
      wanted = verb->verb;
    }
  return unknown (argv[1], wanted);
}
