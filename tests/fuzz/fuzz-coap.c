/* SPDX-License-Identifier: Apache-2.0 */
/* Who a device says that it is, in a session's secret or its certificate, names one device or none;
 * and of blocks that come in any order never more is kept than they are, nor any of it lost. */
#include "pt-fuzz.h"

#include "pt-coap-body.h"
#include "pt-coap-keys.h"
#include "pt-coap-name.h"

static const PtSpan words[] = {
  PT_FUZZ_WORD ("/"),
  PT_FUZZ_WORD (":"),
  PT_FUZZ_WORD ("."),
  PT_FUZZ_WORD ("urn:powertrack:"),
  PT_FUZZ_WORD ("east"),
  PT_FUZZ_WORD ("tx-1"),
  PT_FUZZ_WORD ("\n"),
  PT_FUZZ_WORD ("\r\n#"),
  PT_FUZZ_WORD ("000102030405060708090a0b0c0d0e0f"),
  PT_FUZZ_WORD ("\x00\x01\x06"),
  PT_FUZZ_WORD ("\x01\x01\x06"),
  PT_FUZZ_WORD ("\x3f\x01\x06"),
  PT_FUZZ_WORD ("\x02\x04\x06"),
};

static const PtSpan seeds[] = {
  PT_FUZZ_WORD ("east/tx-1"),
  PT_FUZZ_WORD ("urn:powertrack:east:tx-1"),
  PT_FUZZ_WORD ("tx-1.east"),
  PT_FUZZ_WORD ("east/tx-1:000102030405060708090a0b0c0d0e0f\nwest/a:b:0001020304050607"
                "08090a0b0c0d0e0f\n"),
  PT_FUZZ_WORD ("\x00\x01\x00\x01\x01\x00\x02\x04\x00"),
  PT_FUZZ_WORD ("\x00\x01\x06\x01\x01\x06\x02\x01\x06\x03\x04\x06"),
};

typedef gboolean (*Read) (PtSpan text, PtCoapName *out);

/* Its parts are pieces of the text, and valid. */
static bool
read_name (Read read, PtSpan input)
{
  PtCoapName name;
  PtSpan area, device;

  if (!read (input, &name))
    {
      pt_fuzz_require (name.area[0] == '\0' && name.device[0] == '\0');
      return false;
    }
  area = pt_span (name.area, strlen (name.area));
  device = pt_span (name.device, strlen (name.device));
  pt_fuzz_require (pt_is_area_id (area) && pt_is_id (device));
  pt_fuzz_require (memmem (input.data, input.size, name.area, area.size) != NULL);
  pt_fuzz_require (memmem (input.data, input.size, name.device, device.size) != NULL);
  pt_fuzz_require (input.size <= area.size + device.size + sizeof "urn:powertrack:");
  return true;
}

static bool
read_keys (PtSpan input)
{
  PtCoapKeys *keys = pt_coap_keys_parse (input.data, input.size, "keys", NULL);
  const PtCoapKey *key;

  if (keys == NULL)
    return false;
  key = pt_coap_keys_find (keys, "east/tx-1");
  if (key != NULL)
    pt_fuzz_require (key->size >= PT_COAP_KEY_MIN && key->size <= PT_COAP_KEY_MAX);
  pt_coap_keys_free (keys);
  return input.size > 0;
}

/* Each three bytes are a block: its number, whether more follow, its size. */
static bool
read_blocks (PtSpan input)
{
  static const guint8 data[1024];
  gsize taken = 1000, whole = 0;
  PtCoapBody body = { .taken = &taken };

  for (size_t at = 0; at + 3 <= input.size; at += 3)
    {
      const guint8 *bytes = (const guint8 *) input.data + at;
      const PtCoapBlock block = { bytes[0], bytes[2] & 7, bytes[1] & 1 };
      gsize size = block.more ? (gsize) 16 << MIN (block.size_exponent, 6) : bytes[1];
      PtCoapBodyState state = pt_coap_body_add (&body, &block, data, MIN (size, sizeof data));
      gsize here = body.bytes != NULL ? body.bytes->len : 0;

      pt_fuzz_require (here <= PT_COAP_BODY_MAX && taken == 1000 + here);
      if (state == PT_COAP_BODY_WHOLE)
        pt_fuzz_require (here == ((gsize) block.number << (4 + block.size_exponent)) + size);
      else if (state != PT_COAP_BODY_MORE)
        pt_fuzz_require (here == 0);
      whole += state == PT_COAP_BODY_WHOLE && block.number > 0;
    }
  pt_coap_body_clear (&body);
  pt_fuzz_require (taken == 1000);
  return whole > 0;
}

static bool
target (PtSpan input)
{
  bool identity = read_name (pt_coap_name_from_identity, input);
  bool urn = read_name (pt_coap_name_from_urn, input);
  bool dns = read_name (pt_coap_name_from_dns, input);

  pt_fuzz_require (!identity || (!urn && !dns)); /* of one text */
  return read_keys (input) | read_blocks (input) | identity | urn | dns;
}

int
main (int argc, char **argv)
{
  return pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
}
