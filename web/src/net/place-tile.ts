/* SPDX-License-Identifier: Apache-2.0 */
import { mercatorX, mercatorY } from '../mercator'
import { base } from './base'
import { isPlace, listOf, membersOf } from './rows'

/* The daemon's places that have a name, in tiles of the map. */

export interface Place {
  readonly name: string
  readonly rank: number
  readonly size: 0 | 1 | 2 | 3
  readonly x: number // Web Mercator, 0 to 1
  readonly y: number
}

const placesMax = 24 // of a tile

/** A path of this very server with all three numbers in it; undefined for anything else. */
export function placesTemplate(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 200) return undefined
  const own = /^\/(?![/\\])[^\\\s?#]*$/.test(value)
  return own && ['{z}', '{x}', '{y}'].every((part) => value.includes(part))
    ? base + value
    : undefined
}

const isWithin = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most

function placeOf(value: unknown): Place {
  const { name, rank, size, lat, lon } = membersOf(value, 'a place')
  const good =
    isPlace(name) &&
    isWithin(rank, 1, Number.MAX_SAFE_INTEGER) &&
    isWithin(size, 0, 3) &&
    isWithin(lat, -90e7, 90e7) &&
    isWithin(lon, -180e7, 180e7)
  if (!good) throw new Error('a place is not as expected')
  return {
    name,
    rank,
    size: size as Place['size'],
    x: mercatorX(lon / 1e7),
    y: mercatorY(lat / 1e7)
  }
}

/** A tile's answer; throws where it is none. */
export function placesOf(json: unknown): Place[] {
  return listOf(json, 'places').slice(0, placesMax).map(placeOf)
}
