/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A strict reader of CSV (RFC 4180) in UTF-8; a byte order mark and CRLF or LF are taken as they
 * come. Rows of no characters are passed over. */
typedef struct _PtFleetCsv PtFleetCsv;

/* Reads the whole file, at most 1 GiB, and its header row. */
PtFleetCsv *pt_fleet_csv_open (const char *path, GError **error);
/* The same of text; takes a copy. @name stands for the file in messages. */
PtFleetCsv *pt_fleet_csv_new (const char *name, const char *text, gsize size, GError **error);
void pt_fleet_csv_free (PtFleetCsv *csv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFleetCsv, pt_fleet_csv_free)

/* The number of the column @name, or -1 and an error. */
int pt_fleet_csv_column (PtFleetCsv *csv, const char *name, GError **error);

/* Goes to the next row: FALSE at the end, and with @error set when it is malformed. */
gboolean pt_fleet_csv_next (PtFleetCsv *csv, GError **error);
/* A field of this row, without its quotes; good until the next row. */
const char *pt_fleet_csv_field (PtFleetCsv *csv, int column);

/* "FILE line N, column NAME: @problem", with its remedy. */
void pt_fleet_csv_refuse (PtFleetCsv *csv, GError **error, int column, const char *problem);
