/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ca.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <string.h>
#include <time.h>

#include "pt-error.h"
#include "pt-p256-pem.h"
#include "pt-pki-names.h"
#include "pt-pki-private.h"

#define DAY_MS (G_GINT64_CONSTANT (86400) * 1000)
#define EARLY_MS (G_GINT64_CONSTANT (3600) * 1000) /* a device's clock may be behind */

struct _PtCa
{
  char *folder, *pem, *name;
  X509 *certificate;
  EVP_PKEY *key; /* NULL: it is only looked at */
  PtCaIndex *index;
};

static gboolean
fail (GError **error, const char *sentence)
{
  unsigned long code = ERR_peek_last_error ();
  const char *reason = code != 0 ? ERR_reason_error_string (code) : NULL;

  g_set_error (error, PT_ERROR, PT_ERROR_FAILED, "%s: %s", sentence,
               reason != NULL ? reason : "OpenSSL");
  ERR_clear_error ();
  return FALSE;
}

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

static char *
file_in (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static gboolean
write_file (const char *folder, const char *name, const char *text, int mode, GError **error)
{
  g_autofree char *path = file_in (folder, name);

  return g_file_set_contents_full (
      path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, error);
}

static char *
take_text (BIO *memory)
{
  char *data = NULL;
  long size = BIO_get_mem_data (memory, &data);

  return g_strndup (data, (gsize) size);
}

/* What certificates share */

static gboolean
add_extension (X509 *certificate, X509 *issuer, int kind, const char *value)
{
  X509V3_CTX context;
  g_autoptr (X509_EXTENSION) extension = NULL;

  X509V3_set_ctx (&context, issuer, certificate, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid (NULL, &context, kind, value);
  return extension != NULL && X509_add_ext (certificate, extension, -1) == 1;
}

static gboolean
set_time (ASN1_TIME *time, gint64 ms)
{
  return ASN1_TIME_adj (time, (time_t) (ms / 1000), 0, 0) != NULL;
}

static gboolean
set_name (X509_NAME *name, const char *text)
{
  return X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8, (const guint8 *) text, -1, -1, 0)
         == 1;
}

static gboolean
draw_serial (guint8 serial[PT_CA_SERIAL_SIZE])
{
  return RAND_bytes (serial, PT_CA_SERIAL_SIZE) == 1;
}

static gboolean
set_serial (ASN1_INTEGER *out, const guint8 serial[PT_CA_SERIAL_SIZE])
{
  g_autoptr (BIGNUM) number = BN_bin2bn (serial, PT_CA_SERIAL_SIZE, NULL);

  return number != NULL && BN_to_ASN1_INTEGER (number, out) != NULL;
}

/* @issuer NULL: itself. Not signed yet. */
static X509 *
begin_certificate (const char *name, X509 *issuer, EVP_PKEY *key, const guint8 *serial, gint64 from,
                   gint64 until)
{
  g_autoptr (X509) certificate = X509_new ();
  X509_NAME *subject = certificate != NULL ? X509_get_subject_name (certificate) : NULL;

  if (certificate != NULL && X509_set_version (certificate, X509_VERSION_3) == 1
      && set_serial (X509_get_serialNumber (certificate), serial)
      && set_time (X509_getm_notBefore (certificate), from)
      && set_time (X509_getm_notAfter (certificate), until) && set_name (subject, name)
      && X509_set_issuer_name (certificate,
                               issuer != NULL ? X509_get_subject_name (issuer) : subject)
             == 1
      && X509_set_pubkey (certificate, key) == 1
      && add_extension (certificate, issuer != NULL ? issuer : certificate,
                        NID_subject_key_identifier, "hash"))
    return g_steal_pointer (&certificate);
  return NULL;
}

static char *
certificate_text (X509 *certificate)
{
  g_autoptr (BIO) memory = BIO_new (BIO_s_mem ());

  return memory != NULL && PEM_write_bio_X509 (memory, certificate) == 1 ? take_text (memory)
                                                                         : NULL;
}

/* Never asks on the terminal. */
static int
give_passphrase (char *buffer, int size, int writing, void *data)
{
  gsize length = strlen (data);

  if (length > (gsize) size)
    return -1;
  memcpy (buffer, data, length);
  return (int) length;
}

static EVP_PKEY *
key_from_text (const char *text, const char *passphrase)
{
  g_autoptr (BIO) memory = BIO_new_mem_buf (text, -1);

  return memory != NULL
             ? PEM_read_bio_PrivateKey (memory, NULL, give_passphrase, (void *) passphrase)
             : NULL;
}

/* Making one */

static char *
make_root (const char *name, guint days, EVP_PKEY *key)
{
  guint8 serial[PT_CA_SERIAL_SIZE];
  g_autoptr (X509) root = NULL;
  gint64 now = now_ms ();

  if (!draw_serial (serial))
    return NULL;
  root = begin_certificate (name, NULL, key, serial, now - EARLY_MS, now + days * DAY_MS);
  if (root == NULL || !add_extension (root, root, NID_authority_key_identifier, "keyid:always")
      || !add_extension (root, root, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
      || !add_extension (root, root, NID_key_usage, "critical,keyCertSign,cRLSign")
      || X509_sign (root, key, EVP_sha256 ()) <= 0)
    return NULL;
  return certificate_text (root);
}

static gboolean
is_free (const char *folder, GError **error)
{
  const char *const names[] = { PT_CA_CERTIFICATE, PT_CA_KEY, PT_CA_INDEX };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = file_in (folder, names[i]);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       _ ("%s is there already and is never overwritten; name another folder"),
                       path);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
is_sound (const char *name, guint days, const char *passphrase, GError **error)
{
  const char *problem = NULL;

  if (!g_utf8_validate (name, -1, NULL) || *name == '\0'
      || g_utf8_strlen (name, -1) > PT_CA_NAME_MAX)
    problem = _ ("the authority's name is 1 to 64 characters of UTF-8");
  else if (days < 1 || days > PT_CA_DAYS_MAX)
    problem = _ ("days are 1 to 36525");
  else if (strlen (passphrase) < PT_CA_PASSPHRASE_MIN)
    problem = _ ("the passphrase has to be at least 8 bytes long");
  if (problem != NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION, problem);
  return problem == NULL;
}

gboolean
pt_ca_make (const char *folder, const char *name, guint days, guint list_days,
            const char *passphrase, GError **error)
{
  PtP256Key *made = NULL;
  char text[PT_P256_PEM_MAX] = "";
  g_autoptr (EVP_PKEY) key = NULL;
  g_autofree char *root = NULL;
  g_autoptr (PtCa) ca = NULL;
  gboolean good;

  g_return_val_if_fail (folder != NULL && name != NULL && passphrase != NULL, FALSE);
  if (!is_sound (name, days, passphrase, error) || !is_free (folder, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("Cannot make the folder %s"),
                   folder);
      return FALSE;
    }
  made = pt_p256_key_generate ();
  if (made != NULL && pt_p256_key_to_pem (made, passphrase, text, sizeof text) > 0)
    key = key_from_text (text, passphrase);
  pt_p256_key_free (made);
  root = key != NULL ? make_root (name, days, key) : NULL;
  if (root == NULL)
    return fail (error, _ ("the certificate can't be made"));
  /* The certificate comes last: without it the folder is none of an authority. */
  good = write_file (folder, PT_CA_KEY, text, 0600, error)
         && write_file (folder, PT_CA_INDEX, "", 0600, error)
         && write_file (folder, PT_CA_CERTIFICATE, root, 0644, error);
  if (good)
    ca = pt_ca_open (folder, passphrase, error);
  return ca != NULL && pt_ca_write_list (ca, list_days, error);
}

/* Opening one */

static gint64
time_of (const ASN1_TIME *time)
{
  struct tm parts = { 0 };

  return time != NULL && ASN1_TIME_to_tm (time, &parts) == 1 ? (gint64) timegm (&parts) * 1000 : 0;
}

static char *
name_of (X509 *certificate)
{
  const X509_NAME *subject = X509_get_subject_name (certificate);
  int at = X509_NAME_get_index_by_NID (subject, NID_commonName, -1);
  guint8 *text = NULL;
  int size = at >= 0 ? ASN1_STRING_to_UTF8 (
                 &text, X509_NAME_ENTRY_get_data (X509_NAME_get_entry (subject, at)))
                     : -1;
  char *name = g_strndup (size > 0 ? (const char *) text : "", size > 0 ? (gsize) size : 0);

  OPENSSL_free (text);
  return name;
}

static gboolean
read_certificate (PtCa *ca, GError **error)
{
  g_autofree char *path = file_in (ca->folder, PT_CA_CERTIFICATE);
  g_autoptr (BIO) memory = NULL;

  if (!g_file_get_contents (path, &ca->pem, NULL, NULL))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s is no certificate authority: it has no %s; make one with: powertrack ca "
                      "init %s"),
                   ca->folder, PT_CA_CERTIFICATE, ca->folder);
      return FALSE;
    }
  memory = BIO_new_mem_buf (ca->pem, -1);
  ca->certificate = PEM_read_bio_X509 (memory, NULL, NULL, NULL);
  if (ca->certificate == NULL || X509_check_ca (ca->certificate) != 1)
    {
      ERR_clear_error ();
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s is not the certificate of an authority"), path);
      return FALSE;
    }
  ca->name = name_of (ca->certificate);
  return TRUE;
}

static gboolean
read_key (PtCa *ca, const char *passphrase, GError **error)
{
  g_autofree char *path = file_in (ca->folder, PT_CA_KEY), *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  ca->key = key_from_text (text, passphrase);
  ERR_clear_error ();
  if (ca->key != NULL && X509_check_private_key (ca->certificate, ca->key) == 1)
    return TRUE;
  ERR_clear_error ();
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               ca->key == NULL ? _ ("%s does not open with this passphrase")
                               : _ ("%s is not the key of the certificate beside it"),
               path);
  return FALSE;
}

PtCa *
pt_ca_open (const char *folder, const char *passphrase, GError **error)
{
  g_autoptr (PtCa) ca = NULL;
  g_autofree char *index = NULL;

  g_return_val_if_fail (folder != NULL, NULL);
  ca = g_new0 (PtCa, 1);
  ca->folder = g_strdup (folder);
  if (!read_certificate (ca, error) || (passphrase != NULL && !read_key (ca, passphrase, error)))
    return NULL;
  index = file_in (folder, PT_CA_INDEX);
  ca->index = pt_ca_index_open (index, passphrase != NULL, error);
  return ca->index != NULL ? g_steal_pointer (&ca) : NULL;
}

void
pt_ca_free (PtCa *ca)
{
  if (ca == NULL)
    return;
  g_clear_pointer (&ca->index, pt_ca_index_free);
  EVP_PKEY_free (ca->key);
  X509_free (ca->certificate);
  g_free (ca->name);
  g_free (ca->pem);
  g_free (ca->folder);
  g_free (ca);
}

const char *
pt_ca_pem (const PtCa *ca)
{
  g_return_val_if_fail (ca != NULL, NULL);
  return ca->pem;
}

const char *
pt_ca_name (const PtCa *ca)
{
  g_return_val_if_fail (ca != NULL, NULL);
  return ca->name;
}

gint64
pt_ca_until (const PtCa *ca)
{
  g_return_val_if_fail (ca != NULL, 0);
  return time_of (X509_get0_notAfter (ca->certificate));
}

char *
pt_ca_fingerprint (const PtCa *ca)
{
  guint8 hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  GString *text = NULL;

  g_return_val_if_fail (ca != NULL, NULL);
  if (X509_digest (ca->certificate, EVP_sha256 (), hash, &size) != 1)
    return NULL;
  text = g_string_new (NULL);
  for (unsigned int i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", hash[i]);
  return g_string_free (text, FALSE);
}

const PtCaIndex *
pt_ca_index (const PtCa *ca)
{
  g_return_val_if_fail (ca != NULL, NULL);
  return ca->index;
}

gint64
pt_ca_list_until (const PtCa *ca)
{
  g_autofree char *path = NULL, *text = NULL;
  g_autoptr (BIO) memory = NULL;
  g_autoptr (X509_CRL) list = NULL;

  g_return_val_if_fail (ca != NULL, 0);
  path = file_in (ca->folder, PT_CA_LIST);
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  memory = BIO_new_mem_buf (text, -1);
  list = PEM_read_bio_X509_CRL (memory, NULL, NULL, NULL);
  ERR_clear_error ();
  return list != NULL ? time_of (X509_CRL_get0_nextUpdate (list)) : 0;
}

/* Issuing */

static EVP_PKEY *
public_key (const guint8 key[PT_PUBLIC_KEY_SIZE])
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, (char *) SN_X9_62_prime256v1, 0),
    OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, (void *) key, PT_PUBLIC_KEY_SIZE),
    OSSL_PARAM_construct_end ()
  };
  EVP_PKEY *made = NULL;

  if (context == NULL || EVP_PKEY_fromdata_init (context) != 1
      || EVP_PKEY_fromdata (context, &made, EVP_PKEY_PUBLIC_KEY, params) != 1)
    return NULL;
  return made;
}

static X509 *
make_leaf (PtCa *ca, const char *area, const char *device, const PtCaIssued *issued)
{
  g_autoptr (EVP_PKEY) key = public_key (issued->key);
  g_autofree char *urn = pt_pki_urn (area, device), *dns = pt_pki_dns_name (area, device);
  g_autofree char *names = dns != NULL ? g_strconcat ("URI:", urn, ",DNS:", dns, NULL)
                                       : g_strconcat ("URI:", urn, NULL);
  g_autoptr (X509) leaf = NULL;

  if (key == NULL)
    return NULL;
  leaf = begin_certificate (device, ca->certificate, key, issued->serial, issued->from,
                            issued->until);
  if (leaf == NULL
      || !add_extension (leaf, ca->certificate, NID_authority_key_identifier, "keyid:always")
      || !add_extension (leaf, ca->certificate, NID_basic_constraints, "critical,CA:FALSE")
      || !add_extension (leaf, ca->certificate, NID_key_usage, "critical,digitalSignature")
      || !add_extension (leaf, ca->certificate, NID_ext_key_usage, "clientAuth")
      || !add_extension (leaf, ca->certificate, NID_subject_alt_name, names)
      || X509_sign (leaf, ca->key, EVP_sha256 ()) <= 0)
    return NULL;
  return g_steal_pointer (&leaf);
}

char *
pt_ca_issue (PtCa *ca, const char *area, const char *device, const guint8 key[PT_PUBLIC_KEY_SIZE],
             guint days, GError **error)
{
  PtCaIssued issued = { .from = now_ms () - EARLY_MS };
  g_autoptr (X509) leaf = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (ca != NULL && ca->key != NULL && key != NULL, NULL);
  g_return_val_if_fail (area != NULL && pt_is_area_id (pt_span (area, strlen (area))), NULL);
  g_return_val_if_fail (device != NULL && pt_is_id (pt_span (device, strlen (device))), NULL);
  g_return_val_if_fail (days >= 1 && days <= PT_CA_DAYS_MAX, NULL);
  issued.until = now_ms () + days * DAY_MS;
  memcpy (issued.key, key, sizeof issued.key);
  if (issued.until > pt_ca_until (ca))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("the certificate authority's own certificate ends before %u days are over; "
                      "say fewer with --days"),
                   days);
      return NULL;
    }
  if (draw_serial (issued.serial))
    leaf = make_leaf (ca, area, device, &issued);
  text = leaf != NULL ? certificate_text (leaf) : NULL;
  if (text == NULL)
    {
      fail (error, _ ("the certificate can't be made"));
      return NULL;
    }
  return pt_ca_index_add (ca->index, &issued, area, device, error) ? g_steal_pointer (&text) : NULL;
}

/* Revoking */

guint
pt_ca_revoke (PtCa *ca, const char *area, const char *device, const guint8 key[PT_PUBLIC_KEY_SIZE],
              PtCaReason reason)
{
  gint64 now = now_ms ();
  guint count = 0;

  g_return_val_if_fail (ca != NULL && ca->key != NULL && area != NULL && device != NULL, 0);
  for (int at = pt_ca_index_find (ca->index, area, device); at >= 0;)
    {
      const PtCaIssued *issued = pt_ca_index_get (ca->index, (guint) at);
      guint number = (guint) at;

      at = issued->before;
      if (issued->revoked != 0 || issued->until <= now
          || (key != NULL && memcmp (issued->key, key, sizeof issued->key) == 0))
        continue;
      pt_ca_index_revoke (ca->index, number, now, reason);
      count++;
    }
  return count;
}

gboolean
pt_ca_sync (PtCa *ca, GError **error)
{
  g_return_val_if_fail (ca != NULL && ca->key != NULL, FALSE);
  return pt_ca_index_sync (ca->index, error);
}

static gboolean
list_one (X509_CRL *list, const PtCaIssued *issued)
{
  g_autoptr (X509_REVOKED) revoked = X509_REVOKED_new ();
  g_autoptr (ASN1_INTEGER) serial = ASN1_INTEGER_new ();
  g_autoptr (ASN1_TIME) when = ASN1_TIME_new ();
  ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new ();
  gboolean good = set_serial (serial, issued->serial) && set_time (when, issued->revoked)
                  && ASN1_ENUMERATED_set (reason, (long) issued->reason) == 1
                  && X509_REVOKED_set_serialNumber (revoked, serial) == 1
                  && X509_REVOKED_set_revocationDate (revoked, when) == 1
                  && X509_REVOKED_add1_ext_i2d (revoked, NID_crl_reason, reason, 0, 0) == 1
                  && X509_CRL_add0_revoked (list, revoked) == 1;

  ASN1_ENUMERATED_free (reason);
  if (good)
    revoked = NULL; /* the list's now */
  return good;
}

/* RFC 5280 section 5.2: its number and whose it is. */
static gboolean
add_list_extensions (PtCa *ca, X509_CRL *list, gint64 number)
{
  X509V3_CTX context;
  g_autoptr (X509_EXTENSION) issuer = NULL;
  g_autoptr (ASN1_INTEGER) value = ASN1_INTEGER_new ();

  X509V3_set_ctx (&context, ca->certificate, NULL, NULL, list, 0);
  issuer = X509V3_EXT_conf_nid (NULL, &context, NID_authority_key_identifier, "keyid:always");
  return issuer != NULL && X509_CRL_add_ext (list, issuer, -1) == 1 && value != NULL
         && ASN1_INTEGER_set_int64 (value, number) == 1
         && X509_CRL_add1_ext_i2d (list, NID_crl_number, value, 0, 0) == 1;
}

static X509_CRL *
make_list (PtCa *ca, gint64 number, guint days)
{
  g_autoptr (X509_CRL) list = X509_CRL_new ();
  g_autoptr (ASN1_TIME) from = ASN1_TIME_new (), until = ASN1_TIME_new ();
  gint64 now = now_ms ();

  if (list == NULL || !set_time (from, now) || !set_time (until, now + days * DAY_MS)
      || X509_CRL_set_version (list, X509_CRL_VERSION_2) != 1
      || X509_CRL_set_issuer_name (list, X509_get_subject_name (ca->certificate)) != 1
      || X509_CRL_set1_lastUpdate (list, from) != 1 || X509_CRL_set1_nextUpdate (list, until) != 1)
    return NULL;
  for (guint i = 0; i < pt_ca_index_count (ca->index); i++)
    {
      const PtCaIssued *issued = pt_ca_index_get (ca->index, i);

      /* One that is over is refused for that. */
      if (issued->revoked != 0 && issued->until > now && !list_one (list, issued))
        return NULL;
    }
  X509_CRL_sort (list);
  if (!add_list_extensions (ca, list, number) || X509_CRL_sign (list, ca->key, EVP_sha256 ()) <= 0)
    return NULL;
  return g_steal_pointer (&list);
}

gboolean
pt_ca_write_list (PtCa *ca, guint days, GError **error)
{
  g_autoptr (X509_CRL) list = NULL;
  g_autoptr (BIO) memory = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (ca != NULL && ca->key != NULL && days >= 1 && days <= PT_CA_DAYS_MAX,
                        FALSE);
  list = make_list (ca, pt_ca_index_next_list (ca->index), days);
  memory = BIO_new (BIO_s_mem ());
  if (list == NULL || memory == NULL || PEM_write_bio_X509_CRL (memory, list) != 1)
    return fail (error, _ ("the revocation list can't be made"));
  text = take_text (memory);
  /* First what it says, then the list: a list never says more than the index. */
  return pt_ca_sync (ca, error) && write_file (ca->folder, PT_CA_LIST, text, 0644, error);
}
