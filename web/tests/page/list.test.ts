// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import OutageList from '../../src/components/OutageList.vue'
import SearchBox from '../../src/components/SearchBox.vue'
import { language, setLanguage } from '../../src/i18n'
import { mercatorX, mercatorY } from '../../src/mercator'
import type { OutageRow } from '../../src/net/feed-outages'
import type { SiteRow } from '../../src/net/feed-sites'
import { chosen, desk, group } from '../../src/store/choice'
import { createLive, type Live, liveKey } from '../../src/store/live'
import { findPlacesAt, positionOf } from '../../src/store/place-finder'
import { isTouched } from '../../src/store/screen'
import { keepTown, ownTown, townsOf } from '../../src/store/towns'
import { whereOf } from '../../src/store/where'

vi.mock('../../src/store/screen', async (original) => ({
  ...(await original<typeof import('../../src/store/screen')>()),
  isTouched: vi.fn(() => false),
  isWide: () => true
}))

const now = new Date(2024, 1, 5, 17, 50).getTime()
const minute = 60_000

let live: Live
let at: number

const row = (site: string, start: number, end: number | null = null): OutageRow => ({
  area: 'a',
  device: `d-${site}`,
  site,
  start_seq: 1,
  start,
  end_seq: end === null ? null : 2,
  end,
  ended_by: end === null ? null : 'report',
  customers: 2
})

function put(site: string, place: string | undefined, more: Partial<SiteRow> = {}): number {
  return live.lists.value.sites.put({
    area: 'a',
    site,
    lat: 382950000,
    lon: -1224950000,
    level: 'house',
    customers: 2,
    state: 'off',
    ...(place === undefined ? {} : { place }),
    ...more
  })
}

function begin(site: string, start: number, place?: string): void {
  put(site, place)
  live.lists.value.outages.apply(row(site, start))
}

/** What happened is shown, and a second passes. */
async function shown(): Promise<void> {
  live.version.value++
  live.clock.now.value = at += 1000
  await flushPromises()
}

const list = () => mount(OutageList, { global: { provide: { [liveKey as symbol]: live } } })
type View = ReturnType<typeof list>
const sitesOf = (view: View) =>
  view.findAll('[data-testid="outage-row"]').map((found) => found.attributes('data-site'))
const fresh = (view: View) => view.find('[data-testid="outages-new"]')

beforeEach(() => {
  live = createLive()
  live.clock.set(now, 1)
  live.loaded.value = true
  at = now
  language.value = 'en'
  ownTown.value = ''
  group.value = undefined
  vi.mocked(isTouched).mockReturnValue(false)
})

describe('the list of outages', () => {
  beforeEach(() => {
    begin('1', now - 60 * minute)
    begin('2', now - 30 * minute)
  })

  it('takes in what is new at its top while nobody reads it', async () => {
    const view = list()
    begin('3', now - minute)
    await shown()
    expect(sitesOf(view)).toEqual(['3', '2', '1'])
    expect(fresh(view).exists()).toBe(false)
  })

  it('stays as it is under a pointer, and tells how many are new', async () => {
    const view = list()
    const rows = view.get('.outages')
    await rows.trigger('pointerenter', { pointerType: 'mouse' })
    begin('3', now - minute)
    begin('4', now - minute)
    live.lists.value.outages.apply(row('2', now - 30 * minute, now))
    await shown()
    expect(sitesOf(view)).toEqual(['2', '1'])
    expect(fresh(view).text()).toBe('2 new – show')
    const [over] = view.findAll('[data-testid="outage-row"]')
    expect(over!.text()).toContain('power is back')
    expect(over!.find('.sign-on').exists()).toBe(true)
    await fresh(view).trigger('click', { detail: 1 })
    expect(sitesOf(view)).toEqual(['3', '4', '1'])
    // The pointer is still there.
    begin('5', now)
    await shown()
    expect(sitesOf(view)).toEqual(['3', '4', '1'])
    expect(fresh(view).text()).toBe('1 new – show')
    await rows.trigger('pointerleave', { pointerType: 'mouse' })
    expect(sitesOf(view)).toEqual(['5', '3', '4', '1'])
  })

  it('on a screen that is touched waits to be asked', async () => {
    vi.mocked(isTouched).mockReturnValue(true)
    const view = list()
    begin('3', now - minute)
    await shown()
    expect(sitesOf(view)).toEqual(['2', '1'])
    await fresh(view).trigger('click', { detail: 1 })
    expect(sitesOf(view)).toEqual(['3', '2', '1'])
  })

  it('of many shows fifty, then more, until all are there', async () => {
    for (let i = 0; i < 500; i++) begin(`n-${i}`, now - i * minute)
    const view = list()
    expect(sitesOf(view)).toHaveLength(50)
    expect(view.text()).toContain('The newest 50 of 502')
    for (const wanted of [250, 450, 502]) {
      await view.get('.outages > .wide').trigger('click')
      expect(sitesOf(view)).toHaveLength(wanted)
    }
    expect(view.find('.outages > .wide').exists()).toBe(false)
  })

  it('that began just now is not written like what is urgent', async () => {
    begin('3', now)
    const view = list()
    await shown()
    const [first, second] = view.findAll('.row-time')
    expect(first!.text()).toBe('less than a minute')
    expect(first!.classes()).toContain('row-new')
    expect(second!.classes()).not.toContain('row-new')
  })
})

describe('towns', () => {
  beforeEach(() => {
    for (const [site, place] of ['Napa', 'Sonoma', 'Sonoma', undefined].entries())
      begin(String(site), now - minute, place)
    put('on', 'Sonoma', { state: 'on' })
    put('far', 'Eureka', { state: 'on' })
  })

  it('are told by how many are off', () => {
    expect(townsOf(live.lists.value.sites)).toEqual([
      { kind: 'place', name: 'Sonoma', sites: 3, off: 2 },
      { kind: 'place', name: 'Napa', sites: 1, off: 1 },
      { kind: 'area', name: 'a', sites: 1, off: 1 }
    ])
  })

  it('are a list, the own one first, and each is a choice', async () => {
    keepTown('Napa')
    const view = list()
    await view.get('[data-testid="order-towns"]').trigger('click')
    const names = () =>
      view.findAll('[data-testid="town-row"]').map((found) => found.attributes('data-name'))
    expect(names()).toEqual(['Napa', 'Sonoma', 'a'])
    expect(view.findAll('[data-testid="town-row"]')[1]!.text()).toContain(
      '2 of 3 sites without power'
    )
    // Numbers change, rows do not.
    for (const id of ['5', '6', '7']) begin(id, now)
    await shown()
    expect(names()).toEqual(['Napa', 'Sonoma', 'a'])
    await view.findAll('[data-testid="town-row"]')[1]!.trigger('click')
    expect(group.value).toEqual({ kind: 'place', name: 'Sonoma' })
  })

  it('the own one is above the newest, however it is there', async () => {
    keepTown('Eureka')
    const view = list()
    expect(view.get('[data-testid="own-town"]').text()).toContain('Eureka')
    expect(view.get('[data-testid="own-town"]').text()).toContain('No site here is known to be')
    keepTown('Sonoma')
    await shown()
    expect(view.get('[data-testid="own-town"]').text()).toContain('2 of 3 sites without power')
    keepTown('Nowhere')
    await shown()
    expect(view.find('[data-testid="own-town"]').exists()).toBe(false)
  })
})

describe('where a site is', () => {
  const napa = { name: 'Napa', rank: 1, size: 1, lat: 382970000, lon: -1222860000 }
  const asked = vi.fn()

  beforeEach(() => {
    asked.mockReset()
    vi.stubGlobal('fetch', (url: string) => {
      asked(url)
      return Promise.resolve(new Response(JSON.stringify({ places: [napa] })))
    })
    findPlacesAt('/tiles/places/{z}/{x}/{y}.json')
  })
  afterEach(() => {
    findPlacesAt(undefined)
    vi.unstubAllGlobals()
  })

  it('is said from its place, once that is known', async () => {
    const north = put('1', 'Napa', { lat: napa.lat + 180000, lon: napa.lon })
    const middle = put('2', 'Napa', { lat: napa.lat + 10000, lon: napa.lon })
    const none = put('3', undefined)
    const where = () =>
      [north, middle, none].map((number) => whereOf(live.lists.value.sites, number))
    expect(where()).toEqual(['Napa', 'Napa', ''])
    await vi.waitFor(() => expect(where()).toEqual(['2 km north of Napa', 'Napa', '']))
    expect(asked).toHaveBeenCalledTimes(1)
    await setLanguage('hi')
    expect(where()[0]).toBe('Napa से 2 किमी उत्तर')
  })

  it('is not made up of a place that cannot be found', async () => {
    const near = () => ({ x: mercatorX(-122.3), y: mercatorY(38.3) })
    expect(positionOf('Elsewhere', near)).toBeUndefined()
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(10))
    await flushPromises()
    expect(positionOf('Elsewhere', near)).toBeUndefined()
    findPlacesAt(undefined)
    expect(positionOf('Napa', near)).toBeUndefined()
  })
})

describe('the search', () => {
  it('that finds nothing says of what, and what to try', async () => {
    put('1', 'Napa')
    const view = mount(SearchBox, { global: { provide: { [liveKey as symbol]: live } } })
    await view.get('input').setValue(' zzzz ')
    await view.get('form').trigger('submit')
    expect(view.text()).toContain(
      'Nothing found for “zzzz”. Try a town, or the number on the transformer.'
    )
    await view.get('input').setValue('napa')
    await vi.waitFor(() => expect(view.text()).toContain('1 of 1 site without power'))
  })

  it.each(['1000005721', '1000 005 721', '1000-005-721'])('finds a complaint by its number (%s)', async (typed) => {
    put('1', 'Napa')
    const view = mount(SearchBox, { global: { provide: { [liveKey as symbol]: live } } })
    await view.get('input').setValue(typed)
    await vi.waitFor(() => expect(view.text()).toContain('Complaint 1000 005 721'))
    await view.get('[data-testid="search-complaint"]').trigger('click')
    expect(desk.value).toEqual({ kind: 'mine', find: '1000005721' })
    desk.value = undefined
    await view.get('input').setValue(typed)
    await view.get('form').trigger('submit')
    expect(desk.value).toEqual({ kind: 'mine', find: '1000005721' })
    desk.value = undefined
  })

  it.each(['1000005722', '100 000 572', '1000 0057 211'])('says that a digit of a number is wrong (%s)', async (typed) => {
    const view = mount(SearchBox, { global: { provide: { [liveKey as symbol]: live } } })
    await view.get('input').setValue(typed)
    await view.get('form').trigger('submit')
    expect(view.get('[data-testid="search-none"]').text()).toContain('a digit of it is wrong or missing')
    expect(desk.value).toBeUndefined()
  })

  it('a site that has such a number is the first', async () => {
    put('1000005721', 'Napa')
    const view = mount(SearchBox, { global: { provide: { [liveKey as symbol]: live } } })
    await view.get('input').setValue('1000005721')
    await view.get('form').trigger('submit')
    expect(chosen.value).toEqual({ area: 'a', id: '1000005721' })
    chosen.value = undefined
  })
})
