/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-signature.h"

/* Entries: docs/PROTOCOL.md section 2. One canonical JSON object of one of eight kinds. */

typedef enum
{
  PT_ENTRY_DEVICE,
  PT_ENTRY_OFFICIAL,
  PT_ENTRY_REPORT,
  PT_ENTRY_ACTION,
  PT_ENTRY_ROSTER,
  PT_ENTRY_LOST,
  PT_ENTRY_NOTICE,
  PT_ENTRY_PROFILE
} PtEntryKind;

#define PT_ENTRY_KINDS (PT_ENTRY_PROFILE + 1)

typedef enum
{
  PT_LEVEL_TRANSFORMER,
  PT_LEVEL_CLUSTER,
  PT_LEVEL_HOUSE
} PtLevel;
typedef enum
{
  PT_STATUS_ACTIVE,
  PT_STATUS_REVOKED,  /* of a device or an official */
  PT_STATUS_WITHDRAWN /* of a notice */
} PtStatus;
typedef enum
{
  PT_POWER_OFF,
  PT_POWER_ON
} PtPower;
typedef enum
{
  PT_ROLE_OPERATOR,
  PT_ROLE_OFFICER,
  PT_ROLE_AUDITOR
} PtRole;
typedef enum
{
  PT_ACTION_FILE,
  PT_ACTION_ACKNOWLEDGE,
  PT_ACTION_ASSIGN,
  PT_ACTION_RESOLVE,
  PT_ACTION_UNRESOLVE,
  PT_ACTION_REJECT,
  PT_ACTION_REOPEN,
  PT_ACTION_COMMENT,
  PT_ACTION_JOIN,
  PT_ACTION_APPROVE,
  PT_ACTION_DUPLICATE,
  PT_ACTION_CONFIRM,
  PT_ACTION_WITHDRAW,
  PT_ACTION_COUNT
} PtAction;

/* Why a report was made that is neither a change nor a heartbeat. */
typedef enum
{
  PT_EVENT_BOOT,
  PT_EVENT_LAST_GASP,
  PT_EVENT_TAMPER
} PtReportEvent;

/* What became of counters that no report will come of. */
typedef enum
{
  PT_LOST_JUMP,
  PT_LOST_OVERWRITTEN,
  PT_LOST_RESET
} PtLostReason;

typedef enum
{
  PT_ABOUT_SHUTDOWN,
  PT_ABOUT_ESTIMATE
} PtNoticeAbout;
typedef enum
{
  PT_SCOPE_AREA,
  PT_SCOPE_FEEDER,
  PT_SCOPE_SITE
} PtScope;

#define PT_PROFILE_MAX 32768 /* bytes of a profile's document */

const char *pt_entry_kind_name (PtEntryKind kind);
const char *pt_level_name (PtLevel level);
const char *pt_status_name (PtStatus status);
const char *pt_power_name (PtPower power);
const char *pt_role_name (PtRole role);
const char *pt_action_name (PtAction action);
const char *pt_event_name (PtReportEvent event);
const char *pt_lost_reason_name (PtLostReason reason);
const char *pt_about_name (PtNoticeAbout about);
const char *pt_scope_name (PtScope scope);
bool pt_level_parse (PtSpan text, PtLevel *out);

/* A parsed entry. Spans point into the parsed bytes, which must outlive it; text fields are still
 * escaped. */
typedef struct
{
  PtEntryKind kind;
  PtSpan bytes; /* what was parsed */
  PtSpan area;
  int64_t ts; /* ms since 1970, the signer's clock */
  bool has_received;
  int64_t received; /* ms since 1970, the daemon's clock */
  bool has_signature;
  uint8_t signature[PT_SIGNATURE_SIZE];

  PtSpan device;   /* device, report, lost */
  PtSpan official; /* official */
  PtSpan site;     /* device, report, action; of an action empty where its place is a cell */
  uint8_t key[PT_PUBLIC_KEY_SIZE]; /* device, official, a citizen's action: form checked, not that
                                    * it lies on the curve */
  int64_t lat, lon;                /* device, report, an action without a site: 1e-7 degree */
  PtLevel level;                   /* device */
  int64_t customers;               /* device */
  PtSpan feeder;                   /* device: the line that feeds the site; empty: not said */
  PtStatus status;                 /* device, official, notice */
  PtRole role;                     /* official */
  PtSpan name;                     /* official: text, escaped */
  bool has_person_hash;            /* official: the person in the office */
  PtHash person_hash;
  PtPower power;               /* report */
  int64_t seq;                 /* report */
  bool has_voltage, has_event; /* report */
  int64_t voltage;             /* 0.1 V RMS */
  PtReportEvent event;
  int64_t first, last; /* lost: counters */
  PtLostReason reason;

  PtSpan complaint; /* action */
  int64_t n;        /* action, notice: so is what follows to by */
  PtHash prev;
  PtAction action;
  PtSpan by;
  PtSpan note;        /* an official's: text, escaped */
  bool has_note_hash; /* a citizen's or the service's */
  PtHash note_hash;
  PtSpan category; /* file */
  PtSpan to;       /* assign */
  PtSpan of;       /* duplicate */
  bool has_photo_hash;
  PtHash photo_hash; /* resolve */

  PtSpan notice; /* notice */
  PtNoticeAbout about;
  PtScope scope;
  PtSpan target;      /* of a feeder or site */
  int64_t start, end; /* ms since 1970 */

  PtSpan document; /* profile: text, escaped */

  int64_t batch; /* roster */
  int64_t expected, heard;
  PtHash silent_root;
  bool has_block; /* it names a block of the chain, which the batch is not older than */
  int64_t block;
  PtHash block_hash;

  /* Where, in @bytes, the members "received" and "sig" lie, their comma included; and where
   * "received" belongs. */
  size_t received_at, received_size, sig_at, sig_size, received_place;
} PtEntry;

/* What a parser expects besides the members of the kind's table. */
typedef enum
{
  PT_ENTRY_STORED,  /* both received and sig: an entry of the log */
  PT_ENTRY_SIGNED,  /* sig, no received: what a device posts */
  PT_ENTRY_UNSIGNED /* neither: what is about to be signed */
} PtEntryForm;

/* Whether a signer's name is no official's: "citizen", who signs with a key of her own, or
 * "service". */
bool pt_is_citizen (PtSpan by);
bool pt_is_service (PtSpan by);

/* Whether it registers a key: that of a device or an official. */
bool pt_entry_registers (const PtEntry *entry);

/* Parses and checks form, types, ranges, identifiers and canonical order; no signature.
 * PT_MALFORMED, PT_NOT_CANONICAL, PT_TOO_PRECISE or PT_TOO_LARGE. Latitude within +-90, longitude
 * within +-180 degrees. */
PtResult pt_entry_parse (PtSpan bytes, PtEntryForm form, PtEntry *out);

/* SHA-256 of the signed bytes: `powertrack <kind> v1\n` and the entry without received and sig. */
void pt_entry_digest (const PtEntry *entry, PtHash *out);

/* Writes the signed bytes themselves; PT_NO_SPACE. At most entry size + 32. */
PtResult pt_entry_signed_bytes (const PtEntry *entry, char *out, size_t out_size, size_t *size);

/* Whether the signature by @public_key holds: PT_OK or PT_BAD_SIGNATURE. */
PtResult pt_entry_verify (const PtEntry *entry, const PtVerifier *verifier,
                          const uint8_t public_key[PT_PUBLIC_KEY_SIZE]);

/* Whether two entries have the same signed bytes, whatever their signatures and times of receipt.
 */
bool pt_entry_same_signed (const PtEntry *a, const PtEntry *b);

/* The stored form of a PT_ENTRY_SIGNED one: its bytes with "received" in its place. PT_NO_SPACE,
 * PT_TOO_LARGE. */
PtResult pt_entry_store (const PtEntry *entry, int64_t received, char *out, size_t out_size,
                         size_t *size);

/* A PT_ENTRY_STORED one with another time of receipt, which nobody signed. As above. */
PtResult pt_entry_restamp (const PtEntry *entry, int64_t received, char *out, size_t out_size,
                           size_t *size);

/* Signs the canonical unsigned @entry bytes and writes the PT_ENTRY_SIGNED form ("sig" in its
 * place). PT_BAD_KEY when the signer fails. */
PtResult pt_entry_sign (const PtEntry *unsigned_entry, const PtSigner *signer, char *out,
                        size_t out_size, size_t *size);

/* The PT_ENTRY_SIGNED form of one that was signed elsewhere. PT_NO_SPACE, PT_TOO_LARGE. */
PtResult pt_entry_attach (const PtEntry *unsigned_entry, const uint8_t signature[PT_SIGNATURE_SIZE],
                          char *out, size_t out_size, size_t *size);

/* Writers of unsigned canonical entries from the fields of @fields (spans of name and note
 * unescaped UTF-8 here). */
PtResult pt_entry_write (const PtEntry *fields, char *out, size_t out_size, size_t *size);
