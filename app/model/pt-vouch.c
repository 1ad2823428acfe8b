/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vouch.h"

#include <string.h>

#include "pt-complaint-walk.h"
#include "pt-encoding.h"
#include "pt-p256.h"
#include "pt-read.h"

#define BODIES_MAX 100 /* the newest ones, in an answer */

typedef struct
{
  char *text; /* that @entry points into */
  PtEntry entry;
} Registration;

/* All of one official. */
typedef struct
{
  GPtrArray *registrations; /* Registration */
  gboolean is_cut;          /* there may be older ones */
} Known;

struct _PtVouch
{
  char *area;
  gboolean has_authority;
  guint8 authority_key[PT_PUBLIC_KEY_SIZE];
  GHashTable *officials; /* id: Known */
};

static void
registration_free (gpointer data)
{
  Registration *registration = data;

  g_free (registration->text);
  g_free (registration);
}

static void
known_free (gpointer data)
{
  Known *known = data;

  g_ptr_array_unref (known->registrations);
  g_free (known);
}

PtVouch *
pt_vouch_new (const char *area, const char *authority_key)
{
  PtVouch *vouch;

  g_return_val_if_fail (area != NULL, NULL);
  vouch = g_new0 (PtVouch, 1);
  vouch->area = g_strdup (area);
  vouch->has_authority = authority_key != NULL
                         && pt_base64url_decode (pt_span (authority_key, strlen (authority_key)),
                                                 vouch->authority_key, sizeof vouch->authority_key);
  vouch->officials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, known_free);
  return vouch;
}

void
pt_vouch_free (PtVouch *vouch)
{
  if (vouch == NULL)
    return;
  g_hash_table_unref (vouch->officials);
  g_free (vouch->area);
  g_free (vouch);
}

static void
known_add (Known *known, const PtVouch *vouch, const PtVerifier *verifier, const char *official,
           const char *text)
{
  Registration *registration = g_new0 (Registration, 1);
  const PtEntry *entry = &registration->entry;

  registration->text = g_strdup (text);
  if (pt_entry_parse (pt_span (registration->text, strlen (text)), PT_ENTRY_STORED,
                      &registration->entry)
          == PT_OK
      && entry->kind == PT_ENTRY_OFFICIAL && pt_span_is (entry->area, vouch->area)
      && pt_span_is (entry->official, official)
      && pt_entry_verify (entry, verifier, vouch->authority_key) == PT_OK)
    g_ptr_array_add (known->registrations, registration);
  else
    registration_free (registration);
}

void
pt_vouch_add (PtVouch *vouch, const char *official, JsonNode *answer)
{
  Known *known;
  JsonArray *array = NULL;
  PtVerifier *verifier;

  g_return_if_fail (vouch != NULL && official != NULL);
  if (answer != NULL)
    {
      if (JSON_NODE_HOLDS_OBJECT (answer))
        array = pt_read_array (json_node_get_object (answer), "registrations", PT_READ_OPTIONAL,
                               NULL);
      if (array == NULL)
        return;
    }
  known = g_new0 (Known, 1);
  known->registrations = g_ptr_array_new_with_free_func (registration_free);
  known->is_cut = array != NULL && json_array_get_length (array) >= BODIES_MAX;
  verifier = pt_p256_verifier_new (PT_P256_FAST);
  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), BODIES_MAX); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        known_add (known, vouch, verifier, official, json_node_get_string (node));
    }
  pt_p256_verifier_free (verifier);
  g_hash_table_replace (vouch->officials, g_strdup (official), known);
}

PtVouchAnswer
pt_vouch_find (const PtVouch *vouch, PtSpan official, gint64 received, const PtEntry **out)
{
  g_autofree char *id = g_strndup (official.data, official.size);
  const Known *known;

  g_return_val_if_fail (out != NULL, PT_VOUCH_UNKNOWN);
  *out = NULL;
  known = vouch != NULL && vouch->has_authority ? g_hash_table_lookup (vouch->officials, id) : NULL;
  if (known == NULL)
    return PT_VOUCH_UNKNOWN;
  for (guint i = 0; i < known->registrations->len; i++)
    {
      const PtEntry *entry = &((const Registration *) known->registrations->pdata[i])->entry;

      if (pt_complaint_holds_then (entry, *out, received))
        *out = entry;
    }
  if (*out != NULL)
    return PT_VOUCH_FOUND;
  return known->is_cut ? PT_VOUCH_UNKNOWN : PT_VOUCH_NOBODY;
}
