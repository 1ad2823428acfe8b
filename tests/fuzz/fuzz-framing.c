/* SPDX-License-Identifier: Apache-2.0 */
/* However its bytes come apart, a request is the same; and what is taken has one length. */
#include "pt-fuzz.h"

#include "pt-framing.h"

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\r\n"),
  PT_FUZZ_WORD ("\n"),
  PT_FUZZ_WORD ("\r\n\r\n"),
  PT_FUZZ_WORD ("Content-Length: 5\r\n"),
  PT_FUZZ_WORD ("Transfer-Encoding: chunked\r\n"),
  PT_FUZZ_WORD ("Host: a\r\n"),
  PT_FUZZ_WORD ("HTTP/1.0"),
  PT_FUZZ_WORD ("5\r\nabcde\r\n"),
  PT_FUZZ_WORD ("0\r\n\r\n"),
  PT_FUZZ_WORD ("FFFFFFFFFFFFFFF"),
  PT_FUZZ_WORD (";a=b"),
  PT_FUZZ_WORD ("99999999999999999"),
  PT_FUZZ_WORD (" "),
  PT_FUZZ_WORD ("\t"),
  PT_FUZZ_WORD ("+"),
};

#define HEAD "POST /a HTTP/1.1\r\nHost: a\r\n"
#define NEXT "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static const PtSpan seeds[] = {
  PT_FUZZ_WORD (NEXT NEXT),
  PT_FUZZ_WORD (HEAD "Content-Length: 5\r\n\r\nabcde" NEXT),
  PT_FUZZ_WORD (HEAD "Transfer-Encoding: chunked\r\n\r\n5;x\r\nabcde\r\n0\r\nX: y\r\n\r\n" NEXT),
  PT_FUZZ_WORD ("GET / HTTP/1.0\r\n\r\n"),
};

typedef struct
{
  bool taken, refused;
  size_t size; /* of the request, where it is taken */
} Outcome;

static size_t
some (size_t most, bool whole)
{
  return whole ? most : 1 + pt_fuzz_random ((uint32_t) (most < 7 ? most : 7));
}

/* @whole: all bytes at once, else a few at a time. */
static Outcome
read_request (PtSpan input, bool whole)
{
  PtFraming framing;
  const char *wrong = NULL;
  size_t have = 0, head = 0, at;

  pt_framing_begin (&framing);
  while (head == 0 && wrong == NULL && have < input.size)
    {
      have += some (input.size - have, whole);
      have = have < input.size ? have : input.size;
      head = pt_framing_head (&framing, input.data, have, &wrong);
    }
  pt_fuzz_require (head <= have && (head == 0 || wrong == NULL));
  for (at = head; head > 0 && wrong == NULL && framing.state != PT_FRAMING_DONE && at < input.size;)
    {
      size_t given = some (input.size - at, whole);
      size_t taken;

      given = given < input.size - at ? given : input.size - at;
      taken = pt_framing_body (&framing, input.data + at, given, &wrong);
      pt_fuzz_require (taken <= given);
      pt_fuzz_require (wrong != NULL || taken == given || framing.state == PT_FRAMING_DONE);
      at += taken;
    }
  return (Outcome){ wrong == NULL && head > 0 && framing.state == PT_FRAMING_DONE, wrong != NULL,
                    wrong == NULL ? at : 0 };
}

static bool
target (PtSpan input)
{
  Outcome whole = read_request (input, true), pieces = read_request (input, false);

  pt_fuzz_require (whole.taken == pieces.taken && whole.refused == pieces.refused);
  pt_fuzz_require (whole.size == pieces.size);
  return whole.taken;
}

int
main (int argc, char **argv)
{
  return pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
}
