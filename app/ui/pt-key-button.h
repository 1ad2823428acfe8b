/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-session.h"

/* Who sits here: the key that is chosen, among those of the keyring, and whether the daemon let it
 * in. Signal "chosen": another one was, by hand. */
#define PT_TYPE_KEY_BUTTON (pt_key_button_get_type ())
G_DECLARE_FINAL_TYPE (PtKeyButton, pt_key_button, PT, KEY_BUTTON, GtkWidget)

void pt_key_button_set_session (PtKeyButton *button, PtSession *session);
/* Its sign alone, where there is no room for the name. */
void pt_key_button_set_short (PtKeyButton *button, gboolean is_short);
/* Chooses the key with this public key where the keyring has it; without a word where not. */
void pt_key_button_choose (PtKeyButton *button, const char *public_key);
