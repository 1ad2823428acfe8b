/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The work that a daemon asks for with a ticket, so that nobody files by the thousand. */

#define PT_WORK_BITS_MAX 28 /* more is asked by no daemon of ours */
#define PT_WORK_NONCE_SIZE 20

/* Finds the nonce with which SHA-256 of "powertrack work v1\n", @ticket, "\n" and it begins with
 * @bits zero bits; with a NUL. FALSE where that is too much work. Blocking. */
gboolean pt_ticket_work_solve (const char *ticket, guint bits, char out[PT_WORK_NONCE_SIZE + 1]);
