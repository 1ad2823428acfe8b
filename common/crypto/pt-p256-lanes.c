/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-p256-lanes.h"

#ifdef PT_HAS_CRYPTO_MB

#include <crypto_mb/cpu_features.h>
#include <crypto_mb/ec_nistp256.h>

#define COORDINATE_WORDS 4

bool
pt_p256_lanes_are_here (void)
{
  return mbx_is_crypto_mb_applicable (0) != 0;
}

/* A coordinate, 32 bytes big-endian, as words, the least significant first. */
static void
load_words (const uint8_t *bytes, int64u words[COORDINATE_WORDS])
{
  for (int i = 0; i < COORDINATE_WORDS; i++)
    {
      words[i] = 0;
      for (int j = 0; j < 8; j++)
        words[i] = words[i] << 8 | bytes[8 * (COORDINATE_WORDS - 1 - i) + j];
    }
}

/* Lanes that are not filled say the first again. */
unsigned
pt_p256_lanes_verify (PtSignatureCheck *const *checks, size_t count)
{
  int64u x[PT_P256_LANES][COORDINATE_WORDS], y[PT_P256_LANES][COORDINATE_WORDS];
  const int64u *xs[PT_P256_LANES], *ys[PT_P256_LANES];
  const int8u *r[PT_P256_LANES], *s[PT_P256_LANES], *digests[PT_P256_LANES];
  unsigned holds = 0;
  mbx_status status;

  for (size_t i = 0; i < PT_P256_LANES; i++)
    {
      const PtSignatureCheck *check = checks[i < count ? i : 0];

      load_words (check->public_key + 1, x[i]);
      load_words (check->public_key + 33, y[i]);
      xs[i] = x[i];
      ys[i] = y[i];
      r[i] = check->signature;
      s[i] = check->signature + 32;
      digests[i] = check->digest->bytes;
    }
  status = mbx_nistp256_ecdsa_verify_mb8 (r, s, digests, xs, ys, NULL, NULL);
  for (size_t i = 0; i < count; i++)
    if (MBX_GET_STS (status, i) == MBX_STATUS_OK)
      holds |= 1u << i;
  return holds;
}

#else

bool
pt_p256_lanes_are_here (void)
{
  return false;
}

unsigned
pt_p256_lanes_verify (PtSignatureCheck *const *checks, size_t count)
{
  (void) checks;
  (void) count;
  return 0;
}

#endif
