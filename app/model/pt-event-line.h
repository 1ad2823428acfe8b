/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

/* One line of the log of events, in words. */
#define PT_TYPE_EVENT_LINE (pt_event_line_get_type ())
G_DECLARE_FINAL_TYPE (PtEventLine, pt_event_line, PT, EVENT_LINE, GObject)

typedef enum
{
  PT_EVENT_POWER,     /* sites go off, come on, fall silent */
  PT_EVENT_ANCHORING, /* batches take a step */
  PT_EVENT_COMPLAINT, /* complaints are filed, acted on, late */
  PT_EVENT_SYSTEM     /* the daemon, and the line to it */
} PtEventKind;

#define PT_EVENT_KINDS 4
#define PT_EVENT_SITES_MANY 5 /* of an area that are one line */

/* Writes ->what and ->more of a line that stands for many, from its numbers. */
typedef void (*PtEventSum) (PtEventLine *line);

struct _PtEventLine
{
  GObject parent_instance;
  PtEventKind kind;
  gint64 time; /* ms of the daemon's clock when it was told; 0: not yet */
  gint64 at;   /* ms: when it was so, where that may be another time; 0: then */
  char *word, *what, *more;
  int state;       /* PtSiteState, or -1: none of a site */
  gboolean final;  /* the last step of a batch */
  gboolean urgent; /* shown whatever is hidden */
  guint64 order;   /* among all that were told: PtEventLines' */

  /* What many of one kind have together. */
  char *group;               /* NULL: it always stands alone */
  guint many;                /* so many of one group are one line */
  PtEventSum sum;            /* of the group */
  guint count;               /* what it stands for */
  gint64 amount;             /* customers, or entries */
  GPtrArray *areas, *places; /* char *, different ones, the first that came; or NULL */
};

/* Takes @what and @more; @word is copied. */
PtEventLine *pt_event_line_new (PtEventKind kind, const char *word, char *what, char *more,
                                int state);
/* It is one of many that are one line where @many or more of them come together. Takes @group;
 * @place may be NULL. */
void pt_event_line_set_group (PtEventLine *line, char *group, guint many, PtEventSum sum,
                              const char *area, const char *place, gint64 amount);
/* A line of its own that stands for what @line does, to which others are added. */
PtEventLine *pt_event_line_copy (const PtEventLine *line);
/* @other is of the same group, and newer. */
void pt_event_line_add (PtEventLine *line, const PtEventLine *other);

/* A PtEventSum of sites: "37 sites, area pge-08: Campbell, Los Gatos…", with their customers. */
void pt_event_sum_sites (PtEventLine *line);

/* All but clock and word, as it is read; @more_at: the byte from which on it is said in a lower
 * voice. */
char *pt_event_line_text (const PtEventLine *line, gsize *more_at);
