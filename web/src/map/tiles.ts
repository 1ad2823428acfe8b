/* SPDX-License-Identifier: Apache-2.0 */
import { base } from '../net/base'
import { takeBackground } from '../net/first'
import { placesTemplate } from '../net/place-tile'
import { latLngBounds, TileLayer } from './leaflet'

export interface Background {
  readonly layer: TileLayer
  readonly attribution: string
  /** Where the names of its places are had from; undefined: they are in the tiles, or nowhere. */
  readonly places: string | undefined
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

function templateOf(value: unknown): string | undefined {
  const template: unknown = Array.isArray(value) ? value[0] : undefined
  if (typeof template !== 'string' || !/\{z\}.*\{x\}.*\{y\}|\{z\}.*\{y\}.*\{x\}/.test(template))
    return undefined
  if (/^https?:\/\//.test(template)) return template
  return template.startsWith('/') ? base + template : undefined
}

/** A layer as a TileJSON 3.0.0 describes it; undefined for anything else. */
export function layerOf(json: unknown): Background | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { tiles, minzoom, maxzoom, bounds, attribution, places } = json as Record<string, unknown>
  const template = templateOf(tiles)
  if (template === undefined) return undefined
  const [west, south, east, north] = Array.isArray(bounds) ? (bounds as unknown[]) : []
  const known = isNumber(west) && isNumber(south) && isNumber(east) && isNumber(north)
  // A map of the whole world is drawn on both sides of the date line.
  const wraps = known && east - west > 359
  const layer = new TileLayer(template, {
    minNativeZoom: isNumber(minzoom) ? minzoom : 0,
    maxNativeZoom: isNumber(maxzoom) ? maxzoom : 18,
    maxZoom: 18,
    noWrap: !wraps,
    ...(known && !wraps ? { bounds: latLngBounds([south, west], [north, east]) } : {})
  })
  // Before the names that are written on them.
  layer.on('tileloadstart', ({ tile }) => {
    if (tile instanceof HTMLImageElement) tile.fetchPriority = 'high'
  })
  return {
    layer,
    attribution: typeof attribution === 'string' ? attribution : '',
    places: placesTemplate(places)
  }
}

/** The map's background for light or dark; undefined when there is none or it cannot be read. */
export async function loadBackground(theme: 'light' | 'dark'): Promise<Background | undefined> {
  try {
    const answer = await takeBackground(theme)
    return answer.ok ? layerOf(await answer.json()) : undefined
  } catch {
    return undefined
  }
}
