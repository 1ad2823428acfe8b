/* SPDX-License-Identifier: Apache-2.0 */

/* What can be shared: `#site=area/id&place=name&view=list&map=zoom/lat/lon&lang=hi`, or `area=` for
 * all sites of an area. */

export interface View {
  readonly zoom: number
  readonly lat: number
  readonly lon: number
}

/** All sites that are near to a place, or of an area. */
export interface Group {
  readonly kind: 'place' | 'area'
  readonly name: string
}

export interface Address {
  readonly site?: { readonly area: string; readonly id: string }
  readonly group?: Group
  readonly list?: true
  readonly map?: View
  readonly lang?: string
  /** What is there and cannot be read, as it was written. */
  readonly unread?: readonly string[]
}

const unreadMax = 80 // characters of it that are shown

function parseSite(text: string): Address['site'] {
  const parts = /^([a-z0-9-]{1,31})\/([A-Za-z0-9._:-]{1,64})$/.exec(text)
  return parts?.[1] && parts[2] ? { area: parts[1], id: parts[2] } : undefined
}

/** A name that may be a place's: one line of at most 60 bytes. */
function parsePlace(text: string): Group | undefined {
  const good = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,60}$/u.test(text)
  return good ? { kind: 'place', name: text } : undefined
}

function parseArea(text: string): Group | undefined {
  return /^[a-z0-9-]{1,31}$/.test(text) ? { kind: 'area', name: text } : undefined
}

function parseMap(text: string): View | undefined {
  const parts = text.split('/').map(Number)
  const [zoom, lat, lon] = parts
  if (parts.length !== 3 || zoom === undefined || lat === undefined || lon === undefined)
    return undefined
  const good = zoom >= 0 && zoom <= 18 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180
  return good ? { zoom: Math.round(zoom * 4) / 4, lat, lon } : undefined
}

/** Whatever is none of ours is left out; what is ours and cannot be read is told. */
export function parseHash(hash: string): Address {
  const query = new URLSearchParams(hash.replace(/^#/, ''))
  const unread: string[] = []
  const read = <T>(name: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = query.get(name)
    if (text === null) return undefined
    const found = parse(text)
    if (found === undefined) unread.push(`${name}=${text}`.slice(0, unreadMax))
    return found
  }
  const site = read('site', parseSite)
  const group = read('place', parsePlace) ?? read('area', parseArea)
  const list = read('view', (text) => (text === 'list' ? (true as const) : undefined))
  const map = read('map', parseMap)
  const lang = query.get('lang')
  return {
    ...(site ? { site } : {}),
    ...(group ? { group } : {}),
    ...(list ? { list } : {}),
    ...(map ? { map } : {}),
    ...(lang ? { lang } : {}),
    ...(unread.length > 0 ? { unread } : {})
  }
}

export function writeHash({ site, group, list, map, lang }: Address): string {
  const parts = [
    site ? `site=${site.area}/${site.id}` : '',
    group ? `${group.kind}=${encodeURIComponent(group.name)}` : '',
    list ? 'view=list' : '',
    map ? `map=${map.zoom}/${map.lat.toFixed(4)}/${map.lon.toFixed(4)}` : '',
    lang ? `lang=${lang}` : ''
  ].filter((part) => part !== '')
  return parts.length > 0 ? `#${parts.join('&')}` : ''
}
