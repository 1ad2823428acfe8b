/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: made, kept in files, and signing. */
#include "pt-p256-pem.h"
#include "pt-new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

#define N_(text) text /* translated where it is shown */

struct PtP256Key
{
  uint8_t scalar[32];
  uint8_t public_key[PT_PUBLIC_KEY_SIZE];
};

/* Writes the public point of @scalar; false unless it is in [1, n-1]. */
static bool
derive (const EC_GROUP *group, const BIGNUM *scalar, uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  EC_POINT *point = EC_POINT_new (group);
  bool good = point && !BN_is_zero (scalar) && BN_cmp (scalar, EC_GROUP_get0_order (group)) < 0
              && EC_POINT_mul (group, point, scalar, NULL, NULL, NULL) == 1
              && EC_POINT_point2oct (group, point, POINT_CONVERSION_UNCOMPRESSED, public_key,
                                     PT_PUBLIC_KEY_SIZE, NULL)
                     == PT_PUBLIC_KEY_SIZE;

  EC_POINT_clear_free (point);
  return good;
}

PtP256Key *
pt_p256_key_from_scalar (const uint8_t scalar[32])
{
  EC_GROUP *group = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);
  PtP256Key *key = OPENSSL_zalloc (sizeof *key);
  BIGNUM *number = BN_bin2bn (scalar, 32, NULL);
  bool good = group && key && number;

  if (good)
    {
      BN_set_flags (number, BN_FLG_CONSTTIME);
      memcpy (key->scalar, scalar, sizeof key->scalar);
      good = derive (group, number, key->public_key);
    }
  BN_clear_free (number);
  EC_GROUP_free (group);
  if (good)
    return key;
  pt_p256_key_free (key);
  return NULL;
}

PtP256Key *
pt_p256_key_generate (void)
{
  PtP256Key *key = NULL;
  uint8_t scalar[32];

  /* A draw falls outside [1, n-1] once in 2^32; eight in a row never. */
  for (int tries = 0; !key && tries < 8; tries++)
    if (RAND_priv_bytes (scalar, sizeof scalar) == 1)
      key = pt_p256_key_from_scalar (scalar);
  OPENSSL_cleanse (scalar, sizeof scalar);
  return key;
}

void
pt_p256_key_to_scalar (const PtP256Key *key, uint8_t scalar[32])
{
  memcpy (scalar, key->scalar, sizeof key->scalar);
}

void
pt_p256_key_public (const PtP256Key *key, uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  memcpy (public_key, key->public_key, sizeof key->public_key);
}

void
pt_p256_key_free (PtP256Key *key)
{
  if (key)
    OPENSSL_clear_free (key, sizeof *key);
}

static bool
fail (const char **message, const char *sentence)
{
  if (message)
    *message = sentence;
  return false;
}

/* Whole file at @path into @buffer, or false with a sentence. */
static bool
read_private_file (const char *path, char *buffer, size_t buffer_size, size_t *size,
                   const char **message)
{
  int file = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  ssize_t got = 0;

  *size = 0;
  if (file < 0)
    return fail (message, errno == ENOENT ? N_ ("the key file does not exist; make one with keygen")
                                          : N_ ("the key file cannot be opened; check its owner"));
  if (fstat (file, &status) != 0 || !S_ISREG (status.st_mode))
    fail (message, N_ ("the key file is not a regular file"));
  else if (status.st_mode & 077)
    fail (message, N_ ("others may read the key file; run chmod 600 on it"));
  else
    while (*size < buffer_size && (got = read (file, buffer + *size, buffer_size - *size)) > 0)
      *size += (size_t) got;
  close (file);
  if (got < 0)
    return fail (message, N_ ("the key file cannot be read"));
  if (*size == buffer_size)
    return fail (message, N_ ("the key file is too long to be a key"));
  return *size > 0;
}

PtP256Key *
pt_p256_key_read (const char *path, const char **message)
{
  char text[PT_P256_PEM_MAX];
  PtP256Key *key = NULL;
  size_t size;

  fail (message, N_ ("the key file is empty"));
  if (read_private_file (path, text, sizeof text, &size, message))
    key = pt_p256_key_from_pem (text, size, NULL, message);
  OPENSSL_cleanse (text, sizeof text);
  return key;
}

static bool
write_private_file (const char *path, const char *text, size_t size, const char **message)
{
  if (pt_new_file_write (path, text, size))
    return true;
  switch (errno)
    {
    case EEXIST:
      return fail (message, N_ ("the key file exists already and is never overwritten"));
    case ENOSPC:
    case EDQUOT:
    case EIO:
      return fail (message, N_ ("the key file cannot be written; check the space on the disk"));
    default:
      return fail (message, N_ ("the key file cannot be made; check its folder"));
    }
}

bool
pt_p256_key_write (const PtP256Key *key, const char *path, const char **message)
{
  char text[PT_P256_PEM_MAX];
  size_t size = pt_p256_key_to_pem (key, NULL, text, sizeof text);
  bool good;

  good = size > 0 ? write_private_file (path, text, size, message)
                  : fail (message, N_ ("the key cannot be encoded"));
  OPENSSL_cleanse (text, sizeof text);
  return good;
}

/* As in verifying, the older interface is the faster one. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static bool
sign (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE])
{
  ECDSA_SIG *made = ECDSA_do_sign (digest->bytes, PT_HASH_SIZE, context);
  bool good = made && BN_bn2binpad (ECDSA_SIG_get0_r (made), signature, 32) == 32
              && BN_bn2binpad (ECDSA_SIG_get0_s (made), signature + 32, 32) == 32;

  ECDSA_SIG_free (made);
  return good;
}

bool
pt_p256_signer_init (PtSigner *signer, const PtP256Key *key)
{
  EC_KEY *ec_key = EC_KEY_new_by_curve_name (NID_X9_62_prime256v1);
  BIGNUM *scalar = BN_bin2bn (key->scalar, sizeof key->scalar, NULL);
  bool good = ec_key && scalar && EC_KEY_set_private_key (ec_key, scalar) == 1
              && EC_KEY_oct2key (ec_key, key->public_key, sizeof key->public_key, NULL) == 1;

  memset (signer, 0, sizeof *signer);
  BN_clear_free (scalar);
  if (!good)
    {
      EC_KEY_free (ec_key);
      return false;
    }
  signer->context = ec_key;
  signer->sign = sign;
  memcpy (signer->public_key, key->public_key, sizeof signer->public_key);
  return true;
}

void
pt_p256_signer_clear (PtSigner *signer)
{
  EC_KEY_free (signer->context);
  memset (signer, 0, sizeof *signer);
}

#pragma GCC diagnostic pop
