/* SPDX-License-Identifier: Apache-2.0 */

/* Where this page lies, without the slash at its end: '' at a host of its own, '/power' below that
 * path of a proxy. The daemon's addresses begin there; it tells them from its own root on. */
export function baseOf(address: string): string {
  try {
    return new URL('.', address).pathname.replace(/\/+$/, '')
  } catch {
    return ''
  }
}

export const base = typeof location === 'undefined' ? '' : baseOf(location.href)
