/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 with the x86 SHA extensions (Intel SDM volume 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2).
 * Called only where the processor has them. */
#include "pt-sha256-private.h"

#if PT_SHA256_X86

#include <immintrin.h>

#define LOAD(pointer) _mm_loadu_si128 ((const __m128i *) (const void *) (pointer))
#define STORE(pointer, value) _mm_storeu_si128 ((__m128i *) (void *) (pointer), value)
#define MESSAGE(i) _mm_shuffle_epi8 (LOAD (block + 16 * (i)), byte_order)

/* Four rounds on the schedule words @w; rounds take the low half of their third operand. */
#define ROUNDS(i, w)                                                                               \
  sum = _mm_add_epi32 (w, LOAD (pt_sha256_constants + 4 * (i)));                                   \
  cdgh = _mm_sha256rnds2_epu32 (cdgh, abef, sum);                                                  \
  abef = _mm_sha256rnds2_epu32 (abef, cdgh, _mm_shuffle_epi32 (sum, 0x0e))

/* Replaces @a by the four schedule words after @d. */
#define SCHEDULE(a, b, c, d)                                                                       \
  a = _mm_sha256msg2_epu32 (                                                                       \
      _mm_add_epi32 (_mm_sha256msg1_epu32 (a, b), _mm_alignr_epi8 (d, c, 4)), d)

#define SIXTEEN_ROUNDS(i)                                                                          \
  SCHEDULE (w0, w1, w2, w3);                                                                       \
  ROUNDS (i, w0);                                                                                  \
  SCHEDULE (w1, w2, w3, w0);                                                                       \
  ROUNDS (i + 1, w1);                                                                              \
  SCHEDULE (w2, w3, w0, w1);                                                                       \
  ROUNDS (i + 2, w2);                                                                              \
  SCHEDULE (w3, w0, w1, w2);                                                                       \
  ROUNDS (i + 3, w3)

__attribute__ ((target ("sha,sse4.1,ssse3"))) void
pt_sha256_compress_x86 (uint32_t state[8], const uint8_t *blocks, size_t count)
{
  const __m128i byte_order = _mm_set_epi64x (0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i cdab = _mm_shuffle_epi32 (LOAD (state), 0xb1);
  __m128i efgh = _mm_shuffle_epi32 (LOAD (state + 4), 0x1b);
  __m128i abef = _mm_alignr_epi8 (cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16 (efgh, cdab, 0xf0);

  for (const uint8_t *block = blocks, *end = blocks + 64 * count; block != end; block += 64)
    {
      const __m128i abef_before = abef, cdgh_before = cdgh;
      __m128i w0 = MESSAGE (0), w1 = MESSAGE (1), w2 = MESSAGE (2), w3 = MESSAGE (3), sum;

      ROUNDS (0, w0);
      ROUNDS (1, w1);
      ROUNDS (2, w2);
      ROUNDS (3, w3);
      SIXTEEN_ROUNDS (4);
      SIXTEEN_ROUNDS (8);
      SIXTEEN_ROUNDS (12);
      abef = _mm_add_epi32 (abef, abef_before);
      cdgh = _mm_add_epi32 (cdgh, cdgh_before);
    }

  efgh = _mm_shuffle_epi32 (cdgh, 0xb1);
  cdab = _mm_shuffle_epi32 (abef, 0x1b);
  STORE (state, _mm_blend_epi16 (cdab, efgh, 0xf0));
  STORE (state + 4, _mm_alignr_epi8 (efgh, cdab, 8));
}

#endif
