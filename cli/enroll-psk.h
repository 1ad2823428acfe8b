/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The file of pre-shared keys that the daemon's CoAP reads: a line `area/device:hex` a device, mode
 * 0600. A device keeps the key that it has there. */
typedef struct _PtEnrollPsk PtEnrollPsk;

#define PT_ENROLL_PSK_SIZE 32                     /* bytes */
#define PT_ENROLL_PSK_FILE_MAX (64 * 1024 * 1024) /* bytes */

/* Reads the file, or begins a new one. Others must not be able to read it. */
PtEnrollPsk *pt_enroll_psk_open (const char *path, GError **error);
void pt_enroll_psk_free (PtEnrollPsk *psk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEnrollPsk, pt_enroll_psk_free)

/* The device's key in hex, drawn where it has none yet; belongs to @psk. */
const char *pt_enroll_psk_get (PtEnrollPsk *psk, const char *area, const char *device);
/* Returns when all drawn ones are durable; before that none must be given away. */
gboolean pt_enroll_psk_sync (PtEnrollPsk *psk, GError **error);
