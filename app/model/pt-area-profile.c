/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-area-profile.h"

#include <string.h>

#include "pt-profile.h"
#include "pt-read.h"

struct _PtAreaProfile
{
  char *document; /* NULL: the area has none */
  gint64 ts;      /* ms; of its entry */
  PtProfile profile;
};

void
pt_area_profile_free (PtAreaProfile *profile)
{
  if (profile == NULL)
    return;
  g_free (profile->document);
  g_free (profile);
}

PtAreaProfile *
pt_area_profile_new_none (void)
{
  return g_new0 (PtAreaProfile, 1);
}

gpointer
pt_area_profile_read (JsonNode *root, gconstpointer data, GError **error)
{
  g_autoptr (PtAreaProfile) profile = pt_area_profile_new_none ();
  g_autoptr (GError) local = NULL;
  JsonObject *object;
  JsonNode *node = NULL;

  g_return_val_if_fail (root != NULL, NULL);
  object = pt_read_as_object (root, "profile", &local);
  if (object != NULL)
    {
      node = json_object_get_member (object, "document");
      profile->ts = pt_read_integer (object, "ts", PT_READ_NEEDED, &local);
    }
  /* A document is longer than other texts may be. */
  if (node != NULL && json_node_get_value_type (node) == G_TYPE_STRING)
    profile->document = g_strdup (json_node_get_string (node));
  if (profile->document == NULL
      || pt_profile_parse (pt_span (profile->document, strlen (profile->document)),
                           &profile->profile)
             != PT_OK)
    pt_read_refuse ("document", &local);
  if (local == NULL)
    return g_steal_pointer (&profile);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

PtProfileAnswer
pt_area_profile_needs_two (const PtAreaProfile *profile)
{
  if (profile == NULL)
    return PT_PROFILE_UNKNOWN;
  return profile->document != NULL && profile->profile.two_person[PT_TWO_PERSON_REJECT]
             ? PT_PROFILE_YES
             : PT_PROFILE_NO;
}

PtProfileAnswer
pt_area_profile_devices_decide (const PtAreaProfile *profile, const PtComplaint *complaint)
{
  const PtProfileCategory *category;

  g_return_val_if_fail (complaint != NULL, PT_PROFILE_UNKNOWN);
  if (complaint->site == NULL)
    return PT_PROFILE_NO;
  if (profile == NULL || (profile->document != NULL && profile->ts > complaint->filed_at))
    return PT_PROFILE_UNKNOWN;
  if (profile->document == NULL)
    return PT_PROFILE_NO;
  category = pt_profile_category (&profile->profile,
                                  pt_span (complaint->category, strlen (complaint->category)));
  return category != NULL && category->has_evidence ? PT_PROFILE_YES : PT_PROFILE_NO;
}
