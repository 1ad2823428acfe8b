/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-ca.h"

#define PT_CA_DAYS 3650       /* of an authority, unless it is said */
#define PT_CA_LIST_DAYS 90    /* of a revocation list */
#define PT_CA_DEVICE_DAYS 730 /* of a device's certificate */

/* Opens the authority to sign, with the passphrase of the file or from the terminal. */
PtCa *pt_ca_open_to_sign (const char *folder, const char *passphrase_file, GError **error);

/* Whether @days are ones; else PT_ERROR_CONFIGURATION. */
gboolean pt_ca_check_days (int days, GError **error);
