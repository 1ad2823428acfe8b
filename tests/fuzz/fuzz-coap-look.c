/* SPDX-License-Identifier: Apache-2.0 */
/* Token and ID are pieces of the datagram, one after the other; an answer to it is read as none of
 * a request; and what is cut is never whose it was not before. */
#include "pt-fuzz.h"

#include "pt-coap-look.h"

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\x50\x02\x00\x01"), PT_FUZZ_WORD ("\x44\x02\x5d\x1f\x00\x00\x39\x74"),
  PT_FUZZ_WORD ("\x39localhost"),    PT_FUZZ_WORD ("\x63\x09\x14\x01"),
  PT_FUZZ_WORD ("\x93\x09\x00\x01"), PT_FUZZ_WORD ("\xd3\x11"),
  PT_FUZZ_WORD ("\xe3\x00\x11"),     PT_FUZZ_WORD ("\xff\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99"),
};

static const PtSpan seeds[] = {
  PT_FUZZ_WORD ("\x50\x02\x00\x01\x93\x09\x00\x01\xff\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99"),
  PT_FUZZ_WORD ("\x44\x02\x5d\x1f\x00\x00\x39\x74\x39localhost\x63\x09\x14\x00\xff\x4e\xd3\x39\xa5"
                "\xa3\x79\xb0\xb8\xbc\x73\x1f\xff\xb0"),
  PT_FUZZ_WORD ("\x40\x02\x00\x01\xb1r\xff\x01"),
};

static bool
target (PtSpan input)
{
  guint8 answer[PT_COAP_LOOK_REFUSAL];
  PtCoapLook look, other;
  gsize size;

  switch (pt_coap_look_read (input, &look))
    {
    case PT_COAP_LOOK_JUNK:
    case PT_COAP_LOOK_EMPTY:
      return false;
    case PT_COAP_LOOK_PLAIN:
    case PT_COAP_LOOK_UNREAD:
      break;
    case PT_COAP_LOOK_PROTECTED:
      pt_fuzz_require (look.id.data > look.token.data + look.token.size);
      pt_fuzz_require (look.id.data + look.id.size + 10 <= input.data + input.size);
      if (pt_coap_look_read (pt_span (input.data, input.size - 1), &other)
          == PT_COAP_LOOK_PROTECTED)
        pt_fuzz_require (other.id.data == look.id.data && other.id.size == look.id.size);
      break;
    }
  pt_fuzz_require (look.token.data == input.data + 4 && look.token.size <= 8);
  size = pt_coap_look_refuse (&look, 0x81, "no", answer);
  pt_fuzz_require (size == 7 + look.token.size);
  pt_fuzz_require (pt_coap_look_read (pt_span (answer, size), &other) == PT_COAP_LOOK_JUNK);
  return true;
}

int
main (int argc, char **argv)
{
  return pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
}
