/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A file of secrets that the daemon's CoAP reads: a line a device, mode 0600. A device keeps the
 * secret that it has there. */
typedef struct _PtEnrollPsk PtEnrollPsk;

typedef enum
{
  PT_ENROLL_PSK,   /* pre-shared keys, for DTLS: `area/device:hex` */
  PT_ENROLL_OSCORE /* `area/device:id:hex`; each new ID is the one after the highest */
} PtEnrollSecrets;

#define PT_ENROLL_PSK_SIZE 32                     /* bytes */
#define PT_ENROLL_OSCORE_SIZE 16                  /* likewise; what AES-CCM-16-64-128 can use */
#define PT_ENROLL_PSK_FILE_MAX (64 * 1024 * 1024) /* bytes */

/* Reads the file, or begins a new one. Others must not be able to read it. */
PtEnrollPsk *pt_enroll_psk_open (const char *path, PtEnrollSecrets kind, GError **error);
void pt_enroll_psk_free (PtEnrollPsk *psk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEnrollPsk, pt_enroll_psk_free)

/* What is after the device's name, drawn where it has none yet; belongs to @psk. NULL: nothing
 * could be drawn. */
const char *pt_enroll_psk_get (PtEnrollPsk *psk, const char *area, const char *device);
/* Returns when all drawn ones are durable; before that none must be given away. */
gboolean pt_enroll_psk_sync (PtEnrollPsk *psk, GError **error);
