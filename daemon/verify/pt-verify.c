/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-verify.h"

#include <string.h>

/* Whether it names a key that signs from then on. */
static gboolean
carries_key (const PtEntry *entry)
{
  return entry->kind == PT_ENTRY_DEVICE || entry->kind == PT_ENTRY_OFFICIAL
         || pt_entry_signer (entry) == PT_SIGNER_CITIZEN;
}

/* Whether it is the report of whom its way here proved to be the sender. */
static gboolean
peer_may_say (const PtPeer *peer, const PtLine *line, const guint8 *key)
{
  if (peer == NULL || line->device == NULL)
    return TRUE;
  if (peer->device != NULL
      && (strcmp (peer->device, line->device->id) != 0
          || g_strcmp0 (peer->area, line->area->id) != 0))
    return FALSE;
  return !peer->has_key || memcmp (peer->key, key, PT_PUBLIC_KEY_SIZE) == 0;
}

/* Form, clock, signer; the key is copied, so that the signature is checked without the lock. */
static void
line_parse (PtLine *line, const PtVerifyPart *part, PtRegistry *registry, gint64 now,
            const PtVerifier *verifier)
{
  const PtKind *kind = part->kind;
  PtEntry entry;
  PtResult result = pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry);
  const guint8 *key;

  if (result == PT_OK && (kind->entries & (1u << entry.kind)) == 0)
    result = PT_MALFORMED;
  if (result == PT_OK && carries_key (&entry)
      && !verifier->check_key (verifier->context, entry.key))
    result = PT_MALFORMED;
  if (result != PT_OK)
    {
      pt_line_refuse (line, pt_error_from_result (result));
      return;
    }
  line->seq = entry.seq;
  line->ts = entry.ts;
  line->power = (guint8) entry.power;
  line->received_place = entry.received_place;
  memcpy (line->signature, entry.signature, PT_SIGNATURE_SIZE);
  key = kind->find_signer (registry, line, &entry);
  if (key == NULL)
    return;
  if (!peer_may_say (part->peer, line, key))
    {
      pt_line_refuse (line, PT_ERROR_NOT_YOURS);
      return;
    }
  memcpy (line->public_key, key, PT_PUBLIC_KEY_SIZE);
  if (entry.ts > now + kind->ahead)
    {
      pt_line_refuse (line, PT_ERROR_CLOCK_SKEW);
      return;
    }
  pt_entry_digest (&entry, &line->digest);
}

static void
line_judge (PtLine *line, const PtKind *kind, gboolean holds)
{
  if (holds)
    line->state = PT_LINE_VERIFIED;
  else if (kind->may_repeat != NULL)
    line->state = PT_LINE_SUSPECT;
  else
    pt_line_refuse (line, PT_ERROR_BAD_SIGNATURE);
}

/* Of all parts at once, so that eight come together although each client sent one. */
static void
parts_check_signatures (const PtVerifyPart *parts, guint count, const PtVerifier *verifier)
{
  PtSignatureCheck checks[PT_VERIFY_LINES];
  PtLine *lines[PT_VERIFY_LINES];
  const PtKind *kinds[PT_VERIFY_LINES];
  guint n = 0;

  for (guint i = 0; i < count; i++)
    for (guint j = 0; j < parts[i].count; j++)
      {
        PtLine *line = &parts[i].lines[j];

        if (line->state != PT_LINE_WAITING)
          continue;
        g_assert (n < PT_VERIFY_LINES);
        lines[n] = line;
        kinds[n] = parts[i].kind;
        checks[n++] = (PtSignatureCheck){ .public_key = line->public_key,
                                          .digest = &line->digest,
                                          .signature = line->signature };
      }
  pt_verifier_check (verifier, checks, n);
  for (guint i = 0; i < n; i++)
    line_judge (lines[i], kinds[i], checks[i].holds);
}

/* Of what is badly signed only what may be a repetition goes on. With the lock. */
static void
line_hint (PtLine *line, const PtKind *kind)
{
  if (line->state != PT_LINE_VERIFIED && line->state != PT_LINE_SUSPECT)
    return;
  line->is_used = kind->may_repeat (line) != FALSE;
  if (line->state == PT_LINE_SUSPECT && !line->is_used)
    pt_line_refuse (line, PT_ERROR_BAD_SIGNATURE);
}

static void
lines_compare (PtLine *lines, guint count, const PtKind *kind, const PtLogState *log)
{
  pt_door_begin_read (&log->directory->door);
  for (guint i = 0; i < count; i++)
    line_hint (&lines[i], kind);
  pt_door_end_read (&log->directory->door);

  for (guint i = 0; i < count; i++)
    if (lines[i].is_used)
      kind->compare (log, &lines[i]);
}

void
pt_verify_parts (const PtVerifyPart *parts, guint count, const PtLogState *log, gint64 now,
                 const PtVerifier *verifier)
{
  PtDirectory *directory;

  g_return_if_fail (parts != NULL && log != NULL && verifier != NULL);

  directory = log->directory;
  pt_door_begin_read (&directory->door);
  for (guint i = 0; i < count; i++)
    for (guint j = 0; j < parts[i].count; j++)
      if (parts[i].lines[j].state == PT_LINE_WAITING)
        line_parse (&parts[i].lines[j], &parts[i], directory->registry, now, verifier);
  pt_door_end_read (&directory->door);

  parts_check_signatures (parts, count, verifier);

  for (guint i = 0; i < count; i++)
    if (parts[i].kind->may_repeat != NULL)
      lines_compare (parts[i].lines, parts[i].count, parts[i].kind, log);
}

void
pt_verify_lines (PtLine *lines, guint count, const PtKind *kind, const PtLogState *log, gint64 now,
                 const PtVerifier *verifier)
{
  g_return_if_fail (kind != NULL);

  for (guint i = 0; i < count; i += PT_VERIFY_LINES)
    {
      const PtVerifyPart part
          = { .lines = lines + i, .count = MIN (count - i, PT_VERIFY_LINES), .kind = kind };

      pt_verify_parts (&part, 1, log, now, verifier);
    }
}
