/* SPDX-License-Identifier: Apache-2.0 */
import { WorkSearch } from '../core/work'

/* Looks for a nonce beside the page, which stays as quick as it was. */

const together = 4096

self.onmessage = ({ data }: MessageEvent<{ ticket: string; bits: number }>) => {
  const search = new WorkSearch(data.ticket, data.bits)
  let nonce = ''
  while (nonce === '') nonce = search.search(together)
  self.postMessage(nonce)
}
