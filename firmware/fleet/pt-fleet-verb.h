/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* The verbs of the program: each takes its own arguments (argv[0] is the verb) and returns the exit
 * code, or -1 and @error, which says what to do. */
int pt_fleet_verb_replay (int argc, char **argv, GError **error);
int pt_fleet_verb_town (int argc, char **argv, GError **error);
int pt_fleet_verb_load (int argc, char **argv, GError **error);
