/* SPDX-License-Identifier: Apache-2.0 */
/* However its bytes come apart, a PROXY head is the same, and never longer than what came. */
#include "pt-fuzz.h"

#include "pt-proxy-head.h"

#define SIGN "\r\n\r\n\0\r\nQUIT\n"
#define FOUR "\xc0\x00\x02\x07\x0a\x00\x00\x01\x30\x39\x01\xbb"

static const PtSpan words[] = {
  PT_FUZZ_WORD ("PROXY "),
  PT_FUZZ_WORD ("TCP4 "),
  PT_FUZZ_WORD ("TCP6 "),
  PT_FUZZ_WORD ("UNKNOWN"),
  PT_FUZZ_WORD ("192.0.2.7 "),
  PT_FUZZ_WORD ("2001:db8::7 "),
  PT_FUZZ_WORD ("65535"),
  PT_FUZZ_WORD ("\r\n"),
  PT_FUZZ_WORD (SIGN),
  PT_FUZZ_WORD ("\x21\x11\x00\x0c"),
  PT_FUZZ_WORD ("\x21\x21\x00\x24"),
  PT_FUZZ_WORD (FOUR),
};

static const PtSpan seeds[] = {
  PT_FUZZ_WORD ("PROXY TCP4 192.0.2.7 10.0.0.1 12345 443\r\n"),
  PT_FUZZ_WORD ("PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n"),
  PT_FUZZ_WORD ("PROXY UNKNOWN\r\n"),
  PT_FUZZ_WORD (SIGN "\x21\x11\x00\x0c" FOUR),
  PT_FUZZ_WORD (SIGN "\x20\x00\x00\x00"),
};

static bool
target (PtSpan input)
{
  const guint8 *data = (const guint8 *) input.data;
  PtProxyHead head, again;
  const char *wrong = NULL, *wrong_again;
  size_t taken = pt_proxy_head (&head, data, input.size, &wrong), size = 0, found = 0;

  pt_fuzz_require (taken <= input.size && taken <= PT_PROXY_HEAD_MAX);
  pt_fuzz_require (taken == 0 || wrong == NULL);
  for (wrong_again = NULL; found == 0 && wrong_again == NULL && size < input.size;)
    found = pt_proxy_head (&again, data, ++size, &wrong_again);
  pt_fuzz_require (found == taken);
  pt_fuzz_require ((wrong == NULL) == (wrong_again == NULL));
  pt_fuzz_require (taken == 0 || (size == taken && head.family == again.family));
  pt_fuzz_require (taken > 0 || head.family == G_SOCKET_FAMILY_INVALID);
  return taken > 0;
}

int
main (int argc, char **argv)
{
  return pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
}
