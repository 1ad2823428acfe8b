/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-feed-complaints.h"

/* What the area promises about complaints, as far as an official has to know before she signs. */

typedef struct _PtAreaProfile PtAreaProfile;

/* What a profile says of one question. */
typedef enum
{
  PT_PROFILE_UNKNOWN, /* it was not learnt, or is another one than the complaint was filed under */
  PT_PROFILE_NO,
  PT_PROFILE_YES
} PtProfileAnswer;

/* A PtFetchConvert without data: the answer of /profiles/{area}. NULL: PT_ERROR_UNSUPPORTED. */
gpointer pt_area_profile_read (JsonNode *root, gconstpointer data, GError **error);
/* Of an area that has none. */
PtAreaProfile *pt_area_profile_new_none (void);
void pt_area_profile_free (PtAreaProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAreaProfile, pt_area_profile_free)

/* Whether a rejection waits for a second officer. @profile: NULL where it was not learnt. */
PtProfileAnswer pt_area_profile_needs_two (const PtAreaProfile *profile);
/* Whether the devices of its site decide if @complaint was resolved: by the profile that was in
 * force when it was filed. */
PtProfileAnswer pt_area_profile_devices_decide (const PtAreaProfile *profile,
                                                const PtComplaint *complaint);
