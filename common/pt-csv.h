/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A reader of CSV (RFC 4180) in UTF-8, row by row, in constant memory. A byte order mark, CRLF or
 * LF, quotes, and blanks around a field are taken as spreadsheets and people write them. Rows of no
 * characters are passed over. What can be read once only (a pipe, /dev/stdin) is kept in a file
 * that nobody else sees, so that every file can be read twice. */
typedef struct _PtCsv PtCsv;

#define PT_CSV_FILE_MAX (G_GUINT64_CONSTANT (1) << 30) /* bytes */
#define PT_CSV_ROW_MAX (1 << 20)                       /* bytes */
#define PT_CSV_COLUMNS_MAX 256

/* Opens a file and reads its header row. */
PtCsv *pt_csv_open (const char *path, GError **error);
/* The same of text, of which it takes a copy. @name stands for the file in messages. */
PtCsv *pt_csv_new (const char *name, const char *text, gsize size, GError **error);
void pt_csv_free (PtCsv *csv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCsv, pt_csv_free)

/* The number of the column @name, or -1 and an error. */
int pt_csv_column (PtCsv *csv, const char *name, GError **error);

/* Goes to the next row: FALSE at the end, and with @error set when it is malformed. */
gboolean pt_csv_next (PtCsv *csv, GError **error);
/* Goes back: the next row is the first below the header. */
gboolean pt_csv_rewind (PtCsv *csv, GError **error);
/* A field of this row, without quotes and the blanks around it; good until the next row. */
const char *pt_csv_field (PtCsv *csv, int column);
/* The line at which this row begins, the header's is 1. */
guint64 pt_csv_line (const PtCsv *csv);

/* "FILE line N, column NAME: @problem", with its remedy. */
void pt_csv_refuse (PtCsv *csv, GError **error, int column, const char *problem);
