/* SPDX-License-Identifier: Apache-2.0 */
import { shallowRef } from 'vue'
import { fill, formats, words } from '../i18n'
import { distance, latitudeOf, longitudeOf } from '../mercator'
import { type SiteStore, stateOff, stateSilent } from '../net/feed-sites'
import { type Chosen, chooseNumber, wishMap } from './choice'
import { keepTown } from './towns'

/* Where the reader is, and what is known of there. It stays in this browser, and is in no link. */

const far = 5000 // metres; a device further away says nothing of here
const aroundMax = 1000
const hereMax = 50 // what a device says within these is said of "here"
const hereSure = 100 // metres that the place may be wrong by, then

export interface Near {
  readonly site: Chosen
  readonly apart: number // metres
  readonly accuracy: number // metres
  /** The numbers of the sites within a kilometre. */
  readonly around: readonly number[]
}

/** What was found near the reader. */
export const near = shallowRef<Near>()

/** Whether what the nearest device says may be said of where the reader is. */
export const isHere = ({ apart, accuracy }: Near) => apart <= hereMax && accuracy <= hereSure

export function askPlace(): Promise<GeolocationPosition> {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, {
      enableHighAccuracy: false,
      timeout: 15_000,
      maximumAge: 60_000
    })
  })
}

/** The nearest site and its distance in metres, -1 where there is none; and all within a kilometre. */
export function nearest(
  all: SiteStore,
  lat: number,
  lon: number
): { number: number; apart: number; around: number[] } {
  let number = -1
  let apart = Infinity
  const around: number[] = []
  for (let i = 0; i < all.count; i++) {
    const here = distance(lat, lon, latitudeOf(all.y[i]!), longitudeOf(all.x[i]!))
    if (here < apart) [number, apart] = [i, here]
    if (here <= aroundMax) around.push(i)
  }
  return { number, apart, around }
}

/** What is known of the sites around; nothing where the nearest is the only one. */
export function aroundWords({ state }: SiteStore, numbers: readonly number[]): string {
  const { around, aroundNone, nobody } = words.value.near
  const off = numbers.filter((number) => state[number] === stateOff).length
  const unheard = numbers.filter((number) => state[number]! >= stateSilent).length
  if (numbers.length === 0) return nobody
  if (numbers.length === 1) return ''
  const all = formats.value.number(numbers.length)
  const first = off > 0 ? formats.value.plural(around, off, { all }) : fill(aroundNone, { all })
  if (unheard === 0) return first
  return `${first} · ${formats.value.plural(words.value.counts.silent, unheard)}`
}

/** Goes to where the reader is, who was asked by the browser; the sentence to be shown, if there is one. */
export async function findNearest(sites: SiteStore): Promise<string> {
  const { denied, empty, far: tooFar, insecure, unavailable } = words.value.near
  if (!window.isSecureContext || !('geolocation' in navigator)) return insecure
  let place: GeolocationPosition
  try {
    place = await askPlace()
  } catch (error) {
    return (error as GeolocationPositionError).code === 1 ? denied : unavailable
  }
  const { latitude, longitude, accuracy } = place.coords
  const { number, apart, around } = nearest(sites, latitude, longitude)
  if (number < 0) return empty
  wishMap({ kind: 'place', lat: latitude, lon: longitude })
  if (apart > far) return fill(tooFar, { distance: formats.value.distance(apart) })
  const site = { area: sites.areaOf[number] ?? '', id: sites.ids[number] ?? '' }
  near.value = { site, apart, accuracy, around }
  keepTown(sites.placeOf[number] ?? '')
  chooseNumber(sites, number)
  return ''
}
