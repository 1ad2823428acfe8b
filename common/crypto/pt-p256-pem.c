/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys as text. */
#include "pt-p256-pem.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#define ROUNDS 600000 /* of PBKDF2 with SHA-256: OWASP, 2023 */
#define ENCRYPTED "-----BEGIN ENCRYPTED PRIVATE KEY-----"
#define N_(text) text /* translated where it is shown */

static PtP256Key *
refuse (const char **message, const char *sentence)
{
  if (message)
    *message = sentence;
  return NULL;
}

/* Never asks on the terminal: what was given, or nothing. */
static int
give_passphrase (char *buffer, int size, int writing, void *data)
{
  const char *passphrase = data;
  size_t length = passphrase ? strlen (passphrase) : 0;

  if (!passphrase || length > (size_t) size)
    return -1;
  memcpy (buffer, passphrase, length);
  return (int) length;
}

static PtP256Key *
key_from_pkey (const EVP_PKEY *pkey)
{
  uint8_t scalar[32];
  BIGNUM *number = NULL;
  char group[32] = "";
  PtP256Key *key = NULL;

  if (EVP_PKEY_is_a (pkey, "EC")
      && EVP_PKEY_get_utf8_string_param (pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                         NULL)
             == 1
      && strcmp (group, SN_X9_62_prime256v1) == 0
      && EVP_PKEY_get_bn_param (pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1
      && BN_bn2binpad (number, scalar, sizeof scalar) == (int) sizeof scalar)
    key = pt_p256_key_from_scalar (scalar);
  OPENSSL_cleanse (scalar, sizeof scalar);
  BN_clear_free (number);
  return key;
}

bool
pt_p256_pem_is_encrypted (const char *text, size_t size)
{
  size_t length = strlen (ENCRYPTED);

  for (size_t at = 0; at + length <= size; at++)
    if (memcmp (text + at, ENCRYPTED, length) == 0)
      return true;
  return false;
}

PtP256Key *
pt_p256_key_from_pem (const char *text, size_t size, const char *passphrase, const char **message)
{
  BIO *memory = size <= PT_P256_PEM_MAX ? BIO_new_mem_buf (text, (int) size) : NULL;
  EVP_PKEY *pkey
      = memory ? PEM_read_bio_PrivateKey (memory, NULL, give_passphrase, (void *) passphrase)
               : NULL;
  PtP256Key *key = NULL;

  if (!pkey)
    refuse (message,
            passphrase
                ? N_ ("there is no private key that opens with this passphrase")
                : N_ ("the key file holds no PEM private key (PKCS#8, without a passphrase)"));
  else if (!(key = key_from_pkey (pkey)))
    refuse (message, N_ ("the key file holds a key that is not on the curve P-256"));
  EVP_PKEY_free (pkey);
  BIO_free (memory);
  return key;
}

static OSSL_PARAM *
private_params (const PtP256Key *key)
{
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
  BIGNUM *scalar = BN_secure_new ();
  OSSL_PARAM *params = NULL;
  uint8_t bytes[32], public_key[PT_PUBLIC_KEY_SIZE];

  pt_p256_key_to_scalar (key, bytes);
  pt_p256_key_public (key, public_key);
  if (builder && scalar && BN_bin2bn (bytes, sizeof bytes, scalar)
      && OSSL_PARAM_BLD_push_utf8_string (builder, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1,
                                          0)
      && OSSL_PARAM_BLD_push_octet_string (builder, OSSL_PKEY_PARAM_PUB_KEY, public_key,
                                           sizeof public_key)
      && OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar))
    params = OSSL_PARAM_BLD_to_param (builder);
  OPENSSL_cleanse (bytes, sizeof bytes);
  BN_clear_free (scalar);
  OSSL_PARAM_BLD_free (builder);
  return params;
}

static EVP_PKEY *
pkey_from_key (const PtP256Key *key)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  OSSL_PARAM *params = private_params (key);
  EVP_PKEY *pkey = NULL;

  if (!context || !params || EVP_PKEY_fromdata_init (context) != 1
      || EVP_PKEY_fromdata (context, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
    pkey = NULL;
  OSSL_PARAM_free (params);
  EVP_PKEY_CTX_free (context);
  return pkey;
}

/* Into @memory; what costs a guesser is the number of rounds. */
static bool
write_sealed (BIO *memory, const EVP_PKEY *pkey, const char *passphrase)
{
  PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8 (pkey);
  X509_SIG *sealed = plain ? PKCS8_encrypt (-1, EVP_aes_256_cbc (), passphrase,
                                            (int) strlen (passphrase), NULL, 0, ROUNDS, plain)
                           : NULL;
  bool good = sealed && PEM_write_bio_PKCS8 (memory, sealed) == 1;

  X509_SIG_free (sealed);
  PKCS8_PRIV_KEY_INFO_free (plain);
  return good;
}

size_t
pt_p256_key_to_pem (const PtP256Key *key, const char *passphrase, char *out, size_t out_size)
{
  BIO *memory = BIO_new (BIO_s_secmem ());
  EVP_PKEY *pkey = pkey_from_key (key);
  char *text = NULL;
  long size = 0;
  bool good
      = memory && pkey
        && (passphrase
                ? write_sealed (memory, pkey, passphrase)
                : PEM_write_bio_PKCS8PrivateKey (memory, pkey, NULL, NULL, 0, NULL, NULL) == 1);

  if (good)
    size = BIO_get_mem_data (memory, &text);
  if (size < 0 || (size_t) size >= out_size)
    size = 0;
  if (size > 0)
    memcpy (out, text, (size_t) size);
  if (out_size > 0)
    out[size] = '\0';
  EVP_PKEY_free (pkey);
  BIO_free (memory);
  return (size_t) size;
}
