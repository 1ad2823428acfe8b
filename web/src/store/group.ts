/* SPDX-License-Identifier: Apache-2.0 */
import type { Group } from '../hash'
import type { Lists } from '../net/feeds'
import { type SiteStore, stateOff, stateOn, stateSilent, stateUnknown } from '../net/feed-sites'
import type { Outage } from '../net/feed-outages'

export type { Group }

/* All sites of a place or an area, and what is known of them together. */

export const hour = 3_600_000 // ms

/** The numbers of its sites. */
export function membersOf(sites: SiteStore, { kind, name }: Group): number[] {
  const names = kind === 'place' ? sites.placeOf : sites.areaOf
  const numbers: number[] = []
  for (let number = 0; number < sites.count; number++)
    if (names[number] === name) numbers.push(number)
  return numbers
}

export interface Summary {
  readonly all: number
  readonly off: number
  readonly on: number
  /** Silent, or never heard from. */
  readonly unheard: number
  /** Customers of the sites that are off. */
  readonly homes: number
  /** When the first of the outages began that last; 0: none does. */
  readonly first: number
}

export function summaryOf(
  { state, customers }: SiteStore,
  numbers: readonly number[],
  outages: readonly Outage[]
): Summary {
  const counts = [0, 0, 0, 0]
  let homes = 0
  for (const number of numbers) {
    const now = state[number] ?? stateUnknown
    counts[now] = (counts[now] ?? 0) + 1
    if (now === stateOff) homes += customers[number] ?? 0
  }
  const unheard = counts[stateSilent]! + counts[stateUnknown]!
  const first = outages.reduce((least, { start }) => Math.min(least, start), Infinity)
  return {
    all: numbers.length,
    off: counts[stateOff]!,
    on: counts[stateOn]!,
    unheard,
    homes,
    first: Number.isFinite(first) ? first : 0
  }
}

/** The outages of these sites that last, the newest first. */
export function outagesOf({ sites, outages }: Lists, numbers: readonly number[]): Outage[] {
  const members = new Set(numbers)
  return outages.where(({ area, site }) => members.has(sites.find(area, site)))
}

/** Where they are: the middle of all, on the copy of the world that most are on. */
export function middleOf({ x, y }: SiteStore, numbers: readonly number[]) {
  const [first] = numbers
  if (first === undefined) return undefined
  let [east, south] = [0, 0]
  for (const number of numbers) {
    const apart = x[number]! - x[first]!
    east += apart - Math.round(apart)
    south += y[number]!
  }
  const middle = x[first]! + east / numbers.length
  return { x: middle - Math.floor(middle), y: south / numbers.length }
}
