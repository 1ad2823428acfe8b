/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-answer.h"

#include <string.h>

#define FORMAT "\"format\":\"powertrack-answer-1\""

static void
append_comma (GString *list)
{
  if (list->len > 0)
    g_string_append_c (list, ',');
}

static void
append_receipt (GString *receipts, const PtLine *line)
{
  gsize size;
  const char *text;

  if (line->outcome == NULL || line->outcome->receipt == NULL)
    return;
  append_comma (receipts);
  text = g_bytes_get_data (line->outcome->receipt, &size);
  g_string_append_len (receipts, text, (gssize) size);
}

static void
append_refused (GString *rejected, const PtLine *line)
{
  append_comma (rejected);
  g_string_append_printf (rejected, "{\"error\":\"%s\",\"line\":%u", pt_line_slug (line),
                          line->number);
  if (line->seq > 0)
    g_string_append_printf (rejected, ",\"seq\":%" G_GINT64_FORMAT, line->seq);
  g_string_append_c (rejected, '}');
}

static void
append_line (const PtLine *line, GString *accepted, GString *duplicate, GString *rejected)
{
  GString *list = line->state == PT_LINE_ACCEPTED ? accepted : duplicate;

  if (line->state != PT_LINE_ACCEPTED && line->state != PT_LINE_DUPLICATE)
    {
      append_refused (rejected, line);
      return;
    }
  append_comma (list);
  g_string_append_printf (list, "%" G_GINT64_FORMAT, line->seq);
}

static void
free_string (GString *string)
{
  g_string_free (string, TRUE);
}

char *
pt_mqtt_answer_text (const PtSubmission *submission)
{
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify) free_string);
  GString *of[4], *text;

  g_return_val_if_fail (submission != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (of); i++)
    g_ptr_array_add (lists, of[i] = g_string_new (NULL));
  for (guint i = 0; i < submission->count; i++)
    {
      append_line (&submission->lines[i], of[0], of[1], of[2]);
      append_receipt (of[3], &submission->lines[i]);
    }
  text = g_string_new (NULL);
  g_string_append_printf (text, "{\"accepted\":[%s],\"duplicate\":[%s]," FORMAT, of[0]->str,
                          of[1]->str);
  if (of[3]->len > 0)
    g_string_append_printf (text, ",\"receipts\":[%s]", of[3]->str);
  g_string_append_printf (text, ",\"rejected\":[%s]}", of[2]->str);
  return g_string_free (text, FALSE);
}

char *
pt_mqtt_answer_refusal (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  return g_strdup_printf ("{\"accepted\":[],\"duplicate\":[]," FORMAT
                          ",\"rejected\":[{\"error\":\"%s\",\"line\":1}]}",
                          pt_error_to_slug (error));
}

gboolean
pt_mqtt_answer_waits (const PtSubmission *submission)
{
  g_return_val_if_fail (submission != NULL, FALSE);

  for (guint i = 0; i < submission->count; i++)
    if (submission->lines[i].state == PT_LINE_REFUSED && submission->lines[i].code == PT_ERROR_BUSY)
      return TRUE;
  return FALSE;
}
