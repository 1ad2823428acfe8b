/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-submission.h"

#include <string.h>

#include "pt-traffic.h"

static void
peer_clear (PtPeer *peer)
{
  g_clear_pointer (&peer->address, g_free);
  g_clear_pointer (&peer->certificate, g_free);
  g_clear_pointer (&peer->account, g_free);
  g_clear_pointer (&peer->area, g_free);
  g_clear_pointer (&peer->device, g_free);
}

const char *
pt_transport_name (PtTransport transport)
{
  static const char *const names[PT_TRANSPORT_COUNT] = { "http", "mqtt", "coap" };

  g_return_val_if_fail ((guint) transport < PT_TRANSPORT_COUNT, NULL);

  return names[transport];
}

static gboolean
submission_add_line (PtSubmission *submission, guint *capacity, PtSpan bytes, guint number,
                     GError **error)
{
  PtLine *line;

  if (submission->count == PT_SUBMISSION_LINES_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                   "The body has more than %d lines. Send it in parts.", PT_SUBMISSION_LINES_MAX);
      return FALSE;
    }
  if (submission->count == *capacity)
    {
      *capacity *= 2;
      submission->lines = g_renew (PtLine, submission->lines, *capacity);
    }
  line = &submission->lines[submission->count++];
  line->bytes = bytes;
  line->number = number;
  line->state = PT_LINE_WAITING;
  line->is_known = line->is_used = line->is_other = FALSE;
  line->wait = 0;
  line->first_seq = line->seq = 0;
  line->device = NULL;
  line->area = NULL;
  line->attachment = NULL;
  line->outcome = NULL;
  line->row = 0;
  line->code = PT_ERROR_BUSY; /* unless it is judged */
  line->rule = PT_RULE_HOLDS;
  return TRUE;
}

/* CRLF ends a line as LF does; neither is part of the entry. */
static gsize
without_return (const char *line, gsize size)
{
  return size > 0 && line[size - 1] == '\r' ? size - 1 : size;
}

static gboolean
submission_split (PtSubmission *submission, PtSpan body, GError **error)
{
  guint capacity = (guint) (body.size / 200 + 4), number = 0;
  const char *cursor = body.data, *end = body.data + body.size;

  submission->lines = g_new (PtLine, capacity);
  while (cursor < end)
    {
      const char *newline = memchr (cursor, '\n', (gsize) (end - cursor));
      const char *stop = newline != NULL ? newline : end;
      gsize length = without_return (cursor, (gsize) (stop - cursor));

      number++;
      if (length > 0
          && !submission_add_line (submission, &capacity, pt_span (cursor, length), number, error))
        return FALSE;
      cursor = stop + 1;
    }
  return TRUE;
}

PtSubmission *
pt_submission_new (const PtKind *kind, GBytes *body, gboolean many, PtSubmissionDone done,
                   gpointer user_data, GError **error)
{
  g_autoptr (PtSubmission) submission = NULL;
  const char *data;
  gsize size;

  g_return_val_if_fail (kind != NULL && body != NULL, NULL);

  submission = g_new0 (PtSubmission, 1);
  data = g_bytes_get_data (body, &size);
  submission->kind = kind;
  submission->body = g_bytes_ref (body);
  submission->done = done;
  submission->user_data = user_data;
  if (many)
    {
      if (!submission_split (submission, pt_span (data, size), error))
        return NULL;
    }
  else
    {
      guint capacity = 1;

      submission->lines = g_new (PtLine, 1);
      if (size > 0 && data[size - 1] == '\n')
        size = without_return (data, size - 1);
      submission_add_line (submission, &capacity, pt_span (data, size), 1, NULL);
    }
  return g_steal_pointer (&submission);
}

void
pt_submission_set_peer (PtSubmission *submission, const PtPeer *peer)
{
  g_return_if_fail (submission != NULL && peer != NULL);

  peer_clear (&submission->peer);
  submission->peer.address = g_strdup (peer->address);
  submission->peer.certificate = g_strdup (peer->certificate);
  submission->peer.account = g_strdup (peer->account);
  submission->peer.area = g_strdup (peer->area);
  submission->peer.device = g_strdup (peer->device);
  submission->peer.transport = peer->transport;
  submission->peer.has_key = peer->has_key;
  memcpy (submission->peer.key, peer->key, sizeof peer->key);
}

PtAttachment *
pt_attachment_new (void)
{
  return g_new0 (PtAttachment, 1);
}

void
pt_attachment_free (PtAttachment *attachment)
{
  if (attachment == NULL)
    return;
  g_clear_pointer (&attachment->text, g_bytes_unref);
  for (guint i = 0; i < attachment->photo_count; i++)
    pt_photo_clear (&attachment->photos[i]);
  g_free (attachment);
}

void
pt_outcome_clear (PtOutcome *outcome)
{
  g_return_if_fail (outcome != NULL);

  g_clear_pointer (&outcome->stored, g_bytes_unref);
  g_clear_pointer (&outcome->receipt, g_bytes_unref);
}

void
pt_submission_attach (PtSubmission *submission, guint index, PtAttachment *attachment)
{
  g_return_if_fail (submission != NULL && index < submission->count);
  g_return_if_fail (attachment == NULL || attachment->photo_count <= PT_PHOTOS_MAX);

  pt_attachment_free (submission->lines[index].attachment);
  submission->lines[index].attachment = attachment;
}

void
pt_submission_want (PtSubmission *submission, guint wants)
{
  g_return_if_fail (submission != NULL && submission->outcomes == NULL);

  submission->wants = wants;
  if (wants == 0)
    return;
  submission->outcomes = g_new0 (PtOutcome, submission->count);
  for (guint i = 0; i < submission->count; i++)
    submission->lines[i].outcome = &submission->outcomes[i];
}

void
pt_submission_refuse (PtSubmission *submission, PtErrorCode code)
{
  g_return_if_fail (submission != NULL);

  for (guint i = 0; i < submission->count; i++)
    pt_line_refuse (&submission->lines[i], code);
}

gboolean
pt_submission_enter (PtSubmission *submission, PtAdmission *admission)
{
  g_return_val_if_fail (submission != NULL && admission != NULL, FALSE);
  g_return_val_if_fail (submission->admission == NULL, FALSE);

  submission->admission = pt_admission_ref (admission);
  submission->entered = g_get_monotonic_time ();
  submission->has_place = pt_admission_enter (admission, submission->count);
  if (!submission->has_place)
    pt_submission_refuse (submission, PT_ERROR_BUSY);
  else if (pt_admission_traffic (admission) != NULL)
    pt_traffic_enter (pt_admission_traffic (admission), submission);
  return submission->has_place;
}

static void
submission_leave (PtSubmission *submission)
{
  guint accepted = 0, duplicate = 0;

  for (guint i = 0; i < submission->count; i++)
    {
      accepted += submission->lines[i].state == PT_LINE_ACCEPTED;
      duplicate += submission->lines[i].state == PT_LINE_DUPLICATE;
    }
  pt_admission_count (submission->admission, accepted, duplicate,
                      submission->count - accepted - duplicate);
  if (pt_admission_traffic (submission->admission) != NULL)
    pt_traffic_count (pt_admission_traffic (submission->admission), submission);
  if (submission->has_place)
    pt_admission_leave (submission->admission, submission->count);
  pt_admission_unref (submission->admission);
}

void
pt_submission_free (PtSubmission *submission)
{
  if (submission == NULL)
    return;
  if (submission->admission != NULL)
    submission_leave (submission);
  peer_clear (&submission->peer);
  for (guint i = 0; i < submission->count; i++)
    {
      g_clear_pointer (&submission->lines[i].attachment, pt_attachment_free);
      if (submission->outcomes != NULL)
        pt_outcome_clear (&submission->outcomes[i]);
    }
  g_free (submission->outcomes);
  g_bytes_unref (submission->body);
  g_free (submission->lines);
  g_free (submission);
}

void
pt_line_refuse (PtLine *line, PtErrorCode code)
{
  g_return_if_fail (line != NULL);

  line->state = PT_LINE_REFUSED;
  line->code = (guint8) code;
  line->rule = PT_RULE_HOLDS;
}

void
pt_line_refuse_many (PtLine *line, guint wait)
{
  g_return_if_fail (line != NULL);

  pt_line_refuse (line, PT_ERROR_TOO_MANY);
  line->wait = (guint16) CLAMP (wait, 1, G_MAXUINT16);
}

/* Reports and registrations had words of their own before rules had. */
static gboolean
rule_has_slug (PtRule rule)
{
  return (rule >= PT_RULE_COMPLAINT_N && rule <= PT_RULE_BAD_PROFILE) || rule == PT_RULE_LOST_USED
         || rule == PT_RULE_LOST_NOT_BELOW;
}

void
pt_line_refuse_rule (PtLine *line, PtRule rule)
{
  g_return_if_fail (line != NULL);

  pt_line_refuse (line, pt_error_from_rule (rule));
  if (rule_has_slug (rule))
    line->rule = (guint8) rule;
}

const char *
pt_line_slug (const PtLine *line)
{
  g_return_val_if_fail (line != NULL, NULL);

  return line->rule != PT_RULE_HOLDS ? pt_rule_slug ((PtRule) line->rule)
                                     : pt_error_slug ((PtErrorCode) line->code);
}

gboolean
pt_line_repeats (const PtLine *line, PtSpan stored)
{
  PtEntry mine, theirs;

  g_return_val_if_fail (line != NULL, FALSE);

  return pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &mine) == PT_OK
         && pt_entry_parse (stored, PT_ENTRY_STORED, &theirs) == PT_OK
         && pt_entry_same_signed (&mine, &theirs);
}

/* A list of the answer, where there is something in it. */
static void
append_list (GString *json, const char *name, const GString *list)
{
  if (list->len > 0)
    g_string_append_printf (json, ",\"%s\":[%s]", name, list->str);
}

G_GNUC_PRINTF (2, 3)
static void
append_item (GString *list, const char *format, ...)
{
  va_list arguments;

  if (list->len > 0)
    g_string_append_c (list, ',');
  va_start (arguments, format);
  g_string_append_vprintf (list, format, arguments);
  va_end (arguments);
}

static void
append_receipt (GString *list, const PtLine *line, guint64 number)
{
  const PtOutcome *outcome = line->outcome;
  gsize size;
  const char *data;

  if (outcome == NULL || outcome->receipt == NULL || line->state == PT_LINE_REFUSED)
    return;
  data = g_bytes_get_data (outcome->receipt, &size);
  append_item (list, "{\"line\":%" G_GUINT64_FORMAT ",\"receipt\":%.*s}", number, (int) size, data);
}

char *
pt_submission_to_json (const PtSubmission *submission)
{
  g_autoptr (GString) rejected = NULL, begin = NULL, receipts = NULL;
  guint accepted = 0, duplicate = 0;
  GString *json;

  g_return_val_if_fail (submission != NULL, NULL);

  rejected = g_string_new (NULL);
  begin = g_string_new (NULL);
  receipts = g_string_new (NULL);
  for (guint i = 0; i < submission->count; i++)
    {
      const PtLine *line = &submission->lines[i];
      guint64 number = submission->lines_before + line->number;

      /* Where a device has new hardware: it counts on above the old. */
      if (line->state == PT_LINE_ACCEPTED && line->first_seq > 1)
        append_item (begin, "{\"line\":%" G_GUINT64_FORMAT ",\"first_seq\":%" G_GINT64_FORMAT "}",
                     number, line->first_seq);
      if ((submission->wants & PT_WANT_RECEIPTS) != 0)
        append_receipt (receipts, line, number);
      if (line->state == PT_LINE_ACCEPTED)
        accepted++;
      else if (line->state == PT_LINE_DUPLICATE)
        duplicate++;
      else
        append_item (rejected, "{\"line\":%" G_GUINT64_FORMAT ",\"error\":\"%s\"}", number,
                     pt_line_slug (line));
    }
  json = g_string_new (NULL);
  g_string_append_printf (json, "{\"accepted\":%u", accepted);
  append_list (json, "begin", begin);
  g_string_append_printf (json, ",\"duplicate\":%u", duplicate);
  append_list (json, "receipts", receipts);
  g_string_append_printf (json, ",\"rejected\":[%s]}", rejected->str);
  return g_string_free (json, FALSE);
}

gboolean
pt_submission_is_busy (const PtSubmission *submission)
{
  g_return_val_if_fail (submission != NULL, FALSE);

  for (guint i = 0; i < submission->count; i++)
    if (submission->lines[i].state != PT_LINE_REFUSED || submission->lines[i].code != PT_ERROR_BUSY)
      return FALSE;
  return submission->count > 0;
}

guint
pt_submission_wait (const PtSubmission *submission)
{
  guint wait = 0;

  g_return_val_if_fail (submission != NULL, 0);

  for (guint i = 0; i < submission->count; i++)
    {
      const PtLine *line = &submission->lines[i];

      if (line->state != PT_LINE_REFUSED || line->code != PT_ERROR_TOO_MANY)
        return 0;
      wait = i == 0 ? line->wait : MIN (wait, line->wait);
    }
  return wait;
}
