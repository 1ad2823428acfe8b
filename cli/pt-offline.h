/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "pt-base.h"

/* What the offline program (`powertrack`) is made of. No GLib. */

#define PT_EXIT_HOLDS 0
#define PT_EXIT_FAILED 1
#define PT_EXIT_USAGE 2
#define PT_EXIT_NOT_CHECKED 3 /* nothing is wrong, but not all could be looked at */

int pt_keygen_main (int argc, char **argv);
int pt_receipt_check_main (int argc, char **argv);
int pt_verify_main (int argc, char **argv);

/* What the chain holds for a batch. */
typedef struct
{
  uint64_t batch, size;
  PtHash root;
} PtVerifyRoot;

typedef struct
{
  bool json;
  bool has_authority, has_service, has_root, has_size, has_previous_root;
  uint8_t authority_key[PT_PUBLIC_KEY_SIZE], service_key[PT_PUBLIC_KEY_SIZE];
  PtHash root, previous_root; /* of this batch, of the one before */
  uint64_t size;
  const PtVerifyRoot *roots; /* of a dossier's batches */
  size_t root_count;
  const char *path;
} PtVerifyOptions;

/* All print what they find and return an exit status. @file is at its beginning. */
int pt_verify_bundle (FILE *file, const PtVerifyOptions *options);
int pt_verify_batch (FILE *file, uint64_t size, const PtVerifyOptions *options);
int pt_verify_dossier (FILE *file, uint64_t size, const PtVerifyOptions *options);

/* Which of them the file at @path is, by how it begins; PT_FORM_UNKNOWN after saying what is wrong
 * with it. *@status gets what is then to be returned. Who asks closes *@file. */
typedef enum
{
  PT_FORM_UNKNOWN,
  PT_FORM_BUNDLE,
  PT_FORM_BATCH,
  PT_FORM_DOSSIER
} PtVerifyForm;

PtVerifyForm pt_verify_open (const char *path, FILE **file, uint64_t *size, int *status);
int pt_verify_file (PtVerifyForm form, FILE *file, uint64_t size, const PtVerifyOptions *options);

/* "2026-02-03 14:05:06 NPT" in the local time zone. */
void pt_offline_time (int64_t ms, char out[64]);

/* Says on standard error what is wrong, a sentence that ends a line; file names and arguments in it
 * can't steer the terminal. */
void pt_offline_complain (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
