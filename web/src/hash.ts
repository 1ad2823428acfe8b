/* SPDX-License-Identifier: Apache-2.0 */

/* What can be shared: `#site=area/id&map=zoom/lat/lon&lang=hi`. */

export interface View {
  readonly zoom: number
  readonly lat: number
  readonly lon: number
}

export interface Address {
  readonly site?: { readonly area: string; readonly id: string }
  readonly map?: View
  readonly lang?: string
}

function parseSite(text: string | null): Address['site'] {
  const parts = /^([a-z0-9-]{1,31})\/([A-Za-z0-9._:-]{1,64})$/.exec(text ?? '')
  return parts?.[1] && parts[2] ? { area: parts[1], id: parts[2] } : undefined
}

function parseMap(text: string | null): View | undefined {
  const parts = (text ?? '').split('/').map(Number)
  const [zoom, lat, lon] = parts
  if (parts.length !== 3 || zoom === undefined || lat === undefined || lon === undefined)
    return undefined
  const good = zoom >= 0 && zoom <= 18 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180
  return good ? { zoom: Math.round(zoom * 4) / 4, lat, lon } : undefined
}

/** Whatever cannot be read is left out. */
export function parseHash(hash: string): Address {
  const query = new URLSearchParams(hash.replace(/^#/, ''))
  const site = parseSite(query.get('site'))
  const map = parseMap(query.get('map'))
  const lang = query.get('lang')
  return { ...(site ? { site } : {}), ...(map ? { map } : {}), ...(lang ? { lang } : {}) }
}

export function writeHash({ site, map, lang }: Address): string {
  const parts = [
    site ? `site=${site.area}/${site.id}` : '',
    map ? `map=${map.zoom}/${map.lat.toFixed(4)}/${map.lon.toFixed(4)}` : '',
    lang ? `lang=${lang}` : ''
  ].filter((part) => part !== '')
  return parts.length > 0 ? `#${parts.join('&')}` : ''
}
