/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-block-store.h"
#include "pt-route.h"

/* A trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/): GET and HEAD of
 * /ipfs/{cid} as the file (byte ranges too), as that one block (`?format=raw`) or as a CARv1 of all
 * its blocks (`?format=car`); the Accept header may say so instead. What is too large for one block
 * is streamed, one piece of at most 1 MiB at a time, read by a worker thread when the peer has
 * taken the one before. Every block's hash is checked on the way out. To be added with a
 * PtBlockStore. */
extern const PtRoute pt_gateway_routes[];
