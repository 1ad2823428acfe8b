/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* Pictures that strangers send. They are decoded and written anew, as JPEG without a word beside
 * the picture (where it was taken, with what, by whom), by a process of its own, powertrack-photo,
 * which has a bound of memory and time and can do nothing but read one file and write another. */

#define PT_PHOTO_BYTES_MAX (8 * 1024 * 1024) /* as it is sent */
#define PT_PHOTO_TYPE "image/jpeg"           /* as it is kept */

/* Where the program is: beside this one, or in libexec. NULL: nowhere. */
char *pt_photo_program (void);

/* The picture as it is kept. PT_ERROR_MALFORMED: it is none, or it is damaged; PT_ERROR_TOO_LARGE;
 * PT_ERROR_RETRY: the process could not be had. Blocking, for some tenths of a second. */
GBytes *pt_photo_write_anew (const char *program, GBytes *sent, GError **error);
