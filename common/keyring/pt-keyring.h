/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-p256.h"

/* The keys of officials in the desktop's keyring, through the Secret Service. A secret is the PEM
 * of a private key (PKCS#8); its attributes say whose it is, and can be read while the keyring is
 * locked. Whatever needs the secret of a locked keyring has the desktop ask for it. Main thread
 * only; nothing here waits. */

#define PT_TYPE_KEYRING_KEY (pt_keyring_key_get_type ())
G_DECLARE_FINAL_TYPE (PtKeyringKey, pt_keyring_key, PT, KEYRING_KEY, GObject)

struct _PtKeyringKey
{
  GObject parent_instance;
  char *area, *official;
  char *public_key; /* base64url */
  gboolean locked;  /* when it was listed: opening it has the desktop ask */
};

PtKeyringKey *pt_keyring_key_new (const char *area, const char *official, const char *public_key);
/* @b may be NULL. */
gboolean pt_keyring_key_equal (const PtKeyringKey *a, const PtKeyringKey *b);
/* What the authority has to run to register it, as one line. */
char *pt_keyring_key_request (const PtKeyringKey *key);

/* All keys, a GPtrArray of PtKeyringKey by area and official. */
void pt_keyring_list_async (GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
GPtrArray *pt_keyring_list_finish (GAsyncResult *result, GError **error);

/* Puts @private_key there for an official; the PtKeyringKey of it. PT_ERROR_CONFLICT: it is there.
 */
void pt_keyring_add_async (const char *area, const char *official, const PtP256Key *private_key,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
PtKeyringKey *pt_keyring_add_finish (GAsyncResult *result, GError **error);

/* The private key; free with pt_p256_key_free () as soon as it has signed. PT_ERROR_OPERATOR: the
 * keyring stays locked; PT_ERROR_NOT_FOUND. */
void pt_keyring_open_async (PtKeyringKey *key, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
PtP256Key *pt_keyring_open_finish (GAsyncResult *result, GError **error);

void pt_keyring_remove_async (PtKeyringKey *key, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean pt_keyring_remove_finish (GAsyncResult *result, GError **error);
