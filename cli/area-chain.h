/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-abi.h"
#include "pt-sender.h"

/* Registers areas with the contract: all transactions are sent, then all are waited for. */

typedef struct
{
  const char *rpc;
  const guint8 *contract; /* 20 bytes */
  const PtSenderOptions *sender;
} PtAreaChainOptions;

typedef struct
{
  guint transactions;
  guint64 gas;
} PtAreaChainResult;

/* An area that is registered with the same keys is left alone; with others is an error. */
gboolean pt_area_register_on_chain (const PtAreaChainOptions *options,
                                    const PtAreaRegistered *areas, guint count,
                                    PtAreaChainResult *out, GError **error);
