/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "pt-link.h"

/* What stands in the window while no daemon ever said anything whole: what is missing, why, and an
 * entry for another address. Signal "chosen" (const char *url, or NULL: this computer's). */
#define PT_TYPE_ADDRESS_PAGE (pt_address_page_get_type ())
G_DECLARE_FINAL_TYPE (PtAddressPage, pt_address_page, PT, ADDRESS_PAGE, GtkWidget)

void pt_address_page_update (PtAddressPage *page, PtLink *link);
