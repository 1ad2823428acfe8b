/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-abi.h"
#include "pt-sender.h"

/* What is done to areas at the contract: all transactions are sent, then all are waited for. */

typedef struct
{
  const char *rpc;
  const guint8 *contract; /* 20 bytes */
  const PtSenderOptions *sender;
} PtAreaChainOptions;

typedef struct
{
  guint8 bytes[20];
} PtAreaAccount;

typedef struct
{
  guint transactions;
  guint64 gas;
} PtAreaChainResult;

/* An area that is registered with the same keys is left alone; with others is an error. @operators:
 * one for each area, gets the account that anchors it by the contract, which may be another one
 * than the area's. */
gboolean pt_area_register_on_chain (const PtAreaChainOptions *options,
                                    const PtAreaRegistered *areas, guint count,
                                    PtAreaAccount *operators, PtAreaChainResult *out,
                                    GError **error);

/* Has @operator anchor the areas from now on. One that has it already is left alone, one that is
 * not registered is an error, and then nothing is sent. @before: one for each, gets who it was. */
gboolean pt_area_set_operator_on_chain (const PtAreaChainOptions *options, char **areas,
                                        const PtAreaAccount *operator, PtAreaAccount * before,
                                        PtAreaChainResult *out, GError **error);
