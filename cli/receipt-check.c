/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack receipt check`: whether what was promised was kept, with the network off: the batch
 * file of its time holds the entry, or the two together prove that the promise was broken. With
 * --rpc powertrack-online asks chain and gateway. */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batch-ends.h"
#include "pt-encoding.h"
#include "pt-findings.h"
#include "pt-i18n.h"
#include "pt-kept.h"
#include "pt-offline.h"
#include "pt-p256.h"
#include "pt-receipt.h"

static const char help[] = N_ (
    "Usage: powertrack receipt check FILE --batch-file FILE [OPTION...]\n"
    "       powertrack receipt check FILE --rpc URL --contract ADDR --gateway URL [OPTION...]\n"
    "\n"
    "Whether a receipt's promise was kept. With the batch file of its time and the network off:\n"
    "held or broken, and then both files together prove it to anybody. With a chain and a\n"
    "gateway: kept, late, pending or broken.\n"
    "\n"
    "  --batch-file FILE   the batch whose window holds the receipt's time\n"
    "  --root HEX          the root that the chain holds for that batch\n"
    "  --service-key KEY   the area's service key (base64url), as registered on the chain\n"
    "  --entry FILE        the entry that it should be for, its exact bytes\n"
    "  --rpc URL           ask this chain\n"
    "  --contract ADDR     the contract there\n"
    "  --gateway URL       any trustless IPFS gateway, the daemon too\n"
    "  --confirmations N   final is what is N blocks below the newest, instead of what the\n"
    "                      chain says is\n"
    "  --from-block N      the block the contract was deployed in (default 0)\n"
    "  --json              print one JSON object\n"
    "  -h, --help          this text\n");

#define KEPT_MAX (4 * 1024 * 1024) /* bytes */

enum
{
  OPTION_BATCH = 1,
  OPTION_ROOT,
  OPTION_SERVICE,
  OPTION_ENTRY,
  OPTION_JSON
};

typedef struct
{
  const char *path, *batch_path, *entry_path;
  bool has_root, has_service, json;
  PtHash root;
  uint8_t service_key[PT_PUBLIC_KEY_SIZE];
} Options;

typedef struct
{
  PtReceipt receipt;
  PtBatchHeader header;
  bool is_of_its_time, held;
  PtFindings findings;
} ReceiptCheck;

/* The whole file, of at most @room bytes, without the newline at its end; false after saying why.
 */
static bool
read_small (const char *path, char *out, size_t room, size_t *size)
{
  FILE *file = fopen (path, "rb");

  if (file == NULL)
    {
      pt_offline_complain ("powertrack receipt check: %s: %s\n", path, strerror (errno));
      return false;
    }
  *size = fread (out, 1, room, file);
  fclose (file);
  if (*size > 0 && out[*size - 1] == '\n')
    --*size;
  return true;
}

static PtFindingState
state_of (PtResult result)
{
  return result == PT_OK ? PT_FINDING_OK : PT_FINDING_FAILED;
}

static void
read_receipt (ReceiptCheck *check, PtSpan text)
{
  PtResult result = pt_receipt_parse (text, &check->receipt);

  pt_findings_add (&check->findings, "form",
                   N_ ("the file is a receipt in its one form, and its path leads to its root"),
                   state_of (result), "%s", result == PT_OK ? "" : pt_result_sentence (result));
}

static void
check_signature (ReceiptCheck *check, const Options *options)
{
  static const char question[] = N_ ("the area's service signed it");
  PtVerifier *verifier;
  PtResult result;

  if (!options->has_service)
    {
      pt_findings_add (&check->findings, "signature", question, PT_FINDING_NOT_CHECKED,
                       _ ("give --service-key, which 'powertrack chain area' prints"));
      return;
    }
  verifier = pt_p256_verifier_new (PT_P256_FAST);
  result = verifier == NULL ? PT_BAD_SIGNATURE
                            : pt_receipt_verify (&check->receipt, verifier, options->service_key);
  if (verifier != NULL)
    pt_p256_verifier_free (verifier);
  pt_findings_add (&check->findings, "signature", question, state_of (result), "%s",
                   result == PT_OK ? "" : pt_result_sentence (result));
}

static bool
check_entry (ReceiptCheck *check, const Options *options)
{
  char *text;
  size_t size = 0;
  PtHash leaf;
  bool done, same;

  if (options->entry_path == NULL)
    return true;
  text = malloc (PT_ENTRY_MAX + 2);
  done = text != NULL && read_small (options->entry_path, text, PT_ENTRY_MAX + 2, &size);
  if (done)
    pt_tree_leaf_hash (pt_span (text, size), &leaf);
  free (text);
  if (!done)
    return false;
  same = memcmp (&leaf, &check->receipt.leaf, sizeof leaf) == 0;
  pt_findings_add (&check->findings, "entry", N_ ("it is for the entry that was given"),
                   same ? PT_FINDING_OK : PT_FINDING_FAILED, "%s",
                   same ? "" : _ ("its leaf is that of other bytes"));
  return true;
}

static PtResult
visit_entry (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  ReceiptCheck *check = context;

  if (memcmp (leaf, &check->receipt.leaf, sizeof *leaf) == 0)
    check->held = true;
  (void) index;
  (void) entry;
  return PT_OK;
}

/* Every byte of it, so that what it does not hold is sure. */
static PtResult
search (ReceiptCheck *check, FILE *file)
{
  static char buffer[PT_ENTRY_MAX + 4096], chunk[262144];
  PtFrontier previous = check->header.previous;
  PtBatchReader reader;
  PtResult result
      = pt_batch_reader_init (&reader, &previous, buffer, sizeof buffer, visit_entry, check);

  for (size_t got; result == PT_OK && (got = fread (chunk, 1, sizeof chunk, file)) > 0;)
    result = pt_batch_reader_feed (&reader, chunk, got);
  return result == PT_OK ? pt_batch_reader_finish (&reader, &check->header) : result;
}

static void
add_held (ReceiptCheck *check)
{
  static const char question[] = N_ ("the batch of its time holds the entry");
  const PtBatchHeader *header = &check->header;

  check->is_of_its_time = pt_span_is (check->receipt.area, header->area)
                          && header->from <= check->receipt.received
                          && check->receipt.received < header->to;
  if (check->is_of_its_time)
    pt_findings_add (
        &check->findings, "held", question, check->held ? PT_FINDING_OK : PT_FINDING_FAILED, "%s",
        check->held
            ? ""
            : _ ("it does not: THE PROMISE IS BROKEN, which this file and the receipt prove"));
  else
    pt_findings_add (&check->findings, "held", question, PT_FINDING_NOT_CHECKED,
                     _ ("batch %llu of area %s is not that of its time"),
                     (unsigned long long) header->batch, header->area);
}

static void
add_root (ReceiptCheck *check, const Options *options)
{
  static const char question[] = N_ ("the file is the one that the chain holds the root of");

  if (!options->has_root)
    pt_findings_add (&check->findings, "root", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --root, which 'powertrack chain area AREA %llu' prints"),
                     (unsigned long long) check->header.batch);
  else if (memcmp (&options->root, &check->header.root, sizeof (PtHash)) != 0)
    pt_findings_add (&check->findings, "root", question, PT_FINDING_FAILED,
                     _ ("the file's root is another one than --root"));
  else
    pt_findings_add (&check->findings, "root", question, PT_FINDING_OK, "%s", "");
}

static bool
check_batch (ReceiptCheck *check, const Options *options)
{
  static const char question[] = N_ ("the batch file is whole and as the format says");
  FILE *file = fopen (options->batch_path, "rb");
  PtBatchEnds ends = PT_ENDS_NO_FIRST;
  PtResult result = PT_STOPPED;
  struct stat info;

  if (file == NULL || fstat (fileno (file), &info) != 0)
    {
      pt_offline_complain ("powertrack receipt check: %s: %s\n", options->batch_path,
                           strerror (errno));
      if (file != NULL)
        fclose (file);
      return false;
    }
  ends = pt_batch_ends_read (file, (uint64_t) info.st_size, &check->header);
  if (ends == PT_ENDS_FOUND)
    result = search (check, file);
  fclose (file);
  pt_findings_add (&check->findings, "batch", question, state_of (result), "%s",
                   ends != PT_ENDS_FOUND ? pt_batch_ends_words (ends)
                   : result != PT_OK     ? pt_result_sentence (result)
                                         : "");
  if (result != PT_OK)
    return true;
  add_held (check);
  add_root (check, options);
  return true;
}

/* "held", "broken" or "not-checked": the promise, as far as these files tell. */
static const char *
promise_name (const ReceiptCheck *check)
{
  if (!check->is_of_its_time)
    return "not-checked";
  return check->held ? "held" : "broken";
}

static void
print_json (const ReceiptCheck *check)
{
  char buffer[16384];
  PtJsonWriter writer;
  PtSpan out;
  const char *verdict = pt_findings_verdict_name (&check->findings);
  const char *promise = promise_name (check);

  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, "{\"area\":");
  pt_json_write_string (&writer, check->receipt.area);
  pt_json_write_literal (&writer, ",\"by\":");
  pt_json_write_integer (&writer, check->receipt.by);
  pt_json_write_literal (&writer, ",");
  pt_findings_write (&check->findings, &writer);
  pt_json_write_literal (&writer,
                         strcmp (verdict, "holds") == 0 ? ",\"holds\":true" : ",\"holds\":false");
  pt_json_write_literal (&writer, ",\"kind\":\"receipt\",\"leaf\":");
  pt_json_write_hex (&writer, &check->receipt.leaf, sizeof check->receipt.leaf);
  pt_json_write_literal (&writer, ",\"promise\":");
  pt_json_write_string (&writer, pt_span (promise, strlen (promise)));
  pt_json_write_literal (&writer, ",\"received\":");
  pt_json_write_integer (&writer, check->receipt.received);
  pt_json_write_literal (&writer, ",\"verdict\":");
  pt_json_write_string (&writer, pt_span (verdict, strlen (verdict)));
  pt_json_write_literal (&writer, "}\n");
  if (pt_json_writer_finish (&writer, &out) == PT_OK)
    fwrite (out.data, 1, out.size, stdout);
}

static const char *
conclusion (const ReceiptCheck *check)
{
  switch (pt_findings_verdict (&check->findings))
    {
    case PT_FINDING_OK:
      return _ ("The entry is in the log, as was promised.");
    case PT_FINDING_FAILED:
      if (check->is_of_its_time && !check->held)
        return _ ("THE PROMISE WAS BROKEN. Keep both files: whoever has them can see it.");
      return _ ("THIS RECEIPT DOES NOT HOLD.");
    case PT_FINDING_NOT_CHECKED:
      break;
    }
  return _ ("Nothing is wrong with this receipt, but not all of it was checked.");
}

static void
print_text (const ReceiptCheck *check)
{
  const PtReceipt *receipt = &check->receipt;
  char received[64], by[64], leaf[2 * PT_HASH_SIZE + 1] = { 0 };

  if (receipt->size > 0)
    {
      pt_offline_time (receipt->received, received);
      pt_offline_time (receipt->by, by);
      pt_hex_encode (&receipt->leaf, sizeof receipt->leaf, leaf, sizeof leaf);
      printf (_ ("Receipt: area %.*s took an entry in at %s and promised it on the chain by %s\n"
                 "Leaf     %s\n\n"),
              (int) receipt->area.size, receipt->area.data, received, by, leaf);
    }
  pt_findings_print (&check->findings);
  printf ("\n%s\n", conclusion (check));
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options (int argc, char **argv, Options *out)
{
  static const struct option options[]
      = { { "batch-file", required_argument, NULL, OPTION_BATCH },
          { "root", required_argument, NULL, OPTION_ROOT },
          { "service-key", required_argument, NULL, OPTION_SERVICE },
          { "entry", required_argument, NULL, OPTION_ENTRY },
          { "json", no_argument, NULL, OPTION_JSON },
          { "help", no_argument, NULL, 'h' },
          { 0 } };
  int option;

  opterr = 0; /* it would print the argument as it is */
  while ((option = getopt_long (argc, argv, "h", options, NULL)) != -1)
    {
      PtSpan value = optarg != NULL ? pt_span (optarg, strlen (optarg)) : (PtSpan){ 0 };
      bool good = true;

      if (option == OPTION_BATCH)
        out->batch_path = optarg;
      else if (option == OPTION_ENTRY)
        out->entry_path = optarg;
      else if (option == OPTION_JSON)
        out->json = true;
      else if (option == OPTION_ROOT)
        good = out->has_root = pt_hex_decode (value, &out->root, sizeof out->root);
      else if (option == OPTION_SERVICE)
        good = out->has_service = pt_base64url_decode (value, out->service_key, PT_PUBLIC_KEY_SIZE)
                                  && pt_p256_key_is_sound (out->service_key);
      else if (option == 'h')
        return fputs (_ (help), stdout) < 0 ? PT_EXIT_FAILED : PT_EXIT_HOLDS;
      else
        good = false;
      if (!good)
        {
          pt_offline_complain (_ ("powertrack %s: '%s' is no option of it, or lacks its value; try "
                                  "'powertrack %s --help'\n"),
                               "receipt check", argv[optind - 1], "receipt check");
          return PT_EXIT_USAGE;
        }
    }
  if (optind + 1 != argc)
    {
      pt_offline_complain (
          _ ("powertrack receipt check: name one FILE; try 'powertrack receipt check --help'\n"));
      return PT_EXIT_USAGE;
    }
  out->path = argv[optind];
  return -1;
}

static int
check_one (const Options *options, PtSpan text)
{
  ReceiptCheck *check = calloc (1, sizeof *check);
  int status = PT_EXIT_NOT_CHECKED;

  if (check == NULL)
    return status;
  read_receipt (check, text);
  if (pt_findings_verdict (&check->findings) == PT_FINDING_OK)
    {
      check_signature (check, options);
      if (!check_entry (check, options))
        {
          free (check);
          return status;
        }
      if (options->batch_path == NULL)
        pt_findings_add (&check->findings, "held", N_ ("the batch of its time holds the entry"),
                         PT_FINDING_NOT_CHECKED,
                         _ ("give --batch-file, or --rpc, --contract and --gateway"));
      else if (!check_batch (check, options))
        {
          free (check);
          return status;
        }
    }
  if (options->json)
    print_json (check);
  else
    print_text (check);
  status = pt_findings_status (&check->findings);
  free (check);
  return status;
}

/* The receipts of a file that a citizen keeps. The worst of what is found of them. */
static int
check_kept (const Options *options, PtSpan text)
{
  static char receipt[PT_RECEIPT_MAX + 1];
  PtKeptReader reader;
  int worst = PT_EXIT_HOLDS, count = 0;
  PtSpan one;

  if (!pt_kept_open (&reader, text))
    {
      pt_offline_complain (_ ("powertrack receipt check: %s: it was changed on its way\n"),
                           options->path);
      return PT_EXIT_FAILED;
    }
  while (pt_kept_next (&reader, receipt, sizeof receipt, &one))
    {
      int status = check_one (options, one);

      count++;
      if (worst == PT_EXIT_HOLDS || status == PT_EXIT_FAILED)
        worst = status;
    }
  if (count == 0 || reader.result != PT_OK)
    {
      pt_offline_complain (
          _ ("powertrack receipt check: %s: it holds no receipt that can be read\n"),
          options->path);
      return PT_EXIT_FAILED;
    }
  return worst;
}

static int
run (const Options *options)
{
  char *text = malloc (KEPT_MAX + 1);
  size_t size = 0;
  int status = PT_EXIT_NOT_CHECKED;

  if (text != NULL && read_small (options->path, text, KEPT_MAX + 1, &size))
    status = pt_kept_is (pt_span (text, size)) ? check_kept (options, pt_span (text, size))
                                               : check_one (options, pt_span (text, size));
  free (text);
  return status;
}

int
pt_receipt_check_main (int argc, char **argv)
{
  Options options = { 0 };
  int status = parse_options (argc, argv, &options);

  if (status >= 0)
    return status;
  status = run (&options);
  return fflush (stdout) != 0 && status == PT_EXIT_HOLDS ? PT_EXIT_NOT_CHECKED : status;
}
