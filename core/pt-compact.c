/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-compact.h"

#include <string.h>

#include "pt-cbor.h"

#define SHORT 4
#define LONG 6
#define VOLTAGE_MAX 1000000
#define UNSIGNED_MAX 1024 /* bytes of an unsigned report: five ids and numbers */

static PtResult
read_integer (PtCborReader *reader, int64_t least, int64_t most, int64_t *out)
{
  PtResult result = pt_cbor_read_integer (reader, out);

  return result != PT_OK || (*out >= least && *out <= most) ? result : PT_MALFORMED;
}

/* voltage and event, either null but not both: the short form is for that. */
static PtResult
read_more (PtCborReader *reader, PtCompactReport *out)
{
  int64_t event = 0;
  PtResult result = PT_OK;

  out->has_voltage = !pt_cbor_skip_null (reader);
  if (out->has_voltage)
    result = read_integer (reader, 0, VOLTAGE_MAX, &out->voltage);
  if (result != PT_OK)
    return result;
  out->has_event = !pt_cbor_skip_null (reader);
  if (out->has_event)
    result = read_integer (reader, PT_EVENT_BOOT, PT_EVENT_TAMPER, &event);
  out->event = (PtReportEvent) event;
  if (result == PT_OK && !out->has_voltage && !out->has_event)
    result = PT_NOT_CANONICAL;
  return result;
}

static PtResult
read_report (PtCborReader *reader, PtCompactReport *out)
{
  bool on = false;
  int64_t count;
  PtResult result = pt_cbor_read_array (reader, &count);

  if (result == PT_OK && count != SHORT && count != LONG)
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = read_integer (reader, 1, PT_INTEGER_MAX, &out->seq);
  if (result == PT_OK)
    result = read_integer (reader, 0, PT_INTEGER_MAX, &out->ts);
  if (result == PT_OK)
    result = pt_cbor_read_bool (reader, &on);
  if (result == PT_OK)
    result = pt_cbor_read_exactly (reader, out->signature, PT_SIGNATURE_SIZE);
  if (result == PT_OK && count == LONG)
    result = read_more (reader, out);
  out->power = on ? PT_POWER_ON : PT_POWER_OFF;
  return result == PT_OK ? pt_cbor_finish (reader) : result;
}

PtResult
pt_compact_parse (PtSpan bytes, PtCompactReport *out)
{
  PtCborReader reader;
  PtResult result;

  memset (out, 0, sizeof *out);
  pt_cbor_reader_init (&reader, bytes);
  result = read_report (&reader, out);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}

PtResult
pt_compact_write (const PtCompactReport *report, void *out, size_t out_size, size_t *size)
{
  bool is_long = report->has_voltage || report->has_event;
  PtCborWriter writer;

  pt_cbor_writer_init (&writer, out, out_size);
  pt_cbor_write_array (&writer, is_long ? LONG : SHORT);
  pt_cbor_write_integer (&writer, report->seq);
  pt_cbor_write_integer (&writer, report->ts);
  pt_cbor_write_bool (&writer, report->power == PT_POWER_ON);
  pt_cbor_write_bytes (&writer, report->signature, PT_SIGNATURE_SIZE);
  if (is_long && report->has_voltage)
    pt_cbor_write_integer (&writer, report->voltage);
  else if (is_long)
    pt_cbor_write_null (&writer);
  if (is_long && report->has_event)
    pt_cbor_write_integer (&writer, (int64_t) report->event);
  else if (is_long)
    pt_cbor_write_null (&writer);
  return pt_cbor_writer_finish (&writer, size);
}

void
pt_compact_from_entry (const PtEntry *entry, PtCompactReport *out)
{
  *out = (PtCompactReport){ .seq = entry->seq,
                            .ts = entry->ts,
                            .power = entry->power,
                            .has_voltage = entry->has_voltage,
                            .has_event = entry->has_event,
                            .voltage = entry->voltage,
                            .event = entry->event };
  memcpy (out->signature, entry->signature, PT_SIGNATURE_SIZE);
}

PtResult
pt_compact_expand (const PtCompactReport *report, const PtCompactDevice *device, char *out,
                   size_t out_size, size_t *size)
{
  PtEntry fields = { .kind = PT_ENTRY_REPORT,
                     .area = device->area,
                     .device = device->device,
                     .site = device->site,
                     .lat = device->lat,
                     .lon = device->lon,
                     .ts = report->ts,
                     .seq = report->seq,
                     .power = report->power,
                     .has_voltage = report->has_voltage,
                     .has_event = report->has_event,
                     .voltage = report->voltage,
                     .event = report->event };
  char bare[UNSIGNED_MAX];
  PtEntry entry;
  size_t bare_size;
  PtResult result = pt_entry_write (&fields, bare, sizeof bare, &bare_size);

  *size = 0;
  if (result == PT_OK)
    result = pt_entry_parse (pt_span (bare, bare_size), PT_ENTRY_UNSIGNED, &entry);
  if (result == PT_OK)
    result = pt_entry_attach (&entry, report->signature, out, out_size, size);
  return result;
}
