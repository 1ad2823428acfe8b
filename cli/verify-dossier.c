/* SPDX-License-Identifier: Apache-2.0 */

/* Checks the dossier of a complaint: powertrack-complaint(1). */

#include <stdlib.h>
#include <string.h>

#include "dossier-check.h"
#include "pt-complaint-number.h"
#include "pt-i18n.h"
#include "pt-rule-words.h"
#include "pt-text.h"

static const char *
conclusion (const PtFindings *findings)
{
  switch (pt_findings_verdict (findings))
    {
    case PT_FINDING_OK:
      return _ ("All of it holds.");
    case PT_FINDING_FAILED:
      return _ ("THIS DOSSIER DOES NOT HOLD.");
    case PT_FINDING_NOT_CHECKED:
      break;
    }
  return _ ("Nothing in this dossier is wrong, but not all of it was checked.");
}

/* What somebody wrote, escaped as in JSON, below its step; a text's own lines are indented too. */
static void
print_words (const char *label, PtSpan escaped)
{
  char *text = malloc (escaped.size + 1);
  size_t size = 0;

  if (text == NULL || pt_json_unescape (escaped, text, escaped.size, &size) != PT_OK)
    {
      free (text);
      return;
    }
  text[size] = '\0';
  pt_text_make_safe (text, size, true);
  printf ("       %s", label);
  for (const char *at = text; *at != '\0'; at++)
    {
      putchar (*at);
      if (*at == '\n')
        printf ("       ");
    }
  putchar ('\n');
  free (text);
}

/* "contact" and "text" of a private part. */
static void
print_private (PtSpan private)
{
  PtJsonReader reader;
  PtJsonValue value;
  PtSpan key;
  bool more = true;

  pt_json_reader_init (&reader, private);
  if (pt_json_open (&reader) != PT_OK)
    return;
  while (pt_json_member (&reader, &more, &key, &value, NULL) == PT_OK && more)
    {
      bool inside = value.type == PT_JSON_ARRAY;

      if (value.type == PT_JSON_STRING && value.text.size > 0 && pt_span_is (key, "text"))
        print_words (_ ("said: "), value.text);
      else if (value.type == PT_JSON_STRING && value.text.size > 0 && pt_span_is (key, "contact"))
        print_words (_ ("contact: "), value.text);
      else if (value.type == PT_JSON_OBJECT)
        return;
      while (inside)
        if (pt_json_element (&reader, &inside, &value) != PT_OK || value.type != PT_JSON_STRING)
          break;
    }
}

static void
print_row (const PtDossierRow *row)
{
  const PtEntry *entry = &row->entry;
  char received[64];

  pt_offline_time (entry->received, received);
  printf ("  %3lld  %s  %-11s  %.*s", (long long) entry->n, received,
          pt_action_name (entry->action), (int) entry->by.size, entry->by.data);
  if (row->is_vouched)
    printf (" (%s)", pt_role_name (row->official.role));
  if (entry->to.size > 0)
    printf (_ (" to %.*s"), (int) entry->to.size, entry->to.data);
  if (entry->of.size > 0)
    printf (_ (" of %.*s"), (int) entry->of.size, entry->of.data);
  printf (_ (", now %s"), pt_state_words (pt_complaint_state_name (row->state)));
  if (row->has_proof)
    printf (_ (", batch %llu, entry %llu\n"), (unsigned long long) row->proof.batch,
            (unsigned long long) row->proof.index);
  else
    printf (_ (", not in a batch yet\n"));
  if (row->is_vouched)
    print_words (_ ("office: "), row->official.name);
  if (entry->note.size > 0)
    print_words (_ ("note: "), entry->note);
  if (row->private.size > 0)
    print_private (row->private);
  if (row->evidence != PT_EVIDENCE_NONE && row->is_shown)
    printf (_ ("       devices: %s\n"), pt_evidence_name (row->evidence));
  else if (row->evidence != PT_EVIDENCE_NONE)
    printf (_ ("       devices, as the daemon says: %s\n"), pt_evidence_name (row->evidence));
}

static void
print_reports (const PtDossierCheck *check)
{
  if (check->report_count > 0)
    printf (_ ("\nReports from there around the resolves:\n"));
  for (size_t i = 0; i < check->report_count; i++)
    {
      const PtDossierReport *report = &check->reports[i];
      char received[64];

      pt_offline_time (report->entry.received, received);
      printf (_ ("  %s  %.*s says %s, counter %lld, batch %llu, entry %llu\n"), received,
              (int) report->entry.device.size, report->entry.device.data,
              pt_power_name (report->entry.power), (long long) report->entry.seq,
              (unsigned long long) report->proof.batch, (unsigned long long) report->proof.index);
    }
  if (check->dossier.left_out > 0)
    printf (_ ("\nNot all in the dossier is what was said around resolves, of devices: %lld\n"),
            (long long) check->dossier.left_out);
}

/* Numbers in groups, as they are said. */
static void
show_number (PtSpan id, char out[PT_ID_MAX + 1])
{
  if (pt_complaint_number_is (id))
    {
      pt_complaint_number_group (id.data, out);
      return;
    }
  memcpy (out, id.data, id.size);
  out[id.size] = '\0';
}

static void
print_text (const PtDossierCheck *check)
{
  const PtDossier *dossier = &check->dossier;
  const PtEntry *file = check->row_count > 0 ? &check->rows[0].entry : NULL;
  char made[64], shown[PT_ID_MAX + 1];

  pt_offline_time (dossier->made, made);
  show_number (dossier->complaint, shown);
  printf (_ ("Dossier: complaint %s of area %.*s, put together %s\n"), shown,
          (int) dossier->area.size, dossier->area.data, made);
  if (file != NULL && file->site.size > 0)
    printf (_ ("Category %.*s, site %.*s\n"), (int) file->category.size, file->category.data,
            (int) file->site.size, file->site.data);
  else if (file != NULL)
    printf (_ ("Category %.*s, near %.2f, %.2f\n"), (int) file->category.size, file->category.data,
            (double) file->lat / 1e7, (double) file->lon / 1e7);
  putchar ('\n');
  for (size_t i = 0; i < check->row_count; i++)
    print_row (&check->rows[i]);
  print_reports (check);
  printf (_ ("\nLater steps than these are not excluded; 'powertrack audit' reads the whole "
             "log.\n\n"));
}

static void
write_text (PtJsonWriter *writer, const char *key, PtSpan text)
{
  pt_json_write_literal (writer, key);
  pt_json_write_string (writer, text);
}

static void
write_word (PtJsonWriter *writer, const char *key, const char *word)
{
  write_text (writer, key, pt_span (word, strlen (word)));
}

static void
write_number (PtJsonWriter *writer, const char *key, int64_t number)
{
  pt_json_write_literal (writer, key);
  pt_json_write_integer (writer, number);
}

static void
write_report (PtJsonWriter *writer, const PtDossierReport *report)
{
  write_number (writer, "{\"batch\":", (int64_t) report->proof.batch);
  write_text (writer, ",\"device\":", report->entry.device);
  write_number (writer, ",\"index\":", (int64_t) report->proof.index);
  write_word (writer, ",\"power\":", pt_power_name (report->entry.power));
  write_number (writer, ",\"received\":", report->entry.received);
  write_number (writer, ",\"seq\":", report->entry.seq);
  pt_json_write_literal (writer, "}");
}

static void
write_row (PtJsonWriter *writer, const PtDossierRow *row)
{
  write_word (writer, "{\"action\":", pt_action_name (row->entry.action));
  if (row->has_proof)
    write_number (writer, ",\"batch\":", (int64_t) row->proof.batch);
  write_text (writer, ",\"by\":", row->entry.by);
  if (row->evidence != PT_EVIDENCE_NONE)
    {
      write_word (writer, ",\"evidence\":", pt_evidence_name (row->evidence));
      pt_json_write_literal (writer, row->is_shown ? ",\"evidence_shown\":true"
                                                   : ",\"evidence_shown\":false");
    }
  if (row->has_proof)
    write_number (writer, ",\"index\":", (int64_t) row->proof.index);
  write_number (writer, ",\"n\":", row->entry.n);
  write_number (writer, ",\"received\":", row->entry.received);
  if (row->is_vouched)
    write_word (writer, ",\"role\":", pt_role_name (row->official.role));
  write_word (writer, ",\"state\":", pt_complaint_state_name (row->state));
  pt_json_write_literal (writer, "}");
}

static bool
print_json (const PtDossierCheck *check)
{
  size_t room = 65536 + check->row_count * 512 + check->report_count * 512;
  char *buffer = malloc (room);
  PtJsonWriter writer;
  PtSpan out;
  bool done = false;

  if (buffer == NULL)
    return false;
  pt_json_writer_init (&writer, buffer, room);
  write_text (&writer, "{\"area\":", check->dossier.area);
  write_text (&writer, ",\"complaint\":", check->dossier.complaint);
  pt_json_write_literal (&writer, ",");
  pt_findings_write (&check->findings, &writer);
  pt_json_write_literal (&writer, pt_findings_verdict (&check->findings) == PT_FINDING_OK
                                      ? ",\"holds\":true"
                                      : ",\"holds\":false");
  write_word (&writer, ",\"kind\":", "dossier");
  write_number (&writer, ",\"left_out\":", check->dossier.left_out);
  write_number (&writer, ",\"made\":", check->dossier.made);
  pt_json_write_literal (&writer, ",\"reports\":[");
  for (size_t i = 0; i < check->report_count; i++)
    {
      if (i > 0)
        pt_json_write_literal (&writer, ",");
      write_report (&writer, &check->reports[i]);
    }
  pt_json_write_literal (&writer, "]");
  write_word (&writer, ",\"state\":", pt_complaint_state_name (check->complaint.state));
  pt_json_write_literal (&writer, ",\"steps\":[");
  for (size_t i = 0; i < check->row_count; i++)
    {
      if (i > 0)
        pt_json_write_literal (&writer, ",");
      write_row (&writer, &check->rows[i]);
    }
  write_word (&writer, "],\"verdict\":", pt_findings_verdict_name (&check->findings));
  pt_json_write_literal (&writer, "}\n");
  if (pt_json_writer_finish (&writer, &out) == PT_OK)
    done = fwrite (out.data, 1, out.size, stdout) == out.size;
  free (buffer);
  return done;
}

static char *
read_whole (FILE *file, uint64_t size)
{
  char *text = malloc ((size_t) size + 1);

  if (text == NULL || fread (text, 1, (size_t) size, file) == size)
    return text;
  free (text);
  return NULL;
}

int
pt_verify_dossier (FILE *file, uint64_t size, const PtVerifyOptions *options)
{
  char *text = size <= PT_DOSSIER_MAX + 1 ? read_whole (file, size) : NULL;
  PtDossierCheck *check;
  int status;

  if (text == NULL)
    {
      pt_offline_complain (_ ("powertrack verify: %s: it can't be read, or is too large\n"),
                           options->path);
      return PT_EXIT_NOT_CHECKED;
    }
  if (size > 0 && text[size - 1] == '\n')
    size--; /* what saves a text ends its last line */
  check = pt_dossier_check_new (text, (size_t) size, options);
  if (check == NULL)
    {
      pt_offline_complain (_ ("powertrack verify: out of memory\n"));
      return PT_EXIT_NOT_CHECKED;
    }
  status = pt_findings_status (&check->findings);
  if (options->json)
    status = print_json (check) ? status : PT_EXIT_NOT_CHECKED;
  else
    {
      if (check->dossier.step_count > 0)
        print_text (check);
      pt_findings_print (&check->findings);
      printf ("\n%s\n", conclusion (&check->findings));
    }
  pt_dossier_check_free (check);
  return status;
}
