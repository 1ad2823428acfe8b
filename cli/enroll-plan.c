/* SPDX-License-Identifier: Apache-2.0 */

/* What is to be done with each device: by what the daemon has of it, and the files that are there.
 */

#include <string.h>

#include "enroll-file.h"
#include "enroll.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-p256.h"
#include "pt-table.h"

#define SHOWN_MAX 20 /* lines of a plan */

static void
leave (PtEnrollDevice *device, const char *reason)
{
  device->step = PT_ENROLL_LEFT;
  g_free (device->reason);
  device->reason = g_strdup (reason);
}

/* The areas */

static gboolean
take_areas (PtEnroll *enroll, JsonNode *page)
{
  JsonNode *list = json_object_get_member (json_node_get_object (page), "areas");
  JsonArray *array
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      PtEnrollArea *area = NULL;

      if (object == NULL)
        return FALSE;
      area = g_new0 (PtEnrollArea, 1);
      area->authority = g_strdup (pt_cli_string (object, "authority_key", ""));
      area->service = g_strdup (pt_cli_string (object, "service_key", ""));
      g_hash_table_insert (enroll->areas, g_strdup (pt_cli_string (object, "area", "")), area);
    }
  return array != NULL;
}

/* The key that would sign is the area's: found out before anything is signed. */
static gboolean
check_area (PtEnroll *enroll, const char *name, GError **error)
{
  const PtEnrollArea *area = g_hash_table_lookup (enroll->areas, name);
  const PtSigner *signer = pt_authority_signer (enroll->authority, name, error);
  char text[96] = "";

  if (signer == NULL)
    return FALSE;
  pt_base64url_encode (signer->public_key, sizeof signer->public_key, text, sizeof text);
  if (area != NULL && strcmp (area->authority, text) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               area == NULL
                   ? _ ("the daemon has no area %s; register it first, or correct the name")
                   : _ ("the authority key is not the one that area %s has"),
               name);
  return FALSE;
}

static gboolean
ask_areas (PtEnroll *enroll, GError **error)
{
  g_autoptr (JsonNode) page = pt_cli_get (enroll->client, enroll->url, "/api/v1/areas", error);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (page == NULL)
    return FALSE;
  if (!take_areas (enroll, page))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("%s does not list its areas; is --url the daemon's address?"), enroll->url);
      return FALSE;
    }
  for (guint i = 0; i < enroll->devices->len; i++)
    {
      PtEnrollDevice *device = &g_array_index (enroll->devices, PtEnrollDevice, i);

      if (g_hash_table_add (seen, device->row.area)
          && !check_area (enroll, device->row.area, error))
        return FALSE;
    }
  return TRUE;
}

/* A device */

static gboolean
same_key (const guint8 *a, const guint8 *b)
{
  return memcmp (a, b, PT_PUBLIC_KEY_SIZE) == 0;
}

/* The key of an earlier run that broke off, or of a file that is there. */
static gboolean
find_key (PtEnroll *enroll, PtEnrollDevice *device, gboolean is_there, const guint8 *there,
          GError **error)
{
  g_autoptr (GError) local = NULL;
  PtP256Key *begun = NULL;

  if (device->has_key)
    return TRUE;
  begun = pt_provisioning_begun (enroll->out, device->row.area, device->row.device, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  device->has_key = begun != NULL || (is_there && !enroll->rotates);
  if (begun != NULL)
    pt_p256_key_public (begun, device->row.key);
  else if (device->has_key)
    memcpy (device->row.key, there, PT_PUBLIC_KEY_SIZE);
  pt_p256_key_free (begun);
  return TRUE;
}

/* What the log has stays as it is, but for the key. */
static void
plan_rotation (PtEnroll *enroll, PtEnrollDevice *device, const PtDeviceKnown *known,
               gboolean is_done)
{
  guint8 key[PT_PUBLIC_KEY_SIZE];

  if (known->areas == 0)
    leave (device, _ ("nobody registered it"));
  else if (known->status == PT_STATUS_REVOKED)
    leave (device, _ ("it is revoked; there is nothing to rotate"));
  else
    {
      memcpy (key, device->row.key, sizeof key);
      device->row = known->row;
      if (device->has_key && same_key (key, known->row.key))
        device->step = is_done ? PT_ENROLL_THERE : PT_ENROLL_CERTIFY;
      else if (enroll->before > 0 && known->ts >= enroll->before)
        device->step = PT_ENROLL_THERE;
      else
        device->step = PT_ENROLL_REGISTER;
      memcpy (device->row.key, key, sizeof key);
    }
}

/* With another key than before, for who has that may be anybody. */
static void
plan_revoked (PtEnroll *enroll, PtEnrollDevice *device, const PtDeviceKnown *known)
{
  gboolean is_same = device->has_key && same_key (device->row.key, known->row.key);

  device->step = PT_ENROLL_REGISTER;
  if (!enroll->reactivate)
    leave (device, _ ("it is revoked; --reactivate enrolls it again"));
  else if (is_same && enroll->csrs != NULL)
    leave (device, _ ("its request is for the key that was revoked; it has to make a new one"));
  else if (is_same)
    device->has_key = FALSE;
}

static void
plan_known (PtEnroll *enroll, PtEnrollDevice *device, const PtDeviceKnown *known, gboolean is_done)
{
  g_autofree char *names = NULL, *reason = NULL;

  if (!device->row.says_feeder)
    g_strlcpy (device->row.feeder, known->row.feeder, sizeof device->row.feeder);
  if (known->status == PT_STATUS_REVOKED)
    {
      plan_revoked (enroll, device, known);
      return;
    }
  if (!device->has_key || !same_key (device->row.key, known->row.key))
    {
      leave (device, _ ("is registered with another key; device rotate gives it a new one"));
      return;
    }
  device->step = is_done && !enroll->force ? PT_ENROLL_THERE : PT_ENROLL_CERTIFY;
  names = pt_device_known_differences (&device->row, &known->row);
  if (names == NULL)
    return;
  reason = g_strdup_printf (_ ("is registered otherwise (%s); device register --change registers "
                               "it so"),
                            names);
  leave (device, reason);
}

static gboolean
plan_one (PtEnroll *enroll, PtEnrollDevice *device, const PtDeviceKnown *known, GError **error)
{
  guint8 there[PT_PUBLIC_KEY_SIZE];
  gboolean is_there = FALSE, is_done;

  if (!pt_provisioning_look (enroll->out, device->row.area, device->row.device, &is_there, there,
                             error)
      || !find_key (enroll, device, is_there, there, error))
    return FALSE;
  is_done = is_there && device->has_key && same_key (there, device->row.key);
  device->ts = known->areas > 0 ? known->ts : -1;
  if (enroll->rotates)
    plan_rotation (enroll, device, known, is_done);
  else if (is_there && !is_done && !enroll->force)
    leave (device, _ ("its provisioning file is for another key; --force writes it anew"));
  else if (known->areas > 0)
    plan_known (enroll, device, known, is_done);
  else if (is_there && !enroll->force)
    leave (device, _ ("its provisioning file is there, and the daemon does not know it; --force "
                      "registers its key"));
  else
    device->step = PT_ENROLL_REGISTER;
  enroll->steps[device->step]++;
  return TRUE;
}

static gboolean
plan_batch (PtEnroll *enroll, guint first, guint count, GError **error)
{
  PtDeviceRow rows[PT_DEVICES_AT_ONCE] = { 0 };
  PtDeviceKnown known[PT_DEVICES_AT_ONCE];

  for (guint i = 0; i < count; i++)
    rows[i] = g_array_index (enroll->devices, PtEnrollDevice, first + i).row;
  if (!pt_device_known_ask (enroll->client, enroll->url, rows, count, known, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (!plan_one (enroll, &g_array_index (enroll->devices, PtEnrollDevice, first + i), &known[i],
                   error))
      return FALSE;
  return TRUE;
}

gboolean
pt_enroll_plan (PtEnroll *enroll, gint64 older_than, GError **error)
{
  g_return_val_if_fail (enroll != NULL && older_than >= 0, FALSE);
  if (!ask_areas (enroll, error)
      || !pt_cli_daemon_now (enroll->client, enroll->url, &enroll->now, error))
    return FALSE;
  enroll->before = older_than > 0 ? enroll->now - older_than : 0;
  for (guint i = 0; i < enroll->devices->len; i += PT_DEVICES_AT_ONCE)
    if (!plan_batch (enroll, i, MIN (enroll->devices->len - i, PT_DEVICES_AT_ONCE), error))
      return FALSE;
  return TRUE;
}

guint64
pt_enroll_left_to_do (const PtEnroll *enroll)
{
  g_return_val_if_fail (enroll != NULL, 0);
  return enroll->steps[PT_ENROLL_REGISTER] + enroll->steps[PT_ENROLL_CERTIFY];
}

/* Saying it */

static const char *
step_words (PtEnrollStep step)
{
  switch (step)
    {
    case PT_ENROLL_REGISTER:
      return _ ("a registration and a certificate");
    case PT_ENROLL_CERTIFY:
      return _ ("a certificate");
    case PT_ENROLL_THERE:
    case PT_ENROLL_LEFT:
      break;
    }
  return "";
}

static void
print_rows (const PtEnroll *enroll)
{
  const char *const headings[]
      = { _ ("AREA"), _ ("DEVICE"), _ ("SITE"), _ ("LEVEL"), _ ("KEY"), _ ("IS SIGNED"), NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  g_autofree char *text = NULL;
  guint64 shown = 0, all = pt_enroll_left_to_do (enroll);

  for (guint i = 0; i < enroll->devices->len && shown < SHOWN_MAX; i++)
    {
      const PtEnrollDevice *device = &g_array_index (enroll->devices, PtEnrollDevice, i);

      if (device->step > PT_ENROLL_CERTIFY)
        continue;
      shown++;
      pt_table_take (table, g_strdup (device->row.area));
      pt_table_take (table, g_strdup (device->row.device));
      pt_table_take (table, g_strdup (device->row.site));
      pt_table_take (table, g_strdup (pt_level_name (device->row.level)));
      pt_table_take (table, g_strdup (enroll->csrs != NULL ? _ ("its own")
                                      : device->has_key    ? _ ("made before")
                                                           : _ ("new")));
      pt_table_take (table, g_strdup (step_words (device->step)));
    }
  text = pt_table_to_text (table);
  g_printerr ("%s", text);
  if (all > shown)
    g_printerr (_ ("... and %" PRIu64 " more\n"), all - shown);
}

void
pt_enroll_print_plan (const PtEnroll *enroll)
{
  g_autofree char *registrations = NULL, *certificates = NULL;

  g_return_if_fail (enroll != NULL);
  for (guint i = 0, shown = 0; i < enroll->devices->len; i++)
    {
      const PtEnrollDevice *device = &g_array_index (enroll->devices, PtEnrollDevice, i);

      if (device->step != PT_ENROLL_LEFT || shown++ >= SHOWN_MAX)
        continue;
      if (device->line > 0)
        g_printerr (_ ("%s line %" PRId64 ": "), enroll->csv, (gint64) device->line);
      g_printerr ("%s: %s\n", device->row.device, device->reason);
    }
  if (pt_enroll_left_to_do (enroll) == 0)
    return;
  registrations
      = pt_format_count (enroll->steps[PT_ENROLL_REGISTER], "registration", "registrations");
  certificates = pt_format_count (pt_enroll_left_to_do (enroll), "certificate", "certificates");
  g_printerr (_ ("To be signed: %s, for the log, and %s good for %u days\n"), registrations,
              certificates, enroll->days);
  print_rows (enroll);
}
