/* SPDX-License-Identifier: Apache-2.0 */

/* A CID has one text. Everything else that other implementations print, and everything near the
 * one text, is refused. */

#include "pt-cid.h"
#include "pt-members.h"
#include "pt-vectors.h"

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

/* Parses text that ends where its memory ends; a refusal leaves zeros. */
static PtResult
parse (const char *text, size_t size, PtCid *out)
{
  g_autofree char *copy = pt_tight_copy (text, size);
  PtResult result;

  memset (out, 0xee, sizeof *out);
  result = pt_cid_from_text (pt_span (copy, size), out);
  for (size_t i = 0; result != PT_OK && i < sizeof out->bytes; i++)
    g_assert_cmpuint (out->bytes[i], ==, 0);
  return result;
}

static void
make_text (uint64_t number, PtCodec codec, PtCid *cid, char text[PT_CID_TEXT_SIZE + 1])
{
  const PtHash digest = pt_numbered_leaf (number);

  pt_cid_make (codec, &digest, cid);
  pt_cid_to_text (cid, text);
}

static void
test_round_trip (void)
{
  const PtCodec codecs[] = { PT_CODEC_RAW, PT_CODEC_DAG_PB };

  for (uint64_t i = 0; i < 600; i++)
    {
      PtCodec codec = codecs[i % 2];
      char text[PT_CID_TEXT_SIZE + 1];
      PtCid cid, parsed;

      make_text (i, codec, &cid, text);
      g_assert_cmpuint (strlen (text), ==, PT_CID_TEXT_SIZE);
      g_assert_true (g_str_has_prefix (text, i % 2 == 0 ? "bafkrei" : "bafybei"));
      g_assert_cmpint (parse (text, PT_CID_TEXT_SIZE, &parsed), ==, PT_OK);
      g_assert_true (pt_cid_equal (&parsed, &cid));
      g_assert_cmpint (pt_cid_codec (&parsed), ==, codec);
    }
}

/* The same bytes to the letter, from what Kubo printed. */
static void
test_known (void)
{
  static const struct
  {
    const char *text, *hex;
  } known[] = {
    { "bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm",
      "01551220e0f358a1e783aff31aec9f428b45fcac43add1bd72352d4bbec6c6f8eeed359b" },
    { "bafkreiapel53qbjn2cim37ltpcwiiudkjw2vhrlnvr2tb6ujspb2axovku",
      "015512200f22fbb8052dd090cdfd7378ac84506a4db553c56dac7530fa8993c3a05dd555" },
    /* of no bytes: SHA-256 ("") */
    { "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
      "01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    {
      uint8_t bytes[PT_CID_SIZE];
      char text[PT_CID_TEXT_SIZE + 1];
      PtCid cid;

      g_assert_true (pt_hex_decode (pt_text (known[i].hex), bytes, sizeof bytes));
      g_assert_cmpint (parse (known[i].text, strlen (known[i].text), &cid), ==, PT_OK);
      g_assert_cmpmem (cid.bytes, sizeof cid.bytes, bytes, sizeof bytes);
      pt_cid_to_text (&cid, text);
      g_assert_cmpstr (text, ==, known[i].text);
    }
}

/* Other forms of CIDs that are right elsewhere and are not ours. */
static void
test_other_forms (void)
{
  static const char *const others[] = {
    "",
    "b",
    "QmdUmFUpqBU2moArj3tcp8RUw1APSfyxhjrJmT38PKzNhG",                    /* CIDv0 */
    "zb2rhmnPjY352j3iz2Qi9euW2owhGstAAJhcWeP57vi9bxYtz",                 /* base58btc */
    "BAFKREIHA6NMKDZ4DV7ZRV3E7IKFUL7FMIOW5DPLSGUWUXPWGY34O53JVTM",       /* upper case */
    "Bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm",       /* */
    "bAFKREIHA6NMKDZ4DV7ZRV3E7IKFUL7FMIOW5DPLSGUWUXPWGY34O53JVTM",       /* */
    "bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm==",     /* padded */
    "cafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm======", /* */
    "f01551220e0f358a1e783aff31aec9f428b45fcac43add1bd72352d4bbec6c6f8eeed359b",
    "F01551220E0F358A1E783AFF31AEC9F428B45FCAC43ADD1BD72352D4BBEC6C6F8EEED359B",
    "uAVUSIODzWKHng6_zGuyfQotF_KxDrdG9cjUtS77Gxvju7TWb", /* base64url */
    "/ipfs/bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm",
    "ipfs://bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm",
    "bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm/",
    "bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm ",
    " bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm",
    "bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm\n",
  };
  PtCid cid;

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_test_message ("\"%s\"", others[i]);
      g_assert_cmpint (parse (others[i], strlen (others[i]), &cid), ==, PT_BAD_CID);
    }
}

/* Every length, whether cut at the end, at the beginning, or filled up. */
static void
test_lengths (void)
{
  char text[PT_CID_TEXT_SIZE + 1];
  g_autofree char *filled = g_strnfill (200, 'a');
  PtCid cid, parsed;

  make_text (1, PT_CODEC_RAW, &cid, text);
  memcpy (filled, text, PT_CID_TEXT_SIZE);
  for (size_t size = 0; size <= 200; size++)
    g_assert_cmpint (parse (filled, size, &parsed), ==,
                     size == PT_CID_TEXT_SIZE ? PT_OK : PT_BAD_CID);
  for (size_t cut = 1; cut <= PT_CID_TEXT_SIZE; cut++)
    {
      g_assert_cmpint (parse (text + cut, PT_CID_TEXT_SIZE - cut, &parsed), ==, PT_BAD_CID);
      g_assert_cmpint (parse (filled + cut, PT_CID_TEXT_SIZE, &parsed), ==, PT_BAD_CID);
    }
}

/* 36 bytes leave two bits of the last character over: of 32 characters there, the 8 whose bits are
 * zero are CIDs. */
static void
test_trailing_bits (void)
{
  for (uint64_t number = 0; number < 64; number++)
    {
      char text[PT_CID_TEXT_SIZE + 1], again[PT_CID_TEXT_SIZE + 1];
      size_t accepted = 0;
      PtCid cid;

      make_text (number, PT_CODEC_RAW, &cid, text);
      for (size_t i = 0; i < 32; i++)
        {
          text[PT_CID_TEXT_SIZE - 1] = alphabet[i];
          if (parse (text, PT_CID_TEXT_SIZE, &cid) != PT_OK)
            continue;
          g_assert_cmpuint (i % 4, ==, 0);
          pt_cid_to_text (&cid, again);
          g_assert_cmpstr (again, ==, text);
          accepted++;
        }
      g_assert_cmpuint (accepted, ==, 8);
    }
}

/* In each of the seven characters that version, codec, hash and length stand in (and share with
 * the digest), every letter of the alphabet: only the two codecs and other digests come through. */
static void
test_prefix (void)
{
  char text[PT_CID_TEXT_SIZE + 1];
  PtCid cid, parsed;

  make_text (3, PT_CODEC_RAW, &cid, text);
  for (size_t at = 0; at < 7; at++)
    for (size_t i = 0; i < 32; i++)
      {
        char kept = text[at];

        text[at] = alphabet[i];
        if (parse (text, PT_CID_TEXT_SIZE, &parsed) == PT_OK)
          {
            g_assert_cmpmem (parsed.bytes, 4, cid.bytes, 4);
            g_assert_true (alphabet[i] == kept || at == 6);
          }
        text[at] = kept;
      }
}

/* Characters that look like letters of the alphabet, or fold to them. */
static void
test_characters (void)
{
  char text[PT_CID_TEXT_SIZE + 1];
  PtCid cid, parsed;

  make_text (4, PT_CODEC_DAG_PB, &cid, text);
  for (size_t at = 0; at < PT_CID_TEXT_SIZE; at++)
    for (int byte = 0; byte < 256; byte++)
      {
        char kept = text[at];
        bool member = byte != 0 && strchr (alphabet, byte) != NULL;

        text[at] = (char) byte;
        if (!member)
          g_assert_cmpint (parse (text, PT_CID_TEXT_SIZE, &parsed), ==, PT_BAD_CID);
        text[at] = kept;
      }
}

/* A codec that the bytes do not allow is not one that the text lets in. */
static void
test_codecs (void)
{
  for (int codec = 0; codec < 256; codec++)
    {
      const PtHash digest = pt_numbered_leaf (5);
      bool ours = codec == PT_CODEC_RAW || codec == PT_CODEC_DAG_PB;
      char text[PT_CID_TEXT_SIZE + 1];
      PtCid cid, parsed;

      pt_cid_make ((PtCodec) codec, &digest, &cid);
      pt_cid_to_text (&cid, text);
      g_assert_cmpint (parse (text, PT_CID_TEXT_SIZE, &parsed), ==, ours ? PT_OK : PT_BAD_CID);
      g_assert_cmpint (pt_cid_from_bytes (cid.bytes, PT_CID_SIZE, &parsed), ==,
                       ours ? PT_OK : PT_BAD_CID);
      g_assert_false (!ours && pt_cid_names (&cid, "x", 1));
    }
}

/* A block is named by its digest alone, whatever its codec says of its inside. */
static void
test_names_a_block (void)
{
  g_autofree char *block = g_strnfill (300, 'b');

  for (size_t size = 0; size <= 300; size++)
    {
      g_autofree char *copy = pt_tight_copy (block, size);
      PtHash digest;
      PtCid raw, node;

      pt_sha256 (copy, size, &digest);
      pt_cid_make (PT_CODEC_RAW, &digest, &raw);
      pt_cid_make (PT_CODEC_DAG_PB, &digest, &node);
      g_assert_true (pt_cid_names (&raw, copy, size));
      g_assert_true (pt_cid_names (&node, copy, size));
      g_assert_false (pt_cid_equal (&raw, &node));
      g_assert_false (size > 0 && pt_cid_names (&raw, copy, size - 1));
      g_assert_false (pt_cid_names (&raw, block, size + 1));
      raw.bytes[4 + size % PT_HASH_SIZE] ^= 1;
      g_assert_false (pt_cid_names (&raw, copy, size));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cid-text/round-trip", test_round_trip);
  g_test_add_func ("/cid-text/known", test_known);
  g_test_add_func ("/cid-text/other-forms", test_other_forms);
  g_test_add_func ("/cid-text/lengths", test_lengths);
  g_test_add_func ("/cid-text/trailing-bits", test_trailing_bits);
  g_test_add_func ("/cid-text/prefix", test_prefix);
  g_test_add_func ("/cid-text/characters", test_characters);
  g_test_add_func ("/cid-text/codecs", test_codecs);
  g_test_add_func ("/cid-text/names-a-block", test_names_a_block);
  return g_test_run ();
}
