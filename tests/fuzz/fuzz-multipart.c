/* SPDX-License-Identifier: Apache-2.0 */
/* What a multipart body says is in it: parts that follow each other, as many as are taken, with
 * names; and what a private part says lies within it. */
#include "pt-fuzz.h"

#include "pt-encoding.h"
#include "pt-multipart.h"
#include "pt-private.h"

#define BOUNDARY "xYz"
#define TYPE "multipart/form-data; boundary=" BOUNDARY
#define HEAD(name) "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"" name "\"\r\n"
#define SALT "00112233445566778899aabbccddeeff"
#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define PRIVATE                                                                                    \
  "{\"contact\":\"98\",\"photos\":[\"" SHA "\"],\"salt\":\"" SALT "\",\"text\":\"dark\"}"

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\r\n"),
  PT_FUZZ_WORD ("\r\n\r\n"),
  PT_FUZZ_WORD ("\r\n--" BOUNDARY),
  PT_FUZZ_WORD ("--" BOUNDARY "--"),
  PT_FUZZ_WORD ("--"),
  PT_FUZZ_WORD (HEAD ("private")),
  PT_FUZZ_WORD ("Content-Type: image/png\r\n"),
  PT_FUZZ_WORD ("; filename*=UTF-8''%00"),
  PT_FUZZ_WORD ("name=\"\\\"\""),
  PT_FUZZ_WORD ("\0"),
  PT_FUZZ_WORD ("\"photos\":[]"),
  PT_FUZZ_WORD ("\"" SHA "\","),
  PT_FUZZ_WORD ("\\u202e"),
  PT_FUZZ_WORD ("\\"),
  PT_FUZZ_WORD ("\xe2\x80\xae"),
  PT_FUZZ_WORD ("\xff"),
};

static const PtSpan seeds[] = {
  PT_FUZZ_WORD (HEAD ("entry") "\r\n{}\r\n--" BOUNDARY "--\r\n"),
  PT_FUZZ_WORD (HEAD ("private") "\r\n" PRIVATE "\r\n" HEAD (
      "photo") "Content-Type: image/png\r\n\r\n\x89PNG\r\n\r\n--" BOUNDARY "--"),
  PT_FUZZ_WORD (HEAD ("private") "\r\n" PRIVATE "\r\n--" BOUNDARY "--\r\n"),
  PT_FUZZ_WORD ("--" BOUNDARY "--"),
};

/* All that it said points into what was read, and stands in this order in it. */
static bool
read_private (PtSpan bytes)
{
  PtPrivate part;

  if (!pt_private_parse (bytes, &part, NULL))
    return false;
  pt_fuzz_require (part.photo_count <= PT_PRIVATE_PHOTOS_MAX);
  pt_fuzz_require (part.contact.data >= bytes.data && part.text.data >= part.contact.data);
  pt_fuzz_require (part.text.data + part.text.size <= bytes.data + bytes.size);
  pt_fuzz_require (bytes.data[bytes.size - 1] == '}');
  for (guint i = 0; i < part.photo_count; i++)
    for (guint j = 0; j < i; j++)
      pt_fuzz_require (memcmp (&part.photos[i], &part.photos[j], sizeof (PtHash)) != 0);
  return true;
}

static void
check_parts (GPtrArray *parts, PtSpan input)
{
  const char *last = input.data;

  pt_fuzz_require (parts->len <= PT_MULTIPART_PARTS_MAX);
  for (guint i = 0; i < parts->len; i++)
    {
      const PtPart *part = (const PtPart *) g_ptr_array_index (parts, i);
      gsize size;
      const char *bytes = g_bytes_get_data (part->bytes, &size);

      pt_fuzz_require (part->name != NULL);
      pt_fuzz_require (size == 0 || (bytes >= last && bytes + size <= input.data + input.size));
      pt_fuzz_require (
          size == 0 || memmem (bytes, size, "\r\n--" BOUNDARY, strlen ("\r\n--" BOUNDARY)) == NULL);
      if (size > 0)
        {
          last = bytes + size;
          read_private (pt_span (bytes, size));
        }
    }
}

static bool
target (PtSpan input)
{
  GBytes *body = g_bytes_new_static (input.data, input.size);
  GError *error = NULL;
  GPtrArray *parts = pt_multipart_read (TYPE, body, &error);
  bool taken = parts != NULL;

  pt_fuzz_require (taken == (error == NULL));
  if (taken)
    {
      check_parts (parts, input);
      g_ptr_array_unref (parts);
    }
  else
    read_private (input);
  g_clear_error (&error);
  g_bytes_unref (body);
  return taken;
}

int
main (int argc, char **argv)
{
  return pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
}
