/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What comes with one entry of a complaint: as JSON, or as multipart/form-data with photos. */

#define PT_ENVELOPE_JSON_MAX (96 * 1024)
#define PT_ENVELOPE_MAX (5 * 8 * 1024 * 1024 + 128 * 1024) /* with photos */

typedef struct
{
  GBytes *entry;        /* the signed form */
  GBytes *private;      /* or NULL */
  char *ticket, *nonce; /* or NULL */
  GPtrArray *photos;    /* GBytes as they were sent, in their order */
} PtEnvelope;

/* @type: the body's Content-Type, or NULL. PT_ERROR_UNSUPPORTED, PT_ERROR_MALFORMED,
 * PT_ERROR_TOO_LARGE, each with what and where. */
PtEnvelope *pt_envelope_read (const char *type, GBytes *body, GError **error);
void pt_envelope_free (PtEnvelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEnvelope, pt_envelope_free)
