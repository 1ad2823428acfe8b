/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-scrypt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define SALSA_WORDS 16 /* of 32 bits */
#define ROUNDS 8

static inline guint32
rotate (guint32 value, guint bits)
{
  return value << bits | value >> (32 - bits);
}

/* RFC 7914 section 3. */
static inline void
salsa_quarter (guint32 *words, guint a, guint b, guint c, guint d)
{
  words[b] ^= rotate (words[a] + words[d], 7);
  words[c] ^= rotate (words[b] + words[a], 9);
  words[d] ^= rotate (words[c] + words[b], 13);
  words[a] ^= rotate (words[d] + words[c], 18);
}

static void
salsa (guint32 words[SALSA_WORDS])
{
  guint32 mixed[SALSA_WORDS];

  memcpy (mixed, words, sizeof mixed);
  for (guint round = 0; round < ROUNDS; round += 2)
    {
      salsa_quarter (mixed, 0, 4, 8, 12);
      salsa_quarter (mixed, 5, 9, 13, 1);
      salsa_quarter (mixed, 10, 14, 2, 6);
      salsa_quarter (mixed, 15, 3, 7, 11);
      salsa_quarter (mixed, 0, 1, 2, 3);
      salsa_quarter (mixed, 5, 6, 7, 4);
      salsa_quarter (mixed, 10, 11, 8, 9);
      salsa_quarter (mixed, 15, 12, 13, 14);
    }
  for (guint i = 0; i < SALSA_WORDS; i++)
    words[i] += mixed[i];
}

/* Section 4; @out is another block of the same size. */
static void
block_mix (const guint32 *in, guint32 *out, guint32 r)
{
  guint32 last[SALSA_WORDS];

  memcpy (last, in + (gsize) (2 * r - 1) * SALSA_WORDS, sizeof last);
  for (guint32 i = 0; i < 2 * r; i++)
    {
      /* Even ones come first, then the odd ones. */
      gsize place = (i / 2 + (i % 2) * r) * (gsize) SALSA_WORDS;

      for (guint j = 0; j < SALSA_WORDS; j++)
        last[j] ^= in[(gsize) i * SALSA_WORDS + j];
      salsa (last);
      memcpy (out + place, last, sizeof last);
    }
}

/* Section 5. @rows: n blocks; @block and @spare: one each. Words are in this machine's order. */
static void
mix_rows (guint32 *block, guint32 *spare, guint32 *rows, guint64 n, guint32 r)
{
  gsize words = (gsize) 2 * r * SALSA_WORDS;

  for (guint64 i = 0; i < n; i++)
    {
      memcpy (rows + i * words, block, words * sizeof *block);
      block_mix (rows + i * words, block, r);
    }
  for (guint64 i = 0; i < n; i++)
    {
      const guint32 *last = block + (gsize) (2 * r - 1) * SALSA_WORDS;
      const guint32 *row = rows + ((last[0] | (guint64) last[1] << 32) & (n - 1)) * words;

      for (gsize j = 0; j < words; j++)
        spare[j] = block[j] ^ row[j];
      block_mix (spare, block, r);
    }
}

static void
swap_order (guint32 *words, gsize count)
{
  for (gsize i = 0; i < count; i++)
    words[i] = GUINT32_FROM_LE (words[i]);
}

static gboolean
stretch (const void *password, gsize password_size, const void *salt, gsize salt_size, guint8 *out,
         gsize out_size)
{
  return PKCS5_PBKDF2_HMAC (password, (int) password_size, salt, (int) salt_size, 1, EVP_sha256 (),
                            (int) out_size, out)
         == 1;
}

gboolean
pt_scrypt (const void *password, gsize password_size, const guint8 *salt, gsize salt_size,
           guint64 n, guint32 r, guint32 p, guint8 *out, gsize out_size)
{
  gsize words = (gsize) 2 * r * SALSA_WORDS, size = words * sizeof (guint32);
  guint32 *blocks, *rows;
  gboolean done;

  g_return_val_if_fail (password != NULL && salt != NULL && out != NULL, FALSE);
  g_return_val_if_fail (n >= 2 && (n & (n - 1)) == 0 && r >= 1 && p >= 1, FALSE);
  g_return_val_if_fail (password_size <= G_MAXINT && salt_size <= G_MAXINT, FALSE);
  g_return_val_if_fail (r <= 64 && p <= 64 && n <= G_MAXUINT32, FALSE);

  blocks = g_try_malloc_n (p + 1, size);
  rows = g_try_malloc_n (n, size);
  done = blocks != NULL && rows != NULL
         && stretch (password, password_size, salt, salt_size, (guint8 *) blocks, p * size);
  if (done)
    {
      swap_order (blocks, p * words);
      for (guint32 i = 0; i < p; i++)
        mix_rows (blocks + i * words, blocks + p * words, rows, n, r);
      swap_order (blocks, p * words);
      done = stretch (password, password_size, blocks, p * size, out, out_size);
    }
  if (blocks != NULL)
    OPENSSL_cleanse (blocks, (p + 1) * size);
  if (rows != NULL)
    OPENSSL_cleanse (rows, n * size);
  g_free (blocks);
  g_free (rows);
  return done;
}
