/* SPDX-License-Identifier: Apache-2.0 */

/* What can be shared: `#site=area/id&place=name&view=list&map=zoom/lat/lon&lang=hi`, or `area=` for
 * all sites of an area, `complaint=area/number`. */

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

/** What lies over sites and places: a complaint, a form to make one (its place is where it is known), or
 * the reader's own ones. */
export type Desk =
  | { readonly kind: 'complaint'; readonly area: string; readonly id: string; readonly key?: string; readonly check?: true }
  | { readonly kind: 'report'; readonly at?: { readonly area: string; readonly id: string } }
  | { readonly kind: 'mine'; readonly find?: string; readonly file?: Uint8Array<ArrayBuffer> }

export interface Address {
  readonly desk?: Desk
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

/* A key is only ever read: it is taken out of the address at once. */
function parseDesk(query: URLSearchParams, read: Read): Desk | undefined {
  const complaint = read('complaint', parseSite)
  const key = query.get('key') ?? ''
  const hasKey = /^[A-Za-z0-9_-]{43}$/.test(key)
  if (complaint) return { kind: 'complaint', ...complaint, ...(hasKey ? { key } : {}) }
  const at = read('report', (text) => (text === 'here' ? text : parseSite(text)))
  if (at) return { kind: 'report', ...(at === 'here' ? {} : { at }) }
  return query.get('view') === 'mine' ? { kind: 'mine' } : undefined
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

type Read = <T>(name: string, parse: (text: string) => T | undefined) => T | undefined

/** Whatever is none of ours is left out; what is ours and cannot be read is told. */
export function parseHash(hash: string): Address {
  const query = new URLSearchParams(hash.replace(/^#/, ''))
  const unread: string[] = []
  const read: Read = (name, parse) => {
    const text = query.get(name)
    if (text === null) return undefined
    const found = parse(text)
    if (found === undefined) unread.push(`${name}=${text}`.slice(0, unreadMax))
    return found
  }
  const desk = parseDesk(query, read)
  const site = read('site', parseSite)
  const group = read('place', parsePlace) ?? read('area', parseArea)
  const list = read('view', (text) =>
    text === 'list' || text === 'mine' ? text === 'list' : undefined
  )
  const map = read('map', parseMap)
  const lang = query.get('lang')
  return {
    ...(desk ? { desk } : {}),
    ...(site ? { site } : {}),
    ...(group ? { group } : {}),
    ...(list ? { list: true as const } : {}),
    ...(map ? { map } : {}),
    ...(lang ? { lang } : {}),
    ...(unread.length > 0 ? { unread } : {})
  }
}

function writeDesk(desk: Desk | undefined): string {
  if (desk?.kind === 'complaint') return `complaint=${desk.area}/${desk.id}`
  if (desk?.kind === 'report') return `report=${desk.at ? `${desk.at.area}/${desk.at.id}` : 'here'}`
  return ''
}

export function writeHash({ desk, site, group, list, map, lang }: Address): string {
  const parts = [
    writeDesk(desk),
    site ? `site=${site.area}/${site.id}` : '',
    group ? `${group.kind}=${encodeURIComponent(group.name)}` : '',
    desk?.kind === 'mine' ? 'view=mine' : list ? 'view=list' : '',
    map ? `map=${map.zoom}/${map.lat.toFixed(4)}/${map.lon.toFixed(4)}` : '',
    lang ? `lang=${lang}` : ''
  ].filter((part) => part !== '')
  return parts.length > 0 ? `#${parts.join('&')}` : ''
}
