/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-token.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-passphrase.h"

/* Engines are deprecated in OpenSSL 3, and Debian 12 has no provider for PKCS#11. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define ENGINE_NAME "pkcs11"
#define SIGNATURE_MAX 128 /* bytes of a DER signature */

typedef struct
{
  char *key;             /* the URI without its query */
  char *module, *source; /* NULL: not said */
} Uri;

static void
uri_clear (Uri *uri)
{
  g_free (uri->key);
  g_free (uri->module);
  g_free (uri->source);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Uri, uri_clear)

gboolean
pt_token_is (const char *name)
{
  return name != NULL && g_str_has_prefix (name, PT_TOKEN_URI);
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION, sentence);
  return FALSE;
}

static gboolean
take_attribute (Uri *uri, const char *attribute, GError **error)
{
  const char *equals = strchr (attribute, '=');
  g_autofree char *value = equals != NULL ? g_uri_unescape_string (equals + 1, NULL) : NULL;

  if (value == NULL)
    return refuse (error, _ ("the token's URI has an attribute without a value (RFC 7512)"));
  if (g_str_has_prefix (attribute, "pin-value="))
    return refuse (error, _ ("a PIN in the URI is seen by everybody; write it into a file and name "
                             "that with pin-source=file:PATH"));
  if (g_str_has_prefix (attribute, "module-path="))
    {
      g_free (uri->module);
      uri->module = g_steal_pointer (&value);
    }
  else if (g_str_has_prefix (attribute, "pin-source="))
    {
      g_free (uri->source);
      uri->source = g_strdup (g_str_has_prefix (value, "file:") ? value + strlen ("file:") : value);
    }
  return TRUE;
}

static gboolean
parse_uri (const char *text, Uri *out, GError **error)
{
  const char *query = strchr (text, '?');
  g_auto (GStrv) attributes = query != NULL ? g_strsplit (query + 1, "&", -1) : NULL;

  out->key = query != NULL ? g_strndup (text, (gsize) (query - text)) : g_strdup (text);
  if (strstr (out->key, "pin-value=") != NULL)
    return take_attribute (out, "pin-value=", error);
  for (guint i = 0; attributes != NULL && attributes[i] != NULL; i++)
    if (!take_attribute (out, attributes[i], error))
      return FALSE;
  return TRUE;
}

#ifndef OPENSSL_NO_ENGINE

struct _PtToken
{
  ENGINE *engine;
  EVP_PKEY *key;
  PtSigner signer;
};

static void
fail (GError **error, const char *uri, const char *sentence)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s: %s", uri, sentence);
  ERR_clear_error ();
}

/* The token's DER, as r || s. */
static gboolean
to_raw (const guint8 *der, gsize size, guint8 signature[PT_SIGNATURE_SIZE])
{
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &der, (long) size);
  gboolean good = pair != NULL && BN_bn2binpad (ECDSA_SIG_get0_r (pair), signature, 32) == 32
                  && BN_bn2binpad (ECDSA_SIG_get0_s (pair), signature + 32, 32) == 32;

  ECDSA_SIG_free (pair);
  return good;
}

static bool
sign (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE])
{
  const PtToken *token = context;
  EVP_PKEY_CTX *signing = EVP_PKEY_CTX_new (token->key, token->engine);
  guint8 der[SIGNATURE_MAX];
  size_t size = sizeof der;
  bool good = signing != NULL && EVP_PKEY_sign_init (signing) == 1
              && EVP_PKEY_CTX_set_signature_md (signing, EVP_sha256 ()) == 1
              && EVP_PKEY_sign (signing, der, &size, (const guint8 *) digest, sizeof *digest) == 1
              && to_raw (der, size, signature);

  EVP_PKEY_CTX_free (signing);
  ERR_clear_error ();
  return good;
}

static gboolean
take_public (PtToken *token)
{
  const EC_KEY *key = EVP_PKEY_get0_EC_KEY (token->key);
  const EC_GROUP *group = key != NULL ? EC_KEY_get0_group (key) : NULL;
  const EC_POINT *point = key != NULL ? EC_KEY_get0_public_key (key) : NULL;

  return group != NULL && point != NULL && EC_GROUP_get_curve_name (group) == NID_X9_62_prime256v1
         && EC_POINT_point2oct (group, point, POINT_CONVERSION_UNCOMPRESSED,
                                token->signer.public_key, PT_PUBLIC_KEY_SIZE, NULL)
                == PT_PUBLIC_KEY_SIZE;
}

static gboolean
open_engine (PtToken *token, const Uri *uri, GError **error)
{
  ENGINE_load_dynamic ();
  token->engine = ENGINE_by_id (ENGINE_NAME);
  if (token->engine == NULL)
    fail (error, uri->key,
          _ ("OpenSSL has no engine for PKCS#11; install libengine-pkcs11-openssl"));
  else if (ENGINE_ctrl_cmd_string (token->engine, "QUIET", NULL, 0) != 1
           || (uri->module != NULL
               && ENGINE_ctrl_cmd_string (token->engine, "MODULE_PATH", uri->module, 0) != 1)
           || ENGINE_init (token->engine) != 1)
    {
      fail (error, uri->key, _ ("the token's library can't be used; is module-path right?"));
      ENGINE_free (token->engine);
      token->engine = NULL;
    }
  return token->engine != NULL;
}

static gboolean
log_in (PtToken *token, const Uri *uri, GError **error)
{
  g_autofree char *prompt = g_strdup_printf (_ ("PIN of %s"), uri->key);
  char *pin = pt_passphrase_get (uri->source, prompt, FALSE, "pin-source=file:PATH", error);
  gboolean good;

  if (pin == NULL)
    return FALSE;
  good = ENGINE_ctrl_cmd_string (token->engine, "PIN", pin, 0) == 1;
  pt_passphrase_free (pin);
  if (good)
    token->key = ENGINE_load_private_key (token->engine, uri->key, NULL, NULL);
  if (token->key == NULL)
    fail (error, uri->key,
          _ ("the token does not give the key; are module-path, PIN and names right?"));
  return token->key != NULL;
}

PtToken *
pt_token_open (const char *text, GError **error)
{
  g_autoptr (PtToken) token = NULL;
  g_auto (Uri) uri = { 0 };

  g_return_val_if_fail (pt_token_is (text), NULL);
  token = g_new0 (PtToken, 1);
  if (!parse_uri (text, &uri, error) || !open_engine (token, &uri, error)
      || !log_in (token, &uri, error))
    return NULL;
  token->signer.sign = sign;
  token->signer.context = token;
  if (take_public (token))
    return g_steal_pointer (&token);
  fail (error, uri.key, _ ("the token's key is not on the curve P-256"));
  return NULL;
}

void
pt_token_free (PtToken *token)
{
  if (token == NULL)
    return;
  EVP_PKEY_free (token->key);
  if (token->engine != NULL)
    {
      ENGINE_finish (token->engine);
      ENGINE_free (token->engine);
    }
  g_free (token);
}

const PtSigner *
pt_token_signer (const PtToken *token)
{
  g_return_val_if_fail (token != NULL, NULL);
  return &token->signer;
}

#else

PtToken *
pt_token_open (const char *text, GError **error)
{
  g_auto (Uri) uri = { 0 };

  if (parse_uri (text, &uri, error))
    refuse (error, _ ("this OpenSSL has no engines, so no PKCS#11; give a key file"));
  return NULL;
}

void
pt_token_free (PtToken *token)
{
}

const PtSigner *
pt_token_signer (const PtToken *token)
{
  return NULL;
}

#endif
