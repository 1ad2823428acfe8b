/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What the console remembers from one start to the next, in powertrack/console.ini below the
 * user's configuration. What is not in the file has its default. */

typedef struct
{
  int width, height;
  gboolean maximized;
  char *url; /* of the daemon; NULL: the one of this machine */
  char *rpc; /* of the chain; NULL: the one that the daemon names */
  /* The contract that is trusted: of the first daemon that named one, until somebody chooses
   * another. No daemon and no proof changes it. */
  char *contract; /* 0x...; NULL: none yet */
  guint64 chain_id, from_block;
  char *key;    /* public key of the official that acts here, base64url; NULL: none */
  char *scheme; /* "system", "light" or "dark" */
} PtSettings;

PtSettings *pt_settings_load (void);
/* Takes the contract for the one that is trusted where there is none yet; FALSE: there is. */
gboolean pt_settings_pin (PtSettings *settings, guint64 chain_id, const char *contract,
                          guint64 from_block);
/* Whether a daemon that names @contract (NULL: none) names another one than is trusted. */
gboolean pt_settings_is_other (const PtSettings *settings, guint64 chain_id, const char *contract);
/* "31337:0x..." as people write it, or NULL; and back: what is none clears it. */
char *pt_settings_contract_text (const PtSettings *settings);
void pt_settings_set_contract_text (PtSettings *settings, const char *text);
/* A file that can't be written is told in the log only. */
void pt_settings_save (const PtSettings *settings);
void pt_settings_free (PtSettings *settings);
