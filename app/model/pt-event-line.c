/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-line.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "pt-format.h"

G_DEFINE_FINAL_TYPE (PtEventLine, pt_event_line, G_TYPE_OBJECT)

static PtEventLine *
line_make (gint64 time, const char *word, char *what, char *more, int state)
{
  PtEventLine *self = g_object_new (PT_TYPE_EVENT_LINE, NULL);

  self->time = pt_format_clock (time);
  self->word = g_strdup (word);
  self->what = what;
  self->more = more;
  self->state = state;
  return self;
}

static PtEventLine *
line_from_outage (PtOutage *outage, gint64 now)
{
  g_autofree char *site = pt_format_site (outage->place, outage->site, outage->area);
  g_autofree char *lasted = NULL;

  if (outage->end == 0)
    return line_make (outage->start, _ ("Off"), g_steal_pointer (&site),
                      pt_format_customers (outage->customers), PT_SITE_OFF);
  lasted = pt_format_duration (outage->end - outage->start);
  return line_make (outage->end, _ ("On"), g_strdup_printf (_ ("%s, after %s"), site, lasted),
                    pt_format_customers (outage->customers), PT_SITE_ON);
}

static PtEventLine *
line_from_batch (PtBatch *batch, gint64 now)
{
  g_autofree char *number = g_strdup_printf ("%" PRIu64, batch->batch);
  g_autofree char *entries = pt_format_number (batch->size - batch->prev_size);
  g_autofree char *block = pt_format_number (batch->block);
  g_autofree char *word = NULL;
  char *more;
  PtEventLine *self;

  if (batch->block > 0)
    more = g_strdup_printf (_ ("block %s"), block);
  else if (batch->waits_for != NULL)
    more = g_strdup_printf (_ ("waits for %s"), pt_format_waits (batch->waits_for));
  else
    more = g_strdup ("");
  self = line_make (
      now, pt_format_batch_state (batch->state),
      g_strdup_printf (_ ("area %s, batch %s, %s entries"), batch->area, number, entries), more,
      -1);
  self->final = batch->state == PT_BATCH_FINAL;
  return self;
}

PtEventLine *
pt_event_line_new (PtLinkEvent kind, GObject *what, gint64 now)
{
  PtSiteNews *news;

  switch (kind)
    {
    case PT_LINK_EVENT_OUTAGE_BEGAN:
    case PT_LINK_EVENT_OUTAGE_ENDED:
      return line_from_outage (PT_OUTAGE (what), now);
    case PT_LINK_EVENT_BATCH:
      return line_from_batch (PT_BATCH (what), now);
    case PT_LINK_EVENT_SITE_SILENT:
      news = PT_SITE_NEWS (what);
      return line_make (now, _ ("Silent"), pt_format_site (news->place, news->site, news->area),
                        pt_format_customers (news->customers), PT_SITE_SILENT);
    case PT_LINK_EVENT_SITE_OFF:
    case PT_LINK_EVENT_SITE_ON:
    default:
      /* The outage says it, and more. */
      return NULL;
    }
}

static void
pt_event_line_finalize (GObject *object)
{
  PtEventLine *self = PT_EVENT_LINE (object);

  g_free (self->time);
  g_free (self->word);
  g_free (self->what);
  g_free (self->more);
  G_OBJECT_CLASS (pt_event_line_parent_class)->finalize (object);
}

static void
pt_event_line_class_init (PtEventLineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pt_event_line_finalize;
}

static void
pt_event_line_init (PtEventLine *self)
{
}
