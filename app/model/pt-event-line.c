/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-line.h"

G_DEFINE_FINAL_TYPE (PtEventLine, pt_event_line, G_TYPE_OBJECT)

PtEventLine *
pt_event_line_new (gint64 time, const char *word, char *what, char *more, int state)
{
  PtEventLine *line;

  g_return_val_if_fail (word != NULL && what != NULL && more != NULL, NULL);
  line = g_object_new (PT_TYPE_EVENT_LINE, NULL);
  line->time = time;
  line->word = g_strdup (word);
  line->what = what;
  line->more = more;
  line->state = state;
  return line;
}

static void
pt_event_line_finalize (GObject *object)
{
  PtEventLine *line = PT_EVENT_LINE (object);

  g_free (line->word);
  g_free (line->what);
  g_free (line->more);
  G_OBJECT_CLASS (pt_event_line_parent_class)->finalize (object);
}

static void
pt_event_line_class_init (PtEventLineClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_event_line_finalize;
}

static void
pt_event_line_init (PtEventLine *line)
{
}
