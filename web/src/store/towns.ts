/* SPDX-License-Identifier: Apache-2.0 */
import { ref } from 'vue'
import { type SiteStore, stateOff } from '../net/feed-sites'
import type { Group } from './group'

/* Towns, as the places that sites are near to, and which of them is the reader's. */

const memory = 'powertracker.town'

function remembered(): string {
  try {
    return localStorage.getItem(memory) ?? ''
  } catch {
    return '' // storage is forbidden
  }
}

/** The place that the reader chose last, or that they were near to; kept in this browser. '': none. */
export const ownTown = ref(remembered())

export function keepTown(name: string): void {
  if (name === '') return
  ownTown.value = name
  try {
    localStorage.setItem(memory, name)
  } catch {
    // It is then forgotten with the page.
  }
}

export interface Town extends Group {
  readonly sites: number
  readonly off: number
}

/** The towns with sites that are off, where most are first; sites near no place are told by areas. */
export function townsOf({ count, placeOf, areaOf, state }: SiteStore): Town[] {
  const towns = new Map<string, { kind: Group['kind']; name: string; sites: number; off: number }>()
  for (let number = 0; number < count; number++) {
    const kind = placeOf[number] ? 'place' : 'area'
    const name = placeOf[number] || (areaOf[number] ?? '')
    const town = towns.get(`${kind} ${name}`) ?? { kind, name, sites: 0, off: 0 }
    town.sites++
    if (state[number] === stateOff) town.off++
    towns.set(`${kind} ${name}`, town)
  }
  return [...towns.values()]
    .filter(({ off }) => off > 0)
    .sort((a, b) => b.off - a.off || (a.name < b.name ? -1 : 1))
}

/** One of them; undefined where no site is near to it. */
export function townOf({ count, placeOf, state }: SiteStore, name: string): Town | undefined {
  let [sites, off] = [0, 0]
  for (let number = 0; number < count; number++) {
    if (placeOf[number] !== name) continue
    sites++
    if (state[number] === stateOff) off++
  }
  return sites > 0 ? { kind: 'place', name, sites, off } : undefined
}
