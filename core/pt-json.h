/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* Canonical JSON: RFC 8785 narrowed to objects, arrays, strings and integers with |n| < 2^53.
 *
 * A pull reader that accepts the canonical form only and never repairs. It does not allocate:
 * strings come as spans of the input, still escaped, their escapes and UTF-8 already checked. Depth
 * is bounded. */

#define PT_JSON_DEPTH_MAX 8

typedef enum
{
  PT_JSON_STRING,
  PT_JSON_INTEGER,
  PT_JSON_OBJECT, /* the reader stands inside it: read its members to the closing brace */
  PT_JSON_ARRAY
} PtJsonType;

typedef struct
{
  PtJsonType type;
  PtSpan text;  /* a string's characters between the quotes, still escaped; an integer's digits */
  bool escaped; /* a string holds at least one escape */
  int64_t integer;
} PtJsonValue;

typedef struct
{
  const char *start, *cursor, *end;
  PtSpan last_key[PT_JSON_DEPTH_MAX]; /* to hold the order of keys */
  uint8_t kind[PT_JSON_DEPTH_MAX];
  bool first[PT_JSON_DEPTH_MAX];
  int depth;
} PtJsonReader;

void pt_json_reader_init (PtJsonReader *reader, PtSpan text);

/* Reads the outermost value, which must be an object. */
PtResult pt_json_open (PtJsonReader *reader);

/* Reads the next member of the object the reader stands in. *@more is false at its closing brace,
 * which is consumed. @key is the raw span between the quotes. A key that is not after the one
 * before it, bytewise, is PT_NOT_CANONICAL. *@offset (or NULL) gets where the member's key begins,
 * its quote included. */
PtResult pt_json_member (PtJsonReader *reader, bool *more, PtSpan *key, PtJsonValue *value,
                         size_t *offset);

/* The same for the elements of an array. */
PtResult pt_json_element (PtJsonReader *reader, bool *more, PtJsonValue *value);

/* Nothing may follow the outermost object. */
PtResult pt_json_finish (const PtJsonReader *reader);

/* Whether @text is any JSON at all (RFC 8259, depth <= 64): tells "not canonical" from "malformed".
 */
bool pt_json_is_json (PtSpan text);

/* What the refusal of @text means: PT_NOT_CANONICAL when it is JSON but not canonical, else
 * PT_MALFORMED (no JSON, or canonical and not what the format's table says). The reader's own
 * refusals are already so. */
PtResult pt_json_classify (PtSpan text);

/* Unescapes a string's @text into @out; *@size gets the bytes written. PT_NO_SPACE if they do not
 * fit. */
PtResult pt_json_unescape (PtSpan text, char *out, size_t out_size, size_t *size);

/* Appends to a caller's buffer; after the first overflow everything is ignored and finish says
 * PT_NO_SPACE. */
typedef struct
{
  char *data;
  size_t size, capacity;
  bool overflow;
} PtJsonWriter;

void pt_json_writer_init (PtJsonWriter *writer, char *buffer, size_t capacity);
void pt_json_write_raw (PtJsonWriter *writer, PtSpan text);          /* as it is */
void pt_json_write_literal (PtJsonWriter *writer, const char *text); /* NUL-terminated, as it is */
void pt_json_write_string (PtJsonWriter *writer,
                           PtSpan utf8); /* quoted and escaped as RFC 8785 3.2.2.2 */
void pt_json_write_integer (PtJsonWriter *writer, int64_t value);
void pt_json_write_hex (PtJsonWriter *writer, const void *data, size_t size);       /* quoted */
void pt_json_write_base64url (PtJsonWriter *writer, const void *data, size_t size); /* quoted */
PtResult pt_json_writer_finish (const PtJsonWriter *writer, PtSpan *out);
