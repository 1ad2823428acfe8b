/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-p256-lanes.h"

#include <stdlib.h>
#include <string.h>

#include "pt-p256.h"

#define LANES 8
#define WORTH 3 /* fewer are sooner done one by one: eight at once cost as much as 2.7 alone */

#ifdef PT_HAS_CRYPTO_MB

#include <crypto_mb/cpu_features.h>
#include <crypto_mb/ec_nistp256.h>

#define COORDINATE_WORDS 4

static bool
are_here (void)
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

/* Which of @count (1 to 8) checks hold, as bits. r and s are in [1, n-1] and the key is a point on
 * the curve. What is refused here may hold all the same. Lanes that are not filled say the first
 * again. */
static unsigned
verify_eight (PtSignatureCheck *const *checks, size_t count)
{
  int64u x[LANES][COORDINATE_WORDS], y[LANES][COORDINATE_WORDS];
  const int64u *xs[LANES], *ys[LANES];
  const int8u *r[LANES], *s[LANES], *digests[LANES];
  unsigned holds = 0;
  mbx_status status;

  for (size_t i = 0; i < LANES; i++)
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

static bool
are_here (void)
{
  return false;
}

static unsigned
verify_eight (PtSignatureCheck *const *checks, size_t count)
{
  (void) checks;
  (void) count;
  return 0;
}

#endif

typedef struct
{
  PtVerifier vtable;
  PtVerifier *alone;
} Lanes;

static bool
verify (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE], const PtHash *digest,
        const uint8_t signature[PT_SIGNATURE_SIZE])
{
  const PtVerifier *alone = ((const Lanes *) context)->alone;

  return alone->verify (alone->context, public_key, digest, signature);
}

static bool
check_key (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  const PtVerifier *alone = ((const Lanes *) context)->alone;

  return alone->check_key (alone->context, public_key);
}

/* Whether it is in [1, n-1] (FIPS 186-5 section 6.4.2), as 32 bytes big-endian. */
static bool
in_range (const uint8_t *number)
{
  static const uint8_t order[32]
      = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
          0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
          0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
  static const uint8_t zero[32];

  return memcmp (number, zero, sizeof zero) != 0 && memcmp (number, order, sizeof order) < 0;
}

/* Ranges and the point are looked at here, so that nothing that OpenSSL would refuse comes to the
 * lanes; and what they refuse is judged again, since they refuse more than they should (one valid
 * signature of Wycheproof's set). So exactly what holds alone holds here. */
static void
check_eight (Lanes *self, PtSignatureCheck *checks, size_t count)
{
  PtSignatureCheck *lanes[LANES];
  size_t filled = 0;
  unsigned holds;

  for (size_t i = 0; i < count; i++)
    {
      checks[i].holds = in_range (checks[i].signature) && in_range (checks[i].signature + 32)
                        && check_key (self, checks[i].public_key);
      if (checks[i].holds)
        lanes[filled++] = &checks[i];
    }
  holds = filled < WORTH ? 0 : verify_eight (lanes, filled);
  for (size_t i = 0; i < filled; i++)
    if ((holds & (1u << i)) == 0)
      lanes[i]->holds = verify (self, lanes[i]->public_key, lanes[i]->digest, lanes[i]->signature);
}

static void
verify_many (void *context, PtSignatureCheck *checks, size_t count)
{
  for (size_t i = 0; i < count; i += LANES)
    check_eight (context, &checks[i], count - i < LANES ? count - i : LANES);
}

PtVerifier *
pt_p256_lanes_new (void)
{
  Lanes *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->alone = pt_p256_verifier_new (PT_P256_FAST);
  if (!self->alone)
    {
      free (self);
      return NULL;
    }
  self->vtable.context = self;
  self->vtable.verify = verify;
  self->vtable.check_key = check_key;
  if (pt_p256_lanes_work ())
    self->vtable.verify_many = verify_many;
  return &self->vtable;
}

void
pt_p256_lanes_free (PtVerifier *verifier)
{
  Lanes *self = verifier ? verifier->context : NULL;

  if (!self)
    return;
  pt_p256_verifier_free (self->alone);
  free (self);
}

bool
pt_p256_lanes_work (void)
{
  static int decided; /* 0: not yet, 1: yes, -1: no; whoever decides decides the same */
  const char *wanted;

  if (__atomic_load_n (&decided, __ATOMIC_RELAXED) == 0)
    {
      wanted = getenv ("POWERTRACK_P256");
      __atomic_store_n (&decided,
                        (!wanted || strcmp (wanted, "openssl") != 0) && are_here () ? 1 : -1,
                        __ATOMIC_RELAXED);
    }
  return __atomic_load_n (&decided, __ATOMIC_RELAXED) == 1;
}

const char *
pt_p256_lanes_name (void)
{
  return pt_p256_lanes_work () ? "crypto_mb" : "OpenSSL";
}
