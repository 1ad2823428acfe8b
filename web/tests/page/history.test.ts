// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import HistoryBar from '../../src/components/HistoryBar.vue'
import { language } from '../../src/i18n'
import { firstDay, midnight } from '../../src/store/history'
import { createLive, type Live, liveKey } from '../../src/store/live'
import { SiteDetail } from '../../src/store/site-detail'
import { comes, patience } from '../patience'
import { Daemon, row, status } from './scripted-daemon'

const base = 'https://one.example'
const hour = 3_600_000
const now = midnight(Date.UTC(2026, 1, 10, 12)) + 12 * hour
let daemon: Daemon
let live: Live

const json = (value: unknown, type: string) =>
  new Response(JSON.stringify(value), { headers: { 'Content-Type': type } })

const report = (seq: number, ts: number) => ({
  device: 'd',
  seq,
  ts,
  received: ts,
  time: ts,
  power: 'ON',
  batch: null,
  state: 'open',
  waits_for: null
})

beforeEach(async () => {
  language.value = 'en'
  daemon = new Daemon()
  daemon.clockTime = now
  const reports = Array.from({ length: 50 }, (_, i) => report(50 - i, now - i * hour))
  Object.assign(daemon.answers, {
    '/api/v1/status': () => json({ ...status, now }, 'application/json'),
    '/api/v1/sites?format=ndjson': () =>
      daemon.ndjson(`${JSON.stringify({ ...row('on'), last_report: now })}\n`),
    '/api/v1/sites/s/reports?area=a&limit=50': () => json({ reports }, 'application/json'),
    [`/api/v1/outages?site=s&area=a&from=${firstDay(now)}&limit=1000`]: () =>
      json({ outages: [], next: null }, 'application/json')
  })
  vi.stubGlobal('fetch', (address: string) => daemon.fetch(address.slice(base.length)))
  live = createLive({ base, silence: patience, firstWait: 20, lastWait: 40 })
  live.start()
  await comes(() => expect(live.state.value).toBe('live'))
})

afterEach(() => {
  live.stop()
  vi.unstubAllGlobals()
})

async function wordsFor(properties: object): Promise<string> {
  daemon.answers['/api/v1/sites/s?area=a'] = () => json({ properties }, 'application/geo+json')
  const detail = new SiteDetail(live, 'a', 's')
  const bar = mount(HistoryBar, {
    props: { detail, number: 0 },
    global: { provide: { [liveKey as symbol]: live } }
  })
  await comes(() => expect(detail.historyState.value).not.toBe('loading'))
  await bar.vm.$nextTick()
  detail.close()
  return bar.text()
}

it('says that nothing is known before the first report, with however many since', async () => {
  const words = await wordsFor({ known_from: midnight(now, 1) })
  expect(words).toContain('no outage reported · 5 days not known')
})

it('says so of a site that never was heard', async () => {
  expect(await wordsFor({ known_from: null })).toContain('6 days 12 h not known')
})

it('says nothing where the daemon does not say it', async () => {
  expect(await wordsFor({})).toContain('could not be loaded')
})
