/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-lines.h"

#define TOGETHER_US (10 * G_USEC_PER_SEC) /* from one to the next that comes together with it */
#define RUN_US (60 * G_USEC_PER_SEC)      /* that one line grows */
#define RUNS_MAX 1000
#define JUMP_MS (5 * 60000) /* a clock that goes back by more is another one */

/* Those of one group that came together. */
typedef struct
{
  PtEventLine *sum;
  GPtrArray *shown; /* PtEventLine: those of them that are in the list */
  gint64 first, last;
  gboolean grown; /* ->sum has to be shown anew */
} Run;

struct _PtEventLines
{
  GObject parent_instance;
  GPtrArray *all;     /* PtEventLine, newest first: what the list is to be */
  GListStore *list;   /* what it was at the last flush */
  GHashTable *runs;   /* group -> Run */
  GPtrArray *growing; /* Run, in the order in which they began to grow; not owned */
  gint64 newest;      /* ms */
  guint64 count;      /* that were put */
};

G_DEFINE_FINAL_TYPE (PtEventLines, pt_event_lines, G_TYPE_OBJECT)

static void
run_free (gpointer data)
{
  Run *run = data;

  g_object_unref (run->sum);
  g_ptr_array_unref (run->shown);
  g_free (run);
}

/* Above all that was told before. */
static void
lines_add (PtEventLines *lines, PtEventLine *line)
{
  guint place = 0;

  while (place < lines->all->len
         && ((PtEventLine *) g_ptr_array_index (lines->all, place))->order > line->order)
    place++;
  g_ptr_array_insert (lines->all, (int) place, g_object_ref (line));
  if (lines->all->len > PT_EVENT_LINES_MAX)
    g_ptr_array_set_size (lines->all, PT_EVENT_LINES_MAX);
}

/* Many of one group */

static gboolean
run_is_over (gpointer key, gpointer value, gpointer data)
{
  const Run *run = value;
  gint64 now = *(const gint64 *) data;

  return !run->grown && (now - run->last > TOGETHER_US || now - run->first > RUN_US);
}

static void
lines_begin_run (PtEventLines *lines, PtEventLine *line, gint64 now)
{
  Run *run;

  g_hash_table_foreach_remove (lines->runs, run_is_over, &now);
  if (g_hash_table_size (lines->runs) >= RUNS_MAX)
    {
      pt_event_lines_flush (lines);
      g_hash_table_remove_all (lines->runs);
    }
  run = g_new0 (Run, 1);
  run->sum = pt_event_line_copy (line);
  run->shown = g_ptr_array_new_with_free_func (g_object_unref);
  run->first = run->last = now;
  g_ptr_array_add (run->shown, g_object_ref (line));
  g_hash_table_insert (lines->runs, g_strdup (line->group), run);
  lines_add (lines, line);
}

static void
lines_put_group (PtEventLines *lines, PtEventLine *line, gint64 now)
{
  Run *run = g_hash_table_lookup (lines->runs, line->group);

  if (run == NULL || run_is_over (NULL, run, &now))
    {
      lines_begin_run (lines, line, now);
      return;
    }
  run->last = now;
  pt_event_line_add (run->sum, line);
  if (run->sum->count < line->many)
    {
      g_ptr_array_add (run->shown, g_object_ref (line));
      lines_add (lines, line);
    }
  else if (!run->grown)
    {
      run->grown = TRUE;
      g_ptr_array_add (lines->growing, run);
    }
}

/* One line instead of those that were shown of it. */
static void
lines_show_sum (PtEventLines *lines, Run *run)
{
  g_autoptr (PtEventLine) sum = pt_event_line_copy (run->sum);

  sum->sum (sum);
  for (guint i = 0; i < run->shown->len; i++)
    g_ptr_array_remove (lines->all, g_ptr_array_index (run->shown, i));
  g_ptr_array_set_size (run->shown, 0);
  g_ptr_array_add (run->shown, g_object_ref (sum));
  lines_add (lines, sum);
  run->grown = FALSE;
}

/* In and out */

void
pt_event_lines_put (PtEventLines *lines, PtEventLine *line, gint64 now)
{
  g_return_if_fail (PT_IS_EVENT_LINES (lines) && PT_IS_EVENT_LINE (line));
  if (line->time < lines->newest && lines->newest - line->time < JUMP_MS)
    line->time = lines->newest;
  lines->newest = line->time;
  line->order = ++lines->count;
  if (line->group != NULL)
    lines_put_group (lines, line, now);
  else
    lines_add (lines, line);
}

/* The list is made what ->all is; the end that both have stays. */
void
pt_event_lines_flush (PtEventLines *lines)
{
  GListModel *list;
  guint before, after, same = 0;

  g_return_if_fail (PT_IS_EVENT_LINES (lines));
  for (guint i = 0; i < lines->growing->len; i++)
    lines_show_sum (lines, g_ptr_array_index (lines->growing, i));
  g_ptr_array_set_size (lines->growing, 0);
  list = G_LIST_MODEL (lines->list);
  before = g_list_model_get_n_items (list);
  after = lines->all->len;
  while (same < before && same < after)
    {
      g_autoptr (PtEventLine) line = g_list_model_get_item (list, before - 1 - same);

      if (line != g_ptr_array_index (lines->all, after - 1 - same))
        break;
      same++;
    }
  if (before > same || after > same)
    g_list_store_splice (lines->list, 0, before - same, lines->all->pdata, after - same);
}

GListModel *
pt_event_lines_list (PtEventLines *lines)
{
  g_return_val_if_fail (PT_IS_EVENT_LINES (lines), NULL);
  return G_LIST_MODEL (lines->list);
}

/* The object */

static void
pt_event_lines_finalize (GObject *object)
{
  PtEventLines *lines = PT_EVENT_LINES (object);

  g_ptr_array_unref (lines->growing);
  g_hash_table_unref (lines->runs);
  g_ptr_array_unref (lines->all);
  g_object_unref (lines->list);
  G_OBJECT_CLASS (pt_event_lines_parent_class)->finalize (object);
}

static void
pt_event_lines_class_init (PtEventLinesClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_event_lines_finalize;
}

static void
pt_event_lines_init (PtEventLines *lines)
{
  lines->all = g_ptr_array_new_with_free_func (g_object_unref);
  lines->list = g_list_store_new (PT_TYPE_EVENT_LINE);
  lines->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, run_free);
  lines->growing = g_ptr_array_new ();
}

PtEventLines *
pt_event_lines_new (void)
{
  return g_object_new (PT_TYPE_EVENT_LINES, NULL);
}
