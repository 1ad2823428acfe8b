/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* One connection to a daemon's public HTTP interface, for one thread. */
typedef struct _PtFleetLink PtFleetLink;

/* @url: "http://host:port", without a path. */
PtFleetLink *pt_fleet_link_new (const char *url);
void pt_fleet_link_free (PtFleetLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFleetLink, pt_fleet_link_free)

/* As pt_http_client_set_tls (). */
void pt_fleet_link_set_tls (PtFleetLink *link, const char *ca, const char *certificate,
                            const char *key);

typedef struct
{
  guint line;       /* from 1 */
  const char *slug; /* static for good */
} PtFleetRejection;

typedef struct
{
  guint64 accepted, duplicate;
  GArray *rejected; /* of PtFleetRejection, rising; owned */
  guint pause_s;    /* how long it asks to be let alone; 0: it does not say */
} PtFleetAnswer;

void pt_fleet_answer_clear (PtFleetAnswer *answer);
/* Reads the daemon's answer to @lines lines; they have to add up. */
gboolean pt_fleet_answer_parse (const char *text, gsize size, guint lines, PtFleetAnswer *out,
                                GError **error);

typedef enum
{
  PT_FLEET_ANSWERED,  /* the answer is filled in */
  PT_FLEET_AGAIN,     /* not reached, busy, in trouble: send the same again later */
  PT_FLEET_TOO_LARGE, /* send fewer lines */
  PT_FLEET_REFUSED    /* sending it again will not help */
} PtFleetVerdict;

/* Posts @lines reports as NDJSON. Blocks. @error says why unless it is PT_FLEET_ANSWERED. */
PtFleetVerdict pt_fleet_link_post (PtFleetLink *link, GBytes *reports, guint lines,
                                   PtFleetAnswer *answer, GError **error);

/* Asks what the daemon holds of a device: its signed JSON (docs/PROTOCOL.md section 13), neither
 * read nor verified. Blocks. NULL and @error; *@verdict says whether asking again may help. */
GBytes *pt_fleet_link_held (PtFleetLink *link, const char *area, const char *device,
                            PtFleetVerdict *verdict, GError **error);

/* The administrator's token, which pt_fleet_link_step () needs. */
void pt_fleet_link_set_token (PtFleetLink *link, const char *token);
/* Moves the daemon's stepped clock on to @now, ms since 1970. Blocks. Lines are no matter here:
 * never PT_FLEET_TOO_LARGE. */
PtFleetVerdict pt_fleet_link_step (PtFleetLink *link, gint64 now, GError **error);

typedef struct
{
  gint64 now;           /* the daemon's clock, ms since 1970 */
  double speed;         /* how many times faster than real it runs, or was seen to be stepped */
  gboolean stepped;     /* it stands until pt_fleet_link_step () */
  gint64 period;        /* ms, of a window; 0: an older daemon, which does not say */
  char service_key[96]; /* tells one daemon's log from another's; empty when it has none yet */
} PtFleetStatus;

gboolean pt_fleet_link_status (PtFleetLink *link, PtFleetStatus *out, GError **error);

/* The daemon's clock as this process reckons it between two looks at it. Thread-safe. */
typedef struct
{
  GMutex mutex;
  gint64 now;    /* ms since 1970, at @looked */
  gint64 looked; /* monotonic us */
  double speed;  /* 0: a stepped one, which stands */
} PtFleetClock;

/* @status may be NULL. */
gboolean pt_fleet_clock_look (PtFleetClock *clock, PtFleetLink *link, PtFleetStatus *status,
                              GError **error);
gint64 pt_fleet_clock_now (PtFleetClock *clock);
/* A stepped one was moved on. */
void pt_fleet_clock_set (PtFleetClock *clock, gint64 now);
/* Real microseconds until it shows @ts, 0 when that is past. G_MAXINT64 for one that stands. */
gint64 pt_fleet_clock_wait (PtFleetClock *clock, gint64 ts);
