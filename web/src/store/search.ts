/* SPDX-License-Identifier: Apache-2.0 */
import type { SiteStore } from './sites'

export interface Found {
  readonly areas: readonly { readonly name: string; readonly sites: number }[]
  readonly numbers: readonly number[]
  /** There are more than are told. */
  readonly more: boolean
}

const areasMax = 5
const sitesMax = 20

/** How well an id answers: 0 the very one, 1 it begins so, 2 it has it somewhere, 3 not at all. */
function rank(id: string, wanted: string): number {
  const at = id.toLowerCase().indexOf(wanted)
  if (at < 0) return 3
  if (at > 0) return 2
  return id.length === wanted.length ? 0 : 1
}

/** Areas and sites whose names have @text in them, the best first. */
export function findSites(sites: SiteStore, text: string): Found {
  const wanted = text.trim().toLowerCase()
  const ranks: number[][] = [[], [], []]
  for (let number = 0; number < sites.count; number++) {
    const group = ranks[rank(sites.ids[number] ?? '', wanted)]
    if (group && group.length <= sitesMax) group.push(number)
  }
  const names = sites.areas().filter((name) => rank(name, wanted) < 3)
  const areas = names
    .slice(0, areasMax)
    .map((name) => ({ name, sites: sites.areaOf.filter((area) => area === name).length }))
  const numbers = ranks.flat()
  return {
    areas,
    numbers: numbers.slice(0, sitesMax),
    more: numbers.length > sitesMax || names.length > areasMax
  }
}
