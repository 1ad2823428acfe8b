/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A file that is there whole, and on the disk, or not at all, and never over another: for keys. No
 * GLib. */

/* Mode 0600. false with errno; EEXIST: something has that name, be it a link to nothing. */
bool pt_new_file_write (const char *path, const char *text, size_t size);
