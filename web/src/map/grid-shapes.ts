/* SPDX-License-Identifier: Apache-2.0 */

/* What the places of sites say about the grid: a line through the sites of each feeder, and an
 * outline around those of each area. Nobody surveyed them; they only show what belongs together. The
 * same rule as the console's (tests/vectors/grid.json). */

export const feederMax = 1000 // sites; a line through more says nothing and takes too long

export interface GridSites {
  readonly count: number
  readonly x: ArrayLike<number> // Web Mercator, 0 to 1, from the north-west corner
  readonly y: ArrayLike<number>
  readonly areaOf: readonly string[]
  readonly feederOf: readonly string[] // '': not said
}

/** West and east may lie over the date line, below 0 or above 1. */
export interface GridBox {
  west: number
  north: number
  east: number
  south: number
}

export interface GridLine {
  readonly area: string
  readonly feeder: string
  readonly members: readonly number[]
  /** Pairs of sites, one after the other: the shortest that join all (Prim 1957). */
  readonly edges: readonly number[]
  readonly box: GridBox
}

export interface GridOutline {
  readonly area: string
  /** Places, against the clock: the smallest convex shape (Andrew 1979). */
  readonly corners: readonly (readonly [number, number])[]
  readonly box: GridBox
}

export interface GridShapes {
  readonly lines: readonly GridLine[]
  readonly outlines: readonly GridOutline[]
}

type Corner = readonly [number, number]

/** On that side of the date line which is nearer to @near. */
export const beside = (x: number, near: number) => x - Math.round(x - near)

function boxOf(sites: GridSites, members: readonly number[]): GridBox {
  const near = sites.x[members[0]!]!
  const box = { west: Infinity, north: Infinity, east: -Infinity, south: -Infinity }
  for (const member of members) {
    const [x, y] = [beside(sites.x[member]!, near), sites.y[member]!]
    box.west = Math.min(box.west, x)
    box.east = Math.max(box.east, x)
    box.north = Math.min(box.north, y)
    box.south = Math.max(box.south, y)
  }
  return box
}

function edgesOf({ x, y }: GridSites, members: readonly number[]): number[] {
  const edges: number[] = []
  const waiting = members.slice(1)
  const nearest = waiting.map(() => members[0]!)
  const distances = waiting.map(() => Infinity)
  let reached = members[0]!
  while (waiting.length > 0) {
    let best = 0
    for (let i = 0; i < waiting.length; i++) {
      const site = waiting[i]!
      const aside = beside(x[site]!, x[reached]!) - x[reached]!
      const down = y[site]! - y[reached]!
      const far = aside * aside + down * down
      if (far < distances[i]!) {
        distances[i] = far
        nearest[i] = reached
      }
      if (distances[i]! < distances[best]!) best = i
    }
    reached = waiting[best]!
    edges.push(nearest[best]!, reached)
    // The last one takes its place.
    for (const list of [waiting, nearest, distances]) {
      list[best] = list[list.length - 1]!
      list.pop()
    }
  }
  return edges
}

/** Above 0: from @a by @b to @c it goes to the right, as on a map with north above. */
const turn = (a: Corner, b: Corner, c: Corner) =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

/** Half of an outline, from the first place to the last; what would dent it is left out. */
function chainOf(places: readonly Corner[]): Corner[] {
  const chain: Corner[] = []
  for (const place of places) {
    while (
      chain.length >= 2 &&
      turn(chain[chain.length - 2]!, chain[chain.length - 1]!, place) >= 0
    )
      chain.pop()
    chain.push(place)
  }
  return chain
}

function cornersOf({ x, y }: GridSites, members: readonly number[]): Corner[] {
  const near = x[members[0]!]!
  const places = members.map((member): Corner => [beside(x[member]!, near), y[member]!])
  places.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const there = chainOf(places)
  const back = chainOf(places.reverse())
  return [...there.slice(0, -1), ...back.slice(0, -1)]
}

function grouped(members: readonly number[], nameOf: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const member of members) {
    const name = nameOf[member] ?? ''
    const group = groups.get(name)
    if (group) group.push(member)
    else groups.set(name, [member])
  }
  return groups
}

/** Makes them part by part, so that whoever asks can let others go first between two. */
export function* gridShapes(sites: GridSites): Generator<undefined, GridShapes> {
  const lines: GridLine[] = []
  const outlines: GridOutline[] = []
  const all = Array.from({ length: sites.count }, (_, number) => number)
  for (const [area, inArea] of grouped(all, sites.areaOf)) {
    for (const [feeder, members] of grouped(inArea, sites.feederOf)) {
      if (feeder === '' || members.length < 2 || members.length > feederMax) continue
      const [edges, box] = [edgesOf(sites, members), boxOf(sites, members)]
      lines.push({ area, feeder, members, edges, box })
      yield
    }
    const corners = cornersOf(sites, inArea)
    if (corners.length >= 3) outlines.push({ area, corners, box: boxOf(sites, inArea) })
    yield
  }
  return { lines, outlines }
}
