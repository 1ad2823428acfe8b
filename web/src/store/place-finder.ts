/* SPDX-License-Identifier: Apache-2.0 */
import { shallowReactive } from 'vue'
import { get } from '../check/fetch'
import { placesOf } from '../net/place-tile'

/* Where a place stands that sites are near to: by the daemon's list of places, tile by tile. Without
 * it nobody knows, and nothing is said of it. */

export interface Position {
  readonly x: number // Web Mercator, 0 to 1
  readonly y: number
}

const zoom = 12 // from here on every place has its name
const across = 2 ** zoom
const bytesMax = 65_536
const timeout = 10_000 // ms
const placesMax = 256
const around = [-1, 0, 1]

const kindly = (url: string, options?: RequestInit) =>
  fetch(url, { ...options, cache: 'default', redirect: 'error' })

/** undefined: it is being looked for, or was not found. */
const known = shallowReactive(new Map<string, Position | undefined>())
let template: string | undefined

/** Where the tiles are; undefined: nowhere. */
export function findPlacesAt(next: string | undefined): void {
  if (next === template) return
  template = next
  known.clear()
}

async function placesIn(of: string, x: number, y: number) {
  const url = of
    .replace('{z}', String(zoom))
    .replace('{x}', String((x + across) % across))
    .replace('{y}', String(y))
  const { status, body } = await get(kindly, url, { max: bytesMax, timeout, signal: undefined })
  return status === 200 ? placesOf(JSON.parse(new TextDecoder().decode(body))) : []
}

/** The place of this name in the tile of @near, else in those around it. */
async function find(of: string, name: string, near: Position): Promise<Position | undefined> {
  const x = Math.floor(near.x * across)
  const y = Math.floor(near.y * across)
  const middle = (await placesIn(of, x, y)).find((place) => place.name === name)
  if (middle) return middle
  const tiles = around.flatMap((down) => around.map((east) => [x + east, y + down] as const))
  const others = await Promise.all(tiles.map(([column, row]) => placesIn(of, column, row)))
  const found = others.flat().filter((place) => place.name === name)
  const apart = (place: Position) => Math.hypot(place.x - near.x, place.y - near.y)
  return found.sort((a, b) => apart(a) - apart(b))[0]
}

/** Where a place is; it is looked for @near it the first time, and known later. */
export function positionOf(name: string, near: () => Position | undefined): Position | undefined {
  if (known.has(name)) return known.get(name)
  const from = template === undefined ? undefined : near()
  if (template === undefined || !from) return undefined
  const asked = template
  if (known.size >= placesMax) known.clear()
  known.set(name, undefined)
  void find(asked, name, from)
    .catch(() => undefined)
    .then((found) => {
      if (found && asked === template) known.set(name, { x: found.x, y: found.y })
    })
  return undefined
}
