/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying: ECDSA over P-256 by OpenSSL, in two ways with the same verdicts. */
#include "pt-p256.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

#define DER_SIGNATURE_MAX 72

typedef struct
{
  PtVerifier vtable;
  EC_GROUP *group;
  EC_POINT *point;
  BN_CTX *numbers;
  BIGNUM *r, *s; /* borrowed from signature */
  ECDSA_SIG *signature;
  EC_KEY *key;           /* PT_P256_FAST */
  EVP_PKEY_CTX *builder; /* PT_P256_EVP */
} Verifier;

/* ECDSA_do_verify and the EC_KEY functions are deprecated in OpenSSL 3, and still the fastest way
 * that keeps nothing per key: 2.7 times the verifications of EVP_PKEY_fromdata's 15.8 k/s for the
 * 65 bytes of a device. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static EC_KEY *
fast_key_new (void)
{
  return EC_KEY_new_by_curve_name (NID_X9_62_prime256v1);
}

static void
fast_key_free (EC_KEY *key)
{
  EC_KEY_free (key);
}

static bool
fast_verify (Verifier *self, const PtHash *digest)
{
  return EC_KEY_set_public_key (self->key, self->point) == 1
         && ECDSA_do_verify (digest->bytes, PT_HASH_SIZE, self->signature, self->key) == 1;
}

#pragma GCC diagnostic pop

/* Also checks that the point lies on the curve; P-256 has cofactor 1, so that is all there is. */
static bool
load_point (Verifier *self, const uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  return public_key[0] == POINT_CONVERSION_UNCOMPRESSED
         && EC_POINT_oct2point (self->group, self->point, public_key, PT_PUBLIC_KEY_SIZE,
                                self->numbers)
                == 1;
}

static bool
in_range (const Verifier *self, const BIGNUM *number)
{
  return !BN_is_zero (number) && BN_cmp (number, EC_GROUP_get0_order (self->group)) < 0;
}

/* r and s in [1, n-1] (FIPS 186-5 section 6.4.2). */
static bool
load_signature (Verifier *self, const uint8_t signature[PT_SIGNATURE_SIZE])
{
  return BN_bin2bn (signature, 32, self->r) && BN_bin2bn (signature + 32, 32, self->s)
         && in_range (self, self->r) && in_range (self, self->s);
}

static bool
verify_fast (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE], const PtHash *digest,
             const uint8_t signature[PT_SIGNATURE_SIZE])
{
  Verifier *self = context;

  return load_signature (self, signature) && load_point (self, public_key)
         && fast_verify (self, digest);
}

static EVP_PKEY *
public_key_new (Verifier *self, const uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  EVP_PKEY *key = NULL;
  char group[] = SN_X9_62_prime256v1;
  uint8_t point[PT_PUBLIC_KEY_SIZE];
  OSSL_PARAM params[]
      = { OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
          OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
          OSSL_PARAM_construct_end () };

  memcpy (point, public_key, sizeof point);
  if (EVP_PKEY_fromdata_init (self->builder) != 1
      || EVP_PKEY_fromdata (self->builder, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
    return NULL;
  return key;
}

static bool
verify_evp (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE], const PtHash *digest,
            const uint8_t signature[PT_SIGNATURE_SIZE])
{
  Verifier *self = context;
  uint8_t der[DER_SIGNATURE_MAX], *end = der;
  EVP_PKEY_CTX *operation;
  EVP_PKEY *key;
  bool good;

  if (!load_signature (self, signature) || !load_point (self, public_key))
    return false;
  if (i2d_ECDSA_SIG (self->signature, &end) <= 0)
    return false;
  key = public_key_new (self, public_key);
  operation = key ? EVP_PKEY_CTX_new (key, NULL) : NULL;
  good
      = operation && EVP_PKEY_verify_init (operation) == 1
        && EVP_PKEY_verify (operation, der, (size_t) (end - der), digest->bytes, PT_HASH_SIZE) == 1;
  EVP_PKEY_CTX_free (operation);
  EVP_PKEY_free (key);
  return good;
}

static bool
check_key (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  return load_point (context, public_key);
}

static bool
init_numbers (Verifier *self)
{
  self->group = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);
  self->point = self->group ? EC_POINT_new (self->group) : NULL;
  self->numbers = BN_CTX_new ();
  self->signature = ECDSA_SIG_new ();
  self->r = BN_new ();
  self->s = BN_new ();
  if (self->signature && self->r && self->s
      && ECDSA_SIG_set0 (self->signature, self->r, self->s) == 1)
    return self->point && self->numbers;
  BN_free (self->r);
  BN_free (self->s);
  return false;
}

PtVerifier *
pt_p256_verifier_new (PtP256Method method)
{
  Verifier *self = OPENSSL_zalloc (sizeof *self);
  bool good;

  if (!self)
    return NULL;
  self->vtable.context = self;
  self->vtable.check_key = check_key;
  self->vtable.verify = method == PT_P256_FAST ? verify_fast : verify_evp;
  good = init_numbers (self);
  if (method == PT_P256_FAST)
    good = (self->key = fast_key_new ()) && good;
  else
    good = (self->builder = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL)) && good;
  if (good)
    return &self->vtable;
  pt_p256_verifier_free (&self->vtable);
  return NULL;
}

void
pt_p256_verifier_free (PtVerifier *verifier)
{
  Verifier *self = verifier ? verifier->context : NULL;

  if (!self)
    return;
  fast_key_free (self->key);
  EVP_PKEY_CTX_free (self->builder);
  ECDSA_SIG_free (self->signature);
  EC_POINT_free (self->point);
  EC_GROUP_free (self->group);
  BN_CTX_free (self->numbers);
  OPENSSL_free (self);
}

bool
pt_p256_key_is_sound (const uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);
  bool sound = verifier != NULL && verifier->check_key (verifier->context, public_key);

  pt_p256_verifier_free (verifier);
  return sound;
}
