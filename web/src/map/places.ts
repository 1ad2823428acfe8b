/* SPDX-License-Identifier: Apache-2.0 */
import { get } from '../check/fetch'
import { type Place, placesOf } from '../net/place-tile'

/* Names of places for the map, by tiles of the daemon's. Without them the map has none: what is
 * missing here is said to nobody. */

export interface Tile {
  readonly z: number
  readonly x: number
  readonly y: number
}

export const tilesMax = 128
const atOnce = 4
const bytesMax = 65_536
const timeout = 10_000 // ms
const patience = 200 // ms that names which are here wait for others

/** The tiles over a box of the world's pixels at @zoom, from its middle outwards; a bounded number. */
export function tilesOver(
  zoom: number,
  box: { west: number; north: number; east: number; south: number }
): Tile[] {
  const across = 2 ** zoom
  const clamp = (pixel: number) => Math.max(0, Math.min(across - 1, Math.floor(pixel / 256)))
  const west = Math.floor(box.west / 256)
  const east = Math.min(Math.floor(box.east / 256), west + across - 1)
  const tiles: Tile[] = []
  const most = 4 * tilesMax
  for (let y = clamp(box.north); y <= clamp(box.south) && tiles.length < most; y++)
    for (let x = west; x <= east && tiles.length < most; x++) tiles.push({ z: zoom, x, y })
  const middleX = (box.west + box.east) / 512
  const middleY = (box.north + box.south) / 512
  const apart = ({ x, y }: Tile) => Math.hypot(x + 0.5 - middleX, y + 0.5 - middleY)
  const wrap = (tile: Tile): Tile => ({ ...tile, x: ((tile.x % across) + across) % across })
  return tiles
    .sort((a, b) => apart(a) - apart(b))
    .slice(0, tilesMax)
    .map(wrap)
}

const keyOf = ({ z, x, y }: Tile) => `${z}/${x}/${y}`

/** As kept as the browser keeps it: names change seldom. The map beneath them comes first. */
const kindly = (url: string, options?: RequestInit) =>
  fetch(url, { ...options, cache: 'default', redirect: 'error', priority: 'low' })

/** What was asked for and is here; what is no longer wanted is not asked for any more. */
export class PlaceTiles {
  private template: string | undefined
  private wanted = new Map<string, Tile>()
  private waiting: Tile[] = []
  private readonly here = new Map<string, readonly Place[]>()
  private readonly asked = new Map<string, AbortController>()
  private timer: ReturnType<typeof setTimeout> | undefined

  /** @changed is called when there are other names than before. */
  constructor(private readonly changed: () => void) {}

  /** Where they are had; undefined: nowhere. */
  setTemplate(template: string | undefined): void {
    if (template === this.template) return
    this.template = template
    const tiles = [...this.wanted.values()]
    this.want([])
    this.here.clear()
    this.want(tiles)
    this.changed()
  }

  /** Whether other tiles are wanted than before. */
  want(tiles: readonly Tile[]): boolean {
    const before = this.wanted
    this.wanted = new Map(tiles.map((tile) => [keyOf(tile), tile]))
    for (const [key, controller] of this.asked)
      if (!this.wanted.has(key)) {
        this.asked.delete(key)
        controller.abort()
      }
    this.waiting = tiles.filter((tile) => !this.keep(keyOf(tile)) && !this.asked.has(keyOf(tile)))
    if (this.template === undefined) this.waiting = []
    this.next()
    const same = before.size === this.wanted.size
    return !same || tiles.some((tile) => !before.has(keyOf(tile)))
  }

  /** Nothing more comes of what is wanted. */
  get settled(): boolean {
    return this.asked.size === 0 && this.waiting.length === 0
  }

  /** Of the tiles that are wanted and here. */
  places(): Place[] {
    return [...this.wanted.keys()].flatMap((key) => this.here.get(key) ?? [])
  }

  close(): void {
    this.want([])
    clearTimeout(this.timer)
  }

  /** Whether a tile is here; it is then the last to be forgotten. */
  private keep(key: string): boolean {
    const places = this.here.get(key)
    if (!places) return false
    this.here.delete(key)
    this.here.set(key, places)
    return true
  }

  private next(): void {
    while (this.asked.size < atOnce) {
      const tile = this.waiting.shift()
      if (!tile) return
      void this.fetch(tile)
    }
  }

  private async fetch(tile: Tile): Promise<void> {
    const key = keyOf(tile)
    const controller = new AbortController()
    this.asked.set(key, controller)
    const places = await this.read(tile, controller.signal)
    if (this.asked.get(key) !== controller) return
    this.asked.delete(key)
    if (places) this.put(key, places)
    this.next()
    this.tell()
  }

  /** undefined where it could not be had: the next time it is wanted it is asked for again. */
  private async read(tile: Tile, signal: AbortSignal): Promise<readonly Place[] | undefined> {
    const url = (this.template ?? '').replace(/\{([xyz])\}/g, (_, part: 'x' | 'y' | 'z') =>
      String(tile[part])
    )
    try {
      const { status, body } = await get(kindly, url, { max: bytesMax, timeout, signal })
      if (status === 404) return []
      return status === 200 ? placesOf(JSON.parse(new TextDecoder().decode(body))) : undefined
    } catch {
      return undefined
    }
  }

  private put(key: string, places: readonly Place[]): void {
    this.here.set(key, places)
    for (const oldest of this.here.keys()) {
      if (this.here.size <= tilesMax) return
      this.here.delete(oldest)
    }
  }

  /** At once when all are here, else soon: names that come one by one would jump. */
  private tell(): void {
    if (this.settled) {
      clearTimeout(this.timer)
      this.timer = undefined
      this.changed()
      return
    }
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.changed()
    }, patience)
  }
}
