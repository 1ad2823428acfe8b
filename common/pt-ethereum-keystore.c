/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ethereum-keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-new-file.h"
#include "pt-scrypt.h"

#define FILE_MAX 65536
#define DERIVED_SIZE 32
#define IV_SIZE 16
#define SALT_SIZE 32 /* of files that we write */
#define SALT_MAX 256
#define SCALAR_SIZE 32
#define ADDRESS_SIZE 20
#define SCRYPT_MEMORY_MAX (G_GUINT64_CONSTANT (768) * 1024 * 1024) /* bytes */
#define SCRYPT_WORK_MAX (G_GINT64_CONSTANT (1) << 23)              /* n * r * p: about 20 s */
#define PBKDF2_ROUNDS_MAX (10 * 1000 * 1000)
#define SCRYPT_N_STRONG (1 << 17)
#define SCRYPT_N_FAST (1 << 12)
#define SCRYPT_R 8
#define SCRYPT_P 1

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF, EVP_KDF_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF_CTX, EVP_KDF_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

/* The members of a file that matter: Web3 Secret Storage Definition, version 3. */
typedef struct
{
  gboolean has_address;
  guint8 address[ADDRESS_SIZE];
  guint8 iv[IV_SIZE], mac[PT_HASH_SIZE], ciphertext[SCALAR_SIZE];
  gsize ciphertext_size; /* some clients leave out a key's leading zeros */
  guint8 salt[SALT_MAX];
  gsize salt_size;
  gboolean scrypt; /* else PBKDF2 with HMAC-SHA-256 */
  gint64 n, r, p;  /* of scrypt */
  gint64 rounds;   /* of PBKDF2 */
} Keystore;

/* A secret file's text, wiped when it is freed. */
typedef struct
{
  char *data;
  gsize size;
} Secret;

static void
secret_clear (Secret *secret)
{
  if (secret->data != NULL)
    OPENSSL_cleanse (secret->data, secret->size);
  g_clear_pointer (&secret->data, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Secret, secret_clear)

static gboolean
set_error (GError **error, const char *path, const char *what)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s: %s", path, what);
  return FALSE;
}

static gboolean
set_errno (GError **error, const char *path, const char *what, int code)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s: %s: %s", path, what,
               g_strerror (code));
  return FALSE;
}

/* Files. */

static gboolean
check_file (int descriptor, const char *path, GError **error)
{
  struct stat status;

  if (fstat (descriptor, &status) != 0)
    return set_errno (error, path, "cannot be examined", errno);
  if (!S_ISREG (status.st_mode))
    return set_error (error, path, "is not a regular file");
  if ((status.st_mode & 077) != 0)
    return set_error (error, path, "is open to other accounts; run chmod 600 on it");
  if (status.st_size > FILE_MAX)
    return set_error (error, path, "is too large for a key or password file");
  return TRUE;
}

static gboolean
read_all (int descriptor, const char *path, Secret *out, GError **error)
{
  out->data = g_malloc0 (FILE_MAX + 1);
  out->size = 0;
  while (out->size < FILE_MAX)
    {
      ssize_t got = read (descriptor, out->data + out->size, FILE_MAX - out->size);

      if (got == 0)
        return TRUE;
      if (got < 0 && errno != EINTR)
        return set_errno (error, path, "cannot be read", errno);
      if (got > 0)
        out->size += (gsize) got;
    }
  return set_error (error, path, "is too large for a key or password file");
}

static gboolean
read_secret (const char *path, Secret *out, GError **error)
{
  int descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  gboolean ok;

  if (descriptor < 0)
    return set_errno (error, path, "cannot be opened", errno);
  ok = check_file (descriptor, path, error) && read_all (descriptor, path, out, error);
  close (descriptor);
  return ok;
}

/* The first line's end is the editor's, not the password's. */
static gboolean
read_password (const char *path, Secret *out, GError **error)
{
  if (!read_secret (path, out, error))
    return FALSE;
  if (out->size > 0 && out->data[out->size - 1] == '\n')
    out->size--;
  if (out->size > 0 && out->data[out->size - 1] == '\r')
    out->size--;
  if (out->size == 0)
    return set_error (error, path, "is empty; write the keystore's password into it");
  return TRUE;
}

/* JSON. */

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* -1 when it is no integer. */
static gint64
get_integer (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_INT64
             ? json_node_get_int (node)
             : -1;
}

static gboolean
get_hex (JsonObject *object, const char *name, guint8 *out, gsize size)
{
  const char *text = get_text (object, name);
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  if (lower == NULL)
    return FALSE;
  if (g_str_has_prefix (lower, "0x"))
    return pt_hex_decode (pt_span (lower + 2, strlen (lower + 2)), out, size);
  return pt_hex_decode (pt_span (lower, strlen (lower)), out, size);
}

/* Bytes that @name's hex digits make, with or without 0x; 0 if there are none. */
static gsize
get_hex_size (JsonObject *object, const char *name)
{
  const char *text = get_text (object, name);

  return text != NULL ? (strlen (text) - (g_str_has_prefix (text, "0x") ? 2 : 0)) / 2 : 0;
}

static gboolean
parse_scrypt (Keystore *keystore, JsonObject *params)
{
  keystore->n = get_integer (params, "n");
  keystore->r = get_integer (params, "r");
  keystore->p = get_integer (params, "p");
  keystore->scrypt = TRUE;
  if (keystore->n < 2 || keystore->n > SCRYPT_WORK_MAX || (keystore->n & (keystore->n - 1)) != 0)
    return FALSE;
  if (keystore->r < 1 || keystore->r > 64 || keystore->p < 1 || keystore->p > 64)
    return FALSE;
  return keystore->n * keystore->r * keystore->p <= SCRYPT_WORK_MAX
         && (guint64) (keystore->n * keystore->r) * 128 <= SCRYPT_MEMORY_MAX / 2;
}

static gboolean
parse_pbkdf2 (Keystore *keystore, JsonObject *params)
{
  keystore->rounds = get_integer (params, "c");
  return g_strcmp0 (get_text (params, "prf"), "hmac-sha256") == 0 && keystore->rounds >= 1
         && keystore->rounds <= PBKDF2_ROUNDS_MAX;
}

static gboolean
parse_derivation (Keystore *keystore, JsonObject *crypto)
{
  JsonObject *params = get_object (crypto, "kdfparams");
  const char *name = get_text (crypto, "kdf");

  if (get_integer (params, "dklen") != DERIVED_SIZE)
    return FALSE;
  keystore->salt_size = get_hex_size (params, "salt");
  if (keystore->salt_size == 0 || keystore->salt_size > SALT_MAX
      || !get_hex (params, "salt", keystore->salt, keystore->salt_size))
    return FALSE;
  if (g_strcmp0 (name, "scrypt") == 0)
    return parse_scrypt (keystore, params);
  return g_strcmp0 (name, "pbkdf2") == 0 && parse_pbkdf2 (keystore, params);
}

static gboolean
parse_crypto (Keystore *keystore, JsonObject *root, const char *path, GError **error)
{
  JsonObject *crypto = get_object (root, "crypto");

  if (crypto == NULL)
    crypto = get_object (root, "Crypto"); /* old clients' */
  if (get_integer (root, "version") != 3)
    return set_error (error, path, "is no Web3 Secret Storage file of version 3");
  if (g_strcmp0 (get_text (crypto, "cipher"), "aes-128-ctr") != 0)
    return set_error (error, path, "has a cipher other than aes-128-ctr");
  keystore->ciphertext_size = get_hex_size (crypto, "ciphertext");
  if (!get_hex (get_object (crypto, "cipherparams"), "iv", keystore->iv, IV_SIZE)
      || keystore->ciphertext_size == 0 || keystore->ciphertext_size > SCALAR_SIZE
      || !get_hex (crypto, "ciphertext", keystore->ciphertext, keystore->ciphertext_size)
      || !get_hex (crypto, "mac", keystore->mac, PT_HASH_SIZE))
    return set_error (error, path, "is damaged: iv, ciphertext or mac is missing or malformed");
  if (!parse_derivation (keystore, crypto))
    return set_error (error, path,
                      "has a key derivation that is malformed, unknown or too expensive; bring the "
                      "key into a new keystore with the wallet that wrote it");
  return TRUE;
}

/* json-glib's parser recurses; a keystore has three levels. */
static gboolean
is_shallow (const Secret *file)
{
  guint open = 0;

  for (gsize i = 0; i < file->size; i++)
    if ((file->data[i] == '{' || file->data[i] == '[') && ++open > 16)
      return FALSE;
  return TRUE;
}

static gboolean
parse_file (const char *path, Keystore *keystore, GError **error)
{
  g_auto (Secret) file = { NULL, 0 };
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;
  JsonObject *object;

  memset (keystore, 0, sizeof *keystore);
  if (!read_secret (path, &file, error))
    return FALSE;
  if (!is_shallow (&file)
      || !json_parser_load_from_data (parser, file.data, (gssize) file.size, NULL))
    return set_error (error, path, "is not JSON; it should be a Web3 Secret Storage file");
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return set_error (error, path, "is not a JSON object");
  object = json_node_get_object (root);
  if (json_object_has_member (object, "address"))
    {
      keystore->has_address = get_hex (object, "address", keystore->address, ADDRESS_SIZE);
      if (!keystore->has_address)
        return set_error (error, path, "has a malformed address");
    }
  return parse_crypto (keystore, object, path, error);
}

/* Cryptography. */

/* RFC 7914 section 2 wants n < 2^(16 r), and OpenSSL insists; wallets do not. */
static gboolean
is_beyond_rfc (const Keystore *keystore)
{
  return keystore->r < 2 && keystore->n >= 1 << 16;
}

static gboolean
derive (const Keystore *keystore, const Secret *password, guint8 out[DERIVED_SIZE])
{
  g_autoptr (EVP_KDF) kdf
      = EVP_KDF_fetch (NULL, keystore->scrypt ? OSSL_KDF_NAME_SCRYPT : OSSL_KDF_NAME_PBKDF2, NULL);
  g_autoptr (EVP_KDF_CTX) context = kdf != NULL ? EVP_KDF_CTX_new (kdf) : NULL;
  uint64_t n = (uint64_t) keystore->n, r = (uint64_t) keystore->r, p = (uint64_t) keystore->p;
  /* OpenSSL's own limit is 32 MiB; n = 2^17 and r = 8 take 128. */
  uint64_t memory = SCRYPT_MEMORY_MAX, rounds = (uint64_t) keystore->rounds;
  OSSL_PARAM params[8], *next = params;

  *next++
      = OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_PASSWORD, password->data, password->size);
  *next++ = OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) keystore->salt,
                                               keystore->salt_size);
  if (keystore->scrypt && is_beyond_rfc (keystore))
    return pt_scrypt (password->data, password->size, keystore->salt, keystore->salt_size, n,
                      (guint32) r, (guint32) p, out, DERIVED_SIZE);
  if (keystore->scrypt)
    {
      *next++ = OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_N, &n);
      *next++ = OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_R, &r);
      *next++ = OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_P, &p);
      *next++ = OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory);
    }
  else
    {
      *next++ = OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, (char *) "SHA256", 0);
      *next++ = OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_ITER, &rounds);
    }
  *next = OSSL_PARAM_construct_end ();
  return context != NULL && EVP_KDF_derive (context, out, DERIVED_SIZE, params) == 1;
}

/* AES-128 in counter mode: the same both ways. */
static gboolean
crypt_scalar (const guint8 key[16], const guint8 iv[IV_SIZE], const guint8 *in, gsize in_size,
              guint8 *out)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  int size = 0;

  return context != NULL && EVP_EncryptInit_ex (context, EVP_aes_128_ctr (), NULL, key, iv) == 1
         && EVP_EncryptUpdate (context, out, &size, in, (int) in_size) == 1
         && size == (int) in_size;
}

/* keccak256 (second half of the derived key || ciphertext). */
static void
compute_mac (const guint8 derived[DERIVED_SIZE], const Keystore *keystore, PtHash *out)
{
  guint8 text[16 + SCALAR_SIZE];

  memcpy (text, derived + 16, 16);
  memcpy (text + 16, keystore->ciphertext, keystore->ciphertext_size);
  pt_keccak256 (pt_keccak_permutation_nettle, text, 16 + keystore->ciphertext_size, out);
  OPENSSL_cleanse (text, sizeof text);
}

static gboolean
unlock (const Keystore *keystore, const char *path, const Secret *password,
        const char *password_path, guint8 scalar[SCALAR_SIZE], GError **error)
{
  guint8 derived[DERIVED_SIZE];
  gboolean ok = FALSE;
  PtHash mac;

  if (!derive (keystore, password, derived))
    return set_error (error, path, "its key could not be derived; memory may be short");
  compute_mac (derived, keystore, &mac);
  memset (scalar, 0, SCALAR_SIZE);
  if (CRYPTO_memcmp (mac.bytes, keystore->mac, PT_HASH_SIZE) != 0)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 "%s: the password in %s does not open it, or it is damaged", path, password_path);
  else if (!crypt_scalar (derived, keystore->iv, keystore->ciphertext, keystore->ciphertext_size,
                          scalar + SCALAR_SIZE - keystore->ciphertext_size))
    set_error (error, path, "could not be decrypted");
  else
    ok = TRUE;
  OPENSSL_cleanse (derived, sizeof derived);
  return ok;
}

PtEthereumSigner *
pt_ethereum_keystore_read (const char *path, const char *password_path, GError **error)
{
  g_auto (Secret) password = { NULL, 0 };
  g_autoptr (PtEthereumSigner) signer = NULL;
  guint8 scalar[SCALAR_SIZE];
  Keystore keystore;

  g_return_val_if_fail (path != NULL && password_path != NULL, NULL);

  if (!parse_file (path, &keystore, error) || !read_password (password_path, &password, error)
      || !unlock (&keystore, path, &password, password_path, scalar, error))
    return NULL;
  signer = pt_ethereum_signer_new (scalar);
  OPENSSL_cleanse (scalar, sizeof scalar);
  if (signer == NULL)
    {
      set_error (error, path, "does not hold a valid key");
      return NULL;
    }
  if (keystore.has_address && memcmp (keystore.address, signer->address, ADDRESS_SIZE) != 0)
    {
      set_error (error, path, "its address is not the one of its key; it was changed or damaged");
      return NULL;
    }
  return g_steal_pointer (&signer);
}

gboolean
pt_ethereum_keystore_address (const char *path, guint8 address[20], GError **error)
{
  Keystore keystore;

  g_return_val_if_fail (path != NULL && address != NULL, FALSE);

  memset (address, 0, ADDRESS_SIZE);
  if (!parse_file (path, &keystore, error))
    return FALSE;
  if (!keystore.has_address)
    return set_error (error, path, "names no address; open it with its password instead");
  memcpy (address, keystore.address, ADDRESS_SIZE);
  return TRUE;
}

/* Writing. */

static void
append_hex (GString *text, const char *name, const guint8 *data, gsize size)
{
  char hex[2 * PT_HASH_SIZE];

  g_string_append_printf (text, "\"%s\":\"", name);
  g_string_append_len (text, hex, (gssize) pt_hex_encode (data, size, hex, sizeof hex));
  g_string_append_c (text, '"');
}

static char *
format_keystore (const Keystore *keystore)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autoptr (GString) text = g_string_new ("{");

  append_hex (text, "address", keystore->address, ADDRESS_SIZE);
  g_string_append (text, ",\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{");
  append_hex (text, "iv", keystore->iv, IV_SIZE);
  g_string_append (text, "},");
  append_hex (text, "ciphertext", keystore->ciphertext, SCALAR_SIZE);
  g_string_append_printf (text,
                          ",\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":%d,\"n\":%" G_GINT64_FORMAT
                          ",\"p\":%" G_GINT64_FORMAT ",\"r\":%" G_GINT64_FORMAT ",",
                          DERIVED_SIZE, keystore->n, keystore->p, keystore->r);
  append_hex (text, "salt", keystore->salt, keystore->salt_size);
  g_string_append (text, "},");
  append_hex (text, "mac", keystore->mac, PT_HASH_SIZE);
  g_string_append_printf (text, "},\"id\":\"%s\",\"version\":3}\n", uuid);
  return g_strdup (text->str);
}

static gboolean
write_new_file (const char *path, const char *text, GError **error)
{
  if (pt_new_file_write (path, text, strlen (text)))
    return TRUE;
  if (errno == EEXIST)
    return set_error (error, path, "exists already; a key is never overwritten, name another file");
  return set_errno (error, path, "cannot be written", errno);
}

static gboolean
lock_scalar (Keystore *keystore, const Secret *password, const guint8 scalar[SCALAR_SIZE])
{
  guint8 derived[DERIVED_SIZE];
  PtHash mac;
  gboolean ok;

  ok = RAND_bytes (keystore->salt, SALT_SIZE) == 1 && RAND_bytes (keystore->iv, IV_SIZE) == 1
       && derive (keystore, password, derived)
       && crypt_scalar (derived, keystore->iv, scalar, SCALAR_SIZE, keystore->ciphertext);
  if (ok)
    {
      compute_mac (derived, keystore, &mac);
      memcpy (keystore->mac, mac.bytes, PT_HASH_SIZE);
    }
  OPENSSL_cleanse (derived, sizeof derived);
  return ok;
}

gboolean
pt_ethereum_keystore_write (const char *path, const guint8 scalar[32], const char *password_path,
                            gboolean fast, GError **error)
{
  Keystore keystore = { .scrypt = TRUE,
                        .r = SCRYPT_R,
                        .p = SCRYPT_P,
                        .salt_size = SALT_SIZE,
                        .ciphertext_size = SCALAR_SIZE };
  g_auto (Secret) password = { NULL, 0 };
  g_autoptr (PtEthereumSigner) signer = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (path != NULL && scalar != NULL && password_path != NULL, FALSE);

  signer = pt_ethereum_signer_new (scalar);
  if (signer == NULL)
    return set_error (error, path, "was not written: the key is not in the curve's range");
  if (!read_password (password_path, &password, error))
    return FALSE;
  memcpy (keystore.address, signer->address, ADDRESS_SIZE);
  keystore.n = fast ? SCRYPT_N_FAST : SCRYPT_N_STRONG;
  if (!lock_scalar (&keystore, &password, scalar))
    return set_error (error, path, "was not written: its key could not be derived");
  text = format_keystore (&keystore);
  return write_new_file (path, text, error);
}
