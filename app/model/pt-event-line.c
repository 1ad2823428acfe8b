/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-line.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-format.h"

#define AREAS_MAX 1000 /* that are told apart; more are still counted */
#define PLACES_MAX 4   /* that are named */
#define SINCE_MS 60000 /* what is told as late as this says when it was */

G_DEFINE_FINAL_TYPE (PtEventLine, pt_event_line, G_TYPE_OBJECT)

PtEventLine *
pt_event_line_new (PtEventKind kind, const char *word, char *what, char *more, int state)
{
  PtEventLine *line;

  g_return_val_if_fail (word != NULL && what != NULL && more != NULL, NULL);
  line = g_object_new (PT_TYPE_EVENT_LINE, NULL);
  line->kind = kind;
  line->word = g_strdup (word);
  line->what = what;
  line->more = more;
  line->state = state;
  line->count = 1;
  return line;
}

/* Many of one group */

static void
add_name (GPtrArray **names, const char *name, guint maximum)
{
  if (*names == NULL)
    *names = g_ptr_array_new_with_free_func (g_free);
  if ((*names)->len < maximum
      && !g_ptr_array_find_with_equal_func (*names, name, g_str_equal, NULL))
    g_ptr_array_add (*names, g_strdup (name));
}

static void
add_names (GPtrArray **names, const GPtrArray *others, guint maximum)
{
  for (guint i = 0; others != NULL && i < others->len; i++)
    add_name (names, g_ptr_array_index (others, i), maximum);
}

void
pt_event_line_set_group (PtEventLine *line, char *group, guint many, PtEventSum sum,
                         const char *area, const char *place, gint64 amount)
{
  g_return_if_fail (PT_IS_EVENT_LINE (line) && line->group == NULL);
  g_return_if_fail (group != NULL && sum != NULL && area != NULL && many > 1);
  line->group = group;
  line->many = many;
  line->sum = sum;
  line->amount = amount;
  add_name (&line->areas, area, AREAS_MAX);
  if (place != NULL)
    add_name (&line->places, place, PLACES_MAX);
}

PtEventLine *
pt_event_line_copy (const PtEventLine *line)
{
  PtEventLine *copy;

  g_return_val_if_fail (line != NULL, NULL);
  copy = pt_event_line_new (line->kind, line->word, g_strdup (line->what), g_strdup (line->more),
                            line->state);
  copy->time = line->time;
  copy->at = line->at;
  copy->final = line->final;
  copy->urgent = line->urgent;
  copy->order = line->order;
  copy->group = g_strdup (line->group);
  copy->many = line->many;
  copy->sum = line->sum;
  copy->count = line->count;
  copy->amount = line->amount;
  add_names (&copy->areas, line->areas, AREAS_MAX);
  add_names (&copy->places, line->places, PLACES_MAX);
  return copy;
}

void
pt_event_line_add (PtEventLine *line, const PtEventLine *other)
{
  g_return_if_fail (PT_IS_EVENT_LINE (line) && other != NULL);
  line->time = other->time;
  line->order = other->order;
  line->at = 0;
  line->count += other->count;
  line->amount += other->amount;
  add_names (&line->areas, other->areas, AREAS_MAX);
  add_names (&line->places, other->places, PLACES_MAX);
}

/* In words */

static char *
sum_places (const PtEventLine *line)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; line->places != NULL && i < MIN (line->places->len, PLACES_MAX - 1); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            (char *) g_ptr_array_index (line->places, i));
  if (line->places != NULL && line->places->len == PLACES_MAX)
    g_string_append (text, "…");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
pt_event_sum_sites (PtEventLine *line)
{
  g_autofree char *number = NULL, *sites = NULL, *places = NULL, *where = NULL;

  g_return_if_fail (PT_IS_EVENT_LINE (line) && line->areas != NULL);
  number = pt_format_number (line->count);
  sites = g_strdup_printf (ngettext ("%s site", "%s sites", line->count), number);
  places = sum_places (line);
  if (line->areas->len == 1)
    where = g_strdup_printf (_ ("%s, area %s"), sites,
                             (const char *) g_ptr_array_index (line->areas, 0));
  else
    where = g_strdup_printf (ngettext ("%s in %u area", "%s in %u areas", line->areas->len), sites,
                             line->areas->len);
  g_free (line->what);
  g_free (line->more);
  line->what
      = places[0] != '\0' ? g_strdup_printf ("%s: %s", where, places) : g_steal_pointer (&where);
  line->more = pt_format_any_customers (line->amount);
}

char *
pt_event_line_text (const PtEventLine *line, gsize *more_at)
{
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (line != NULL && more_at != NULL, NULL);
  text = g_string_new (line->what);
  if (line->at != 0 && line->time - line->at >= SINCE_MS)
    {
      g_autofree char *at = pt_format_time (line->at, line->time);

      /* Translators: a time; it follows the name of a site. */
      g_string_append_printf (text, _ (", since %s"), at);
    }
  *more_at = text->len;
  if (line->more[0] != '\0')
    g_string_append_printf (text, " · %s", line->more);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The object */

static void
pt_event_line_finalize (GObject *object)
{
  PtEventLine *line = PT_EVENT_LINE (object);

  g_free (line->word);
  g_free (line->what);
  g_free (line->more);
  g_free (line->group);
  g_clear_pointer (&line->areas, g_ptr_array_unref);
  g_clear_pointer (&line->places, g_ptr_array_unref);
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
