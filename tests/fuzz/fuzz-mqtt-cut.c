/* SPDX-License-Identifier: Apache-2.0 */
/* However its bytes come apart, of what an MQTT side sends the same passes, and it is what a reader
 * of the whole would let pass. */
#include "pt-fuzz.h"

#include "pt-mqtt-cut.h"

#define MOST 40

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\x40\x02\x12\x34"),
  PT_FUZZ_WORD ("\x32\x0a\x00\x01t\x00\x07hello"),
  PT_FUZZ_WORD ("\x20\x02\x00\x00"),
  PT_FUZZ_WORD ("\x90\x03\x00\x01\x01"),
  PT_FUZZ_WORD ("\xd0\x00"),
  PT_FUZZ_WORD ("\x82"),
  PT_FUZZ_WORD ("\x30\xc8\x01"),
  PT_FUZZ_WORD ("\x32\x29"),
  PT_FUZZ_WORD ("\xff\xff\xff\x7f"),
  PT_FUZZ_WORD ("\x80\x80\x80\x80"),
  PT_FUZZ_WORD ("0123456789012345678901234567890123456789"),
};

static const PtSpan seeds[] = {
  PT_FUZZ_WORD ("\x20\x02\x00\x00\x90\x03\x00\x01\x01\x32\x0a\x00\x01t\x00\x07hello\xd0\x00"),
  PT_FUZZ_WORD ("\x10\x00\x40\x02\x12\x34\x40\x02\x00\x07\xc0\x00\x40\x02\x00\x08"),
  PT_FUZZ_WORD ("\x32\x30"
                "012345678901234567890123456789012345678901234567\xd0\x00"),
};

typedef struct
{
  guint8 kind;
  guint32 most;
} Rules;

/* A head with this length; its size. */
static gsize
write_head (guint8 first, guint32 length, guint8 out[5])
{
  gsize size = 1;

  out[0] = first;
  for (; length > 0x7f; length >>= 7)
    out[size++] = (guint8) (length % 0x80 + 0x80);
  out[size++] = (guint8) length;
  return size;
}

/* What passes of the packet at @at, as far as it is here; where it ends, 0: nothing after it
 * counts. */
static gsize
read_packet (const Rules *rules, const guint8 *data, gsize size, gsize at, GByteArray *out,
             bool *is_mqtt)
{
  guint8 kind = data[at] >> 4, head[5];
  guint64 length = 0, room;
  gsize digits = 0;
  bool more = true;

  while (more && digits < 4 && at + 1 + digits < size)
    {
      more = data[at + 1 + digits] & 0x80;
      length += (guint64) (data[at + 1 + digits] & 0x7f) << (7 * digits);
      digits++;
    }
  *is_mqtt = !(more && digits == 4)
             && (more || (kind != 0 && (length <= rules->most || kind == PT_MQTT_PUBLISH)));
  if (more || !*is_mqtt)
    return 0;
  room = MIN (length, size - at - 1 - digits);
  if (kind != rules->kind && length <= rules->most)
    g_byte_array_append (out, data + at, (guint) (1 + digits + room));
  else if (kind != rules->kind)
    {
      g_byte_array_append (out, head, (guint) write_head (data[at], rules->most, head));
      g_byte_array_append (out, data + at + 1 + digits, (guint) MIN (room, rules->most));
    }
  return room == length ? at + 1 + digits + length : 0;
}

static bool
run (const Rules *rules, PtSpan input)
{
  const guint8 *data = (const guint8 *) input.data;
  g_autoptr (GByteArray) whole = g_byte_array_new (), bytes = g_byte_array_new ();
  g_autoptr (GByteArray) wanted = g_byte_array_new ();
  PtMqttCut cut, again;
  bool passes, passes_again = true, is_mqtt = true;
  gsize end = 0, packets = 0;

  pt_mqtt_cut_init (&cut, rules->kind, rules->most);
  passes = pt_mqtt_cut_pass (&cut, data, input.size, whole);
  pt_mqtt_cut_init (&again, rules->kind, rules->most);
  for (gsize i = 0; i < input.size && passes_again; i++)
    passes_again = pt_mqtt_cut_pass (&again, data + i, 1, bytes);
  pt_fuzz_require (passes == passes_again && cut.is_between == again.is_between);
  pt_fuzz_require (whole->len == bytes->len && whole->len <= input.size);
  pt_fuzz_require (whole->len == 0 || memcmp (whole->data, bytes->data, whole->len) == 0);
  for (gsize at = 0; at < input.size && is_mqtt; packets++)
    {
      at = read_packet (rules, data, input.size, at, wanted, &is_mqtt);
      if (at == 0)
        break;
      end = at;
    }
  pt_fuzz_require (passes == is_mqtt && (!passes || cut.is_between == (end == input.size)));
  pt_fuzz_require (whole->len == wanted->len);
  pt_fuzz_require (whole->len == 0 || memcmp (whole->data, wanted->data, whole->len) == 0);
  return passes && packets > 1;
}

static bool
target (PtSpan input)
{
  bool client = run (&(Rules){ PT_MQTT_PUBACK, PT_MQTT_LENGTH_MAX }, input);
  bool broker = run (&(Rules){ PT_MQTT_NOTHING, MOST }, input);

  return client || broker;
}

int
main (int argc, char **argv)
{
  return pt_fuzz_main (
      &(PtFuzz){ seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target },
      argc, argv);
}
