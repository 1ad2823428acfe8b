/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

/* Asks whose a key is, or how it is protected. Signal "chosen" (const char *area, const char
 * *official, const char *passphrase): what was asked for; "" for the rest. */

typedef enum
{
  PT_KEY_DIALOG_NEW,
  PT_KEY_DIALOG_IMPORT,        /* a plain one */
  PT_KEY_DIALOG_IMPORT_SEALED, /* with a passphrase */
  PT_KEY_DIALOG_EXPORT
} PtKeyDialogKind;

#define PT_TYPE_KEY_DIALOG (pt_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PtKeyDialog, pt_key_dialog, PT, KEY_DIALOG, AdwMessageDialog)

/* Asks again: what was said before, and why that did not do. */
void pt_key_dialog_again (PtKeyDialog *dialog, const char *official, const char *why);
PtKeyDialog *pt_key_dialog_new (GtkWindow *parent, PtKeyDialogKind kind, const char *area);
