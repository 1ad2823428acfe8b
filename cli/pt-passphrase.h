/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A passphrase or PIN: the first line of @path (which others must not be able to read), or, where
 * that is NULL, what somebody types on the terminal after @prompt, unseen; twice where it is @new.
 * PT_ERROR_CONFIGURATION: there is no terminal, @option names the remedy. Wipe it with
 * pt_passphrase_free (). */
char *pt_passphrase_get (const char *path, const char *prompt, gboolean new, const char *option,
                         GError **error);
void pt_passphrase_free (char *passphrase);
