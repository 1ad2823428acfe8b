// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import GroupSheet from '../../src/components/GroupSheet.vue'
import { language, setLanguage } from '../../src/i18n'
import type { OutageRow } from '../../src/net/feed-outages'
import { type SiteRow, SiteStore } from '../../src/net/feed-sites'
import { membersOf, middleOf } from '../../src/store/group'
import { createLive, type Live, liveKey } from '../../src/store/live'

const now = new Date(2024, 1, 5, 17, 50).getTime()
const minute = 60_000
const hour = 60 * minute

let live: Live
let ended: OutageRow[]
let next: string | null

function put(id: string, state: SiteRow['state'], more: Partial<SiteRow> = {}): void {
  live.lists.value.sites.put({
    area: 'a',
    site: id,
    lat: 382950000,
    lon: -1224950000,
    level: 'house',
    customers: 2,
    place: 'Napa',
    state,
    ...more
  })
}

const row = (site: string, start: number, end: number | null = null, area = 'a'): OutageRow => ({
  area,
  device: `d-${site}`,
  site,
  start_seq: 1,
  start,
  end_seq: end === null ? null : 2,
  end,
  ended_by: end === null ? null : 'report',
  customers: 2
})

function off(site: string, start: number, more: Partial<SiteRow> = {}): void {
  put(site, 'off', { since: start, ...more })
  live.lists.value.outages.apply(row(site, start, null, more.area))
}

async function shown(group: { kind: 'place' | 'area'; name: string }) {
  live.loaded.value = true
  const view = mount(GroupSheet, {
    props: { group },
    global: { provide: { [liveKey as symbol]: live } }
  })
  await flushPromises()
  return view
}
const napa = { kind: 'place', name: 'Napa' } as const
const words = (view: Awaited<ReturnType<typeof shown>>) => view.text().replace(/\s+/g, ' ')

beforeEach(() => {
  live = createLive()
  live.clock.set(now, 1)
  live.state.value = 'live'
  language.value = 'en'
  ended = []
  next = null
  const answer = () =>
    new Response(JSON.stringify({ outages: ended, next }), {
      headers: { 'Content-Type': 'application/json' }
    })
  vi.stubGlobal('fetch', vi.fn(async () => answer()))
})
afterEach(() => vi.unstubAllGlobals())

describe('a place', () => {
  it('is answered for all its sites', async () => {
    off('1', now - 14 * hour - 10 * minute)
    off('2', now - 9 * minute)
    put('3', 'on')
    put('4', 'silent')
    off('5', now - 20 * hour, { place: 'Sonoma' })
    const view = await shown(napa)
    expect(view.get('h2').text()).toContain('Napa')
    expect(view.get('h2').text()).toContain('4 sites near here')
    expect(words(view)).toContain('2 of 4 sites without power')
    expect(words(view)).toContain('first since 03:40 (14 h 10 min) · 4 homes')
    expect(words(view)).toContain('1 not heard from, so not known')
    expect(view.get('[data-testid="group-answer"]').classes()).toContain('answer-off')
    const rows = view.findAll('[data-testid="outage-row"]')
    expect(rows.map((found) => found.attributes('data-site'))).toEqual(['2', '1'])
    expect(words(view)).not.toContain('came back')
  })

  it('in Hindi too', async () => {
    await setLanguage('hi')
    off('1', now - hour)
    put('2', 'on')
    expect(words(await shown(napa))).toContain('2 स्थलों में से 1 बिना बिजली')
  })

  it('says how many came back within the hour, asked for and seen', async () => {
    for (const id of ['1', '2', '3', '4']) put(id, 'on')
    off('5', now - 2 * hour)
    ended = [
      row('1', now - 3 * hour, now - 59 * minute),
      row('2', now - 3 * hour, now - 61 * minute),
      row('5', now - 3 * hour, now - 10 * minute), // off again
      { ...row('3', now - 3 * hour, now - minute), end_seq: null, ended_by: 'moved' },
      row('elsewhere', now - 3 * hour, now - minute)
    ]
    const view = await shown(napa)
    const [asked] = vi.mocked(fetch).mock.calls[0] as unknown as [string]
    expect(asked).toContain(`open=false&from=${now - hour}&area=a`)
    expect(words(view)).toContain('1 came back in the last hour')
    live.lists.value.outages.apply(row('5', now - 2 * hour, now - minute))
    put('5', 'on')
    live.version.value++
    await flushPromises()
    expect(words(view)).toContain('2 came back in the last hour')
  })

  it.each(['more than are told', 'no answer'])('claims nothing of it with %s', async (how) => {
    put('1', 'on')
    ended = [row('1', now - 3 * hour, now - minute)]
    if (how === 'no answer') vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
    else next = '/api/v1/outages?cursor=1.1.1'
    expect(words(await shown(napa))).not.toContain('came back')
  })

  it('with all of it on, or nothing heard, says that and no more', async () => {
    put('1', 'on')
    expect(words(await shown(napa))).toContain('No site here is known to be without power')
    put('1', 'silent')
    expect(words(await shown(napa))).toContain('We cannot say')
  })

  it('that no site is near to is said to be none', async () => {
    put('1', 'on')
    expect(words(await shown({ kind: 'place', name: 'Nowhere' }))).toContain(
      'No site here is near “Nowhere”.'
    )
    expect(words(await shown({ kind: 'area', name: 'x' }))).toContain('no area “x” here')
  })

  it('what is old is said to be old', async () => {
    put('1', 'on')
    live.state.value = 'stale'
    expect(words(await shown(napa))).toContain('when we last heard from the server')
  })
})

describe('an area', () => {
  it('is answered likewise', async () => {
    off('1', now - hour)
    off('2', now - hour, { area: 'b' })
    const view = await shown({ kind: 'area', name: 'b' })
    expect(view.get('h2').text()).toContain('Area b')
    expect(words(view)).toContain('1 of 1 site without power')
  })
})

describe('the middle of sites', () => {
  it('is amid them, on both sides of the date line too', () => {
    const sites = new SiteStore()
    const at = (id: string, lon: number) =>
      sites.put({
        area: 'a',
        site: id,
        lat: 0,
        lon,
        level: 'house',
        customers: 0,
        state: 'on',
        place: 'x'
      })
    at('1', 1799000000)
    at('2', -1799000000)
    const middle = middleOf(sites, membersOf(sites, { kind: 'place', name: 'x' }))!
    expect(Math.min(middle.x, 1 - middle.x)).toBeCloseTo(0, 9)
    expect(middle.y).toBeCloseTo(0.5, 9)
    expect(middleOf(sites, [])).toBeUndefined()
  })
})
