/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* By what the fleet's devices are known to the daemon or a broker, and those to them. Read only
 * after it is made: any thread. */
typedef struct _PtFleetCredentials PtFleetCredentials;

/* All may be NULL. @ca: a PEM file, whom devices trust; NULL: whom the system does.
 * @certificates: a folder with {area}/{device}.pem, or .json as provisioned; its key is the
 * device's own. @psk_file: a file of mode 0600, a line "area/device:" and 16 to 64 bytes in hex for
 * each device. */
PtFleetCredentials *pt_fleet_credentials_new (const char *ca, const char *certificates,
                                              const char *psk_file, GError **error);
void pt_fleet_credentials_free (PtFleetCredentials *credentials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFleetCredentials, pt_fleet_credentials_free)

/* The file. */
const char *pt_fleet_credentials_ca (const PtFleetCredentials *credentials);
/* Its text; NULL where there is none. */
const char *pt_fleet_credentials_ca_text (const PtFleetCredentials *credentials);
gboolean pt_fleet_credentials_have_certificates (const PtFleetCredentials *credentials);
gboolean pt_fleet_credentials_have_keys (const PtFleetCredentials *credentials);

/* The device's certificate and, of @scalar, its key, both PEM. FALSE and @error. The key is to be
 * freed with pt_fleet_secret_free (). */
gboolean pt_fleet_credentials_certificate (const PtFleetCredentials *credentials, const char *area,
                                           const char *device, const guint8 scalar[32],
                                           char **certificate, char **key, GError **error);
/* The key that the device shares; NULL and @error. Borrowed. */
GBytes *pt_fleet_credentials_key (const PtFleetCredentials *credentials, const char *area,
                                  const char *device, GError **error);
/* Wipes it first. */
void pt_fleet_secret_free (char *secret);
