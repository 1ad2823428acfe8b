/* SPDX-License-Identifier: Apache-2.0 */
import { type SiteStore, stateOff } from '../net/feed-sites'

/** Several sites that have a name together: that of their area, or of what they are near to. */
export interface Group {
  readonly name: string
  readonly sites: number
  readonly off: number
}

export interface Found {
  readonly areas: readonly Group[]
  readonly places: readonly Group[]
  readonly numbers: readonly number[]
  /** There are more than are told. */
  readonly more: boolean
}

const groupsMax = 5
const sitesMax = 20
const misses = 3

/** Letters without their case and accents: who looks for "zurich" means Zürich. */
const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()

/** How well a name answers: 0 the very one, 1 it begins so, 2 it has it somewhere, 3 not at all. */
function rank(name: string, wanted: string): number {
  const at = name.indexOf(wanted)
  if (at < 0) return misses
  if (at > 0) return 2
  return name.length === wanted.length ? 0 : 1
}

/** How many sites have each name, and how well that answers; names that do not are left out. */
function groupsOf(names: readonly string[], states: Uint8Array, wanted: string) {
  const counts = new Map<string, { sites: number; off: number }>()
  names.forEach((name, number) => {
    if (name === '') return
    const count = counts.get(name) ?? { sites: 0, off: 0 }
    count.sites++
    if (states[number] === stateOff) count.off++
    counts.set(name, count)
  })
  return [...counts]
    .map(([name, count]) => ({ name, ...count, rank: rank(plain(name), wanted) }))
    .filter((group) => group.rank < misses)
    .sort((a, b) => a.rank - b.rank || b.sites - a.sites || (a.name < b.name ? -1 : 1))
}

/** Areas, places and sites whose names have @text in them, the best first; a site by its own name
 * before one by its place's. */
export function findSites(sites: SiteStore, text: string): Found {
  const wanted = plain(text.trim())
  const areas = groupsOf(sites.areaOf, sites.state, wanted)
  const places = groupsOf(sites.placeOf, sites.state, wanted)
  const placeRanks = new Map(places.map((place) => [place.name, misses + place.rank]))
  const ranks: number[][] = [[], [], [], [], [], []]
  for (let number = 0; number < sites.count; number++) {
    const own = rank((sites.ids[number] ?? '').toLowerCase(), wanted)
    const group = ranks[own < misses ? own : (placeRanks.get(sites.placeOf[number] ?? '') ?? -1)]
    if (group && group.length <= sitesMax) group.push(number)
  }
  const numbers = ranks.flat()
  const groups = Math.max(areas.length, places.length)
  const told = ({ name, sites: count, off }: Group) => ({ name, sites: count, off })
  return {
    areas: areas.slice(0, groupsMax).map(told),
    places: places.slice(0, groupsMax).map(told),
    numbers: numbers.slice(0, sitesMax),
    more: numbers.length > sitesMax || groups > groupsMax
  }
}
