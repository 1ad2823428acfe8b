/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

void
pt_store_free (PtStore *store)
{
  if (store != NULL)
    store->klass->free (store);
}
