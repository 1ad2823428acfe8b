/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"
#include "pt-p256.h"

#define PT_REGISTRATION_MAX 4096 /* bytes of a signed registration of a device or an official */

/* The authority keys of areas: one file for all, or a folder with one `<area>.pem` each. */
typedef struct _PtAuthority PtAuthority;

/* Exactly one of @file, which may be the URI of a key in a PKCS#11 token too, and @directory;
 * @create: makes missing keys in @directory. */
PtAuthority *pt_authority_new (const char *file, const char *directory, gboolean create,
                               GError **error);
void pt_authority_free (PtAuthority *authority);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAuthority, pt_authority_free)

/* The area's signer, read once; belongs to @authority. */
const PtSigner *pt_authority_signer (PtAuthority *authority, const char *area, GError **error);

/* Writes the registration of @fields (with its area), signed by the area's key, into @out of at
 * least PT_REGISTRATION_MAX bytes; of a profile PT_ENTRY_MAX. */
gboolean pt_authority_sign (PtAuthority *authority, const PtEntry *fields, char *out,
                            gsize out_size, gsize *size, GError **error);
