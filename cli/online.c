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
  { "ca", "crl", pt_ca_crl_main },
  { "ca", "init", pt_ca_init_main },
  { "ca", "show", pt_ca_show_main },
  { "chain", "area", pt_chain_area_main },
  { "chain", "deploy", pt_chain_deploy_main },
  { "chain", "owner", pt_chain_owner_main },
  { "complaint", "acknowledge", pt_complaint_act_main },
  { "complaint", "approve", pt_complaint_act_main },
  { "complaint", "assign", pt_complaint_act_main },
  { "complaint", "comment", pt_complaint_act_main },
  { "complaint", "confirm", pt_complaint_act_main },
  { "complaint", "dossier", pt_complaint_dossier_main },
  { "complaint", "duplicate", pt_complaint_act_main },
  { "complaint", "erase", pt_complaint_erase_main },
  { "complaint", "file", pt_complaint_file_main },
  { "complaint", "hide", pt_complaint_hide_main },
  { "complaint", "join", pt_complaint_act_main },
  { "complaint", "list", pt_complaint_list_main },
  { "complaint", "proof", pt_complaint_proof_main },
  { "complaint", "reject", pt_complaint_act_main },
  { "complaint", "reopen", pt_complaint_act_main },
  { "complaint", "resolve", pt_complaint_act_main },
  { "complaint", "show", pt_complaint_show_main },
  { "complaint", "unhide", pt_complaint_hide_main },
  { "complaint", "unresolve", pt_complaint_act_main },
  { "complaint", "withdraw", pt_complaint_act_main },
  { "device", "decommission", pt_device_decommission_main },
  { "device", "enroll", pt_device_enroll_main },
  { "device", "invite", pt_device_invite_main },
  { "device", "pending", pt_device_pending_main },
  { "device", "register", pt_device_register_main },
  { "device", "revoke", pt_device_revoke_main },
  { "device", "rotate", pt_device_rotate_main },
  { "evidence", NULL, pt_evidence_main },
  { "rejected", NULL, pt_rejected_main },
  { "keygen", NULL, pt_ethereum_keygen_main },
  { "notice", "list", pt_notice_list_main },
  { "notice", "set", pt_notice_set_main },
  { "notice", "withdraw", pt_notice_withdraw_main },
  { "official", "keys", pt_official_keys_main },
  { "official", "list", pt_official_list_main },
  { "official", "register", pt_official_register_main },
  { "official", "revoke", pt_official_revoke_main },
  { "official", "show", pt_official_show_main },
  { "outages", NULL, pt_outages_main },
  { "profile", "check", pt_profile_check_main },
  { "profile", "set", pt_profile_set_main },
  { "profile", "show", pt_profile_show_main },
  { "proof", NULL, pt_proof_main },
  { "receipt", "check", pt_receipt_chain_main },
  { "status", NULL, pt_status_main },
  { "verify", NULL, pt_verify_online_main },
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

/* `powertrack NOUN --help`, where several verbs belong to it. */
static int
list_verbs (const char *noun)
{
  g_print (_ ("Usage: powertrack %s VERB [OPTION...]\n\nVerbs:\n"), noun);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].noun, noun) == 0)
      g_print ("  powertrack %s %s\n", noun, verbs[i].verb);
  g_print (_ ("\nEach knows --help and --json.\n"));
  return PT_EXIT_HOLDS;
}

static guint
count_verbs (const char *noun)
{
  guint count = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    count += strcmp (verbs[i].noun, noun) == 0;
  return count;
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
      if (argc > 2 && strcmp ("--help", argv[2]) == 0)
        return count_verbs (verb->noun) > 1 ? list_verbs (verb->noun)
                                            : verb->run (argc - 1, argv + 1);
      if (argc > 2 && strcmp (verb->verb, argv[2]) == 0)
        return verb->run (argc - 2, argv + 2);
      wanted = verb->verb;
    }
  return unknown (argv[1], wanted);
}
