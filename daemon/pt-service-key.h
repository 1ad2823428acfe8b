/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-p256.h"
#include "pt-store.h"

/* The key that signs the rosters. An area's stands on the chain for ever, so a roster that another
 * key signed spoils its log for good: nothing is signed before this looked. */

/* The key at @path, which every area of @store was registered with. Made where it is missing, but
 * only while there is no area. PT_ERROR_CONFIGURATION with a sentence that names the keys, and
 * nothing is written then. Areas that an older version registered are held to it from now on. */
PtP256Key *pt_service_key_open (const char *path, PtStore *store, GError **error);
