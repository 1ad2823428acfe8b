/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

/* What is one's own: the keys of officials in this desktop's keyring. */
#define PT_TYPE_PREFERENCES (pt_preferences_get_type ())
G_DECLARE_FINAL_TYPE (PtPreferences, pt_preferences, PT, PREFERENCES, AdwPreferencesWindow)

/* @area: the one that a new key is for, as a proposal; or NULL. */
PtPreferences *pt_preferences_new (GtkWindow *parent, const char *area);
