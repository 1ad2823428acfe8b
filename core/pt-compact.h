/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-entry.h"

/* The compact report: docs/PROTOCOL.md section 13. What a device says over CoAP or MQTT in 83 bytes
 * or so; who it is comes from the session or the topic, and the signed bytes are those of the JSON.
 */

typedef struct
{
  int64_t seq, ts; /* ts: ms since 1970 */
  PtPower power;
  bool has_voltage, has_event;
  int64_t voltage; /* 0.1 V RMS */
  PtReportEvent event;
  uint8_t signature[PT_SIGNATURE_SIZE];
} PtCompactReport;

#define PT_COMPACT_MAX 96 /* bytes */

/* What the registry has of the device. */
typedef struct
{
  PtSpan area, device, site;
  int64_t lat, lon; /* 1e-7 degree */
} PtCompactDevice;

/* Form and ranges, no signature. PT_MALFORMED, PT_NOT_CANONICAL. */
PtResult pt_compact_parse (PtSpan bytes, PtCompactReport *out);
/* PT_NO_SPACE. */
PtResult pt_compact_write (const PtCompactReport *report, void *out, size_t out_size, size_t *size);
/* That of a PT_ENTRY_SIGNED report. */
void pt_compact_from_entry (const PtEntry *entry, PtCompactReport *out);

/* The PT_ENTRY_SIGNED report of @device. PT_NO_SPACE; PT_MALFORMED where @device is not what an
 * entry may say. */
PtResult pt_compact_expand (const PtCompactReport *report, const PtCompactDevice *device, char *out,
                            size_t out_size, size_t *size);
