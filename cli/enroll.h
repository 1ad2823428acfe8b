/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "device-known.h"
#include "enroll-csr.h"
#include "enroll-psk.h"
#include "pt-authority.h"
#include "pt-ca.h"
#include "pt-http-client.h"
#include "register-post.h"

/* Devices with a key and a certificate each: what `device enroll` and `device rotate` share. Three
 * steps: what is wanted is read whole, held against the daemon and the files that are there, and
 * then done, so that a run that broke off is gone on with by the same command. */

#define PT_ENROLL_MAX 200000 /* devices of a run */

typedef enum
{
  PT_ENROLL_REGISTER, /* a registration and a certificate */
  PT_ENROLL_CERTIFY,  /* is registered with this key: a certificate */
  PT_ENROLL_THERE,    /* has both */
  PT_ENROLL_LEFT      /* nobody said that it may be done: ->reason */
} PtEnrollStep;

typedef struct
{
  PtDeviceRow row;
  guint64 line; /* of the CSV, 0: none */
  PtEnrollStep step;
  gboolean has_key; /* it is in ->row: a request's, or one that an earlier run made */
  gint64 ts;        /* of the registration before, -1: none */
  gint64 first_seq; /* the counter that its first report may have; 0: not known yet */
  char *reason;
} PtEnrollDevice;

/* An area's keys, as the daemon has them: base64url. */
typedef struct
{
  char *authority, *service;
} PtEnrollArea;

typedef struct
{
  /* What was said; borrowed. */
  const char *verb, *csv, *url, *out, *https, *mqtt, *coap, *oscore;
  gboolean rotates, force, reactivate, json;
  guint days;
  PtHttpClient *client;
  PtAuthority *authority;
  PtEnrollCsrs *csrs;          /* NULL: keys are made here */
  PtEnrollPsk *psk;            /* NULL: none */
  PtEnrollPsk *oscore_secrets; /* likewise */
  PtCa *ca;                    /* NULL until something is done */

  GArray *devices;   /* PtEnrollDevice */
  GHashTable *areas; /* area -> PtEnrollArea */
  gint64 now;        /* the daemon's */
  gint64 before;     /* ms since 1970: rotates those only that were registered earlier; 0: all */
  guint64 steps[PT_ENROLL_LEFT + 1];
  guint64 done, refused, revoked; /* devices; certificates of keys before */
  JsonArray *refusals;            /* {"line","id","error"} */
  PtRegisterProgress progress;
} PtEnroll;

void pt_enroll_init (PtEnroll *enroll);
void pt_enroll_clear (PtEnroll *enroll);

/* Reads what is wanted: the CSV, or one device whose @fields are as in pt_device_row_parse ().
 * Looks at all of it: names twice, keys of areas, requests. An error names line and column. */
gboolean pt_enroll_read (PtEnroll *enroll, const char *const *fields, GError **error);
/* Asks the daemon and looks at the files: what is to be done with each. @older_than (ms): rotates
 * those only whose registration is; 0: all. */
gboolean pt_enroll_plan (PtEnroll *enroll, gint64 older_than, GError **error);
/* Says it on standard error, before anything is signed. */
void pt_enroll_print_plan (const PtEnroll *enroll);
/* Does it. What was done stays done where it fails. */
gboolean pt_enroll_run (PtEnroll *enroll, GError **error);
/* What came of it, as text or JSON; an exit status. */
int pt_enroll_print (const PtEnroll *enroll, gboolean dry_run);

/* Devices of which something is left to do. */
guint64 pt_enroll_left_to_do (const PtEnroll *enroll);
