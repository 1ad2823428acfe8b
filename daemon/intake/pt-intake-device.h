/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-compact.h"
#include "pt-held.h"
#include "pt-intake.h"

/* What a device says and asks, whichever way it comes: docs/PROTOCOL.md section 13. Any thread. */

/* What it points to outlives its users. */
typedef struct
{
  PtIntake *intake;
  PtDirectory *directory;
  PtClock *clock;
  const PtSigner *signer; /* the service key, which any thread may use */
} PtIntakeDevices;

/* The report that the compact form @bytes stands for, of this device where its registration has it
 * now. PT_ERROR_MALFORMED, PT_ERROR_NOT_CANONICAL; PT_ERROR_UNKNOWN_DEVICE. */
GBytes *pt_intake_device_expand (const PtIntakeDevices *devices, const char *area,
                                 const char *device, PtSpan bytes, GError **error);

/* Counts and keeps (pt-rejects.h) what @peer said and a mouth refuses before it can be handed in;
 * what is not JSON is kept as hexadecimal digits. */
void pt_intake_device_refused (const PtIntakeDevices *devices, const PtPeer *peer, PtSpan bytes,
                               PtErrorCode code);

/* Which of the device's counters are durable, signed. @area and @device are pointed to by *@out.
 * PT_ERROR_UNKNOWN_DEVICE. */
gboolean pt_intake_device_held (const PtIntakeDevices *devices, const char *area,
                                const char *device, PtHeld *out, GError **error);
