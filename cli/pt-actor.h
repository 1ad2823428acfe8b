/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-p256.h"

/* Who signs: a key file, the file that the public page gave to keep, or an official's key in the
 * desktop's keyring. */

typedef struct
{
  PtP256Key *key;
  PtSigner signer;
} PtActor;

/* A file; others must not be able to read it. NULL and an error that names it. */
PtActor *pt_actor_read (const char *path, GError **error);

/* An official's: a file, or "keyring:" and what its public key begins with, if anything. Of the
 * keyring's keys only one may be of @area (NULL: any) and *@official, which is set to whose it is
 * where it is NULL. PT_ERROR_OPERATOR: the keyring stays locked or does not answer. */
PtActor *pt_actor_open (const char *key, const char *area, char **official, GError **error);
gboolean pt_actor_in_keyring (const char *key);

void pt_actor_free (PtActor *actor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtActor, pt_actor_free)
