/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { parseHash, writeHash } from '../../src/hash'
import {
  bearing,
  distance,
  latitudeOf,
  longitudeOf,
  mercatorX,
  mercatorY
} from '../../src/mercator'
import { type OutageRow, OutageStore } from '../../src/net/feed-outages'
import { type SiteRow, siteRow, SiteStore } from '../../src/net/feed-sites'
import type { ReportRow } from '../../src/net/report'
import { historyOf, midnight, outagesIn, timeIn } from '../../src/store/history'
import { nearest } from '../../src/store/near'
import { findSites } from '../../src/store/search'
import { newestProvable } from '../../src/store/site-detail'

const site = (id: string, more: Partial<SiteRow> = {}): SiteRow => ({
  area: 'a',
  site: id,
  lat: 382950000,
  lon: -1224950000,
  level: 'transformer',
  customers: 10,
  state: 'on',
  ...more
})

const outage = (device: string, start: number, end: number | null = null): OutageRow => ({
  area: 'a',
  device,
  site: `S-${device}`,
  start_seq: start,
  start,
  end_seq: end,
  end,
  ended_by: end === null ? null : 'report',
  customers: 1
})

describe('sites', () => {
  it('are counted as they change', () => {
    const store = new SiteStore()
    store.put(site('1', { state: 'off', customers: 137 }))
    store.put(site('2'))
    store.put(site('3', { state: 'silent' }))
    expect([...store.inState, store.homesOff]).toEqual([1, 1, 1, 0, 137])
    store.put(site('1'))
    store.put(site('2', { state: 'off', customers: 5 }))
    store.put(site('2', { state: 'off', customers: 7 }))
    expect([...store.inState, store.homesOff]).toEqual([1, 1, 1, 0, 7])
    expect(store.count).toBe(3)
    expect([0, 1, 2, -1].map((number) => store.stateName(number))).toEqual([
      'on',
      'off',
      'silent',
      'unknown'
    ])
  })

  it('are told apart by their areas', () => {
    const store = new SiteStore()
    store.put(site('1'))
    store.put(site('1', { area: 'b', state: 'off' }))
    expect(store.count).toBe(2)
    expect(store.state[store.find('b', '1')]).toBe(1)
    expect(store.state[store.find('a', '1')]).toBe(0)
    expect(store.find('c', '1')).toBe(-1)
  })

  it('only places make the rings old', () => {
    const store = new SiteStore()
    store.put(site('1'))
    const { structure } = store
    store.put(site('1', { state: 'off' }))
    expect(store.structure).toBe(structure)
    store.put(site('1', { lat: 0 }))
    expect(store.structure).toBeGreaterThan(structure)
  })

  it('100,000 of them keep their numbers', () => {
    const store = new SiteStore()
    for (let i = 0; i < 100_000; i++) store.put(site(String(i), { lat: i }))
    expect(store.find('a', '77777')).toBe(77777)
    expect(store.inState[0]).toBe(100_000)
  })

  it('are found by what is typed', () => {
    const store = new SiteStore()
    for (const id of ['x-12', '12', '120', '7']) store.put(site(id))
    store.put(site('9', { area: 'east-12' }))
    const found = findSites(store, ' 12 ')
    expect(found.numbers.map((number) => store.ids[number])).toEqual(['12', '120', 'x-12'])
    expect(found.areas).toEqual([{ name: 'east-12', sites: 1, off: 0 }])
    expect(findSites(store, 'nowhere').numbers).toEqual([])
  })

  it('are found by what they are near to', () => {
    const store = new SiteStore()
    store.put(site('1', { place: 'Zürich' }))
    store.put(site('zur-2', { place: 'Bern' }))
    store.put(site('3', { place: 'Zurzach' }))
    store.put(site('4', { place: 'Zürich', state: 'off' }))
    store.put(site('5'))
    const found = findSites(store, 'ZUR')
    expect(found.places).toEqual([
      { name: 'Zürich', sites: 2, off: 1 },
      { name: 'Zurzach', sites: 1, off: 0 }
    ])
    expect(found.numbers.map((number) => store.ids[number])).toEqual(['zur-2', '1', '3', '4'])
    expect(findSites(store, 'zürich').places).toEqual([{ name: 'Zürich', sites: 2, off: 1 }])
    store.put(site('4'))
    expect(findSites(store, 'zürich').places).toEqual([{ name: 'Zürich', sites: 1, off: 0 }])
  })

  it('in a script with marks are found as they are written', () => {
    const store = new SiteStore()
    store.put(site('1', { place: 'दिल्ली' }))
    store.put(site('2', { place: 'दल' }))
    expect(findSites(store, 'दिल्ली').places).toEqual([{ name: 'दिल्ली', sites: 1, off: 0 }])
  })

  it.each(['a', 'El Verano', 'x'.repeat(60), 'दरभंगा'])('near to %s are read', (place) =>
    expect(siteRow(site('1', { place })).place).toBe(place)
  )

  it.each([
    ...['', 'x'.repeat(61), 'पटना'.repeat(6), 'a\nb', '\u001b[1m', 'a\u007f', 'a\0b'],
    ...['a\u0085', 'a\u2028', 'a\u2029', 'a\ud800', 7, null, {}]
  ])('near to %j are refused', (place) =>
    expect(() => siteRow({ ...site('1'), place })).toThrow('a site')
  )

  it('the nearest', () => {
    const store = new SiteStore()
    store.put(site('far', { lat: 0, lon: 0 }))
    store.put(site('near', { lat: 10_000_000, lon: 10_000_000 }))
    const { number, apart, around } = nearest(store, 1.001, 1)
    expect(store.ids[number]).toBe('near')
    expect(around).toEqual([number])
    expect(nearest(store, 1.1, 1).around).toEqual([])
    expect(apart).toBeCloseTo(111.2, 0)
    expect(nearest(new SiteStore(), 0, 0).number).toBe(-1)
  })
})

describe('outages', () => {
  it('begin, are corrected and end', () => {
    const store = new OutageStore()
    store.apply(outage('1', 100))
    store.apply(outage('1', 90))
    expect(store.newest(5).map((row) => row.start)).toEqual([90])
    store.apply(outage('1', 90, 120))
    expect(store.size).toBe(0)
  })

  it('an old one that is corrected does not end a newer one', () => {
    const store = new OutageStore()
    store.apply(outage('1', 100))
    store.apply(outage('1', 10, 20))
    expect(store.size).toBe(1)
  })

  it('of the same time, where a clock stands still, are told apart by their counters', () => {
    const store = new OutageStore()
    store.apply({ ...outage('1', 100), start_seq: 3 })
    store.apply({ ...outage('1', 100, 100), start_seq: 1, end_seq: 2 })
    expect(store.size).toBe(1)
    store.apply({ ...outage('1', 100, 100), start_seq: 3, end_seq: 4 })
    expect(store.size).toBe(0)
  })

  it('whose device was revoked or moved do not last', () => {
    const store = new OutageStore()
    store.apply(outage('1', 100))
    store.apply({ ...outage('1', 100, 120), end_seq: null, ended_by: 'moved' })
    expect(store.size).toBe(0)
  })

  it('the newest of many, in their order', () => {
    const store = new OutageStore()
    for (let i = 0; i < 5000; i++) store.apply(outage(String(i), (i * 7919) % 5003))
    const starts = store.newest(50).map((row) => row.start)
    const all = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5003).sort((a, b) => b - a)
    expect(starts).toEqual(all.slice(0, 50))
  })

  it('tell when power came back, by a report and as it was seen', () => {
    const store = new OutageStore()
    store.apply(outage('1', 100))
    store.apply(outage('2', 100))
    store.apply(outage('1', 100, 120))
    store.apply({ ...outage('2', 100, 130), end_seq: null, ended_by: 'revoked' })
    expect(store.endAt('a', 'S-1')).toBe(120)
    expect(store.endAt('a', 'S-2')).toBe(0)
  })

  it('are told apart from others of the same device', () => {
    const store = new OutageStore()
    store.apply(outage('1', 100))
    const [first] = store.newest(1)
    expect(store.lasts(first!)).toBe(true)
    store.apply(outage('1', 100, 120))
    expect(store.lasts(first!)).toBe(false)
    store.apply(outage('1', 130))
    expect(store.lasts(first!)).toBe(false)
    expect([...store.all()].map(({ start }) => start)).toEqual([130])
  })

  it('since when a site has had none', () => {
    const store = new OutageStore()
    store.apply({ ...outage('1', 100), site: 'S' })
    store.apply({ ...outage('2', 80), site: 'S' })
    expect(store.startAt('a', 'S')).toBe(80)
    expect(store.startAt('b', 'S')).toBe(0)
  })
})

describe('history', () => {
  const now = new Date(2024, 1, 5, 18).getTime()
  const hour = 3_600_000
  const total = (known: Parameters<typeof historyOf>[0]) => {
    const days = historyOf(known)
    return { on: timeIn(days, 'on'), off: timeIn(days, 'off'), unknown: timeIn(days, 'unknown') }
  }

  it('has seven days, of which nothing is said after now', () => {
    const days = historyOf({ now, outages: [], heardFrom: 0, heardTo: now })
    expect(days).toHaveLength(7)
    expect(days[0]!.from).toBe(midnight(now, 6))
    expect(days[6]!.spans).toEqual([{ from: midnight(now), to: now, state: 'on' }])
  })

  it('is not known before the first report', () => {
    const known = { now, outages: [], heardFrom: now - 5 * hour, heardTo: now }
    expect(total(known)).toEqual({
      on: 5 * hour,
      off: 0,
      unknown: now - midnight(now, 6) - 5 * hour
    })
  })

  it('is not known of a site that is silent, an outage that lasts or not', () => {
    const last = now - 2 * hour
    const lasting = [{ start: now - 4 * hour, end: null }]
    expect(total({ now, outages: lasting, heardFrom: 0, heardTo: last }).off).toBe(2 * hour)
    expect(total({ now, outages: [], heardFrom: 0, heardTo: last }).unknown).toBe(2 * hour)
  })

  it('counts two devices that are off at once only once', () => {
    const outages = [
      { start: now - 5 * hour, end: now - 3 * hour },
      { start: now - 4 * hour, end: now - 2 * hour }
    ]
    const known = { now, outages, heardFrom: 0, heardTo: now }
    expect(total(known).off).toBe(3 * hour)
    expect(outagesIn(known, historyOf(known))).toBe(1)
  })

  it('an outage over midnight is of both days', () => {
    const start = midnight(now) - hour
    const days = historyOf({
      now,
      outages: [{ start, end: start + 2 * hour }],
      heardFrom: 0,
      heardTo: now
    })
    expect([timeIn([days[5]!], 'off'), timeIn([days[6]!], 'off')]).toEqual([hour, hour])
  })

  it('the newest report whose proof can be had', () => {
    const row = (
      seq: number,
      state: ReportRow['state'],
      waits_for: string | null = null
    ): ReportRow => ({
      device: 'd',
      seq,
      ts: seq,
      received: seq,
      time: seq,
      power: 'ON',
      batch: null,
      state,
      waits_for
    })
    const unmined = row(3, 'submitted', 'transaction')
    const four = [row(4, 'open'), unmined, row(2, 'submitted', 'confirmations'), row(1, 'final')]
    expect(newestProvable(four)?.seq).toBe(2)
    expect(newestProvable([row(4, 'open'), unmined, row(1, 'final')])?.seq).toBe(1)
    expect(newestProvable([row(4, 'open'), unmined])?.seq).toBe(3)
    expect(newestProvable([row(3, 'open')])?.seq).toBe(3)
    expect(newestProvable([])).toBeUndefined()
  })
})

describe('places', () => {
  it('go to the map and back', () => {
    for (const [lat, lon] of [
      [0, 0],
      [38.295, -122.495],
      [-85, 179.9]
    ] as const) {
      expect(latitudeOf(mercatorY(lat))).toBeCloseTo(lat, 9)
      expect(longitudeOf(mercatorX(lon))).toBeCloseTo(lon, 9)
    }
  })

  it('lie in a direction from each other', () => {
    expect(bearing(0, 0, 1, 0)).toBeCloseTo(0, 6)
    expect(bearing(0, 0, 0, 1)).toBeCloseTo(90, 6)
    expect(bearing(0, 0, -1, 0)).toBeCloseTo(180, 6)
    expect(bearing(0, 179.9, 0, -179.9)).toBeCloseTo(90, 6)
    expect(bearing(38, -122, 38.1, -122.2)).toBeGreaterThan(270)
  })

  it('are as far apart as they are', () => {
    expect(distance(0, 0, 0, 1)).toBeCloseTo(111195, 0)
    expect(distance(51.5, 0, 51.5, 0)).toBe(0)
  })
})

describe('the address', () => {
  it.each([
    { kind: 'place', name: 'St. Helena & Söhne/=#' },
    { kind: 'place', name: 'दरभंगा' },
    { kind: 'area', name: 'pge-04' }
  ] as const)('is read as it was written (%j)', (group) => {
    const address = {
      site: { area: 'pge-04', id: '042721104-2101052359' },
      group,
      list: true,
      map: { zoom: 11.25, lat: 38.295, lon: -122.495 },
      lang: 'hi'
    } as const
    expect(parseHash(writeHash(address))).toEqual(address)
    expect(writeHash({})).toBe('')
  })

  it.each(['', '#', '#%', '#other=1'])('%s is nothing', (hash) =>
    expect(parseHash(hash)).toEqual({})
  )

  it.each([
    ...['site=', 'site=a', 'site=nosuch-1', 'site=A/1', 'site=a/<x>', 'map=1/2', 'map=99/0/0'],
    ...['map=x/y/z', 'place=', `place=${'x'.repeat(61)}`, 'area=A B', 'view=globe']
  ])('%s cannot be read, and that is told', (text) =>
    expect(parseHash(`#${text}`)).toEqual({ unread: [text] })
  )
})
