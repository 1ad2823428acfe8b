/* SPDX-License-Identifier: Apache-2.0 */

let times = 0

const bring = (address: string): Promise<unknown> => import(/* @vite-ignore */ address)

/**
 * A part of the page that comes when it is needed. Browsers may keep for good that a module could
 * not be had (HTML's module map; seen with Chromium 150, not with 156), so that asking once more
 * asks nobody; under another address it is asked for anew.
 */
export async function part<T>(load: () => Promise<T>, from = bring): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const address = /https?:\/\/\S+\.js/.exec(String(error))?.[0]
    if (address === undefined) throw error
    times += 1
    return (await from(`${address}?again=${times}`)) as T
  }
}
