/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-traffic.h"

#include "pt-limits.h"
#include "pt-refusals.h"

#define SAID_US (60 * (gint64) G_USEC_PER_SEC)
#define LAG_US (60 * (gint64) G_USEC_PER_SEC)

typedef enum
{
  OUTCOME_ACCEPTED,
  OUTCOME_DUPLICATE,
  OUTCOME_REFUSED,
  OUTCOMES
} Outcome;

static const PtLimitRate once_an_hour = { .burst = 1, .per_hour = 1 };

struct _PtTraffic
{
  gint references; /* atomic */
  PtRejects *rejects;
  PtRefusals *refusals[PT_TRANSPORT_COUNT];
  GMutex lock; /* guards what follows */
  guint64 lines[PT_TRANSPORT_COUNT][OUTCOMES];
  guint waiting[PT_TRANSPORT_COUNT];
  PtHistogram lag[PT_TRANSPORT_COUNT];
  PtLag lag_now[PT_TRANSPORT_COUNT], lag_before[PT_TRANSPORT_COUNT]; /* by LAG_US */
  gint64 lag_turned;
  PtHistogram commits;
  guint64 too_many[PT_TRANSPORT_COUNT]; /* since it was said */
  gint64 said;
  PtLimits *tellings; /* of conflicts */
  guint64 conflicts;
  guint64 sessions, sessions_begun;
};

PtTraffic *
pt_traffic_new (PtClock *clock)
{
  PtTraffic *traffic;

  g_return_val_if_fail (clock != NULL, NULL);

  traffic = g_new0 (PtTraffic, 1);
  traffic->references = 1;
  traffic->rejects = pt_rejects_new (clock);
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    traffic->refusals[i] = pt_refusals_new ();
  traffic->tellings = pt_limits_new (&once_an_hour, 1);
  g_mutex_init (&traffic->lock);
  return traffic;
}

PtTraffic *
pt_traffic_ref (PtTraffic *traffic)
{
  g_return_val_if_fail (traffic != NULL, NULL);

  g_atomic_int_inc (&traffic->references);
  return traffic;
}

void
pt_traffic_unref (PtTraffic *traffic)
{
  if (traffic == NULL || !g_atomic_int_dec_and_test (&traffic->references))
    return;
  pt_rejects_free (traffic->rejects);
  pt_limits_free (traffic->tellings);
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    pt_refusals_free (traffic->refusals[i]);
  g_mutex_clear (&traffic->lock);
  g_free (traffic);
}

PtRejects *
pt_traffic_rejects (PtTraffic *traffic)
{
  g_return_val_if_fail (traffic != NULL, NULL);

  return traffic->rejects;
}

/* A line a minute at most, whoever floods; who it is stands in the rejected reports. */
static void
tell_flood (PtTransport transport, guint64 lines)
{
  g_autofree char *count = g_strdup_printf ("%" G_GUINT64_FORMAT, lines);

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "POWERTRACK_EVENT", "too-many",
                    "POWERTRACK_TRANSPORT", pt_transport_name (transport), "POWERTRACK_LINES",
                    count, "MESSAGE",
                    "More reports come than may: %s by %s were refused as too-many since this was "
                    "said last.",
                    count, pt_transport_name (transport));
}

/* With the lock. 0: nothing is to be said now. */
static guint64
take_flood (PtTraffic *traffic, PtTransport transport, guint too_many)
{
  gint64 now = g_get_monotonic_time ();
  guint64 lines;

  traffic->too_many[transport] += too_many;
  if (too_many == 0 || (traffic->said > 0 && now < traffic->said + SAID_US))
    return 0;
  lines = traffic->too_many[transport];
  traffic->too_many[transport] = 0;
  traffic->said = now;
  return lines;
}

void
pt_traffic_enter (PtTraffic *traffic, const PtSubmission *submission)
{
  g_return_if_fail (traffic != NULL && submission != NULL);

  g_mutex_lock (&traffic->lock);
  traffic->waiting[submission->peer.transport] += submission->count;
  g_mutex_unlock (&traffic->lock);
}

/* With the lock. */
static void
turn_lag (PtTraffic *traffic, gint64 now)
{
  if (now < traffic->lag_turned + LAG_US)
    return;
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    {
      traffic->lag_before[i]
          = now < traffic->lag_turned + 2 * LAG_US ? traffic->lag_now[i] : (PtLag){ 0 };
      traffic->lag_now[i] = (PtLag){ 0 };
    }
  traffic->lag_turned = now;
}

/* With the lock. */
static void
add_lag (PtTraffic *traffic, PtTransport transport, gint64 entered, guint lines)
{
  gint64 now = g_get_monotonic_time ();
  PtLag *lag = &traffic->lag_now[transport];

  turn_lag (traffic, now);
  lag->lines += lines;
  lag->sum += (now - entered) * lines;
  lag->longest = MAX (lag->longest, now - entered);
  pt_histogram_add (&traffic->lag[transport], now - entered, lines);
}

void
pt_traffic_get (PtTraffic *traffic, PtTransport transport, PtTrafficOfWay *out)
{
  const PtLag *now, *before;

  g_return_if_fail (traffic != NULL && out != NULL);

  g_mutex_lock (&traffic->lock);
  turn_lag (traffic, g_get_monotonic_time ());
  now = &traffic->lag_now[transport];
  before = &traffic->lag_before[transport];
  *out = (PtTrafficOfWay){ .accepted = traffic->lines[transport][OUTCOME_ACCEPTED],
                           .duplicate = traffic->lines[transport][OUTCOME_DUPLICATE],
                           .refused = traffic->lines[transport][OUTCOME_REFUSED],
                           .waiting = traffic->waiting[transport],
                           .lag = { now->lines + before->lines, now->sum + before->sum,
                                    MAX (now->longest, before->longest) } };
  g_mutex_unlock (&traffic->lock);
}

void
pt_traffic_count (PtTraffic *traffic, const PtSubmission *submission)
{
  guint counts[OUTCOMES] = { 0 }, too_many = 0;
  PtTransport transport;
  guint64 flood;

  g_return_if_fail (traffic != NULL && submission != NULL);

  transport = submission->peer.transport;
  for (guint i = 0; i < submission->count; i++)
    {
      const PtLine *line = &submission->lines[i];
      gboolean refused = line->state != PT_LINE_ACCEPTED && line->state != PT_LINE_DUPLICATE;

      counts[refused                           ? OUTCOME_REFUSED
             : line->state == PT_LINE_ACCEPTED ? OUTCOME_ACCEPTED
                                               : OUTCOME_DUPLICATE]++;
      too_many += refused && line->code == PT_ERROR_TOO_MANY;
      if (refused)
        pt_refusals_add (traffic->refusals[transport], (PtErrorCode) line->code,
                         (PtRule) line->rule);
    }
  if (counts[OUTCOME_REFUSED] > 0)
    pt_rejects_take (traffic->rejects, submission);
  g_mutex_lock (&traffic->lock);
  for (guint i = 0; i < OUTCOMES; i++)
    traffic->lines[transport][i] += counts[i];
  if (submission->has_place)
    traffic->waiting[transport] -= submission->count;
  if (counts[OUTCOME_ACCEPTED] > 0)
    add_lag (traffic, transport, submission->entered, counts[OUTCOME_ACCEPTED]);
  flood = take_flood (traffic, transport, too_many);
  g_mutex_unlock (&traffic->lock);
  if (flood > 0)
    tell_flood (transport, flood);
}

void
pt_traffic_session_begun (PtTraffic *traffic)
{
  g_return_if_fail (traffic != NULL);

  g_mutex_lock (&traffic->lock);
  traffic->sessions++;
  traffic->sessions_begun++;
  g_mutex_unlock (&traffic->lock);
}

void
pt_traffic_sessions_ended (PtTraffic *traffic, guint count)
{
  g_return_if_fail (traffic != NULL);

  g_mutex_lock (&traffic->lock);
  traffic->sessions -= count;
  g_mutex_unlock (&traffic->lock);
}

void
pt_traffic_commit (PtTraffic *traffic, gint64 us)
{
  g_return_if_fail (traffic != NULL);

  g_mutex_lock (&traffic->lock);
  pt_histogram_add (&traffic->commits, us, 1);
  g_mutex_unlock (&traffic->lock);
}

void
pt_traffic_conflict (PtTraffic *traffic, const char *area, const char *device, gint64 seq)
{
  g_autofree char *who = NULL;
  guint wait;

  g_return_if_fail (traffic != NULL && area != NULL && device != NULL);

  who = g_strconcat (area, "/", device, NULL);
  g_mutex_lock (&traffic->lock);
  traffic->conflicts++;
  g_mutex_unlock (&traffic->lock);
  if (!pt_limits_take (traffic->tellings, 0, who, g_get_monotonic_time (), &wait))
    return;
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "POWERTRACK_EVENT", "conflict",
                    "POWERTRACK_AREA", area, "POWERTRACK_DEVICE", device, "MESSAGE",
                    "%s signed two different reports with the counter %" G_GINT64_FORMAT
                    ": its key is in two hands. Both are at /api/v1/conflicts; revoke it.",
                    who, seq);
}

static void
append_head (GString *text, const char *name, const char *type, const char *help)
{
  g_string_append_printf (text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
append_lines (GString *text, guint64 lines[PT_TRANSPORT_COUNT][OUTCOMES])
{
  static const char *const outcomes[OUTCOMES] = { "accepted", "duplicate", "refused" };

  append_head (text, "powertrack_lines_total", "counter",
               "Lines since the start, by the way they came and what became of them.");
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    for (guint j = 0; j < OUTCOMES; j++)
      g_string_append_printf (
          text, "powertrack_lines_total{transport=\"%s\",outcome=\"%s\"} %" G_GUINT64_FORMAT "\n",
          pt_transport_name ((PtTransport) i), outcomes[j], lines[i][j]);
}

static void
append_waiting (GString *text, const guint waiting[PT_TRANSPORT_COUNT])
{
  append_head (text, "powertrack_waiting_lines", "gauge",
               "Lines between intake and commit, by the way they came.");
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    g_string_append_printf (text, "powertrack_waiting_lines{transport=\"%s\"} %u\n",
                            pt_transport_name ((PtTransport) i), waiting[i]);
}

static void
append_sessions (GString *text, const PtTraffic *traffic)
{
  append_head (text, "powertrack_coap_sessions", "gauge", "DTLS sessions that are open.");
  g_string_append_printf (text, "powertrack_coap_sessions %" G_GUINT64_FORMAT "\n",
                          traffic->sessions);
  append_head (text, "powertrack_coap_sessions_total", "counter",
               "DTLS sessions that began since the start.");
  g_string_append_printf (text, "powertrack_coap_sessions_total %" G_GUINT64_FORMAT "\n",
                          traffic->sessions_begun);
}

void
pt_traffic_append (PtTraffic *traffic, GString *text)
{
  static const char *const labels[PT_TRANSPORT_COUNT]
      = { "transport=\"http\"", "transport=\"mqtt\"", "transport=\"coap\"" };

  g_return_if_fail (traffic != NULL && text != NULL);

  append_head (text, "powertrack_refused_lines_total", "counter",
               "Lines that were refused since the start, by the way they came and why.");
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    pt_refusals_append (traffic->refusals[i], "powertrack_refused_lines_total", labels[i], text);
  g_mutex_lock (&traffic->lock);
  append_lines (text, traffic->lines);
  append_waiting (text, traffic->waiting);
  append_head (text, "powertrack_lag_seconds", "histogram",
               "From when an accepted line was taken in until it was durable.");
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    pt_histogram_append (&traffic->lag[i], "powertrack_lag_seconds", labels[i], text);
  append_head (text, "powertrack_commit_seconds", "histogram",
               "What the store took to write a group.");
  pt_histogram_append (&traffic->commits, "powertrack_commit_seconds", "", text);
  append_head (text, "powertrack_conflicts_total", "counter",
               "Reports since the start whose counter their key had signed with other words.");
  g_string_append_printf (text, "powertrack_conflicts_total %" G_GUINT64_FORMAT "\n",
                          traffic->conflicts);
  append_sessions (text, traffic);
  g_mutex_unlock (&traffic->lock);
  append_head (text, "powertrack_rejected_dropped_total", "counter",
               "Refused reports since the start that are not kept, for there were too many.");
  g_string_append_printf (text, "powertrack_rejected_dropped_total %" G_GUINT64_FORMAT "\n",
                          pt_rejects_dropped (traffic->rejects));
}
