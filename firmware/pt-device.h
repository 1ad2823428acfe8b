/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-entry.h"
#include "pt-held.h"
#include "pt-signature.h"

/* The portable device: raises its counter, signs what it measured, and keeps each report until it
 * was acknowledged. No heap, no libc but mem*: all memory is the caller's, and what has to survive
 * a reset (PtDeviceMemory and the ring) lies where the port keeps it, in flash, FRAM or a file. */

#define PT_DEVICE_REPORT_MAX 512 /* bytes of one signed report with the longest identifiers */

/* Who the device is, as its registration says. Borrowed: must outlive the device. */
typedef struct
{
  PtSpan area, device, site;
  int64_t lat, lon; /* 1e-7 degree */
} PtDeviceIdentity;

/* A report that waits for its acknowledgement; its canonical text is rebuilt when it is sent. */
typedef struct
{
  int64_t seq;
  int64_t ts;    /* ms since 1970 */
  uint8_t power; /* PtPower */
  uint8_t signature[PT_SIGNATURE_SIZE];
} PtDeviceReport;

/* What survives a reset, beside the ring. All zero is a new device. */
typedef struct
{
  int64_t used_seq;     /* the highest counter that was given to a report, or may have been */
  int64_t last_ts;      /* of the newest report that is or was in the ring, ms since 1970 */
  uint64_t first, next; /* the ring holds [first, next), each at its number modulo the capacity */
} PtDeviceMemory;

typedef enum
{
  PT_DEVICE_PERSIST_COUNTER, /* before signing: must be kept before the call returns */
  PT_DEVICE_PERSIST_RING     /* a report came or went; losing this leaves a gap or sends it twice */
} PtDevicePersist;

/* What the device needs from where it runs. */
typedef struct
{
  const PtSigner *signer; /* borrowed */
  /* Makes @what durable; false stops the report. */
  bool (*persist) (void *context, PtDevicePersist what);
  void *context;
} PtDevicePort;

typedef struct
{
  PtDeviceIdentity identity;
  PtDevicePort port;
  PtDeviceMemory *memory;
  PtDeviceReport *ring;
  uint32_t capacity;
} PtDevice;

/* Starts from what @memory and @ring (of @capacity, at least 1) hold. PT_MALFORMED for identifiers,
 * a place or a memory that cannot be. */
PtResult pt_device_init (PtDevice *device, const PtDeviceIdentity *identity,
                         const PtDevicePort *port, PtDeviceMemory *memory, PtDeviceReport *ring,
                         uint32_t capacity);

/* Makes and signs a report and appends it to the ring. PT_NO_SPACE when the ring is full or the
 * counter is at its end, PT_STOPPED when the port could not persist, PT_BAD_KEY when it could not
 * sign: the counter stays raised then, for it is never reused. @ts in ms since 1970. */
PtResult pt_device_report (PtDevice *device, PtPower power, int64_t ts);

/* Reports that wait. */
uint32_t pt_device_waiting (const PtDevice *device);

/* The waiting report at @index, oldest first, as the canonical signed entry without `received`
 * (formats: one line, no newline). @seq may be NULL. PT_STOPPED past the last, PT_NO_SPACE. */
PtResult pt_device_peek (const PtDevice *device, uint32_t index, char *out, size_t out_size,
                         size_t *size, int64_t *seq);

/* Forgets the report @seq; false when it does not wait. */
bool pt_device_ack (PtDevice *device, int64_t seq);

/* Where @memory no longer says, or can't be trusted, which reports of the ring were acknowledged:
 * all that are there wait again, until pt_device_resync () says which are durable. Call
 * pt_device_init () after it. */
void pt_device_recall (PtDeviceMemory *memory, const PtDeviceReport *ring, uint32_t capacity);

/* Forgets the waiting reports that are durable by what the service said of this device's counters,
 * and never again uses a counter that it knows. One beyond its window still waits: to send it twice
 * does no harm. An old answer does none either: it knows of fewer. PT_MALFORMED for another
 * device's answer, PT_BAD_SIGNATURE unless @service_key signed it; PT_STOPPED when the port could
 * not persist the counter. Nothing is forgotten then. */
PtResult pt_device_resync (PtDevice *device, const PtHeld *held, const PtVerifier *verifier,
                           const uint8_t service_key[PT_PUBLIC_KEY_SIZE]);
