/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "device-csv.h"
#include "pt-p256.h"

/* Provisioning files: what a device is given, OUT/AREA/DEVICE.json, mode 0600; and beside it the
 * key of one that is being enrolled, DEVICE.key.pem, which is there before the log knows it. */

#define PT_PROVISIONING_FORMAT "powertrack-provisioning-1"

typedef struct
{
  const PtDeviceRow *row;
  gint64 first_seq;
  const PtP256Key *key;                     /* NULL: the device has it */
  const char *certificate, *ca;             /* PEM */
  const char *authority, *service;          /* base64url */
  const char *url;                          /* the daemon's, where no other is known for HTTPS */
  const char *https, *mqtt, *coap, *oscore; /* NULL: as in the file that is there */
  const char *psk;                          /* hex; likewise */
  const char *oscore_secret;                /* id:hex; likewise */
} PtProvisioning;

/* Whether there is one, and for which key. An error where there is one that can't be read. */
gboolean pt_provisioning_look (const char *out, const char *area, const char *device,
                               gboolean *is_there, guint8 key[PT_PUBLIC_KEY_SIZE], GError **error);
/* Writes it whole, over one that is there, and takes the key beside it away. */
gboolean pt_provisioning_write (const char *out, const PtProvisioning *provisioning,
                                GError **error);
/* The private key in it; NULL: none, or there is no file. */
PtP256Key *pt_provisioning_key (const char *out, const char *area, const char *device);
gboolean pt_provisioning_remove (const char *out, const char *area, const char *device);

/* The key of one that is being enrolled; NULL where there is none, without an error. */
PtP256Key *pt_provisioning_begun (const char *out, const char *area, const char *device,
                                  GError **error);
/* Makes one; it is durable. */
PtP256Key *pt_provisioning_begin (const char *out, const char *area, const char *device,
                                  GError **error);
