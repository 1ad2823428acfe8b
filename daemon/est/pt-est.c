/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-est.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-ca.h"
#include "pt-error.h"
#include "pt-est-body.h"
#include "pt-invitations.h"
#include "pt-pkcs7.h"

/* What is limited */
enum
{
  WRONG, /* passwords from an address */
  AGAIN, /* certificates of a device without an invitation */
  LIMITS
};

struct _PtEst
{
  char *folder, *passphrase_file, *passphrase;
  GMutex lock;
  char *authority; /* under @lock */
  guint days;
  PtDirectory *directory;
  PtLimits *limits;
  PtInvitations *invitations;
  PtPending *pending;
  PtCa *ca; /* NULL: it is not needed just now */
};

/* How the log has a device. */
typedef enum
{
  UNKNOWN,
  OTHER_KEY,
  REVOKED,
  REGISTERED
} Standing;

static gboolean
refuse (PtErrorCode code, const char *sentence, GError **error)
{
  g_set_error_literal (error, PT_ERROR, (gint) code, sentence);
  return FALSE;
}

/* Opening */

static char *
read_passphrase (const char *path, GError **error)
{
  GStatBuf info;
  char *passphrase;

  if (g_stat (path, &info) == 0 && (info.st_mode & 077) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Others can read %s. Run chmod 600 on it.", path);
      return NULL;
    }
  if (!g_file_get_contents (path, &passphrase, NULL, error))
    return NULL;
  passphrase[strcspn (passphrase, "\r\n")] = '\0';
  return passphrase;
}

static void
forget_passphrase (char *passphrase)
{
  if (passphrase != NULL)
    explicit_bzero (passphrase, strlen (passphrase));
  g_free (passphrase);
}

static gboolean
open_ca (PtEst *est, GError **error)
{
  if (est->ca == NULL)
    est->ca = pt_ca_open (est->folder, est->passphrase, error);
  return est->ca != NULL;
}

/* That another program has it just now is no fault. */
static char *
read_authority (const PtEst *est, const char *passphrase, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (PtCa) ca = pt_ca_open (est->folder, passphrase, &local);

  if (g_error_matches (local, PT_ERROR, PT_ERROR_BUSY))
    ca = pt_ca_open (est->folder, NULL, error);
  else if (ca == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return ca != NULL ? pt_pkcs7_from_certificates (pt_ca_pem (ca), error) : NULL;
}

gboolean
pt_est_reload (PtEst *est, const char **key, GError **error)
{
  char *passphrase, *authority;

  g_return_val_if_fail (est != NULL && key != NULL, FALSE);

  *key = "passphrase_file";
  passphrase = read_passphrase (est->passphrase_file, error);
  if (passphrase == NULL)
    return FALSE;
  *key = "ca";
  pt_est_rest (est);
  authority = read_authority (est, passphrase, error);
  if (authority == NULL)
    {
      forget_passphrase (passphrase);
      return FALSE;
    }
  forget_passphrase (est->passphrase);
  est->passphrase = passphrase;
  g_mutex_lock (&est->lock);
  g_free (est->authority);
  est->authority = authority;
  g_mutex_unlock (&est->lock);
  return TRUE;
}

PtEst *
pt_est_new (const PtEstConfig *config, const char **key, GError **error)
{
  static const PtLimitRate rates[LIMITS] = { [WRONG] = { 10, 60 }, [AGAIN] = { 5, 1 } };
  g_autoptr (PtEst) est = NULL;

  g_return_val_if_fail (config != NULL && key != NULL, NULL);
  g_return_val_if_fail (config->ca != NULL && config->passphrase_file != NULL, NULL);

  est = g_new0 (PtEst, 1);
  g_mutex_init (&est->lock);
  est->folder = g_strdup (config->ca);
  est->passphrase_file = g_strdup (config->passphrase_file);
  est->days = config->days;
  est->directory = config->directory;
  est->limits = pt_limits_new (rates, LIMITS);
  est->pending = pt_pending_new ();
  if (!pt_est_reload (est, key, error))
    return NULL;
  est->invitations = pt_invitations_open (config->invitations, error);
  return est->invitations != NULL ? g_steal_pointer (&est) : NULL;
}

void
pt_est_free (PtEst *est)
{
  if (est == NULL)
    return;
  g_clear_pointer (&est->ca, pt_ca_free);
  g_clear_pointer (&est->invitations, pt_invitations_free);
  g_clear_pointer (&est->pending, pt_pending_free);
  g_clear_pointer (&est->limits, pt_limits_free);
  forget_passphrase (est->passphrase);
  g_free (est->passphrase_file);
  g_free (est->authority);
  g_free (est->folder);
  g_mutex_clear (&est->lock);
  g_free (est);
}

char *
pt_est_authority (PtEst *est)
{
  char *authority;

  g_return_val_if_fail (est != NULL, NULL);

  g_mutex_lock (&est->lock);
  authority = g_strdup (est->authority);
  g_mutex_unlock (&est->lock);
  return authority;
}

gboolean
pt_est_may_try (PtEst *est, const char *who, guint *wait, GError **error)
{
  g_return_val_if_fail (est != NULL && who != NULL && wait != NULL, FALSE);

  if (pt_limits_has (est->limits, WRONG, who, g_get_monotonic_time (), wait))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_TOO_MANY,
               "Too many wrong passwords came from your address. Try again in %u seconds.", *wait);
  return FALSE;
}

/* The log */

static Standing
standing_of (PtEst *est, const char *area_id, const char *device_id, const guint8 *key)
{
  PtDirectory *directory = est->directory;
  const PtDevice *device = NULL;
  Standing standing = UNKNOWN;
  PtArea *area;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (area_id, strlen (area_id)));
  if (area != NULL)
    device = pt_registry_device (area, pt_span (device_id, strlen (device_id)));
  if (device != NULL && device->status == PT_STATUS_REVOKED)
    standing = REVOKED;
  else if (device != NULL)
    standing = key != NULL && memcmp (device->public_key, key, PT_PUBLIC_KEY_SIZE) == 0 ? REGISTERED
                                                                                        : OTHER_KEY;
  pt_door_end_read (&directory->door);
  return standing;
}

/* Answers */

static char *
issue (PtEst *est, const PtEstAsk *ask, const PtCsr *csr, GError **error)
{
  g_autofree char *certificate = NULL;

  if (!open_ca (est, error))
    return NULL;
  certificate = pt_ca_issue (est->ca, ask->area, ask->device, csr->key, est->days, error);
  if (certificate == NULL || !pt_ca_sync (est->ca, error))
    return NULL;
  pt_pending_remove (est->pending, ask->area, ask->device);
  g_message ("%s/%s was given a certificate", ask->area, ask->device);
  return pt_pkcs7_from_certificates (certificate, error);
}

/* NULL: the device is to come again, or an error. */
static char *
keep (PtEst *est, const PtEstAsk *ask, const PtCsr *csr, char *clean, gboolean is_registered,
      guint *wait, GError **error)
{
  PtPendingRequest request = { .is_registered = is_registered,
                               .request = clean,
                               .address = (char *) ask->address,
                               .last = ask->now };

  g_strlcpy (request.area, ask->area, sizeof request.area);
  g_strlcpy (request.device, ask->device, sizeof request.device);
  memcpy (request.key, csr->key, sizeof request.key);
  *wait = PT_EST_RETRY_S;
  if (!pt_pending_put (est->pending, &request))
    {
      *wait = 0;
      refuse (PT_ERROR_BUSY, "Too many requests wait for registration. Come again later.", error);
    }
  return NULL;
}

/* FALSE: the request is another device's. */
static gboolean
read_csr (const PtEstAsk *ask, PtCsr *csr, char **clean, GError **error)
{
  if (!pt_est_body_parse (ask->body, csr, clean, error))
    return FALSE;
  return (strcmp (csr->device, ask->device) == 0
          && (csr->area[0] == '\0' || strcmp (csr->area, ask->area) == 0))
         || refuse (PT_ERROR_NOT_YOURS, "The request names another device than asks.", error);
}

static gboolean
refuse_revoked (GError **error)
{
  return refuse (PT_ERROR_REVOKED_DEVICE,
                 "This device is revoked. Its authority has to enroll it again.", error);
}

static gboolean
check_password (PtEst *est, const PtEstAsk *ask, guint *wait, GError **error)
{
  if (!pt_est_may_try (est, ask->who, wait, error))
    return FALSE;
  if (pt_invitations_know (est->invitations, ask->area, ask->device, ask->password, ask->now))
    return TRUE;
  pt_limits_take (est->limits, WRONG, ask->who, g_get_monotonic_time (), wait);
  *wait = 0;
  return refuse (PT_ERROR_UNAUTHORIZED,
                 "This is no invitation of the device, or it is over. Send area/device and the "
                 "password of powertrack device invite as Authorization: Basic.",
                 error);
}

char *
pt_est_enroll (PtEst *est, const PtEstAsk *ask, guint *wait, GError **error)
{
  g_autofree char *clean = NULL;
  g_autofree char *given = NULL;
  Standing standing;
  PtCsr csr;

  g_return_val_if_fail (est != NULL && ask != NULL && ask->password != NULL, NULL);

  *wait = 0;
  if (!check_password (est, ask, wait, error) || !read_csr (ask, &csr, &clean, error))
    return NULL;
  standing = standing_of (est, ask->area, ask->device, csr.key);
  if (standing == REVOKED)
    refuse_revoked (error);
  if (standing == REVOKED
      || !pt_invitations_bind (est->invitations, ask->area, ask->device, csr.key, error))
    return NULL;
  if (standing != REGISTERED)
    return keep (est, ask, &csr, clean, standing == OTHER_KEY, wait, error);
  given = issue (est, ask, &csr, error);
  if (given == NULL || !pt_invitations_use (est->invitations, ask->area, ask->device, error))
    return NULL;
  return g_steal_pointer (&given);
}

static gboolean
check_rate (PtEst *est, const PtEstAsk *ask, guint *wait, GError **error)
{
  g_autofree char *name = g_strconcat (ask->area, "/", ask->device, NULL);

  if (pt_limits_take (est->limits, AGAIN, name, g_get_monotonic_time (), wait))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_TOO_MANY,
               "This device was given certificates just now. Try again in %u seconds.", *wait);
  return FALSE;
}

/* After a rotation the device comes with the certificate of its old key once more, and proves that
 * it has the one that is registered now. */
char *
pt_est_reenroll (PtEst *est, const PtEstAsk *ask, guint *wait, GError **error)
{
  g_autofree char *clean = NULL;
  PtCsr csr;

  g_return_val_if_fail (est != NULL && ask != NULL && ask->key != NULL, NULL);

  *wait = 0;
  if (!read_csr (ask, &csr, &clean, error))
    return NULL;
  switch (standing_of (est, ask->area, ask->device, csr.key))
    {
    case REVOKED:
      refuse_revoked (error);
      return NULL;
    case UNKNOWN:
      refuse (PT_ERROR_FORBIDDEN, "Nobody registered this device.", error);
      return NULL;
    case REGISTERED:
      return check_rate (est, ask, wait, error) ? issue (est, ask, &csr, error) : NULL;
    case OTHER_KEY:
      break;
    }
  if (standing_of (est, ask->area, ask->device, ask->key) == REGISTERED)
    return keep (est, ask, &csr, clean, TRUE, wait, error);
  refuse (PT_ERROR_NOT_YOURS, "Another key than your certificate's is registered.", error);
  return NULL;
}

char *
pt_est_invite (PtEst *est, const char *area, const char *device, gint64 now, gint64 until,
               GError **error)
{
  gboolean is_there;

  g_return_val_if_fail (est != NULL && area != NULL && device != NULL, NULL);

  pt_door_begin_read (&est->directory->door);
  is_there = pt_registry_area (est->directory->registry, pt_span (area, strlen (area))) != NULL;
  pt_door_end_read (&est->directory->door);
  if (!is_there)
    refuse (PT_ERROR_UNKNOWN_AREA, "There is no such area.", error);
  else if (standing_of (est, area, device, NULL) == REVOKED)
    {
      refuse (PT_ERROR_CONFLICT,
              "This device is revoked: it has to be registered again before it is invited.", error);
      is_there = FALSE;
    }
  return is_there ? pt_invitations_make (est->invitations, area, device, now, until, error) : NULL;
}

PtPending *
pt_est_pending (PtEst *est)
{
  g_return_val_if_fail (est != NULL, NULL);

  return est->pending;
}

void
pt_est_rest (PtEst *est)
{
  g_return_if_fail (est != NULL);

  g_clear_pointer (&est->ca, pt_ca_free);
}
