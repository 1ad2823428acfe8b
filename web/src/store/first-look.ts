/* SPDX-License-Identifier: Apache-2.0 */

/* A slow line carries one thing after the other: the map of the first view, then the sites on it. */

const most = 3000 // ms that the sites wait for a map
let there = () => {}
const look = new Promise<void>((resolve) => (there = resolve))

/** The map of the first view is there, or none will be: after it is painted, if anybody sees it. */
export function mapIsThere(): void {
  if (document.hidden) there()
  else requestAnimationFrame(() => setTimeout(there))
}

/** Until the map is there, or has taken too long. */
export function firstLook(): Promise<void> {
  setTimeout(there, most)
  return look
}
