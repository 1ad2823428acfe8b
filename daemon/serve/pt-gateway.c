/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-gateway.h"

#include <string.h>

#include "pt-car.h"
#include "pt-request.h"

#define PREFIX "/ipfs/"
#define PIECE_SIZE PT_UNIXFS_CHUNK_SIZE
#define SHOWN 40 /* characters of what was asked wrongly */

typedef enum
{
  FORMAT_FILE,
  FORMAT_RAW,
  FORMAT_CAR
} Format;

static const struct
{
  const char *suffix, *type;
} formats[]
    = { [FORMAT_FILE] = { "", "application/json" },
        [FORMAT_RAW] = { ".raw", "application/vnd.ipld.raw" },
        [FORMAT_CAR] = { ".car", "application/vnd.ipld.car; version=1; order=dfs; dups=y" } };

/* What is asked for. */
typedef struct
{
  PtCid cid;
  char text[PT_CID_TEXT_SIZE + 1];
  Format format;
} Wanted;

static gboolean
read_format (PtRequest *request, Format *out, GError **error)
{
  const char *format = pt_request_value (request, "format");
  const char *accept = pt_request_header (request, "Accept");
  g_autofree char *valid = NULL, *shown = NULL;

  *out = FORMAT_FILE;
  if (g_strcmp0 (format, "raw") == 0
      || (format == NULL && accept != NULL && strstr (accept, formats[FORMAT_RAW].type) != NULL))
    *out = FORMAT_RAW;
  else if (g_strcmp0 (format, "car") == 0
           || (format == NULL && accept != NULL
               && strstr (accept, "application/vnd.ipld.car") != NULL))
    *out = FORMAT_CAR;
  if (format == NULL || *out != FORMAT_FILE)
    return TRUE;
  valid = g_utf8_make_valid (format, -1);
  shown = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), SHOWN));
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               "The format is raw, car, or none for the file; \"%s\" is none of these.", shown);
  return FALSE;
}

static gboolean
read_wanted (PtRequest *request, Wanted *wanted, GError **error)
{
  const char *text = request->parts[0] != NULL ? request->parts[0] : "";

  if (pt_cid_from_text (pt_span (text, strlen (text)), &wanted->cid) != PT_OK)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "Ask for /ipfs/ and one CID: version 1, base32, SHA2-256, raw or "
                           "dag-pb, and no path after it.");
      return FALSE;
    }
  pt_cid_to_text (&wanted->cid, wanted->text);
  return read_format (request, &wanted->format, error);
}

/* What goes wrong with blocks: a reader is told that they are missing, the log the rest. */
static gboolean
refuse (const GError *why, GError **error)
{
  if (g_error_matches (why, PT_ERROR, PT_ERROR_NOT_FOUND))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                           "There are no blocks of this CID here.");
      return FALSE;
    }
  g_message ("gateway: %s", why->message);
  g_set_error_literal (error, why->domain, why->code,
                       "The blocks could not be read; the daemon's log says why.");
  return FALSE;
}

/* Ranges (RFC 9110 section 14): one range is served, several are answered with the whole file. */

typedef enum
{
  RANGE_NONE,
  RANGE_ONE,
  RANGE_UNSATISFIABLE
} RangeKind;

typedef struct
{
  guint64 start, end;
} Range;

/* The last bytes of a file, as many as are asked for. */
static RangeKind
range_from_end (guint64 count, guint64 size, Range *range)
{
  if (count == 0 || size == 0)
    return RANGE_UNSATISFIABLE;
  range->start = count < size ? size - count : 0;
  return RANGE_ONE;
}

static RangeKind
parse_range (const char *text, guint64 size, Range *range)
{
  g_autofree char *first = NULL;
  guint64 from = 0, to = G_MAXUINT64 - 1;
  gboolean has_first, has_last;
  const char *dash;

  *range = (Range){ 0, size };
  if (text == NULL || !g_str_has_prefix (text, "bytes=") || strchr (text, ',') != NULL)
    return RANGE_NONE;
  text += strlen ("bytes=");
  dash = strchr (text, '-');
  if (dash == NULL)
    return RANGE_NONE;
  first = g_strndup (text, (gsize) (dash - text));
  has_first = g_ascii_string_to_unsigned (first, 10, 0, G_MAXINT64, &from, NULL);
  has_last = g_ascii_string_to_unsigned (dash + 1, 10, 0, G_MAXINT64, &to, NULL);
  if ((!has_first && *first != '\0') || (!has_last && dash[1] != '\0') || (!has_first && !has_last)
      || (has_first && has_last && to < from))
    return RANGE_NONE;
  if (!has_first)
    return range_from_end (to, size, range);
  if (from >= size)
    return RANGE_UNSATISFIABLE;
  *range = (Range){ from, has_last && to < size - 1 ? to + 1 : size };
  return RANGE_ONE;
}

/* What of the file is to be sent; says so in the answer's head. */
static gboolean
apply_range (PtRequest *request, guint64 size, Range *range, GError **error)
{
  const char *condition = pt_request_header (request, "If-Range");
  gboolean applies = condition == NULL || g_str_equal (condition, request->etag);
  RangeKind kind = parse_range (applies ? pt_request_header (request, "Range") : NULL, size, range);
  g_autofree char *text = NULL;

  request->status = kind == RANGE_ONE ? SOUP_STATUS_PARTIAL_CONTENT : SOUP_STATUS_OK;
  pt_request_add_header (request, "Accept-Ranges", "bytes");
  switch (kind)
    {
    case RANGE_NONE:
      return TRUE;
    case RANGE_ONE:
      text
          = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                             range->start, range->end - 1, size);
      pt_request_add_header (request, "Content-Range", text);
      return TRUE;
    case RANGE_UNSATISFIABLE:
      text = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, size);
      pt_request_add_header (request, "Content-Range", text);
      request->status = SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE;
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "The range lies beyond the end of the file.");
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}

/* Answers */

typedef struct
{
  PtBlockFile *file;
  Range left;
} FileSource;

static void
file_source_free (gpointer data)
{
  FileSource *source = data;

  pt_block_file_free (source->file);
  g_free (source);
}

static GBytes *
file_next (gpointer data, GError **error)
{
  FileSource *source = data;
  guint64 left = source->left.end - source->left.start;
  GBytes *piece
      = pt_block_file_read (source->file, source->left.start, MIN (left, PIECE_SIZE), error);

  if (piece != NULL)
    source->left.start += g_bytes_get_size (piece);
  return piece;
}

static gboolean
send_file (PtRequest *request, PtBlockStore *blocks, const PtCid *cid, GError **error)
{
  g_autoptr (GError) local = NULL;
  PtBlockFile *file = pt_block_store_open_file (blocks, cid, &local);
  FileSource *source;
  Range range;

  if (file == NULL)
    return refuse (local, error);
  if (!apply_range (request, pt_block_file_size (file), &range, error))
    {
      pt_block_file_free (file);
      return FALSE;
    }
  source = g_new (FileSource, 1);
  *source = (FileSource){ file, range };
  pt_request_take_stream (request, (goffset) (range.end - range.start), file_next, source,
                          file_source_free);
  return TRUE;
}

static gboolean
send_block (PtRequest *request, PtBlockStore *blocks, const PtCid *cid, GError **error)
{
  g_autoptr (GError) local = NULL;

  request->body = pt_block_store_read (blocks, cid, &local);
  if (request->body == NULL)
    return refuse (local, error);
  request->status = SOUP_STATUS_OK;
  return TRUE;
}

static GBytes *
car_next (gpointer data, GError **error)
{
  GBytes *piece = NULL;

  if (!pt_car_next (data, &piece, error))
    return NULL;
  return piece != NULL ? piece : g_bytes_new (NULL, 0);
}

static gboolean
send_car (PtRequest *request, PtBlockStore *blocks, const PtCid *cid, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint64 bytes;

  /* Missing blocks are found before the answer begins. */
  if (!pt_block_store_check (blocks, cid, &bytes, &local))
    return refuse (local, error);
  request->status = SOUP_STATUS_OK;
  pt_request_take_stream (request, -1, car_next, pt_car_new (blocks, cid),
                          (GDestroyNotify) pt_car_free);
  return TRUE;
}

static gboolean
send_wanted (PtRequest *request, PtBlockStore *blocks, const Wanted *wanted, GError **error)
{
  switch (wanted->format)
    {
    case FORMAT_FILE:
      return send_file (request, blocks, &wanted->cid, error);
    case FORMAT_RAW:
      return send_block (request, blocks, &wanted->cid, error);
    case FORMAT_CAR:
      return send_car (request, blocks, &wanted->cid, error);
    }
  g_return_val_if_reached (FALSE);
}

static void
add_headers (PtRequest *request, const char *cid)
{
  g_autofree char *path = g_strconcat (PREFIX, cid, NULL);

  pt_request_add_header (request, "X-Ipfs-Path", path);
  pt_request_add_header (request, "X-Ipfs-Roots", cid);
  pt_request_add_header (request, "Vary", "Accept");
}

/* The empty block, whose CID holds all of it (identity): clients ask for it to see whether a
 * gateway is one (https://specs.ipfs.tech/http-gateways/trustless-gateway/). */
#define PROBE "bafkqaaa"

static GBytes *
probe_body (Format format)
{
  /* A header with the one root, then its section: a length, the CID 01 55 00 00, no bytes. */
  static const guint8 car[]
      = { 0x19, 0xa2, 0x65, 'r', 'o', 'o', 't', 's', 0x81, 0xd8, 0x2a, 0x45, 0x00, 0x01, 0x55, 0x00,
          0,    0x67, 'v',  'e', 'r', 's', 'i', 'o', 'n',  0x01, 0x04, 1,    0x55, 0,    0 };

  return format == FORMAT_CAR ? g_bytes_new_static (car, sizeof car) : g_bytes_new (NULL, 0);
}

static void
set_kind (PtRequest *request, const char *cid, Format format)
{
  request->etag = g_strdup_printf ("\"%s%s\"", cid, formats[format].suffix);
  request->cache_control = "public, max-age=29030400, immutable";
  request->content_type = formats[format].type;
}

static gboolean
answer_probe (PtRequest *request, GError **error)
{
  Format format;

  if (!read_format (request, &format, error))
    return FALSE;
  set_kind (request, PROBE, format);
  if (format == FORMAT_FILE)
    request->content_type = "application/octet-stream"; /* nothing is no JSON */
  request->status = SOUP_STATUS_OK;
  request->body = probe_body (format);
  add_headers (request, PROBE);
  return TRUE;
}

/* Bytes of one CID never change, so who has them is told so without looking. */
static gboolean
answer_blocks (PtRequest *request, gpointer context, GError **error)
{
  Wanted wanted;

  if (g_strcmp0 (request->parts[0], PROBE) == 0)
    return answer_probe (request, error);
  if (!read_wanted (request, &wanted, error))
    return FALSE;
  set_kind (request, wanted.text, wanted.format);
  if (!pt_request_has (request, request->etag) && !send_wanted (request, context, &wanted, error))
    return FALSE;
  add_headers (request, wanted.text);
  return TRUE;
}

const PtRoute pt_gateway_routes[] = {
  { "GET", "/ipfs/**", answer_blocks, PT_RUNS_ON_STREAMER, .open = TRUE },
  { "GET", "/ipfs", answer_blocks, PT_RUNS_ON_STREAMER, .open = TRUE },
  { NULL },
};
