/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* The certificate (with those above it after it) and its private key that a server shows, each from
 * a PEM file; the key's is for its owner alone. PT_ERROR_CONFIGURATION, with the file that is
 * wrong. */
GTlsCertificate *pt_certificate_read (const char *path, const char *key_path, GError **error);

/* What the two files are just now: any change of either, also of what a link names, changes it. */
char *pt_certificate_stamp (const char *path, const char *key_path);
