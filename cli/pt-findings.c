/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "pt-i18n.h"
#include "pt-offline.h"

static const char *const state_names[] = { "ok", "failed", "not-checked" };

void
pt_findings_add (PtFindings *findings, const char *name, const char *question, PtFindingState state,
                 const char *format, ...)
{
  PtFinding *finding;
  va_list arguments;

  if (findings->count == PT_FINDINGS_MAX)
    return;
  finding = &findings->items[findings->count++];
  finding->name = name;
  finding->question = question;
  finding->state = state;
  va_start (arguments, format);
  vsnprintf (finding->why, sizeof finding->why, format, arguments);
  va_end (arguments);
}

PtFindingState
pt_findings_verdict (const PtFindings *findings)
{
  PtFindingState verdict = findings->count > 0 ? PT_FINDING_OK : PT_FINDING_NOT_CHECKED;

  for (size_t i = 0; i < findings->count; i++)
    {
      if (findings->items[i].state == PT_FINDING_FAILED)
        return PT_FINDING_FAILED;
      if (findings->items[i].state == PT_FINDING_NOT_CHECKED)
        verdict = PT_FINDING_NOT_CHECKED;
    }
  return verdict;
}

int
pt_findings_status (const PtFindings *findings)
{
  static const int statuses[] = { [PT_FINDING_OK] = PT_EXIT_HOLDS,
                                  [PT_FINDING_FAILED] = PT_EXIT_FAILED,
                                  [PT_FINDING_NOT_CHECKED] = PT_EXIT_NOT_CHECKED };

  return statuses[pt_findings_verdict (findings)];
}

const char *
pt_findings_verdict_name (const PtFindings *findings)
{
  static const char *const names[] = { [PT_FINDING_OK] = "holds",
                                       [PT_FINDING_FAILED] = "fails",
                                       [PT_FINDING_NOT_CHECKED] = "not-checked" };

  return names[pt_findings_verdict (findings)];
}

/* Cells of a terminal that @text takes, in the locale's encoding. */
static size_t
display_width (const char *text)
{
  mbstate_t state = { 0 };
  size_t width = 0, left = strlen (text);

  while (left > 0)
    {
      wchar_t character;
      size_t size = mbrtowc (&character, text, left, &state);

      if (size == 0 || size > left)
        return width + left;
      width += wcwidth (character) > 0 ? (size_t) wcwidth (character) : 0;
      text += size;
      left -= size;
    }
  return width;
}

static void
print_one (const PtFinding *finding, size_t width)
{
  static const char *const words[] = { N_ ("ok"), N_ ("FAILED"), N_ ("not checked") };
  const char *question = _ (finding->question);
  int spaces = (int) (width - display_width (question));

  printf ("  %s%*s  %s", question, spaces, "", _ (words[finding->state]));
  if (finding->why[0] != '\0')
    printf (finding->state == PT_FINDING_OK ? " (%s)" : ": %s", finding->why);
  putchar ('\n');
}

void
pt_findings_print (const PtFindings *findings)
{
  size_t width = 0;

  for (size_t i = 0; i < findings->count; i++)
    {
      size_t own = display_width (_ (findings->items[i].question));

      width = own > width ? own : width;
    }
  for (size_t i = 0; i < findings->count; i++)
    print_one (&findings->items[i], width);
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
    [PT_OK] = N_ ("it holds"),
    [PT_MALFORMED] = N_ ("it is not what the format says"),
    [PT_NOT_CANONICAL] = N_ ("it is JSON, but not in its one canonical form"),
    [PT_TOO_PRECISE] = N_ ("a house's position is finer than a cell"),
    [PT_TOO_LARGE] = N_ ("it is longer than allowed"),
    [PT_BAD_KEY] = N_ ("the key is not a point on the curve, or no key is known for its signer"),
    [PT_BAD_SIGNATURE] = N_ ("the signature does not hold"),
    [PT_BAD_PROOF] = N_ ("the root does not follow from the entries or the path"),
    [PT_BAD_TIME] = N_ ("it was received before it can have been signed"),
    [PT_BAD_WINDOW] = N_ ("the times lie outside the batch's window or run backwards"),
    [PT_BAD_ROSTER] = N_ ("the roster is missing, doubled, misplaced or wrong"),
    [PT_BAD_CID] = N_ ("the CID is not of the one form"),
    [PT_NO_SPACE] = N_ ("it is longer than allowed"),
    [PT_STOPPED] = N_ ("the reading was stopped"),
    [PT_NOT_CHECKED] = N_ ("nothing is known of it"),
  };

  return (unsigned int) result < PT_RESULT_COUNT ? _ (sentences[result]) : _ ("unknown");
}
