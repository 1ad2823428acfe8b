/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Asks @question on the terminal, "[y/N]", before anything is signed. FALSE: not wanted, and
 * *@status is to be returned; without a terminal nobody can be asked, which is told. */
gboolean pt_confirm (const char *verb, const char *question, int *status);
