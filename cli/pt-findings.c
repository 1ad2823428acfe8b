/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const state_names[] = { "ok", "failed", "not-checked" };

void
pt_findings_add (PtFindings *findings, const char *name, const char *question, PtFindingState state,
                 const char *format, ...)
{
  if (findings->count == PT_FINDINGS_MAX)
    return;
  PtFinding *finding = &findings->items[findings->count++];
  finding->name = name;
  finding->question = question;
  finding->state = state;
  va_list arguments;
  va_start (arguments, format);
  vsnprintf (finding->why, sizeof finding->why, format, arguments);
  va_end (arguments);
}

bool
pt_findings_hold (const PtFindings *findings)
{
  for (size_t i = 0; i < findings->count; i++)
    if (findings->items[i].state == PT_FINDING_FAILED)
      return false;
  return true;
}

static void
print_one (const PtFinding *finding, int width)
{
  static const char *const words[] = { "ok", "FAILED", "not checked" };
  printf ("  %-*s  %s", width, finding->question, words[finding->state]);
  if (finding->why[0] != '\0')
    printf (finding->state == PT_FINDING_OK ? " (%s)" : ": %s", finding->why);
  putchar ('\n');
}

void
pt_findings_print (const PtFindings *findings)
{
  size_t width = 0;
  for (size_t i = 0; i < findings->count; i++)
    if (strlen (findings->items[i].question) > width)
      width = strlen (findings->items[i].question);
  for (size_t i = 0; i < findings->count; i++)
    print_one (&findings->items[i], (int) width);
}

void
pt_findings_write (const PtFindings *findings, PtJsonWriter *writer)
{
  pt_json_write_literal (writer, "\"findings\":[");
  for (size_t i = 0; i < findings->count; i++)
    {
      const PtFinding *finding = &findings->items[i];
      pt_json_write_literal (writer, i == 0 ? "{\"name\":" : ",{\"name\":");
      pt_json_write_string (writer, pt_span (finding->name, strlen (finding->name)));
      pt_json_write_literal (writer, ",\"question\":");
      pt_json_write_string (writer, pt_span (finding->question, strlen (finding->question)));
      pt_json_write_literal (writer, ",\"state\":");
      pt_json_write_string (
          writer, pt_span (state_names[finding->state], strlen (state_names[finding->state])));
      pt_json_write_literal (writer, ",\"why\":");
      pt_json_write_string (writer, pt_span (finding->why, strlen (finding->why)));
      pt_json_write_literal (writer, "}");
    }
  pt_json_write_literal (writer, "]");
}

const char *
pt_result_sentence (PtResult result)
{
  static const char *const sentences[PT_RESULT_COUNT] = {
    [PT_OK] = "it holds",
    [PT_MALFORMED] = "it is not what the format says",
    [PT_NOT_CANONICAL] = "it is JSON, but not in its one canonical form",
    [PT_TOO_PRECISE] = "a house's position is finer than a cell",
    [PT_TOO_LARGE] = "it is longer than allowed",
    [PT_BAD_KEY] = "the key is not a point on the curve, or no key is known for its signer",
    [PT_BAD_SIGNATURE] = "the signature does not hold",
    [PT_BAD_PROOF] = "the root does not follow from the entries or the path",
    [PT_BAD_WINDOW] = "the times lie outside the batch's window or run backwards",
    [PT_BAD_ROSTER] = "the roster is missing, doubled, misplaced or wrong",
    [PT_BAD_CID] = "the CID is not of the one form",
    [PT_NO_SPACE] = "it is longer than allowed",
    [PT_STOPPED] = "the reading was stopped",
  };
  return (unsigned int) result < PT_RESULT_COUNT ? sentences[result] : "unknown";
}
