/* SPDX-License-Identifier: Apache-2.0 */
import { base } from './base'
import { getJson } from './get'
import { type Status, statusOf } from './status'

/** What the daemon said of itself while the page itself was still on its way. */
export const first: { status?: Status } = {}

/** undefined where it could not be had: the page asks again, and says why. */
export async function askFirst(): Promise<Status | undefined> {
  try {
    first.status = statusOf(
      await getJson(`${base}/api/v1/status`, new AbortController().signal)
    )
  } catch {
    // Nothing is shown as long as nothing is known.
  }
  return first.status
}
