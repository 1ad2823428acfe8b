/* SPDX-License-Identifier: Apache-2.0 */

/* Keys, registrations, certificates and files, PT_DEVICES_AT_ONCE at a time. The order is what
 * makes it safe to break off: a key is on the disk before the log names it, a certificate in the
 * index before it is given away, and the provisioning file comes last. */

#include <string.h>

#include "enroll-file.h"
#include "enroll.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-table.h"
#include "pt-terminal.h"
#include "register-post.h"

#define REFUSALS_MAX 1000
#define SHOWN_MAX 20

typedef struct
{
  PtEnrollDevice *device;
  PtP256Key *key;    /* NULL: the device has it */
  char *certificate; /* PEM */
  gboolean is_refused;
} Work;

typedef struct
{
  Work work[PT_DEVICES_AT_ONCE];
  guint count;
} Batch;

static void
batch_free (Batch *batch)
{
  for (guint i = 0; i < batch->count; i++)
    {
      pt_p256_key_free (batch->work[i].key);
      g_free (batch->work[i].certificate);
    }
  g_free (batch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Batch, batch_free)

/* Keys */

static gboolean
open_key (PtEnroll *enroll, Work *work, GError **error)
{
  PtDeviceRow *row = &work->device->row;
  g_autoptr (GError) local = NULL;

  if (enroll->csrs != NULL)
    return TRUE;
  work->key = pt_provisioning_begun (enroll->out, row->area, row->device, &local);
  if (work->key == NULL && local == NULL && work->device->has_key)
    {
      /* Or the device has it itself. */
      work->key = pt_provisioning_key (enroll->out, row->area, row->device);
      return TRUE;
    }
  if (work->key == NULL && local == NULL)
    work->key = pt_provisioning_begin (enroll->out, row->area, row->device, &local);
  if (work->key == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  pt_p256_key_public (work->key, row->key);
  return TRUE;
}

/* Registrations */

static gboolean
sign_one (PtEnroll *enroll, PtRegisterPost *post, const Work *work, guint number, GError **error)
{
  const PtDeviceRow *row = &work->device->row;
  PtEntry entry;
  char text[PT_REGISTRATION_MAX];
  gsize size = 0;

  pt_device_row_entry (row, PT_STATUS_ACTIVE, &entry);
  return pt_register_date (enroll->client, enroll->url, work->device->ts, FALSE, &enroll->now,
                           &entry.ts, error)
         && pt_authority_sign (enroll->authority, &entry, text, sizeof text, &size, error)
         && pt_register_post_add (post, text, size, number, row->device, error);
}

static void
take_refused (PtEnroll *enroll, Batch *batch, JsonArray *refused)
{
  for (guint i = 0; i < json_array_get_length (refused); i++)
    {
      JsonObject *object = json_array_get_object_element (refused, i);
      gint64 number = pt_cli_integer (object, "line", 0);
      Work *work = number >= 1 && number <= batch->count ? &batch->work[number - 1] : NULL;
      JsonObject *row = NULL;

      if (work == NULL)
        continue;
      work->is_refused = TRUE;
      if (enroll->refused++ >= REFUSALS_MAX)
        continue;
      row = json_object_new ();
      json_object_set_int_member (row, "line", (gint64) work->device->line);
      json_object_set_string_member (row, "area", work->device->row.area);
      json_object_set_string_member (row, "id", work->device->row.device);
      json_object_set_string_member (row, "error", pt_cli_string (object, "error", ""));
      json_array_add_object_element (enroll->refusals, row);
    }
}

static gboolean
register_batch (PtEnroll *enroll, Batch *batch, GError **error)
{
  PtRegisterPost post;
  gboolean good = TRUE;

  pt_register_post_init (&post, enroll->client, enroll->url);
  for (guint i = 0; good && i < batch->count; i++)
    if (batch->work[i].device->step == PT_ENROLL_REGISTER)
      good = sign_one (enroll, &post, &batch->work[i], i + 1, error);
  good = good && pt_register_post_flush (&post, error);
  take_refused (enroll, batch, post.refused);
  pt_register_post_clear (&post);
  return good;
}

/* New hardware counts on above what the old one used. */
static gboolean
ask_first (PtEnroll *enroll, PtEnrollDevice *device, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) held = NULL;

  device->first_seq = 1;
  if (device->ts < 0)
    return TRUE;
  path = g_strdup_printf ("/api/v1/devices/%s/%s/held", device->row.area, device->row.device);
  held = pt_cli_get (enroll->client, enroll->url, path, error);
  if (held == NULL)
    return FALSE;
  device->first_seq = pt_cli_integer (json_node_get_object (held), "highest", 0) + 1;
  return TRUE;
}

/* Certificates and files */

/* NULL: none are given. */
static const char *
secret_of (PtEnrollPsk *secrets, const PtDeviceRow *row)
{
  return secrets != NULL ? pt_enroll_psk_get (secrets, row->area, row->device) : NULL;
}

static gboolean
draw_secrets (PtEnroll *enroll, const PtDeviceRow *row, GError **error)
{
  if ((enroll->psk == NULL || secret_of (enroll->psk, row) != NULL)
      && (enroll->oscore_secrets == NULL || secret_of (enroll->oscore_secrets, row) != NULL))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, _ ("no key could be made"));
  return FALSE;
}

static gboolean
sync_secrets (PtEnroll *enroll, GError **error)
{
  return (enroll->psk == NULL || pt_enroll_psk_sync (enroll->psk, error))
         && (enroll->oscore_secrets == NULL || pt_enroll_psk_sync (enroll->oscore_secrets, error));
}

static gboolean
certify (PtEnroll *enroll, Work *work, GError **error)
{
  const PtDeviceRow *row = &work->device->row;

  work->certificate
      = pt_ca_issue (enroll->ca, row->area, row->device, row->key, enroll->days, error);
  if (work->certificate == NULL)
    return FALSE;
  enroll->revoked += pt_ca_revoke (enroll->ca, row->area, row->device, row->key, PT_CA_SUPERSEDED);
  return draw_secrets (enroll, row, error);
}

static gboolean
write_one (PtEnroll *enroll, const Work *work, GError **error)
{
  const PtDeviceRow *row = &work->device->row;
  const PtEnrollArea *area = g_hash_table_lookup (enroll->areas, row->area);
  PtProvisioning provisioning = { .row = row,
                                  .first_seq = work->device->first_seq,
                                  .key = work->key,
                                  .certificate = work->certificate,
                                  .ca = pt_ca_pem (enroll->ca),
                                  .authority = area->authority,
                                  .service = area->service,
                                  .url = enroll->url,
                                  .https = enroll->https,
                                  .mqtt = enroll->mqtt,
                                  .coap = enroll->coap,
                                  .oscore = enroll->oscore,
                                  .psk = secret_of (enroll->psk, row),
                                  .oscore_secret = secret_of (enroll->oscore_secrets, row) };

  return pt_provisioning_write (enroll->out, &provisioning, error);
}

static gboolean
certify_batch (PtEnroll *enroll, Batch *batch, GError **error)
{
  for (guint i = 0; i < batch->count; i++)
    if (!batch->work[i].is_refused
        && (!ask_first (enroll, batch->work[i].device, error)
            || !certify (enroll, &batch->work[i], error)))
      return FALSE;
  if (!pt_ca_sync (enroll->ca, error) || !sync_secrets (enroll, error))
    return FALSE;
  for (guint i = 0; i < batch->count; i++)
    if (!batch->work[i].is_refused)
      {
        if (!write_one (enroll, &batch->work[i], error))
          return FALSE;
        enroll->done++;
        pt_register_progress_show (&enroll->progress, enroll->done + enroll->refused,
                                   pt_enroll_left_to_do (enroll));
      }
  return TRUE;
}

static gboolean
run_batch (PtEnroll *enroll, Batch *batch, GError **error)
{
  for (guint i = 0; i < batch->count; i++)
    if (!open_key (enroll, &batch->work[i], error))
      return FALSE;
  return register_batch (enroll, batch, error) && certify_batch (enroll, batch, error);
}

gboolean
pt_enroll_run (PtEnroll *enroll, GError **error)
{
  guint at = 0;

  g_return_val_if_fail (enroll != NULL && enroll->ca != NULL, FALSE);
  while (at < enroll->devices->len)
    {
      g_autoptr (Batch) batch = g_new0 (Batch, 1);

      for (; at < enroll->devices->len && batch->count < PT_DEVICES_AT_ONCE; at++)
        {
          PtEnrollDevice *device = &g_array_index (enroll->devices, PtEnrollDevice, at);

          if (device->step <= PT_ENROLL_CERTIFY)
            batch->work[batch->count++].device = device;
        }
      if (!run_batch (enroll, batch, error))
        return FALSE;
    }
  return TRUE;
}

/* What came of it */

static void
print_json (const PtEnroll *enroll, gboolean dry_run)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  JsonArray *left = json_array_new ();

  for (guint i = 0; i < enroll->devices->len; i++)
    {
      const PtEnrollDevice *device = &g_array_index (enroll->devices, PtEnrollDevice, i);
      JsonObject *row = NULL;

      if (device->step != PT_ENROLL_LEFT || json_array_get_length (left) >= REFUSALS_MAX)
        continue;
      row = json_object_new ();
      json_object_set_int_member (row, "line", (gint64) device->line);
      json_object_set_string_member (row, "area", device->row.area);
      json_object_set_string_member (row, "id", device->row.device);
      json_object_set_string_member (row, "reason", device->reason);
      json_array_add_object_element (left, row);
    }
  if (dry_run)
    json_object_set_int_member (object, "would", (gint64) pt_enroll_left_to_do (enroll));
  json_object_set_int_member (object, "done", (gint64) enroll->done);
  json_object_set_int_member (object, "there", (gint64) enroll->steps[PT_ENROLL_THERE]);
  json_object_set_int_member (object, "left_count", (gint64) enroll->steps[PT_ENROLL_LEFT]);
  json_object_set_array_member (object, "left", left);
  json_object_set_int_member (object, "rejected_count", (gint64) enroll->refused);
  json_object_set_array_member (object, "rejected", json_array_ref (enroll->refusals));
  json_object_set_int_member (object, "certificates_revoked", (gint64) enroll->revoked);
  pt_cli_print_json (node);
}

static void
print_refusals (const PtEnroll *enroll)
{
  guint count = json_array_get_length (enroll->refusals);

  for (guint i = 0; i < MIN (count, SHOWN_MAX); i++)
    {
      JsonObject *object = json_array_get_object_element (enroll->refusals, i);
      gint64 line = pt_cli_integer (object, "line", 0);

      if (line > 0)
        g_printerr (_ ("%s line %" PRId64 ": "), enroll->csv, line);
      g_printerr ("%s: %s\n", pt_cli_string (object, "id", ""),
                  pt_cli_string (object, "error", ""));
    }
  if (enroll->refused > SHOWN_MAX)
    g_printerr (_ ("... and %" PRIu64 " more\n"), enroll->refused - SHOWN_MAX);
}

int
pt_enroll_print (const PtEnroll *enroll, gboolean dry_run)
{
  g_autofree char *done = NULL, *left = NULL;
  guint64 count;

  g_return_val_if_fail (enroll != NULL, PT_EXIT_FAILED);
  print_refusals (enroll);
  count = dry_run ? pt_enroll_left_to_do (enroll) : enroll->done;
  done = pt_format_count (count, "device", "devices");
  left = pt_format_count (enroll->steps[PT_ENROLL_LEFT], "device", "devices");
  if (enroll->json)
    print_json (enroll, dry_run);
  else
    {
      if (dry_run)
        g_print (enroll->rotates ? _ ("Would rotate the keys of %s\n") : _ ("Would enroll %s\n"),
                 done);
      else
        g_print (enroll->rotates ? _ ("Rotated the keys of %s, in %s\n")
                                 : _ ("Enrolled %s, in %s\n"),
                 done, enroll->out);
      g_print (_ ("Done before: %" PRIu64 "; refused: %" PRIu64 "\n"),
               enroll->steps[PT_ENROLL_THERE], enroll->refused);
      if (enroll->steps[PT_ENROLL_LEFT] > 0)
        g_print (_ ("Left as they are: %s\n"), left);
    }
  return enroll->refused == 0 && enroll->steps[PT_ENROLL_LEFT] == 0 ? PT_EXIT_HOLDS
                                                                    : PT_EXIT_FAILED;
}
