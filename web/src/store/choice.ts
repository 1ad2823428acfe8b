/* SPDX-License-Identifier: Apache-2.0 */
import { computed, ref, shallowRef } from 'vue'
import { type Address, parseHash, type View, writeHash } from '../hash'
import type { SiteStore } from '../net/feed-sites'
import type { Live } from './live'

/* What the reader looks at: a site, list or map, and where the map is; kept in the address. */

export interface Chosen {
  readonly area: string
  readonly id: string
}

export type MapWish =
  | { readonly kind: 'sites'; readonly numbers: readonly number[] }
  | { readonly kind: 'place'; readonly lat: number; readonly lon: number }

export const chosen = shallowRef<Chosen>()
export const view = ref<'map' | 'list'>('map')
/** Where the map should go. */
export const mapWish = shallowRef<MapWish>()
/** Sites that lie on one spot, of which the reader may choose. */
export const spot = shallowRef<readonly number[]>([])
export const mapView = shallowRef<View>()
/** A sentence for the reader. */
export const notice = ref('')

let language: string | undefined
let opener: Element | null = null

/** The chosen site's number, -1 when there is none or it is not known. */
export const chosenNumberOf = ({ lists, version }: Live) =>
  computed(() => {
    void version.value
    return chosen.value ? lists.value.sites.find(chosen.value.area, chosen.value.id) : -1
  })

export function choose(area: string, id: string): void {
  if (!chosen.value) opener = document.activeElement
  chosen.value = { area, id }
  keep()
}

export function chooseNumber(sites: SiteStore, number: number): void {
  choose(sites.areaOf[number] ?? '', sites.ids[number] ?? '')
}

export function unchoose(): void {
  chosen.value = undefined
  keep()
  // Back to where the reader came from, once that is shown again.
  const back = opener
  opener = null
  requestAnimationFrame(() => {
    if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true })
  })
}

export function wishMap(wish: MapWish): void {
  mapWish.value = wish
}

export function keepMap(next: View): void {
  mapView.value = next
  keep()
}

export function keepLanguage(next: string): void {
  language = next
  keep()
}

function keep(): void {
  const address: Address = {
    ...(chosen.value ? { site: chosen.value } : {}),
    ...(mapView.value ? { map: mapView.value } : {}),
    ...(language ? { lang: language } : {})
  }
  try {
    history.replaceState(null, '', location.pathname + location.search + writeHash(address))
  } catch {
    // Too many in a short time; the next one keeps it.
  }
}

/** From the address at the start, or when the reader changed it. */
export function readAddress(): Address {
  const address = parseHash(location.hash)
  chosen.value = address.site
  mapView.value = address.map
  language = address.lang
  return address
}
