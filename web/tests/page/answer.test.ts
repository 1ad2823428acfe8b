// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Component, nextTick } from 'vue'
import type { Step } from '../../src/check'
import CheckPanel from '../../src/components/CheckPanel.vue'
import CheckStep from '../../src/components/CheckStep.vue'
import FileCheck from '../../src/components/FileCheck.vue'
import LinkNote from '../../src/components/LinkNote.vue'
import OutageList from '../../src/components/OutageList.vue'
import SiteAnswer from '../../src/components/SiteAnswer.vue'
import SpotList from '../../src/components/SpotList.vue'
import StaleBanner from '../../src/components/StaleBanner.vue'
import { language } from '../../src/i18n'
import { chooseLanguage } from '../../src/i18n/language'
import { type SiteRow, SiteStore } from '../../src/net/feed-sites'
import { spot, unread } from '../../src/store/choice'
import { createLive, type Live, liveKey } from '../../src/store/live'
import { aroundWords, near } from '../../src/store/near'

const now = new Date(2024, 1, 5, 17, 50).getTime()
const since = new Date(2024, 1, 5, 10, 31).getTime()

let live: Live

/** A component as it shows @live. */
function shown(component: Component, props: Record<string, unknown> = {}): VueWrapper {
  return mount(component, { props, global: { provide: { [liveKey as symbol]: live } } })
}

function answer(more: Partial<SiteRow>, heard = 0): string {
  const store = new SiteStore()
  const number = store.put({
    area: 'a',
    site: 's',
    lat: 0,
    lon: 0,
    level: 'transformer',
    customers: 137,
    state: 'on',
    ...more
  })
  live.lists.value = { ...live.lists.value, sites: store }
  return shown(SiteAnswer, { number, heard }).text().replace(/\s+/g, ' ')
}

const row = (id: string, place?: string): SiteRow => ({
  area: 'a',
  site: id,
  lat: 0,
  lon: 0,
  level: 'transformer',
  customers: 0,
  state: 'off',
  ...(place === undefined ? {} : { place })
})

beforeEach(() => {
  live = createLive()
  live.clock.set(now, 1)
  live.state.value = 'live'
  language.value = 'en'
})

describe('the answer', () => {
  it('off says since when, how long and how many homes', () => {
    const text = answer({ state: 'off', since, last_report: now - 60_000 })
    expect(text).toContain('No power at this transformer')
    expect(text).toContain('since 10:31 (7 h 19 min) · 137 homes')
    expect(text).toContain('No estimate was given')
  })

  it('says when the device was heard last, by its row or by a later report', () => {
    const row: Partial<SiteRow> = { state: 'off', since, last_report: since }
    expect(answer(row)).toContain('last heard 10:31')
    expect(answer(row, since + 29 * 60_000)).toContain('last heard 11:00')
    expect(answer(row, since - 60_000)).toContain('last heard 10:31')
  })

  it.each([
    ['house', 'No power at this house'],
    ['cluster', 'No power in this street cluster']
  ] as const)('of a %s is not said of where the reader is', (level, words) => {
    expect(answer({ state: 'off', since, level })).toContain(words)
  })

  it('on', () => {
    expect(answer({ since })).toContain('Power is on')
    expect(answer({ since })).not.toContain('estimate')
  })

  it('silent is not off', () => {
    const text = answer({ state: 'silent', since, last_report: since })
    expect(text).toContain('We have not heard from this device since 10:31, so we cannot say.')
    expect(text).not.toContain('No power')
  })

  it('silent says what was heard last', () => {
    live.lists.value.outages.apply({
      area: 'a',
      device: 'd',
      site: 's',
      start: since,
      start_seq: 1,
      end: null,
      end_seq: null,
      ended_by: null,
      customers: 1
    })
    expect(answer({ state: 'silent', last_report: since })).toContain(
      'The last we heard was that there was no power, since 10:31.'
    )
  })

  it('unknown', () => expect(answer({ state: 'unknown' })).toContain('never heard'))

  it('old data is said to be old', () => {
    live.state.value = 'stale'
    expect(answer({ since })).toContain('when we last heard from the server')
  })
})

describe('near the reader', () => {
  const found = (apart: number, accuracy = 20, around: readonly number[] = [0]): void => {
    near.value = { site: { area: 'a', id: 's' }, apart, accuracy, around }
  }
  afterEach(() => (near.value = undefined))

  it('what a device says that is some way off is not said of here', () => {
    found(550)
    const text = answer({ state: 'off', since, level: 'house' })
    expect(text).toContain('Nearest device, 550 m away: no power')
    expect(text).toContain('Your place stays in your browser.')
    expect(text).not.toMatch(/here/)
    expect(answer({ state: 'silent', since })).toContain('550 m away: we cannot say')
  })

  it('"here" is only what is closer than 50 m, and known to be', () => {
    found(50)
    expect(answer({ state: 'off', since })).toContain('No power here')
    found(60)
    expect(answer({ state: 'off', since })).toContain('Nearest device, 60 m away')
    found(50, 2000)
    const text = answer({ state: 'off', since })
    expect(text).toContain('Nearest device, 50 m away')
    expect(text).toContain('only to within 2 km')
  })

  it('another site that is chosen has nothing to do with it', () => {
    near.value = { site: { area: 'a', id: 'other' }, apart: 10, accuracy: 10, around: [0] }
    expect(answer({ state: 'off', since })).toContain('No power at this transformer')
  })

  it('is said first how it is around', () => {
    const store = new SiteStore()
    const put = (id: string, state: SiteRow['state']) =>
      store.put({ ...row(id), state, level: 'house' })
    const numbers = ['off', 'off', 'on', 'silent'].map((state, id) =>
      put(String(id), state as SiteRow['state'])
    )
    expect(aroundWords(store, numbers)).toBe(
      '2 of 4 sites within 1 km are off · 1 not heard from, so not known'
    )
    expect(aroundWords(store, numbers.slice(1, 3))).toBe('1 of 2 sites within 1 km is off')
    expect(aroundWords(store, [numbers[2]!, numbers[2]!])).toContain('none is known to be off')
    expect(aroundWords(store, [numbers[0]!])).toBe('')
    expect(aroundWords(store, [])).toBe('No device is within 1 km of you')
  })
})

describe('what it is near to', () => {
  it("is an outage's heading, with the site and its area beneath", () => {
    const { sites, outages } = live.lists.value
    for (const [id, place] of [['s1', 'Sebastopol'], ['s2']] as const) {
      sites.put({ ...row(id, place), ...(id === 's1' ? { feeder: 'F-7' } : {}) })
      outages.apply({
        area: 'a',
        device: id,
        site: id,
        start_seq: 1,
        start: since,
        end_seq: null,
        end: null,
        ended_by: null,
        customers: 1
      })
    }
    live.loaded.value = true
    const rows = shown(OutageList).findAll('[data-testid="outage-row"]')
    expect(rows.map((found) => found.get('.row-name').text())).toEqual(['Sebastopol', 's2'])
    expect(rows[0]!.text()).toContain('s1 · area a · feeder F-7')
    expect(rows[1]!.text()).not.toContain('feeder')
    expect(rows[1]!.text()).toContain('area a · since 10:31')
  })

  it('is said once of a spot, or of each site where it differs', () => {
    const { sites } = live.lists.value
    spot.value = ['s1', 's2'].map((id) => sites.put(row(id, 'Sebastopol')))
    expect(shown(SpotList).get('h2').text()).toContain('near Sebastopol')
    spot.value = [...spot.value, sites.put(row('s3', 'Graton'))]
    const list = shown(SpotList)
    expect(list.get('h2').text()).not.toContain('near')
    expect(list.text()).toContain('off · near Graton')
    spot.value = []
  })
})

describe('before the answer', () => {
  it('nothing is said of what is asked of whom, but under "How?"', () => {
    live.chain.value = {
      chainId: 1,
      contract: `0x${'0'.repeat(40)}`,
      fromBlock: 0,
      endpoints: ['https://rpc.example/']
    }
    const check = shown(CheckPanel, { run: undefined, ready: true })
    expect(check.text().match(/Check it yourself/g)).toHaveLength(1)
    expect(check.get('details.how').text()).toMatch(/How\?.*blockchain at https:\/\/rpc.example\//)
    check.get('details.how').element.remove()
    expect(check.text()).not.toMatch(/blockchain|rpc/)
    const file = shown(FileCheck)
    expect(file.get('.file-hint').text()).not.toMatch(/blockchain|rpc/)
    expect(file.get('[data-testid="trust"]').text()).toContain('https://rpc.example/')
  })
})

describe('the banner', () => {
  it('says what is going on, and no "0 seconds ago"', async () => {
    live.loaded.value = true
    live.state.value = 'stale'
    live.heardAt.value = performance.now()
    const banner = shown(StaleBanner)
    expect(banner.text()).toContain('Last heard just now; trying again.')
    live.state.value = 'loading'
    await nextTick()
    expect(banner.text()).toContain('answers again')
    expect(banner.text()).not.toContain('Last heard')
  })

  it('says what of a link could not be read', async () => {
    unread.value = ['site=nosuch-1']
    const note = shown(LinkNote)
    expect(note.text()).toContain('could not be read and was left out: site=nosuch-1')
    await note.get('button').trigger('click')
    expect(note.find('[role="alert"]').exists()).toBe(false)
  })
})

describe('a step', () => {
  const step = (more: Partial<Step>): Step => ({
    name: 'file',
    verdict: 'holds',
    reasonCode: '',
    values: {},
    ...more
  })
  const shownStep = (given: Step) => shown(CheckStep, { step: given, kind: 'bundle' })

  it('that holds has its raw values one tap away', () => {
    const view = shownStep(step({ values: { cid: 'bafkreie3f3z7vilund3fgbklfkz7s' } }))
    expect(view.get('summary').text()).toContain('bafkreie3f')
    expect(view.get('dd').text()).toBe('bafkreie3f3z7vilund3fgbklfkz7s')
    expect(view.attributes('data-verdict')).toBe('holds')
  })

  it('that fails says why', () => {
    const view = shownStep(step({ verdict: 'fails', reasonCode: 'cid-differs' }))
    expect(view.text()).toContain('not the one that was sealed')
    expect(view.text()).toContain('tampered')
    expect(view.find('.tick-fails').exists()).toBe(true)
  })

  it('that was not checked has no tick, and its reason', () => {
    const view = shownStep(step({ name: 'chain', verdict: 'unchecked', reasonCode: 'rpc-slow' }))
    expect(view.text()).toContain('Not checked')
    expect(view.text()).toContain('ten seconds')
    expect(view.find('.tick-holds').exists()).toBe(false)
  })

  it('never shows what it was given as HTML', () => {
    const view = shownStep(step({ values: { detail: '<img src=x onerror=alert(1)>' } }))
    expect(view.find('img').exists()).toBe(false)
  })
})

describe('the language', () => {
  it.each([
    ['hi', null, ['en'], 'hi'],
    [undefined, 'hi', ['en'], 'hi'],
    [undefined, null, ['fr', 'hi-IN', 'en'], 'hi'],
    ['fr', 'xx', ['fr'], 'en']
  ] as const)('%s, %s, %j', (addressed, saved, preferred, chosen) =>
    expect(chooseLanguage(addressed, saved, preferred)).toBe(chosen)
  )
})
