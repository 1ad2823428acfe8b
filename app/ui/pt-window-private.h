/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-address-page.h"
#include "pt-anchor-page.h"
#include "pt-complaints-page.h"
#include "pt-event-log.h"
#include "pt-key-button.h"
#include "pt-map-view.h"
#include "pt-notice.h"
#include "pt-outage-list.h"
#include "pt-pill.h"
#include "pt-search-results.h"
#include "pt-site-panel.h"
#include "pt-window.h"

/* What pt-window.c and pt-window-acts.c and pt-window-complaints.c share. */
struct _PtWindow
{
  AdwApplicationWindow parent_instance;
  AdwToastOverlay *toasts;
  GtkStack *whole; /* the pages, or that there is nothing to show on them */
  PtAddressPage *address;
  AdwViewStack *pages;
  AdwViewSwitcher *switcher;
  AdwViewStackPage *outages_page, *complaints_page, *anchoring_page;
  GtkWidget *drop_hint;
  AdwFlap *flap;
  GtkDropDown *area;
  GtkStringList *areas;
  GtkSearchEntry *search;
  PtSearchResults *results; /* below it */
  PtPill *pill;
  PtNotice *notice;
  PtOutageList *list;
  PtMapView *map;
  PtEventLog *log;
  PtSitePanel *panel;
  PtAnchorPage *anchoring;
  PtComplaintsPage *complaints;
  PtKeyButton *key;
  PtSession *session;

  PtSettings *settings; /* borrowed */
  PtLink *link;
  char *url, *rpc; /* as given; NULL: found */
  guint tick_source;
  gboolean fitted, selecting, waited;
  int aside_at;   /* the width at which the list stepped aside */
  int map_width;  /* as it was a frame ago */
  gboolean bring; /* the chosen site into sight, once the panel has its room */
  guint selected;
};

enum
{
  PT_WINDOW_CONNECT_TO,
  PT_WINDOW_FILES,
  PT_WINDOW_SIGNALS
};

extern guint pt_window_signals[PT_WINDOW_SIGNALS];

/* pt-window-acts.c: what menus and keys do. */
void pt_window_say (PtWindow *self, const char *text);
void pt_window_select (PtWindow *self, guint number);
/* The chosen site into sight: now, or once what was changed has its room. */
void pt_window_bring_site (PtWindow *self);
void pt_window_bring_later (PtWindow *self);
const char *pt_window_area (PtWindow *self); /* NULL: all */
/* pt-window-complaints.c: the page of complaints, which is there where the daemon has any to tell
 * of, and whose key is in use. */
void pt_window_connect_complaints (PtWindow *self);
void pt_window_show_complaints (PtWindow *self);
void pt_window_show_complaint (PtWindow *self, const char *area, const char *complaint);
void pt_window_show_complaint_site (PtWindow *self, const char *area, const char *site,
                                    gboolean near);
void pt_window_keep_key (PtWindow *self);
gboolean pt_window_has_page (PtWindow *self, const char *name); /* in sight */
void pt_window_install_acts (GtkWidgetClass *widget_class);
void pt_window_accept_files (PtWindow *self);
/* The focus goes to what the page in sight lists. */
void pt_window_focus_list (PtWindow *self);
void pt_window_show_found (PtWindow *self, const PtFound *found);
