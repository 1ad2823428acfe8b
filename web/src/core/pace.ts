/* SPDX-License-Identifier: Apache-2.0 */

/** Told how far a long computation is; waits when the page needs the thread, throws to stop it. */
export type Pace = (done: number, total: number) => Promise<void>

export const noPace: Pace = async () => {}

const sliceMax = 12 // ms of work between two chances for the page

/** A pace that lets timers, input and painting in between slices, tells @told once a slice, and
 * stops with the signal's reason. */
export function makePace(told?: (done: number, total: number) => void, signal?: AbortSignal): Pace {
  let began = performance.now()
  return async (done, total) => {
    signal?.throwIfAborted()
    if (performance.now() - began < sliceMax && done !== total) return
    told?.(done, total)
    await new Promise((resolve) => setTimeout(resolve, 0))
    began = performance.now()
  }
}
