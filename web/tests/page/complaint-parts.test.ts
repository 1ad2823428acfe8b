// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cellOf } from '../../src/complaint/api'
import { complaintAnswer, ticketOf } from '../../src/complaint/rows'
import { fitted } from '../../src/complaint/photo'
import { stepsOf } from '../../src/complaint/story'
import { en } from '../../src/complaint/words-en'
import { hi } from '../../src/complaint/words-hi'
import ComplaintSteps from '../../src/components/ComplaintSteps.vue'
import SiteComplaintList from '../../src/components/SiteComplaints.vue'
import { parseHash, writeHash } from '../../src/hash'
import { language } from '../../src/i18n'
import { ComplaintNews } from '../../src/net/feed-complaints'
import { desk } from '../../src/store/choice'
import { createLive, liveKey } from '../../src/store/live'
import { SiteComplaints } from '../../src/store/site-complaints'
import { ComplaintDaemon } from './complaint-daemon'

describe('an address', () => {
  it.each(['#complaint=demo-east/2611082217', '#report=demo-east/T-1', '#report=here', '#view=mine'])('%s', (hash) => {
    expect(writeHash(parseHash(hash))).toBe(hash)
  })

  it('a key is read, and never written', () => {
    const key = 'A'.repeat(43)
    const { desk } = parseHash(`#complaint=demo-east/1&key=${key}`)
    expect(desk).toMatchObject({ kind: 'complaint', key })
    expect(writeHash({ desk: desk! })).not.toContain(key)
    expect(parseHash('#complaint=demo-east/1&key=short').desk).not.toHaveProperty('key')
  })

  it('that is none is told', () => {
    expect(parseHash('#complaint=demo-east').unread).toEqual(['complaint=demo-east'])
    expect(parseHash('#view=list').list).toBe(true)
  })
})

describe('a cell', () => {
  it.each([
    [25.5941234, 85.1376543, 255900000, 851400000],
    [-0.001, -0.001, 0, 0],
    [89.999, 179.999, 900000000, 1800000000]
  ])('of %d, %d', (lat, lon, cellLat, cellLon) => {
    const cell = cellOf(lat, lon)
    expect(cell).toEqual({ lat: cellLat, lon: cellLon })
    expect(JSON.stringify(cell)).not.toContain('-0')
  })
})

it('a photo keeps its shape', () => {
  expect(fitted(4000, 3000)).toEqual([1600, 1200])
  expect(fitted(300, 200)).toEqual([300, 200])
  expect(fitted(10_000, 1)).toEqual([1600, 1])
})

describe('what the daemon says', () => {
  const ticket = { area: 'a', complaint: '1000005721', ticket: 'abc', bits: 16, expires: 1, known: {} }

  it.each([
    ['work without end', { bits: 60 }],
    ['a ticket of other letters', { ticket: 'a b' }],
    ['an area that is none', { area: '../x' }],
    ['known complaints that are none', { known: { complaints: [{}] } }]
  ])('%s is refused', (_, change) => expect(() => ticketOf({ ...ticket, ...change })).toThrow())

  it('an outage in either form is known', () => {
    expect(ticketOf({ ...ticket, known: { outage: { since: 5, sites_off: 41 } } }).known.outage).toEqual({ since: 5, sites_off: 41 })
    expect(ticketOf({ ...ticket, known: { outage: { start: 5, end: null } } }).known.outage).toEqual({ since: 5 })
  })

  it('news are counted by complaint, and the oldest forgotten', () => {
    const news = new ComplaintNews()
    for (let n = 0; n < 5000; n++) news.take({ area: 'a', complaint: `c-${n}` })
    news.take({ area: 'a', complaint: 'c-4999' })
    expect([news.of('a', 'c-4999'), news.of('a', 'c-0'), news.size]).toEqual([2, 0, 4096])
  })
})

describe('the open complaints of a site', () => {
  const row = (complaint: string, more: Record<string, unknown> = {}) => ({
    area: 'a', complaint, category: 'no-supply', state: 'open', filed_at: 1_700_000_000_000, changed_at: 1, n: 1, people: 2, confirmed: 0,
    overdue: false, ...more
  })
  const rows = [
    row('1000005721'),
    row('2611082217', { state: 'assigned', overdue: true }),
    row('1234567897', { state: 'resolved', closed: 'against' }),
    row('9999999990', { state: 'resolved', closed: 'devices' })
  ]
  const asked: string[] = []
  let answer: () => Response

  beforeEach(() => {
    language.value = 'en'
    asked.length = 0
    vi.stubGlobal('fetch', async (address: string) => {
      asked.push(address)
      return answer()
    })
  })
  afterEach(() => vi.unstubAllGlobals())

  it('are those that wait, and those that were closed against the evidence', async () => {
    answer = () => Response.json({ complaints: rows, next: null, counts: { open: 2 } })
    const live = createLive({ base: '/b' })
    live.clock.set(1_700_000_000_000 + 2 * 3_600_000, 1)
    const found = new SiteComplaints(live, 'a', 'S-1')
    await vi.waitFor(() => expect(found.count.value).toBe(3))
    expect(asked).toEqual(['/b/api/v1/complaints?area=a&site=S-1&state=open%2Cacknowledged%2Cassigned%2Crejecting%2Cresolved&sort=filed&limit=100'])
    const view = mount(SiteComplaintList, {
      props: { rows: found.rows.value, count: found.count.value },
      global: { provide: { [liveKey as symbol]: live } }
    })
    const text = view.text().replace(/\s+/g, ' ')
    expect(text).toContain('3 open complaints here')
    expect(text).toContain('Waiting for an answer')
    expect(view.text()).toContain('1000\u00a0005\u00a0721')
    expect(text).toContain('filed 2 hours ago · 2 people affected · 1000 005 721')
    expect(text).toContain('Somebody was sent · overdue')
    expect(text).toContain('Closed against the evidence')
    await view.findAll('[data-testid="site-complaint"]')[1]!.trigger('click')
    expect(desk.value).toEqual({ kind: 'complaint', area: 'a', id: '2611082217' })
    desk.value = undefined
    found.close()
  })

  it('are nothing where there is none, or what is answered is none', async () => {
    answer = () => new Response('{"type":"not-found"}', { status: 404 })
    const live = createLive({ base: '' })
    const found = new SiteComplaints(live, 'a', 'S-1')
    await found.load()
    expect(found.rows.value).toEqual([])
    const props = { rows: [{ complaint: 5 }], count: 1 }
    const view = mount(SiteComplaintList, { props, global: { provide: { [liveKey as symbol]: live } } })
    expect(view.text()).toBe('')
    found.close()
  })

  it('news of them are told by their site', () => {
    const news = new ComplaintNews()
    news.take({ area: 'a', complaint: 'c-1', site: 'S-1' })
    news.take({ area: 'a', complaint: 'c-2', site: 'S-1' })
    news.take({ area: 'a', complaint: 'c-3' })
    expect([news.ofSite('a', 'S-1'), news.ofSite('a', 'c-1'), news.of('a', 'c-1'), news.count]).toEqual([2, 0, 1, 3])
  })
})

it('each word is there in both languages, with the same places for values', () => {
  const flat = (value: unknown, path = ''): [string, string][] =>
    typeof value === 'string'
      ? [[path, value]]
      : Object.entries(value as object).flatMap(([name, more]) => flat(more, `${path}.${name}`))
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort().join()
  const hindi = new Map(flat(hi))
  for (const [path, text] of flat(en)) {
    expect(places(hindi.get(path) ?? ''), path).toBe(places(text))
    expect(hindi.get(path), path).toMatch(/[\u0900-\u097f]|^\W*$/)
  }
})

describe('a resolve among the steps', () => {
  beforeEach(() => (language.value = 'en'))

  const text = (n: number, action: string, by: string) =>
    JSON.stringify({
      action, area: 'test-east', by, complaint: 'c-1', ...(by === 'citizen' ? { key: 'B'.repeat(87) } : {}), kind: 'action', n,
      ...(by === 'citizen' ? {} : { note: 'done' }), prev: 'a'.repeat(64), received: 1_700_000_000_000 + n, sig: 'A'.repeat(86), site: 'T-1', ts: 1
    })
  const shown = (state: string, more: Record<string, unknown>, next: string[] = []) => {
    const resolve = { n: 2, leaf: 'ab', entry: text(2, 'resolve', 'officer-1'), ...more }
    const after = next.map((action, at) => ({ n: at + 3, leaf: 'ab', entry: text(at + 3, action, 'officer-1'), ...more }))
    const row = {
      area: 'test-east', complaint: 'c-1', category: 'x', state, filed_at: 1, changed_at: 1, n: 2, people: 1, confirmed: 0,
      chain: [resolve, ...after]
    }
    const props = { steps: stepsOf(complaintAnswer(row), ''), checked: undefined }
    return mount(ComplaintSteps, { props, global: { provide: { [liveKey as symbol]: createLive() } } }).findAll('li')
  }

  it.each([
    ['resolved', { evidence: 'contradicted' }, 'against', 'Against the evidence: the device at the site said that there was no power.'],
    ['assigned', { evidence: 'contradicted' }, 'against', 'Against the evidence: the device'],
    ['withdrawn', { evidence: 'contradicted' }, 'against', 'Against the evidence: the device'],
    ['resolved', { evidence: 'supported', later: 'pending' }, 'supported', 'The devices at the site said the same.'],
    ['confirmed', { evidence: 'supported', later: 'held' }, 'supported', 'said the same. The power stayed.'],
    ['open', { evidence: 'supported', later: 'fell-again' }, 'against', 'Against the evidence: the power went again'],
    ['resolved', { evidence: 'unsupported' }, 'unsupported', 'No device could tell']
  ])('says what the devices said of it, whatever became of it (%s, %j)', (state, more, evidence, words) => {
    const [step] = shown(state, more)
    expect(step!.attributes('data-evidence')).toBe(evidence)
    expect(step!.text()).toContain(words)
    expect(step!.find('.complaint-against').exists()).toBe(evidence === 'against')
  })

  it('of which the devices were not asked, or what is none, says nothing of them', () => {
    for (const more of [{}, { evidence: 'toString' }])
      expect(shown('resolved', more)[0]!.text()).not.toMatch(/device|native/)
    expect(shown('assigned', { evidence: 'contradicted' }, ['acknowledge'])[1]!.attributes('data-evidence')).toBeUndefined()
  })
})

describe('what officials wrote', () => {
  beforeEach(() => (language.value = 'en'))

  it('is text, whatever it is', async () => {
    const daemon = await ComplaintDaemon.make()
    const note = '<img src=x onerror=alert(1)> \u202eeltit'
    const step = { n: 1, action: 'acknowledge', by: 'officer-1', leaf: 'ab', name: 'Office', entry: '' }
    const text = JSON.stringify({
      action: 'acknowledge', area: 'test-east', by: 'officer-1', complaint: 'c-1', kind: 'action', n: 2, note,
      prev: 'a'.repeat(64), received: daemon.now, sig: 'A'.repeat(86), site: 'T-1', ts: 1
    })
    const row = {
      area: 'test-east', complaint: 'c-1', category: 'x', state: 'open', filed_at: 1, changed_at: 1, n: 1, people: 1, confirmed: 0,
      chain: [{ ...step, entry: text }]
    }
    const steps = stepsOf(complaintAnswer(row), '')
    const live = createLive()
    const wrapper = mount(ComplaintSteps, { props: { steps, checked: undefined }, global: { provide: { [liveKey as symbol]: live } } })
    expect(wrapper.find('img').exists()).toBe(false)
    expect(wrapper.find('.story-note bdi').text()).toContain('<img src=x')
    expect(wrapper.find('strong + bdi').text()).not.toBe('')
    expect(wrapper.text()).toContain('not checked yet')
  })
})
