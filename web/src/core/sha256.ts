/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, plain } from './bytes'

/** SHA-256 by WebCrypto. */
export async function sha256(data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', plain(data)))
}

/** One digest costs several microseconds if it is not alone on its way: ask for many at once. */
export const sha256Batch = 1024
