/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-model.h"

#include <string.h>

struct _PtComplaintModel
{
  GObject parent_instance;
  GListModel *source;
  GPtrArray *shown; /* PtComplaint */
  PtComplaintQuery query;
  char *area, *category, *official, *words; /* of ->query */
  PtComplaintCounts counts;
};

typedef struct
{
  gint64 rank;
  PtComplaint *complaint;
} Ranked;

static void model_init_list (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtComplaintModel, pt_complaint_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_init_list))

static GType
model_item_type (GListModel *list)
{
  return PT_TYPE_COMPLAINT;
}

static guint
model_count (GListModel *list)
{
  return PT_COMPLAINT_MODEL (list)->shown->len;
}

static gpointer
model_item (GListModel *list, guint position)
{
  GPtrArray *shown = PT_COMPLAINT_MODEL (list)->shown;

  return position < shown->len ? g_object_ref (shown->pdata[position]) : NULL;
}

static void
model_init_list (GListModelInterface *iface)
{
  iface->get_item_type = model_item_type;
  iface->get_n_items = model_count;
  iface->get_item = model_item;
}

static int
compare_ranked (gconstpointer a, gconstpointer b)
{
  const Ranked *one = a, *other = b;

  if (one->rank != other->rank)
    return one->rank < other->rank ? -1 : 1;
  return strcmp (one->complaint->complaint, other->complaint->complaint);
}

/* Those that are asked for, in order; counts all. */
static GPtrArray *
model_gather (PtComplaintModel *model)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GArray) ranked = g_array_new (FALSE, FALSE, sizeof (Ranked));
  guint count = g_list_model_get_n_items (model->source);

  memset (&model->counts, 0, sizeof model->counts);
  for (guint i = 0; i < count; i++)
    {
      PtComplaint *complaint = g_list_model_get_item (model->source, i);
      Ranked row = { pt_complaint_rank (complaint, model->query.order), complaint };

      pt_complaint_count (complaint, &model->query, &model->counts);
      if (pt_complaint_matches (complaint, &model->query))
        g_array_append_val (ranked, row);
      else
        g_object_unref (complaint);
    }
  g_array_sort (ranked, compare_ranked);
  for (guint i = 0; i < ranked->len; i++)
    g_ptr_array_add (found, g_array_index (ranked, Ranked, i).complaint);
  return found;
}

static void
model_refresh (PtComplaintModel *model)
{
  GPtrArray *before = model->shown, *now = model_gather (model);
  guint same = 0, end = 0;

  while (same < before->len && same < now->len && before->pdata[same] == now->pdata[same])
    same++;
  while (end < before->len - same && end < now->len - same
         && before->pdata[before->len - 1 - end] == now->pdata[now->len - 1 - end])
    end++;
  model->shown = now;
  if (before->len > same + end || now->len > same + end)
    g_list_model_items_changed (G_LIST_MODEL (model), same, before->len - same - end,
                                now->len - same - end);
  g_ptr_array_unref (before);
}

static const char *
keep (char **slot, const char *text)
{
  char *copy = g_strdup (text);

  g_free (*slot);
  *slot = copy;
  return copy;
}

void
pt_complaint_model_ask (PtComplaintModel *model, const PtComplaintQuery *query)
{
  g_return_if_fail (PT_IS_COMPLAINT_MODEL (model) && query != NULL);
  model->query = *query;
  model->query.area = keep (&model->area, query->area);
  model->query.category = keep (&model->category, query->category);
  model->query.official = keep (&model->official, query->official);
  model->query.words = keep (&model->words, query->words);
  model_refresh (model);
}

void
pt_complaint_model_update (PtComplaintModel *model, gint64 now)
{
  g_return_if_fail (PT_IS_COMPLAINT_MODEL (model));
  model->query.now = now;
  model->query.midnight = pt_complaint_midnight (now);
  model_refresh (model);
}

const PtComplaintCounts *
pt_complaint_model_counts (PtComplaintModel *model)
{
  g_return_val_if_fail (PT_IS_COMPLAINT_MODEL (model), NULL);
  return &model->counts;
}

guint
pt_complaint_model_find (PtComplaintModel *model, const char *area, const char *complaint)
{
  g_return_val_if_fail (PT_IS_COMPLAINT_MODEL (model), G_MAXUINT);
  for (guint i = 0; complaint != NULL && i < model->shown->len; i++)
    {
      const PtComplaint *shown = model->shown->pdata[i];

      if (strcmp (shown->complaint, complaint) == 0 && g_strcmp0 (shown->area, area) == 0)
        return i;
    }
  return G_MAXUINT;
}

static void
pt_complaint_model_finalize (GObject *object)
{
  PtComplaintModel *model = PT_COMPLAINT_MODEL (object);

  g_object_unref (model->source);
  g_ptr_array_unref (model->shown);
  g_free (model->area);
  g_free (model->category);
  g_free (model->official);
  g_free (model->words);
  G_OBJECT_CLASS (pt_complaint_model_parent_class)->finalize (object);
}

static void
pt_complaint_model_class_init (PtComplaintModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_complaint_model_finalize;
}

static void
pt_complaint_model_init (PtComplaintModel *model)
{
  model->shown = g_ptr_array_new_with_free_func (g_object_unref);
}

PtComplaintModel *
pt_complaint_model_new (GListModel *source)
{
  PtComplaintModel *model;

  g_return_val_if_fail (G_IS_LIST_MODEL (source), NULL);
  model = g_object_new (PT_TYPE_COMPLAINT_MODEL, NULL);
  model->source = g_object_ref (source);
  return model;
}
