/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-device.h"

#include "pt-json.h"
#include "pt-sha256.h"

#include <string.h>

static const char signed_prefix[] = "powertrack report v1\n";

static PtDeviceReport *
slot (const PtDevice *device, uint32_t index)
{
  return &device->ring[(device->memory->first + index) % device->capacity];
}

static bool
memory_is_sound (const PtDeviceMemory *memory, uint32_t capacity)
{
  return memory->next - memory->first <= capacity && memory->used_seq >= 0
         && memory->used_seq <= PT_INTEGER_MAX;
}

PtResult
pt_device_init (PtDevice *device, const PtDeviceIdentity *identity, const PtDevicePort *port,
                PtDeviceMemory *memory, PtDeviceReport *ring, uint32_t capacity)
{
  memset (device, 0, sizeof *device);
  if (!pt_is_area_id (identity->area) || !pt_is_id (identity->device) || !pt_is_id (identity->site))
    return PT_MALFORMED;
  if (identity->lat < -900000000 || identity->lat > 900000000 || identity->lon < -1800000000
      || identity->lon > 1800000000)
    return PT_MALFORMED;
  if (capacity == 0 || !memory_is_sound (memory, capacity))
    return PT_MALFORMED;
  device->identity = *identity;
  device->port = *port;
  device->memory = memory;
  device->ring = ring;
  device->capacity = capacity;
  return PT_OK;
}

/* The canonical members in front of "sig", and those behind it. */
static void
write_front (PtJsonWriter *writer, const PtDevice *device, const PtDeviceReport *report)
{
  pt_json_write_literal (writer, "{\"area\":\"");
  pt_json_write_raw (writer, device->identity.area);
  pt_json_write_literal (writer, "\",\"device\":\"");
  pt_json_write_raw (writer, device->identity.device);
  pt_json_write_literal (writer, "\",\"kind\":\"report\",\"lat\":");
  pt_json_write_integer (writer, device->identity.lat);
  pt_json_write_literal (writer, ",\"lon\":");
  pt_json_write_integer (writer, device->identity.lon);
  pt_json_write_literal (writer, report->power == PT_POWER_ON ? ",\"power\":\"ON\",\"seq\":"
                                                              : ",\"power\":\"OFF\",\"seq\":");
  pt_json_write_integer (writer, report->seq);
}

static void
write_back (PtJsonWriter *writer, const PtDevice *device, const PtDeviceReport *report)
{
  pt_json_write_literal (writer, ",\"site\":\"");
  pt_json_write_raw (writer, device->identity.site);
  pt_json_write_literal (writer, "\",\"ts\":");
  pt_json_write_integer (writer, report->ts);
  pt_json_write_literal (writer, "}");
}

static PtResult
sign (const PtDevice *device, PtDeviceReport *report)
{
  char text[PT_DEVICE_REPORT_MAX];
  PtJsonWriter writer;
  PtSpan bytes;
  PtHash digest;

  pt_json_writer_init (&writer, text, sizeof text);
  pt_json_write_literal (&writer, signed_prefix);
  write_front (&writer, device, report);
  write_back (&writer, device, report);
  if (pt_json_writer_finish (&writer, &bytes) != PT_OK)
    return PT_NO_SPACE;
  pt_sha256 (bytes.data, bytes.size, &digest);
  if (!device->port.signer->sign (device->port.signer->context, &digest, report->signature))
    return PT_BAD_KEY;
  return PT_OK;
}

static bool
persist (const PtDevice *device, PtDevicePersist what)
{
  return device->port.persist (device->port.context, what);
}

PtResult
pt_device_report (PtDevice *device, PtPower power, int64_t ts)
{
  PtDeviceMemory *memory = device->memory;
  PtDeviceReport report;
  PtResult result;

  memset (&report, 0, sizeof report);
  if (ts < 0 || ts > PT_INTEGER_MAX)
    return PT_MALFORMED;
  if (pt_device_waiting (device) >= device->capacity || memory->used_seq >= PT_INTEGER_MAX)
    return PT_NO_SPACE;
  memory->used_seq++;
  if (!persist (device, PT_DEVICE_PERSIST_COUNTER))
    return PT_STOPPED;

  report.seq = memory->used_seq;
  report.ts = ts;
  report.power = (uint8_t) power;
  result = sign (device, &report);
  if (result != PT_OK)
    return result;

  /* The slot is whole before the ring says that it is there. */
  *slot (device, pt_device_waiting (device)) = report;
  if (!persist (device, PT_DEVICE_PERSIST_RING))
    return PT_STOPPED;
  memory->next++;
  memory->last_ts = ts;
  return persist (device, PT_DEVICE_PERSIST_RING) ? PT_OK : PT_STOPPED;
}

uint32_t
pt_device_waiting (const PtDevice *device)
{
  return (uint32_t) (device->memory->next - device->memory->first);
}

PtResult
pt_device_peek (const PtDevice *device, uint32_t index, char *out, size_t out_size, size_t *size,
                int64_t *seq)
{
  const PtDeviceReport *report;
  PtJsonWriter writer;
  PtSpan bytes;

  *size = 0;
  if (seq != NULL)
    *seq = 0;
  if (index >= pt_device_waiting (device))
    return PT_STOPPED;
  report = slot (device, index);
  pt_json_writer_init (&writer, out, out_size);
  write_front (&writer, device, report);
  pt_json_write_literal (&writer, ",\"sig\":");
  pt_json_write_base64url (&writer, report->signature, sizeof report->signature);
  write_back (&writer, device, report);
  if (pt_json_writer_finish (&writer, &bytes) != PT_OK)
    return PT_NO_SPACE;
  *size = bytes.size;
  if (seq != NULL)
    *seq = report->seq;
  return PT_OK;
}

bool
pt_device_ack (PtDevice *device, int64_t seq)
{
  PtDeviceMemory *memory = device->memory;
  uint32_t count = pt_device_waiting (device), index = 0;

  while (index < count && slot (device, index)->seq != seq)
    index++;
  if (index == count)
    return false;
  /* Those before it move up by one, the nearest first: a reset in between sends one twice and
   * loses none. */
  for (; index > 0; index--)
    {
      *slot (device, index) = *slot (device, index - 1);
      persist (device, PT_DEVICE_PERSIST_RING);
    }
  memory->first++;
  persist (device, PT_DEVICE_PERSIST_RING);
  return true;
}

/* The slot of the newest report; @capacity when there is none. */
static uint32_t
find_newest (const PtDeviceMemory *memory, const PtDeviceReport *ring, uint32_t capacity)
{
  uint32_t newest = capacity;

  for (uint32_t i = 0; i < capacity; i++)
    if (ring[i].seq >= 1 && ring[i].seq <= memory->used_seq
        && (newest == capacity || ring[i].seq > ring[newest].seq))
      newest = i;
  return newest;
}

void
pt_device_recall (PtDeviceMemory *memory, const PtDeviceReport *ring, uint32_t capacity)
{
  uint32_t newest = find_newest (memory, ring, capacity), count = 1;
  int64_t after;

  memory->first = memory->next = 0;
  if (newest == capacity)
    return;
  /* Backwards as long as counters fall: what was moved up at an acknowledgement stands twice. */
  for (after = ring[newest].seq; count < capacity; count++)
    {
      const PtDeviceReport *before = &ring[(newest + capacity - count) % capacity];

      if (before->seq < 1 || before->seq >= after)
        break;
      after = before->seq;
    }
  memory->next = (uint64_t) newest + 1 + capacity;
  memory->first = memory->next - count;
}

static bool
is_held (const PtHeld *held, int64_t seq)
{
  return seq <= held->highest && held->highest - seq <= PT_HELD_WINDOW
         && !pt_held_is_missing (held, seq);
}

PtResult
pt_device_resync (PtDevice *device, const PtHeld *held, const PtVerifier *verifier,
                  const uint8_t service_key[PT_PUBLIC_KEY_SIZE])
{
  PtDeviceMemory *memory = device->memory;
  PtResult result;

  if (!pt_span_equal (held->area, device->identity.area)
      || !pt_span_equal (held->device, device->identity.device))
    return PT_MALFORMED;
  result = pt_held_verify (held, verifier, service_key);
  if (result != PT_OK)
    return result;
  if (memory->used_seq < held->highest)
    {
      memory->used_seq = held->highest;
      if (!persist (device, PT_DEVICE_PERSIST_COUNTER))
        return PT_STOPPED;
    }
  for (uint32_t index = 0; index < pt_device_waiting (device);)
    if (!is_held (held, slot (device, index)->seq))
      index++;
    else
      pt_device_ack (device, slot (device, index)->seq);
  return PT_OK;
}
