// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import CountsCard from '../../src/components/CountsCard.vue'
import StaleBanner from '../../src/components/StaleBanner.vue'
import { language } from '../../src/i18n'
import { createLive, type Live, liveKey } from '../../src/store/live'
import { SiteDetail } from '../../src/store/site-detail'
import { comes, patience } from '../patience'
import { columns, Daemon, outage, row, sitesPath, status } from './scripted-daemon'

/* Two daemons followed at once know nothing of each other. */

const bases = ['https://one.example', 'https://two.example'] as const
const quick = { silence: patience, firstWait: 20, lastWait: 40 }
let daemons: Daemon[]
let lives: Live[]

const shown = (component: typeof CountsCard | typeof StaleBanner, live: Live) =>
  mount(component, { global: { provide: { [liveKey as symbol]: live } } })
const stateIs = (live: Live | undefined, state: string) =>
  comes(() => expect(live?.state.value).toBe(state))

beforeEach(() => {
  language.value = 'en'
  daemons = bases.map(() => new Daemon())
  vi.stubGlobal('fetch', (address: string) => {
    const number = bases.findIndex((base) => address.startsWith(base))
    return daemons[number]!.fetch(address.slice(bases[number]!.length))
  })
  lives = bases.map((base) => createLive({ base, ...quick }))
})

afterEach(() => {
  for (const live of lives) live.stop()
  vi.unstubAllGlobals()
})

describe('a daemon that was made', () => {
  it('is asked nothing before it is started', async () => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(daemons.map((daemon) => daemon.opened)).toEqual([0, 0])
  })
})

describe('the first picture', () => {
  const waiting = (path: string) => {
    let go = () => {}
    const gone = new Promise<void>((resolve) => (go = resolve))
    const usual = daemons[0]!.answers[path]!
    daemons[0]!.answers[path] = () => gone.then(usual)
    return go
  }
  const many = Array.from({ length: 600 }, (_, number) => ({ ...row('off'), site: `s-${number}` }))

  it('begins with the number that the daemon says of itself', async () => {
    const [live] = lives as [Live]
    const go = waiting(sitesPath)
    daemons[0]!.answers['/api/v1/status'] = () =>
      Response.json({ ...status, sites: 10_790, sites_off: 4159 })
    live.start()
    await comes(() => expect(live.status.value?.off).toBe(4159))
    expect(shown(CountsCard, live).text()).toMatch(
      /^4,159 sites without power\s*of 10,790 sites · .*the map is coming/
    )
    go()
    await stateIs(live, 'live')
    expect(shown(CountsCard, live).text()).not.toContain('coming')
    expect(shown(CountsCard, live).text()).toContain('of 1 ')
  })

  it('is drawn while it comes', async () => {
    const [live] = lives as [Live]
    const go = waiting('/api/v1/outages?open=true&limit=5000')
    daemons[0]!.answers[sitesPath] = () => daemons[0]!.sites(many)
    live.start()
    // To the last of them, while other lists are still on their way.
    await comes(() => expect(live.loading.value).toBe(600))
    expect(live.loaded.value).toBe(false)
    expect(live.lists.value.sites.count).toBe(600)
    await comes(() => expect(live.version.value).toBeGreaterThan(0))
    go()
    await stateIs(live, 'live')
    expect(live.lists.value.sites.count).toBe(600)
  })

  it('of which half came is none', async () => {
    const [live] = lives as [Live]
    daemons[0]!.answers[sitesPath] = () => daemons[0]!.ndjson(`${columns(many)}{`)
    live.start()
    await stateIs(live, 'stale')
    expect(live.lists.value.sites.count).toBe(0)
    expect(live.status.value).toBeUndefined()
  })

  it('stays while the next one comes', async () => {
    const [live] = lives as [Live]
    live.start()
    await stateIs(live, 'live')
    daemons[0]!.answers[sitesPath] = () => daemons[0]!.ndjson(`${columns(many)}{`)
    daemons[0]!.stream?.close()
    await stateIs(live, 'stale')
    expect(live.lists.value.sites.count).toBe(1)
    expect(live.status.value).toBeDefined()
  })
})

describe('two daemons', () => {
  it('each have their sites, their clock and their chain', async () => {
    const chain = { chain_id: 5, contract: `0x${'ab'.repeat(20)}` }
    const second = daemons[1]!
    second.answers['/api/v1/status'] = () => Response.json({ ...status, now: 7_000_000, chain })
    second.answers[sitesPath] = () => second.sites([row('off'), { ...row('off'), site: 't' }])
    second.clockTime = 7_000_000
    for (const live of lives) live.start()
    for (const live of lives) await stateIs(live, 'live')
    const [one, two] = lives as [Live, Live]
    expect([one, two].map(({ lists }) => lists.value.sites.inState)).toEqual([
      [1, 0, 0, 0],
      [0, 2, 0, 0]
    ])
    expect([one, two].map(({ chain: found }) => found.value?.chainId)).toEqual([undefined, 5])
    expect(one.clock.now.value).toBeLessThan(100_000)
    expect(two.clock.now.value).toBeGreaterThanOrEqual(7_000_000)
    expect(shown(CountsCard, one).text()).toContain('of 1 ')
    expect(shown(CountsCard, two).text()).toContain('of 2 ')
  })

  it('hear each its own news', async () => {
    for (const live of lives) live.start()
    for (const live of lives) await stateIs(live, 'live')
    // What is raised for the first picture comes before a frame that is asked for now. How often that
    // was, once or while it came too, is the machine's speed.
    await new Promise(requestAnimationFrame)
    const [one, two] = lives.map(({ version }) => version.value) as [number, number]
    daemons[0]!.send('sites', { sites: [row('off')] })
    daemons[0]!.send('outage-changed', outage(9))
    await comes(() => expect(lives[0]!.lists.value.outages.size).toBe(0))
    expect(lives.map(({ lists }) => lists.value.sites.inState[1])).toEqual([1, 0])
    expect(lives[1]!.lists.value.outages.size).toBe(1)
    await comes(() => expect(lives[0]!.version.value).toBeGreaterThan(one))
    expect(lives[1]!.version.value).toBe(two)
  })

  it('break each by itself, and what was known stays to be seen', async () => {
    for (const live of lives) live.start()
    for (const live of lives) await stateIs(live, 'live')
    daemons[0]!.answers = {}
    daemons[0]!.stream?.close()
    await stateIs(lives[0], 'stale')
    expect(lives[0]!.lists.value.sites.size).toBe(1)
    expect(shown(StaleBanner, lives[0]!).find('[data-testid="stale-banner"]').exists()).toBe(true)
    expect(shown(StaleBanner, lives[1]!).find('[data-testid="stale-banner"]').exists()).toBe(false)
    expect(lives[1]!.state.value).toBe('live')
  })

  it('are asked for the sites they have', async () => {
    const times = { ts: 1, received: 1, time: 1 }
    const open = { batch: null, state: 'open', waits_for: null }
    const reports = [{ device: 'd', seq: 3, power: 'ON', ...times, ...open }]
    const path = '/api/v1/sites/s/reports?area=a&limit=50'
    daemons[1]!.answers[path] = () => Response.json({ reports })
    const details = lives.map((live) => new SiteDetail(live, 'a', 's'))
    await comes(() => expect(details[1]!.reportsState.value).toBe('there'))
    expect(details.map((detail) => detail.reports.value.length)).toEqual([0, 1])
    expect(details[0]!.reportsState.value).toBe('failed')
    for (const detail of details) detail.close()
  })
})
