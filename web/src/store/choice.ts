/* SPDX-License-Identifier: Apache-2.0 */
import { computed, ref, shallowRef } from 'vue'
import { type Address, type Desk, type Group, parseHash, type View, writeHash } from '../hash'
import type { SiteStore } from '../net/feed-sites'
import { membersOf } from './group'
import type { Live } from './live'
import { type Level, levels, Way } from './way'

/* What the reader looks at: a site, a place or an area, list or map, and where the map is; kept in the
 * address. */

export interface Chosen {
  readonly area: string
  readonly id: string
}

export type MapWish =
  | { readonly kind: 'sites'; readonly numbers: readonly number[] }
  | { readonly kind: 'place'; readonly lat: number; readonly lon: number }
  | { readonly kind: 'view'; readonly view: View }

export const chosen = shallowRef<Chosen>()
/** A place or an area whose sites are shown together. */
export const group = shallowRef<Group>()
export const view = ref<'map' | 'list'>('map')
/** What lies over them: a complaint, or a form to make one. */
export const desk = shallowRef<Desk>()
/** Where the map should go. */
export const mapWish = shallowRef<MapWish>()
/** Sites that lie on one spot, of which the reader may choose. */
export const spot = shallowRef<readonly number[]>([])
/** A file that the reader brought is shown over all else. */
export const fileShown = ref(false)
export const mapView = shallowRef<View>()
/** A sentence for the reader. */
export const notice = ref('')
/** What of the address could not be read. */
export const unread = shallowRef<readonly string[]>([])

let language: string | undefined
/** From where what is shown was opened, the first the lowest. */
let openers: (Element | null)[] = []

const way = new Way(() =>
  writeHash({
    ...(desk.value ? { desk: desk.value } : {}),
    ...(chosen.value ? { site: chosen.value } : {}),
    ...(group.value ? { group: group.value } : {}),
    ...(view.value === 'list' ? { list: true } : {}),
    ...(mapView.value ? { map: mapView.value } : {}),
    ...(language ? { lang: language } : {})
  })
)

function level(): Level {
  if (fileShown.value || spot.value.length > 0) return levels.over
  if (desk.value) return levels.desk
  if (chosen.value) return levels.site
  if (group.value) return levels.group
  return view.value === 'list' ? levels.list : levels.map
}

/** The chosen site's number, -1 when there is none or it is not known. */
export const chosenNumberOf = ({ lists, version }: Live) =>
  computed(() => {
    void version.value
    return chosen.value ? lists.value.sites.find(chosen.value.area, chosen.value.id) : -1
  })

const sheets = () => (group.value ? 1 : 0) + (chosen.value ? 1 : 0) + (desk.value ? 1 : 0)

/** What is opened now covers what is at @depth and above it. */
function remember(depth: number): void {
  const known = openers.slice(0, depth)
  openers = [...known, openers[depth] ?? document.activeElement]
}

/** Back to where the reader came from, once that is shown again. */
function refocus(): void {
  const back = openers[sheets()]
  openers = openers.slice(0, sheets())
  requestAnimationFrame(() => {
    if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true })
  })
}

export function choose(area: string, id: string): void {
  if (chosen.value?.area === area && chosen.value.id === id && spot.value.length === 0) return
  remember(group.value ? 1 : 0)
  spot.value = []
  desk.value = undefined
  chosen.value = { area, id }
  way.open(levels.site)
}

export function chooseNumber(sites: SiteStore, number: number): void {
  choose(sites.areaOf[number] ?? '', sites.ids[number] ?? '')
}

/** Shows all sites of a place or an area, on the map or over the list; the map goes there. */
export function chooseGroup(sites: SiteStore, next: Group, on = view.value): void {
  const { kind, name } = next
  const same = group.value?.kind === kind && group.value.name === name && view.value === on
  wishMap({ kind: 'sites', numbers: membersOf(sites, next) })
  if (same && !chosen.value) return
  remember(0)
  view.value = on
  chosen.value = undefined
  desk.value = undefined
  spot.value = []
  group.value = next
  way.open(levels.group)
}

/** Shows a complaint, or a form to make one; @instead: in the place of the one that is shown. */
export function openDesk(next: Desk, instead = false): void {
  if (!desk.value) remember(sheets())
  spot.value = []
  fileShown.value = false
  const before = desk.value
  desk.value = next
  if (before && instead) way.keep(levels.desk)
  else way.open(levels.desk)
}

/** Closes what lies uppermost: complaint or form, the chosen site, the place or area. */
export function unchoose(): void {
  if (desk.value) desk.value = undefined
  else if (chosen.value) chosen.value = undefined
  else group.value = undefined
  way.close(level())
  refocus()
}

/** Closes site, place and area: what lies beneath them is wanted. */
export function closeAll(): void {
  if (sheets() === 0) return
  desk.value = undefined
  chosen.value = undefined
  group.value = undefined
  openers = []
  way.close(level())
}

export function showView(next: 'map' | 'list'): void {
  if (view.value === next) return
  view.value = next
  if (next === 'list') way.open(level())
  else way.close(level())
}

/** Several sites on one spot, to choose from; none closes it. */
export function showSpot(numbers: readonly number[]): void {
  const before = spot.value.length > 0
  spot.value = numbers
  if (numbers.length > 0 && !before) way.open(levels.over)
  else if (numbers.length === 0 && before) way.close(level())
}

export function showFile(shown: boolean): void {
  if (fileShown.value === shown) return
  fileShown.value = shown
  if (shown) way.open(levels.over)
  else way.close(level())
}

export function wishMap(wish: MapWish): void {
  mapWish.value = wish
}

export function keepMap(next: View): void {
  mapView.value = next
  way.keep(level())
}

export function keepLanguage(next: string): void {
  language = next
  way.keep(level())
}

/** From the address at the start, or when the reader changed it. */
export function readAddress(): Address {
  const address = parseHash(location.hash)
  desk.value = address.desk
  chosen.value = address.site
  group.value = address.group
  view.value = address.list ? 'list' : 'map'
  mapView.value = address.map
  language = address.lang
  unread.value = address.unread ?? []
  spot.value = []
  fileShown.value = false
  return address
}

/** The address is brought into its one form; from here on Back closes what is opened. */
export function startWay(): void {
  way.keep(level())
}

/** The reader went back or forward, or wrote another address. */
export function followAddress(): void {
  if (!way.returned(level())) return
  const [before, known, open] = [language, mapView.value, sheets()]
  const { map, lang } = readAddress()
  // An address that was written by hand may leave these out.
  language = lang ?? before
  mapView.value = map ?? known
  if (map) wishMap({ kind: 'view', view: map })
  way.keep(level())
  if (sheets() < open) refocus()
}
