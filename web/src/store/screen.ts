/* SPDX-License-Identifier: Apache-2.0 */

/* The same width as in layout.css. */
const wide = window.matchMedia('(min-width: 900px)')
const touched = window.matchMedia('(pointer: coarse)')
const high = window.matchMedia('(min-height: 480px)')
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const still = window.matchMedia('(prefers-reduced-motion: reduce)')

export const isWide = () => wide.matches
/** Fingers are what it is used with first. */
export const isTouched = () => touched.matches
/** Whether cards may lie open over the map. */
export const hasRoom = () => wide.matches && high.matches
export const theme = () => (dark.matches ? 'dark' : 'light')
export const isStill = () => still.matches

export function onTheme(changed: () => void): () => void {
  dark.addEventListener('change', changed)
  return () => dark.removeEventListener('change', changed)
}
