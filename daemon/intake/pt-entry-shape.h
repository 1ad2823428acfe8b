/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether a body of one entry is JSON that has an entry's form: an object of texts and whole
 * numbers, with `area`, `kind`, `sig` and `ts` as the schema `Entry` of data/openapi.yaml says, in
 * whatever layout. Who sends anything else mistook the address and hears so by the answer's status;
 * whether an entry is canonical, signed and due is said of its line. PT_ERROR_MALFORMED. */
gboolean pt_entry_shape_check (GBytes *body, GError **error);
