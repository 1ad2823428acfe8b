// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import SiteSheet from '../../src/components/SiteSheet.vue'
import { language, setLanguage } from '../../src/i18n'
import { KeyNews } from '../../src/net/feed-keys'
import { chosen } from '../../src/store/choice'
import { createLive, type Live, liveKey } from '../../src/store/live'
import { comes, patience } from '../patience'
import { Daemon } from './scripted-daemon'

const base = 'https://one.example'
let daemon: Daemon
let live: Live
let asked: number

/** What the daemon says of the site's devices from now on. */
function devices(...rows: readonly Readonly<Record<string, unknown>>[]): void {
  const properties = { known_from: 1, devices: rows }
  daemon.answers['/api/v1/sites/s?area=a'] = () => {
    asked++
    return new Response(JSON.stringify({ properties }), {
      headers: { 'Content-Type': 'application/geo+json' }
    })
  }
}

const sheet = () =>
  mount(SiteSheet, {
    props: { area: 'a', site: 's' },
    global: { provide: { [liveKey as symbol]: live } }
  })
const told = (view: ReturnType<typeof sheet>) => view.findAll('[data-testid=copied-key]')

beforeEach(async () => {
  language.value = 'en'
  asked = 0
  chosen.value = { area: 'a', id: 's' }
  daemon = new Daemon()
  vi.stubGlobal('fetch', (address: string) => daemon.fetch(address.slice(base.length)))
  live = createLive({ base, silence: patience, firstWait: 20, lastWait: 40 })
  live.start()
  await comes(() => expect(live.state.value).toBe('live'))
})

afterEach(() => {
  live.stop()
  chosen.value = undefined
  vi.unstubAllGlobals()
})

describe('the sheet of a site', () => {
  it('says whose key is in two hands, and where both reports are', async () => {
    devices({ device: 'd 1', key_copied: true }, { device: 'd2', key_copied: false })
    const view = sheet()
    await comes(() => expect(told(view)).toHaveLength(1))
    expect(told(view)[0]!.text()).toContain('The key of device d 1 is in two hands')
    expect(told(view)[0]!.get('a').attributes()).toMatchObject({
      href: `${base}/api/v1/conflicts?area=a&device=d+1`,
      rel: 'noopener'
    })
    await setLanguage('hi')
    await view.vm.$nextTick()
    expect(told(view)[0]!.text()).toContain('उपकरण d 1 की कुंजी दो हाथों में है')
    view.unmount()
  })

  it('says so when it is heard, until the device has another key', async () => {
    devices({ device: 'd', key_copied: false })
    const view = sheet()
    await comes(() => expect(asked).toBe(1))
    expect(told(view)).toHaveLength(0)
    devices({ device: 'd', key_copied: true })
    daemon.send('key', { area: 'a', device: 'd', copied: true })
    await comes(() => expect(told(view)).toHaveLength(1))
    devices({ device: 'd', key_copied: false })
    daemon.send('key', { area: 'a', device: 'd', copied: false })
    await comes(() => expect(told(view)).toHaveLength(0))
    view.unmount()
  })

  it('says it although the outages cannot be had', async () => {
    devices({ device: 'd', key_copied: true })
    const view = sheet()
    await comes(() => expect(view.text()).toContain('could not be loaded'))
    await comes(() => expect(told(view)).toHaveLength(1))
    view.unmount()
  })
})

describe('news of keys', () => {
  it('are counted by area', () => {
    const news = new KeyNews()
    for (const area of ['a', 'b', 'a']) news.take({ area, device: 'd', copied: true })
    expect([news.of('a'), news.of('b'), news.of('c'), news.size]).toEqual([2, 1, 0, 2])
  })

  it('that are none are refused', () => {
    const good = { area: 'a', device: 'd', copied: true }
    for (const bad of [null, { ...good, area: 'A b' }, { ...good, device: '' }, { ...good, copied: 1 }])
      expect(() => new KeyNews().take(bad)).toThrow()
  })
})
