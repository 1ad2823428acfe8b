/* SPDX-License-Identifier: Apache-2.0 */
import { fill, formats, words } from '../i18n'
import { distance, latitudeOf, longitudeOf } from '../mercator'
import { chooseNumber, wishMap } from './choice'
import type { SiteStore } from '../net/feed-sites'

const far = 5000 // metres; a device further away says nothing of here

function askPlace(): Promise<GeolocationPosition> {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, {
      enableHighAccuracy: false,
      timeout: 15_000,
      maximumAge: 60_000
    })
  })
}

/** The nearest site and its distance in metres; -1 where there is none. */
export function nearest(
  all: SiteStore,
  lat: number,
  lon: number
): { number: number; apart: number } {
  let number = -1
  let apart = Infinity
  for (let i = 0; i < all.count; i++) {
    const here = distance(lat, lon, latitudeOf(all.y[i]!), longitudeOf(all.x[i]!))
    if (here < apart) [number, apart] = [i, here]
  }
  return { number, apart }
}

/** Goes to where the reader is, who was asked by the browser; the sentence to be shown. */
export async function findNearest(sites: SiteStore): Promise<string> {
  const { near } = words.value
  if (!window.isSecureContext || !('geolocation' in navigator)) return near.insecure
  let place: GeolocationPosition
  try {
    place = await askPlace()
  } catch (error) {
    const denied = (error as GeolocationPositionError).code === 1
    return denied ? near.denied : near.unavailable
  }
  const { latitude, longitude } = place.coords
  const { number, apart } = nearest(sites, latitude, longitude)
  if (number < 0) return near.empty
  wishMap({ kind: 'place', lat: latitude, lon: longitude })
  const text = formats.value.distance(apart)
  if (apart > far) return fill(near.far, { distance: text })
  chooseNumber(sites, number)
  return fill(near.found, { distance: text })
}
