/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-p256.h"

/* The desktop's keyring for a program that waits: what powertrack-console keeps there. Built
 * without libsecret it says that, as PT_ERROR_CONFIGURATION. */

/* The one key whose public key begins with @begin ("": any), of @area (NULL: any) and of *@official
 * (NULL: any, and is set then). PT_ERROR_CONFIGURATION: there is none, or which are there;
 * PT_ERROR_OPERATOR: it stays locked or does not answer. A locked one has the desktop ask, and
 * standard error says so. */
PtP256Key *pt_key_ring_open (const char *begin, const char *area, char **official, GError **error);

/* All: {"keys": [{"area", "official", "key", "locked"}]}. */
JsonNode *pt_key_ring_list (GError **error);
