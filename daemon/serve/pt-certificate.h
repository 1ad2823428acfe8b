/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-base.h"

/* The certificate (with those above it after it) and its private key that a server shows, each from
 * a PEM file; the key's is for its owner alone. PT_ERROR_CONFIGURATION, with the file that is
 * wrong. */
GTlsCertificate *pt_certificate_read (const char *path, const char *key_path, GError **error);

/* Those who sign certificates of clients, from a PEM file. PT_ERROR_CONFIGURATION. */
GTlsDatabase *pt_certificate_read_authorities (const char *path, GError **error);

/* The key of a certificate: PT_PUBLIC_KEY_SIZE bytes, a P-256 point that is not compressed. FALSE,
 * and zeros: it is of another kind. */
gboolean pt_certificate_key (GTlsCertificate *certificate, guint8 *point);

/* Whether it may be shown by a client (RFC 5280 section 4.2.1.12); who signed it is not looked at.
 */
gboolean pt_certificate_is_of_client (GTlsCertificate *certificate);

/* What the two files are just now: any change of either, also of what a link names, changes it. */
char *pt_certificate_stamp (const char *path, const char *key_path);
