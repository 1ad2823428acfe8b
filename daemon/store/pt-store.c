/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

void
pt_store_free (PtStore *store)
{
  if (store != NULL)
    store->klass->free (store);
}

void
pt_store_watch (PtStore *store, PtStoreFaultFunc func, gpointer user_data)
{
  g_return_if_fail (store != NULL);

  if (store->klass->watch != NULL)
    store->klass->watch (store, func, user_data);
}
