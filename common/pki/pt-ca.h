/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-ca-index.h"

/* A certificate authority for the devices of a fleet: a folder with its certificate (ca.pem), its
 * key under a passphrase (ca-key.pem), what it issued and revoked (index.jsonl) and its revocation
 * list (crl.pem). RFC 5280; P-256 with SHA-256 throughout. A certificate says who speaks; whether a
 * device counts is said by the log alone. */

#define PT_CA_CERTIFICATE "ca.pem"
#define PT_CA_KEY "ca-key.pem"
#define PT_CA_INDEX "index.jsonl"
#define PT_CA_LIST "crl.pem"
#define PT_CA_DAYS_MAX 36525
#define PT_CA_PASSPHRASE_MIN 8 /* bytes */
#define PT_CA_NAME_MAX 64      /* characters of a common name: RFC 5280, ub-common-name */

typedef struct _PtCa PtCa;

/* Makes the folder where there is none, and the authority in it, with an empty revocation list good
 * for @list_days. Never over one that is there. */
gboolean pt_ca_make (const char *folder, const char *name, guint days, guint list_days,
                     const char *passphrase, GError **error);

/* With @passphrase it can sign, and is this process's alone until it is freed; NULL: to be looked
 * at. PT_ERROR_BUSY: another has it; PT_ERROR_CONFIGURATION: it is none, or the passphrase. */
PtCa *pt_ca_open (const char *folder, const char *passphrase, GError **error);
void pt_ca_free (PtCa *ca);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCa, pt_ca_free)

const char *pt_ca_pem (const PtCa *ca);  /* its certificate */
const char *pt_ca_name (const PtCa *ca); /* its common name */
gint64 pt_ca_until (const PtCa *ca);     /* ms since 1970 */
/* SHA-256 of the certificate, hex; free it. */
char *pt_ca_fingerprint (const PtCa *ca);
const PtCaIndex *pt_ca_index (const PtCa *ca);
/* When the revocation list ends (ms since 1970), and 0 where it can't be read. */
gint64 pt_ca_list_until (const PtCa *ca);

/* A certificate for a device's key, as PEM: CN, SAN `{device}.{area}` where that is a name and
 * `urn:powertrack:{area}:{device}`, for TLS clients. It is kept with the next pt_ca_sync (), before
 * which it must not be given away. */
char *pt_ca_issue (PtCa *ca, const char *area, const char *device,
                   const guint8 key[PT_PUBLIC_KEY_SIZE], guint days, GError **error);
/* Of a device's certificates those that are neither revoked nor over, but for the ones of @key
 * (NULL: all). How many that were. */
guint pt_ca_revoke (PtCa *ca, const char *area, const char *device,
                    const guint8 key[PT_PUBLIC_KEY_SIZE], PtCaReason reason);
gboolean pt_ca_sync (PtCa *ca, GError **error);
/* Makes the revocation list anew, good for @days. */
gboolean pt_ca_write_list (PtCa *ca, guint days, GError **error);
