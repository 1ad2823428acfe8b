/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-private-part.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-vectors.h"

#define SALT "000102030405060708090a0b0c0d0e0f"
#define ONES "0101010101010101010101010101010101010101010101010101010101010101"
#define TWOS "0202020202020202020202020202020202020202020202020202020202020202"

static PtPrivatePart
part_of (const char *contact, const char *text, size_t photos)
{
  PtPrivatePart part
      = { .contact = pt_text (contact), .text = pt_text (text), .photo_count = photos };

  for (guint i = 0; i < sizeof part.salt; i++)
    part.salt[i] = (guint8) i;
  for (guint i = 0; i < PT_PRIVATE_PHOTOS_MAX; i++)
    memset (&part.photos[i], (int) i + 1, sizeof part.photos[i]);
  return part;
}

static void
test_written (void)
{
  static const struct
  {
    const char *contact, *text;
    size_t photos;
    const char *wanted;
  } rows[] = {
    { "", "", 0, "{\"contact\":\"\",\"photos\":[],\"salt\":\"" SALT "\",\"text\":\"\"}" },
    { "+91 612", "बिजली नहीं", 2,
      "{\"contact\":\"+91 612\",\"photos\":[\"" ONES "\",\"" TWOS "\"],\"salt\":\"" SALT
      "\",\"text\":\"बिजली नहीं\"}" },
    { "a\"b\\c", "one\ntwo\001", 0,
      "{\"contact\":\"a\\\"b\\\\c\",\"photos\":[],\"salt\":\"" SALT
      "\",\"text\":\"one\\ntwo\\u0001\"}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PtPrivatePart part = part_of (rows[i].contact, rows[i].text, rows[i].photos);
      char buffer[512];
      gsize size = strlen (rows[i].wanted);
      PtSpan out;

      g_assert_cmpint (pt_private_part_write (&part, buffer, sizeof buffer, &out), ==, PT_OK);
      g_assert_cmpmem (out.data, out.size, rows[i].wanted, size);
      g_assert_cmpint (pt_private_part_write (&part, buffer, size, &out), ==, PT_OK);
      for (gsize capacity = 0; capacity < size; capacity++)
        g_assert_cmpint (pt_private_part_write (&part, buffer, capacity, &out), ==, PT_NO_SPACE);
    }
}

/* What the vectors have in confidence, written anew. */
static void
test_vectors (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/complaints.json");
  JsonArray *rows = json_object_get_array_member (json_node_get_object (node), "privates");

  g_assert_cmpuint (json_array_get_length (rows), >, 2);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      const char *wanted = json_object_get_string_member (row, "private");
      g_autoptr (JsonNode) read = json_from_string (wanted, NULL);
      JsonObject *object = json_node_get_object (read);
      JsonArray *photos = json_object_get_array_member (object, "photos");
      PtPrivatePart part = { .contact = pt_text (json_object_get_string_member (object, "contact")),
                             .text = pt_text (json_object_get_string_member (object, "text")),
                             .photo_count = json_array_get_length (photos) };
      g_autofree char *buffer = g_malloc (strlen (wanted));
      PtSpan out;

      g_assert_true (pt_hex_decode (pt_text (json_object_get_string_member (object, "salt")),
                                    part.salt, sizeof part.salt));
      for (guint j = 0; j < part.photo_count; j++)
        g_assert_true (pt_hex_decode (pt_text (json_array_get_string_element (photos, j)),
                                      &part.photos[j], sizeof part.photos[j]));
      g_assert_cmpint (pt_private_part_write (&part, buffer, strlen (wanted), &out), ==, PT_OK);
      g_assert_cmpmem (out.data, out.size, wanted, strlen (wanted));
    }
}

static void
test_photos (void)
{
  PtPrivatePart part = part_of ("", "", PT_PRIVATE_PHOTOS_MAX);
  char buffer[512];
  PtSpan out;

  g_assert_cmpint (pt_private_part_write (&part, buffer, sizeof buffer, &out), ==, PT_OK);
  part.photo_count++;
  g_assert_cmpint (pt_private_part_write (&part, buffer, sizeof buffer, &out), ==, PT_TOO_LARGE);
  g_assert_cmpuint (out.size, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/private-part/written", test_written);
  g_test_add_func ("/private-part/vectors", test_vectors);
  g_test_add_func ("/private-part/photos", test_photos);
  return g_test_run ();
}
