/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <openssl/x509.h>

#include "pt-coap-name.h"

/* Certificates of DTLS: the daemon's own, from files, and what a device's says. */

typedef struct
{
  GBytes *certificate, *key, *client_ca; /* PEM */
  STACK_OF (X509) * chain;               /* those above the certificate, in its file */
} PtCoapFiles;

/* PT_ERROR_CONFIGURATION with which file and what to do. */
PtCoapFiles *pt_coap_files_read (const char *certificate, const char *key, const char *client_ca,
                                 GError **error);
gboolean pt_coap_files_equal (const PtCoapFiles *a, const PtCoapFiles *b);
void pt_coap_files_free (PtCoapFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCoapFiles, pt_coap_files_free)

/* The device that a certificate names: by SAN URI urn:powertrack:area:device, else SAN DNS
 * device.area, else the common name area/device; and its key, which has to be a P-256 point. */
gboolean pt_coap_certificate_device (X509 *certificate, PtCoapName *name,
                                     guint8 key[PT_PUBLIC_KEY_SIZE]);
/* SHA-256 in hex. */
char *pt_coap_certificate_digest (X509 *certificate);
