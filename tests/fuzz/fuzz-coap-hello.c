/* SPDX-License-Identifier: Apache-2.0 */
/* A cookie is a piece of the datagram that is as long as it says; more of the datagram changes
 * nothing; and what asks for one is shorter than what it answers, and no hello. */
#include "pt-fuzz.h"

#include "pt-coap-hello.h"

#define HEAD "\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00"
#define RANDOM                                                                                     \
  "\xfe\xfd"                                                                                       \
  "0123456789abcdef0123456789abcdef"
#define REST "\x00\x04\xc0\xac\x00\xff\x01\x00"

static const PtSpan words[] = {
  PT_FUZZ_WORD (HEAD),
  PT_FUZZ_WORD ("\x00\x36\x01\x00\x00\x2a\x00\x00\x00\x00\x00\x00\x00\x2a"),
  PT_FUZZ_WORD ("\x00\x3a\x01\x00\x00\x2e\x00\x00\x00\x00\x00\x00\x00\x2e"),
  PT_FUZZ_WORD (RANDOM),
  PT_FUZZ_WORD ("\x04wxyz"),
  PT_FUZZ_WORD (REST),
};

static const PtSpan seeds[] = {
  PT_FUZZ_WORD (HEAD "\x00\x38\x01\x00\x00\x2c\x00\x00\x00\x00\x00\x00\x00\x2c" RANDOM
                     "\x00\x00" REST),
  PT_FUZZ_WORD (HEAD "\x00\x3c\x01\x00\x00\x30\x00\x01\x00\x00\x00\x00\x00\x30" RANDOM
                     "\x00\x04wxyz" REST),
};

static bool
target (PtSpan input)
{
  static const guint8 cookie[PT_COAP_COOKIE_SIZE];
  guint8 ask[PT_COAP_ASK_SIZE];
  PtCoapHello hello, again;
  const char *end;

  if (pt_coap_hello_read (input, &hello) != PT_COAP_HELLO)
    return false;
  end = hello.cookie.data + hello.cookie.size;
  pt_fuzz_require (hello.cookie.data > input.data && end <= input.data + input.size);
  pt_fuzz_require ((guint8) hello.cookie.data[-1] == hello.cookie.size);
  pt_fuzz_require (pt_coap_hello_read (pt_span (input.data, (size_t) (end - input.data)), &again)
                   == PT_COAP_HELLO);
  pt_fuzz_require (again.cookie.size == hello.cookie.size);
  pt_coap_hello_ask (&hello, cookie, ask);
  pt_fuzz_require (sizeof ask <= input.size);
  pt_fuzz_require (pt_coap_hello_read (pt_span (ask, sizeof ask), &again) == PT_COAP_HELLO_NOT);
  return true;
}

int
main (int argc, char **argv)
{
  return pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
}
