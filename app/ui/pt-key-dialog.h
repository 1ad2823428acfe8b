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

PtKeyDialog *pt_key_dialog_new (GtkWindow *parent, PtKeyDialogKind kind, const char *area);
