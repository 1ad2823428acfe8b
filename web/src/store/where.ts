/* SPDX-License-Identifier: Apache-2.0 */
import { fill, formats, words } from '../i18n'
import { bearing, distance, latitudeOf, longitudeOf } from '../mercator'
import type { SiteStore } from '../net/feed-sites'
import { membersOf, middleOf } from './group'
import { positionOf } from './place-finder'

const close = 200 // metres: nearer than this a direction says little

/** Where a site is, from the place that it is near to: many sites share a place. '' where it has none. */
export function whereOf(sites: SiteStore, number: number): string {
  const place = sites.placeOf[number] ?? ''
  if (place === '') return ''
  const at = positionOf(place, () => middleOf(sites, membersOf(sites, { kind: 'place', name: place })))
  if (!at) return place
  const [x, y] = [sites.x[number] ?? 0, sites.y[number] ?? 0]
  const from = [latitudeOf(at.y), longitudeOf(at.x)] as const
  const to = [latitudeOf(y), longitudeOf(x)] as const
  const apart = distance(...from, ...to)
  if (apart < close) return place
  const { away, directions } = words.value.where
  const direction = directions[Math.round(bearing(...from, ...to) / 45) % directions.length] ?? ''
  return fill(away, { distance: formats.value.distance(apart), direction, place })
}
