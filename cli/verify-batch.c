/* SPDX-License-Identifier: Apache-2.0 */

/* Checks a batch file as a stream: docs/PROTOCOL.md section 4. Its end is read first, because the
 * tree before the batch stands there. */

#include <stdlib.h>
#include <string.h>

#include "batch-ends.h"
#include "pt-cid.h"
#include "pt-encoding.h"
#include "verify-log.h"
#include "pt-i18n.h"

#define CHUNK 262144

typedef struct
{
  PtBatchHeader header; /* of the last line, then of the whole file */
  PtBatchReader reader;
  PtUnixfsBuilder unixfs;
  PtVerifyLog *log;
  PtCid cid;
  uint64_t bytes;
  PtFindings findings;
  bool whole;
  bool no_memory;
  char buffer[PT_ENTRY_MAX + 4096];
  char chunk[CHUNK];
} BatchCheck;

static PtResult
visit_entry (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  BatchCheck *check = context;

  if (pt_verify_log_entry (check->log, check->reader.line, entry, leaf))
    return PT_OK;
  check->no_memory = true;
  return PT_STOPPED;
}

static bool
read_ends (BatchCheck *check, FILE *file, uint64_t size)
{
  PtBatchEnds ends = pt_batch_ends_read (file, size, &check->header);

  if (ends != PT_ENDS_FOUND)
    pt_findings_add (&check->findings, "ends", N_ ("first and last line are exactly the format's"),
                     PT_FINDING_FAILED, "%s", pt_batch_ends_words (ends));
  return ends == PT_ENDS_FOUND;
}

static PtResult
stream (BatchCheck *check, FILE *file)
{
  for (size_t got; (got = fread (check->chunk, 1, sizeof check->chunk, file)) > 0;)
    {
      PtResult result;

      check->bytes += got;
      result = pt_unixfs_feed (&check->unixfs, check->chunk, got);
      if (result == PT_OK)
        result = pt_batch_reader_feed (&check->reader, check->chunk, got);
      if (result != PT_OK)
        return result;
    }
  if (ferror (file))
    return PT_STOPPED;
  check->whole = pt_unixfs_finish (&check->unixfs, &check->cid) == PT_OK;
  return pt_batch_reader_finish (&check->reader, &check->header);
}

static void
add_form (BatchCheck *check, PtResult result)
{
  static const char form[] = N_ ("every byte of the file is as the format says");
  static const char tree[] = N_ ("size and root follow from the tree before and the entries");
  unsigned long long line = check->reader.line;

  if (result == PT_BAD_PROOF)
    {
      pt_findings_add (&check->findings, "form", form, PT_FINDING_OK, "%s", "");
      pt_findings_add (&check->findings, "tree", tree, PT_FINDING_FAILED,
                       _ ("the entries of the file do not give the root it states"));
    }
  else if (result != PT_OK)
    pt_findings_add (&check->findings, "form", form, PT_FINDING_FAILED, _ ("line %llu: %s"), line,
                     pt_result_sentence (result));
  else
    {
      pt_findings_add (&check->findings, "form", form, PT_FINDING_OK, "%s", "");
      pt_findings_add (&check->findings, "tree", tree, PT_FINDING_OK, "%s", "");
    }
}

static void
add_root (BatchCheck *check, const PtVerifyOptions *options)
{
  static const char question[] = N_ ("the root is the one that the chain holds");

  if (!options->has_root)
    pt_findings_add (&check->findings, "root", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --root, which 'powertrack chain area AREA %llu' prints, or run "
                        "'powertrack audit'"),
                     (unsigned long long) check->header.batch);
  else if (memcmp (&options->root, &check->header.root, sizeof (PtHash)) != 0)
    pt_findings_add (&check->findings, "root", question, PT_FINDING_FAILED,
                     _ ("the file's root is another one than --root"));
  else
    pt_findings_add (&check->findings, "root", question, PT_FINDING_OK, "%s", "");
}

static void
add_size (BatchCheck *check, const PtVerifyOptions *options)
{
  static const char question[] = N_ ("the size is the one that the chain holds");

  if (!options->has_size)
    pt_findings_add (&check->findings, "size", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --size, which 'powertrack chain area' prints of the batch"));
  else if (options->size != check->header.size)
    pt_findings_add (&check->findings, "size", question, PT_FINDING_FAILED,
                     _ ("the file's size is another one than --size"));
  else
    pt_findings_add (&check->findings, "size", question, PT_FINDING_OK, "%s", "");
}

/* The file shows that its entries were added to the tree of prev_root; whether that is the tree of
 * the batch before, and so nothing earlier was changed, the chain alone can say. */
static void
add_previous (BatchCheck *check, const PtVerifyOptions *options)
{
  static const char question[] = N_ ("the tree before is the one that the chain holds");
  const PtBatchHeader *header = &check->header;

  if ((header->batch == 1) != (header->previous.size == 0))
    pt_findings_add (&check->findings, "previous", question, PT_FINDING_FAILED,
                     header->batch == 1 ? _ ("nothing comes before the first batch")
                                        : _ ("nothing comes before it, and it is not the first"));
  else if (header->batch == 1)
    pt_findings_add (&check->findings, "previous", question, PT_FINDING_OK, "%s", "");
  else if (!options->has_previous_root)
    pt_findings_add (&check->findings, "previous", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --prev-root, the root that 'powertrack chain area AREA %llu' prints"),
                     (unsigned long long) header->batch - 1);
  else if (memcmp (&options->previous_root, &header->previous_root, sizeof (PtHash)) != 0)
    pt_findings_add (&check->findings, "previous", question, PT_FINDING_FAILED,
                     _ ("the file's prev_root is another one than --prev-root"));
  else
    pt_findings_add (&check->findings, "previous", question, PT_FINDING_OK, "%s", "");
}

static const char *
conclusion (const PtFindings *findings)
{
  switch (pt_findings_verdict (findings))
    {
    case PT_FINDING_OK:
      return _ ("All of it holds.");
    case PT_FINDING_FAILED:
      return _ ("THIS FILE DOES NOT HOLD.");
    case PT_FINDING_NOT_CHECKED:
      break;
    }
  return _ ("Nothing in this file is wrong, but not all of it was checked.");
}

static void
print_gaps (const PtVerifyLog *log)
{
  uint64_t explained, unexplained;

  if (pt_verify_log_gaps (log, &explained, &unexplained))
    printf (_ ("Gaps  %llu reports were made and are not in the log, %llu counters were lost\n"),
            (unsigned long long) unexplained, (unsigned long long) explained);
}

static void
print_text (const BatchCheck *check)
{
  const PtBatchHeader *header = &check->header;
  char from[64], to[64], cid[PT_CID_TEXT_SIZE + 1], root[2 * PT_HASH_SIZE + 1] = { 0 };

  pt_offline_time (header->from, from);
  pt_offline_time (header->to, to);
  pt_hex_encode (&header->root, sizeof header->root, root, sizeof root);
  printf (_ ("Batch %llu of area %s: %s to %s\n"), (unsigned long long) header->batch, header->area,
          from, to);
  if (check->whole)
    {
      pt_cid_to_text (&check->cid, cid);
      printf (_ ("CID   %s (%llu bytes)\n"), cid, (unsigned long long) check->bytes);
    }
  printf (_ ("Root  %s\nSize  %llu entries, %llu before this batch\n"), root,
          (unsigned long long) header->size, (unsigned long long) header->previous.size);
  if (check->log != NULL)
    {
      const uint64_t *count = pt_verify_log_counts (check->log)->entries;

      printf (
          _ ("Holds %llu reports, %llu device and %llu official registrations, %llu actions, "
             "%llu notices, %llu profiles, %llu rosters\n"),
          (unsigned long long) count[PT_ENTRY_REPORT], (unsigned long long) count[PT_ENTRY_DEVICE],
          (unsigned long long) count[PT_ENTRY_OFFICIAL],
          (unsigned long long) count[PT_ENTRY_ACTION], (unsigned long long) count[PT_ENTRY_NOTICE],
          (unsigned long long) count[PT_ENTRY_PROFILE],
          (unsigned long long) count[PT_ENTRY_ROSTER]);
      print_gaps (check->log);
    }
  putchar ('\n');
  pt_findings_print (&check->findings);
  printf ("\n%s\n", conclusion (&check->findings));
}

static void
write_counts (const BatchCheck *check, PtJsonWriter *writer)
{
  pt_json_write_literal (writer, ",\"entries\":{");
  for (int kind = PT_ENTRY_DEVICE; check->log != NULL && kind < PT_ENTRY_KINDS; kind++)
    {
      const char *name = pt_entry_kind_name ((PtEntryKind) kind);

      if (kind != PT_ENTRY_DEVICE)
        pt_json_write_literal (writer, ",");
      pt_json_write_string (writer, pt_span (name, strlen (name)));
      pt_json_write_literal (writer, ":");
      pt_json_write_integer (writer, (int64_t) pt_verify_log_counts (check->log)->entries[kind]);
    }
  pt_json_write_literal (writer, "},");
}

static void
write_gaps (const BatchCheck *check, PtJsonWriter *writer)
{
  uint64_t explained, unexplained;

  if (check->log == NULL || !pt_verify_log_gaps (check->log, &explained, &unexplained))
    return;
  pt_json_write_literal (writer, ",\"gaps\":{\"explained\":");
  pt_json_write_integer (writer, (int64_t) explained);
  pt_json_write_literal (writer, ",\"unexplained\":");
  pt_json_write_integer (writer, (int64_t) unexplained);
  pt_json_write_literal (writer, "}");
}

static void
print_json (const BatchCheck *check)
{
  static char buffer[65536];
  PtJsonWriter writer;
  PtSpan out;
  char cid[PT_CID_TEXT_SIZE + 1] = "";

  if (check->whole)
    pt_cid_to_text (&check->cid, cid);
  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, "{\"area\":");
  pt_json_write_string (&writer, pt_span (check->header.area, strlen (check->header.area)));
  pt_json_write_literal (&writer, ",\"batch\":");
  pt_json_write_integer (&writer, (int64_t) check->header.batch);
  pt_json_write_literal (&writer, ",\"bytes\":");
  pt_json_write_integer (&writer, (int64_t) check->bytes);
  pt_json_write_literal (&writer, ",\"cid\":");
  pt_json_write_string (&writer, pt_span (cid, strlen (cid)));
  write_counts (check, &writer);
  pt_findings_write (&check->findings, &writer);
  write_gaps (check, &writer);
  pt_json_write_literal (&writer, pt_findings_verdict (&check->findings) == PT_FINDING_OK
                                      ? ",\"holds\":true"
                                      : ",\"holds\":false");
  pt_json_write_literal (&writer, ",\"kind\":\"batch\",\"root\":");
  pt_json_write_hex (&writer, &check->header.root, sizeof check->header.root);
  pt_json_write_literal (&writer, ",\"size\":");
  pt_json_write_integer (&writer, (int64_t) check->header.size);
  pt_json_write_literal (&writer, ",\"verdict\":\"");
  pt_json_write_literal (&writer, pt_findings_verdict_name (&check->findings));
  pt_json_write_literal (&writer, "\"}\n");
  if (pt_json_writer_finish (&writer, &out) == PT_OK)
    fwrite (out.data, 1, out.size, stdout);
}

static bool
check_stream (BatchCheck *check, FILE *file, const PtVerifyOptions *options)
{
  PtFrontier previous = check->header.previous;
  PtSpan area = pt_span (check->header.area, strlen (check->header.area));
  PtResult result;

  check->log = pt_verify_log_new (options, area, check->header.batch, check->header.from,
                                  check->header.to, check->header.batch == 1 && previous.size == 0);
  if (check->log == NULL
      || pt_batch_reader_init (&check->reader, &previous, check->buffer, sizeof check->buffer,
                               visit_entry, check)
             != PT_OK
      || pt_unixfs_init (&check->unixfs, 0, 0, NULL, NULL) != PT_OK)
    return false;
  result = stream (check, file);
  if (check->no_memory)
    return false;
  add_form (check, result);
  pt_verify_log_findings (check->log, &check->findings);
  add_root (check, options);
  add_size (check, options);
  add_previous (check, options);
  return true;
}

int
pt_verify_batch (FILE *file, uint64_t size, const PtVerifyOptions *options)
{
  BatchCheck *check = calloc (1, sizeof *check);
  bool done
      = check != NULL && (!read_ends (check, file, size) || check_stream (check, file, options));
  int status = PT_EXIT_NOT_CHECKED;

  if (!done)
    pt_offline_complain (_ ("powertrack verify: %s: out of memory\n"), options->path);
  else if (options->json)
    print_json (check);
  else
    print_text (check);
  if (done)
    status = pt_findings_status (&check->findings);
  if (check != NULL)
    pt_verify_log_free (check->log);
  free (check);
  return status;
}
