/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "pt-base.h"
#include "pt-http-client.h"
#include "pt-rpc.h"
#include "pt-table.h"

/* What the verbs of `powertrack-online` share. */

#define PT_EXIT_HOLDS 0
#define PT_EXIT_FAILED 1
#define PT_EXIT_USAGE 2
#define PT_EXIT_NOT_CHECKED 3 /* nothing is wrong, but not all could be looked at */

/* One file a verb. @argv[0] is the verb's own name; returns an exit status. */
int pt_area_operator_main (int argc, char **argv);
int pt_area_register_main (int argc, char **argv);
int pt_audit_main (int argc, char **argv);
int pt_batches_main (int argc, char **argv);
int pt_ca_crl_main (int argc, char **argv);
int pt_ca_init_main (int argc, char **argv);
int pt_ca_show_main (int argc, char **argv);
int pt_chain_area_main (int argc, char **argv);
int pt_chain_deploy_main (int argc, char **argv);
int pt_chain_owner_main (int argc, char **argv);
int pt_complaint_act_main (int argc, char **argv);
int pt_complaint_dossier_main (int argc, char **argv);
int pt_complaint_erase_main (int argc, char **argv);
int pt_complaint_file_main (int argc, char **argv);
int pt_complaint_hide_main (int argc, char **argv);
int pt_complaint_list_main (int argc, char **argv);
int pt_complaint_proof_main (int argc, char **argv);
int pt_complaint_show_main (int argc, char **argv);
int pt_device_register_main (int argc, char **argv);
int pt_device_decommission_main (int argc, char **argv);
int pt_device_enroll_main (int argc, char **argv);
int pt_device_invite_main (int argc, char **argv);
int pt_device_pending_main (int argc, char **argv);
int pt_device_revoke_main (int argc, char **argv);
int pt_device_rotate_main (int argc, char **argv);
int pt_ethereum_keygen_main (int argc, char **argv);
int pt_evidence_main (int argc, char **argv);
int pt_rejected_main (int argc, char **argv);
int pt_notice_list_main (int argc, char **argv);
int pt_notice_set_main (int argc, char **argv);
int pt_notice_withdraw_main (int argc, char **argv);
int pt_official_keys_main (int argc, char **argv);
int pt_official_list_main (int argc, char **argv);
int pt_official_register_main (int argc, char **argv);
int pt_official_revoke_main (int argc, char **argv);
int pt_official_show_main (int argc, char **argv);
int pt_outages_main (int argc, char **argv);
int pt_profile_check_main (int argc, char **argv);
int pt_profile_set_main (int argc, char **argv);
int pt_profile_show_main (int argc, char **argv);
int pt_proof_main (int argc, char **argv);
int pt_receipt_chain_main (int argc, char **argv);
int pt_status_main (int argc, char **argv);
int pt_verify_online_main (int argc, char **argv);

/* Parses @argv; --help prints and exits. @arguments: what follows the options on the usage line,
 * or NULL when nothing may. FALSE after one sentence on standard error: the verb then returns
 * PT_EXIT_USAGE. @rest (or NULL) gets the other arguments (owned by the caller). */
gboolean pt_cli_parse (const char *verb, const char *arguments, const char *summary,
                       const GOptionEntry *entries, int argc, char **argv, char ***rest);

/* "powertrack VERB: message" on standard error; returns PT_EXIT_USAGE. */
int pt_cli_usage (const char *verb, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The same for an error; returns PT_EXIT_FAILED. */
int pt_cli_fail (const char *verb, const GError *error);

/* pt_cli_usage () for what was said wrongly (PT_ERROR_CONFIGURATION), else pt_cli_fail (). */
int pt_cli_refuse (const char *verb, const GError *error);

/* The daemon's address: @option, else POWERTRACK_URL; without the slash at its end. NULL and an
 * error that says what to give. */
char *pt_cli_url (const char *option, GError **error);

/* @client says the token in the file @path (pt_cli_read_secret ()) from here on. */
gboolean pt_cli_use_token (PtHttpClient *client, const char *path, GError **error);

/* GET {url}{path}; the answer must be a JSON object. */
JsonNode *pt_cli_get (PtHttpClient *client, const char *url, const char *path, GError **error);

/* The same for one that is to be added to. */
JsonNode *pt_cli_get_mutable (PtHttpClient *client, const char *url, const char *path,
                              GError **error);

/* The daemon's clock, which dates entries: it may replay history. ms since 1970. */
gboolean pt_cli_daemon_now (PtHttpClient *client, const char *url, gint64 *out, GError **error);

/* GETs @path and follows "next" until @limit rows of its array @member came (0: all). The answer
 * is an object whose @member holds all the rows; "next" stays when more are left. */
JsonNode *pt_cli_get_pages (PtHttpClient *client, const char *url, const char *path,
                            const char *member, guint limit, GError **error);

/* A list of one sort as a table on standard output, as pt_cli_get_pages () gave it. */
typedef struct
{
  const char *member;          /* of the rows */
  const char *const *headings; /* NULL-terminated */
  guint64 right;               /* as in pt_table_new () */
  const char *time;            /* a row's member; the last one's zone is told */
  const char *nothing;         /* what is said where there is none; translated */
  const char *one, *many;      /* as in pt_format_count () */
  void (*add) (PtTable *table, JsonObject *row);
} PtCliList;

void pt_cli_print_list (JsonNode *answer, const PtCliList *list);

/* Adds "&name=text" to a query, with @text escaped; nothing where it is NULL. */
void pt_cli_append_text (GString *query, const char *name, const char *text);

/* Prints @node as one line of JSON. */
void pt_cli_print_json (JsonNode *node);
/* The object as JSON, to be posted. */
GBytes *pt_cli_body (JsonObject *object);

/* The JSON object in @body, or NULL where there is none; it is @parser's. */
JsonObject *pt_cli_object (JsonParser *parser, GBytes *body);

/* Members with a default for what is missing, null or of another type. */
const char *pt_cli_string (JsonObject *object, const char *member, const char *otherwise);
gint64 pt_cli_integer (JsonObject *object, const char *member, gint64 otherwise);

/* The first line of a secret's file. Refuses what others may read. */
char *pt_cli_read_secret (const char *path, GError **error);

/* An endpoint that the user gave: patient with one that is busy, and its words are told. */
PtRpc *pt_cli_rpc (const char *url);

/* A contract's address. */
gboolean pt_cli_parse_address (const char *text, guint8 out[20], GError **error);

/* What option --@name says: milliseconds since 1970, or a time as ISO 8601 writes it (local where
 * it names no zone); out in milliseconds. */
gboolean pt_cli_parse_time (const char *name, const char *text, gint64 *out, GError **error);
