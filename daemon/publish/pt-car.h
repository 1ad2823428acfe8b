/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-block-store.h"

/* A CARv1 stream of a file's blocks in depth-first order, as a trustless gateway serves it
 * (https://ipld.io/specs/transport/car/carv1/): a header with the one root, then
 * varint (length) || CID || block, repeated blocks repeated. Pulled piece by piece, so memory is
 * one block. One thread at a time. */
typedef struct _PtCar PtCar;

PtCar *pt_car_new (PtBlockStore *store, const PtCid *root);
void pt_car_free (PtCar *car);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCar, pt_car_free)
/* The next piece of the stream; *@piece NULL: that was all. */
gboolean pt_car_next (PtCar *car, GBytes **piece, GError **error);
