/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-feed-list.h"

#define PT_TYPE_AREA_HEAD (pt_area_head_get_type ())
G_DECLARE_FINAL_TYPE (PtAreaHead, pt_area_head, PT, AREA_HEAD, GObject)

/* An area and the last batch of its log. */
struct _PtAreaHead
{
  GObject parent_instance;
  char *area;
  guint64 batch; /* last sealed; 0: none */
  gint64 size, to, devices;
  char *authority_key; /* base64url, as the daemon names it; NULL: it doesn't */
};

/* Of PtAreaHead: all areas. */
extern const PtListSpec pt_list_areas;
