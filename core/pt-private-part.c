/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-private-part.h"

#include "pt-json.h"

PtResult
pt_private_part_write (const PtPrivatePart *part, char *buffer, size_t capacity, PtSpan *out)
{
  PtJsonWriter writer;

  *out = (PtSpan){ 0 };
  if (part->photo_count > PT_PRIVATE_PHOTOS_MAX)
    return PT_TOO_LARGE;
  pt_json_writer_init (&writer, buffer, capacity);
  pt_json_write_literal (&writer, "{\"contact\":");
  pt_json_write_string (&writer, part->contact);
  pt_json_write_literal (&writer, ",\"photos\":[");
  for (size_t i = 0; i < part->photo_count; i++)
    {
      if (i > 0)
        pt_json_write_literal (&writer, ",");
      pt_json_write_hex (&writer, &part->photos[i], sizeof part->photos[i]);
    }
  pt_json_write_literal (&writer, "],\"salt\":");
  pt_json_write_hex (&writer, part->salt, sizeof part->salt);
  pt_json_write_literal (&writer, ",\"text\":");
  pt_json_write_string (&writer, part->text);
  pt_json_write_literal (&writer, "}");
  return pt_json_writer_finish (&writer, out);
}
