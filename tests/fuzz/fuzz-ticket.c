/* SPDX-License-Identifier: Apache-2.0 */
/* No ticket but those that were given is taken, and each only as what it was given for; a form is
 * what its members say. */
#include "pt-fuzz.h"

#include <glib/gstdio.h>

#include "pt-form.h"
#include "pt-secret.h"
#include "pt-ticket.h"

static PtTickets *tickets;
static char *issued;
static const PtTicketWords given = {
  .area = "east", .complaint = "1234567894", .category = "no-supply", .site = "S-1", .bits = 16
};

static const PtSpan words[] = {
  PT_FUZZ_WORD ("A"),
  PT_FUZZ_WORD ("-_"),
  PT_FUZZ_WORD ("="),
  PT_FUZZ_WORD ("\n"),
  PT_FUZZ_WORD ("{\"area\":\"east\"}"),
  PT_FUZZ_WORD ("\"n\":9007199254740993,"),
  PT_FUZZ_WORD ("\"n\":1e400,"),
  PT_FUZZ_WORD ("\"text\":"),
  PT_FUZZ_WORD ("\"\\ud800\""),
  PT_FUZZ_WORD ("\\u0000"),
  PT_FUZZ_WORD ("[[[[[["),
  PT_FUZZ_WORD ("null"),
  PT_FUZZ_WORD ("true"),
};

/* The first is the ticket. */
static PtSpan seeds[] = {
  { NULL, 0 },
  PT_FUZZ_WORD ("{\"n\":1,\"hidden\":true,\"text\":\"a name\"}"),
  PT_FUZZ_WORD ("{\"n\":9007199254740991,\"hidden\":false,\"text\":\"\\u202e\"}"),
};

static bool
read_ticket (PtSpan input)
{
  PtTicketWords got;

  if (!pt_tickets_read (tickets, input, &got, NULL))
    return false;
  pt_fuzz_require (pt_span_is (input, issued));
  pt_fuzz_require (!got.joins && got.bits == given.bits && strcmp (got.area, given.area) == 0);
  pt_fuzz_require (strcmp (got.complaint, given.complaint) == 0);
  pt_fuzz_require (strcmp (got.site, given.site) == 0);
  return true;
}

static bool
read_form (PtSpan input)
{
  static const char *const names[] = { "n", "hidden", "text", NULL };
  GBytes *bytes = g_bytes_new_static (input.data, input.size);
  PtForm *form = pt_form_read (bytes, names, NULL);
  bool whole = form != NULL;
  gboolean hidden = 2;
  const char *text;
  gint64 n;

  g_bytes_unref (bytes);
  if (form == NULL)
    return false;
  if (pt_form_integer (form, "n", 1, PT_INTEGER_MAX, &n, NULL))
    pt_fuzz_require (n >= 1 && n <= PT_INTEGER_MAX);
  if (pt_form_boolean (form, "hidden", &hidden, NULL))
    pt_fuzz_require (hidden == TRUE || hidden == FALSE);
  if (pt_form_need_text (form, "text", 100, &text, NULL))
    pt_fuzz_require (strlen (text) <= 100 && g_utf8_validate (text, -1, NULL));
  pt_form_free (form);
  return whole;
}

static bool
target (PtSpan input)
{
  bool is_ticket = read_ticket (input), is_form = read_form (input);

  pt_fuzz_require (!is_ticket || !is_form);
  return is_ticket || is_form;
}

/* Under a key that is always the same, as every run of a fuzzer is. */
static void
issue (const char *key)
{
  PtClock *clock = pt_clock_new_manual (G_GINT64_CONSTANT (1764000000000));
  PtTicketWords ticket = given;
  PtSecret secret = { { 1 } };

  pt_fuzz_require (g_file_set_contents_full (key, (const char *) secret.bytes, sizeof secret.bytes,
                                             G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  tickets = pt_tickets_new (key, clock, NULL);
  pt_fuzz_require (tickets != NULL);
  issued = pt_tickets_issue (tickets, &ticket, NULL);
  pt_fuzz_require (issued != NULL);
  seeds[0] = pt_span (issued, strlen (issued));
  pt_clock_unref (clock);
}

int
main (int argc, char **argv)
{
  char *folder = g_dir_make_tmp ("pt-fuzz-XXXXXX", NULL);
  char *key = g_build_filename (folder, "key", NULL);
  int code;

  issue (key);
  code = pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
  pt_tickets_free (tickets);
  g_unlink (key);
  g_rmdir (folder);
  g_free (issued);
  g_free (key);
  g_free (folder);
  return code;
}
