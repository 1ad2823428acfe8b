// SPDX-License-Identifier: Apache-2.0
// The page on slow lines and small screens, and with other colours and spacing: what is seen, not how fast.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { after, before, test } from 'node:test'

import { axeFindings, by, daemonUrl, desktop, launch, openPage, phone, until } from './pt-browser.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const patience = 120000
const live = page => until('the page is live', async () => (await by(page, 'connection').getAttribute('data-state')) === 'live', patience)

async function closing (page, check) {
  try {
    await check(page)
  } finally {
    await page.context().close()
  }
}

const blank = options => openPage(browser, { size: phone, waits: true, ...options })
const script = /\/assets\/(main|MapView)-/

test('how many are off is there before the page is, in both languages', async () => {
  for (const [locale, words] of [['en-GB', /^\d+ sites? without power\s+of \d+ sites · the map is coming/], ['hi-IN', /बिना बिजली\s+\d+ स्थलों में से · नक़्शा आ रहा है/]]) {
    await closing(await blank({ locale }), async page => {
      await page.route(script, () => {})
      await page.goto(daemonUrl, { waitUntil: 'commit' })
      await page.locator('#first-counts:not([hidden])').waitFor({ timeout: patience })
      assert.match((await page.locator('#first-counts').innerText()).trim(), words)
      assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2))
      assert.deepEqual(await axeFindings(page), [])
      assert.deepEqual(page.seen.errors, [])
    })
  }
})

test('a visit loads nothing that only Hindi, complaints or a whole record file need', async () => {
  const later = JSON.parse(fs.readFileSync(new URL('page-later.json', import.meta.url), 'utf8'))
  const assets = page => page.seen.requests.flatMap(url => /\/assets\/([^/]+)$/.exec(url)?.[1] ?? [])
  const isLater = name => later.some(start => name.startsWith(start))
  await closing(await blank(), async page => {
    await page.goto(daemonUrl)
    await live(page)
    await until('what checks has come', () => assets(page).some(name => name.startsWith('steps-')))
    await until('all has come', () => page.seen.open.size === 0)
    assert.deepEqual(assets(page).filter(isLater), [])
    // Who reaches for the button gets the words.
    await page.locator('[data-testid="language"]').focus()
    await until('Hindi has come', () => assets(page).some(name => name.startsWith('hi-')))
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  })
  await closing(await blank({ locale: 'en-IN' }), async page => {
    await page.addInitScript(() => Object.defineProperty(navigator, 'languages', { value: ['en-IN', 'hi-IN'] }))
    await page.goto(daemonUrl)
    await until('who reads both has both', () => assets(page).some(name => name.startsWith('hi-')))
  })
})

test('without JavaScript it says what it needs', async () => {
  await closing(await blank({ javaScriptEnabled: false }), async page => {
    await page.goto(daemonUrl)
    assert.match(await page.locator('main').innerText(), /needs JavaScript[^]*JavaScript चाहिए/)
    assert.ok(!await page.locator('#first-counts').isVisible())
  })
})

test('a slow line and a slow processor: number, map, list, each as it comes', async () => {
  await closing(await blank(), async page => {
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Network.enable')
    await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50000, uploadThroughput: 50000 })
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await page.goto(daemonUrl, { waitUntil: 'commit' })
    await page.locator('.counts:not([hidden]) .counts-number').waitFor({ timeout: patience })
    await live(page)
    const asked = page.seen.requests.filter(url => /\/tiles\/(light|dark)\/\d/.test(url)).map(url => Number(/\/tiles\/\w+\/(\d+)\//.exec(url)[1]))
    assert.ok(asked.every(zoom => zoom > 4), `the map is asked for once, where the sites are: ${asked}`)
    assert.ok(page.seen.requests.some(url => url.endsWith('/sites?format=columns')))
    await until('all sites are drawn', async () => Number(await page.locator('canvas[data-seen]').getAttribute('data-seen')) >= 40, patience)
    await by(page, 'view-list').click()
    await by(page, 'outage-row').first().waitFor({ timeout: patience })
    assert.deepEqual(page.seen.errors, [])
  })
})

// WCAG 2.2, 1.4.12
const spacing = '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }'
const cards = ['.header', '.search', '.counts', '.map-zoom', '.near', '.legend']

/** What is seen of each card, in px of the whole page: {name: {left, top, right, bottom}}. */
const places = page => page.evaluate(names => Object.fromEntries(names.map(name => {
  const { left, top, right, bottom } = document.querySelector(name).getBoundingClientRect()
  return [name, { left, top: top + scrollY, right, bottom: bottom + scrollY }]
})), [...cards, '.map-box'])

const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5

/** Nothing is narrower than it is written, nothing covers another, and all of it can be reached. */
async function assertApart (page, name) {
  const found = await places(page)
  for (const [index, card] of cards.entries()) {
    const { left, top, right, bottom } = found[card]
    assert.ok(right - left > 20 && bottom - top > 20, `${name}: ${card} is seen`)
    assert.ok(left >= 0 && top >= 0, `${name}: ${card} begins in the page`)
    for (const other of cards.slice(index + 1)) assert.ok(!meet(found[card], found[other]), `${name}: ${card} and ${other} lie on each other`)
  }
  const { wide, high, page: size } = await page.evaluate(() => ({ wide: innerWidth, high: innerHeight, page: { wide: document.documentElement.scrollWidth, high: document.documentElement.scrollHeight } }))
  assert.equal(size.wide, wide, `${name}: nothing is beside the window`)
  for (const card of cards) assert.ok(found[card].bottom <= Math.max(high, size.high) + 0.5, `${name}: ${card} ends in the page`)
}

/** Where the sites are on the page, by what its address says of the map. */
async function sitesOn (page) {
  const { '.map-box': box } = await places(page)
  const [zoom, lat, lon] = /map=([^&]*)/.exec(page.url())[1].split('/').map(Number)
  const world = 256 * 2 ** zoom
  const x = degrees => (degrees + 180) / 360 * world
  const y = degrees => (1 - Math.asinh(Math.tan(degrees * Math.PI / 180)) / Math.PI) / 2 * world
  const rows = (await (await fetch(`${daemonUrl}/api/v1/sites?format=ndjson`)).text()).trim().split('\n').map(line => JSON.parse(line))
  return { box, sites: rows.map(row => ({ site: row.site, x: (box.left + box.right) / 2 + x(row.lon / 1e7) - x(lon), y: (box.top + box.bottom) / 2 + y(row.lat / 1e7) - y(lat) })) }
}

const windows = { 320: [320, 640], 360: [360, 740], 768: [768, 1024], 1280: [1280, 800], 1920: [1920, 1080], '400 %': [320, 256], 'a phone on its side': [740, 360], 'low and wide': [900, 420] }
for (const [name, [width, height]] of Object.entries(windows)) {
  test(`${name}: no card lies on another, and no site under one at first`, async () => {
    for (const locale of ['en-GB', 'hi-IN']) {
      await closing(await openPage(browser, { size: { width, height }, locale, bypassCSP: true }), async page => {
        await live(page)
        await assertApart(page, locale)
        await until('the view is told', () => /map=/.test(page.url()), patience)
        const { box, sites } = await sitesOn(page)
        const over = Object.entries(await places(page)).filter(([card]) => card !== '.map-box')
        for (const { site, x, y } of sites) {
          assert.ok(x > box.left && x < box.right && y > box.top && y < box.bottom, `${locale}: ${site} is on the map`)
          for (const [card, place] of over) assert.ok(!meet(place, { left: x - 10, right: x + 10, top: y - 10, bottom: y + 10 }), `${locale}: ${site} is under ${card}`)
        }
        await page.addStyleTag({ content: spacing })
        await assertApart(page, `${locale}, wide spacing`)
        assert.deepEqual(page.seen.errors, [])
      })
    }
  })
}

test('400 %: list, site and check are reached with the keyboard alone', async () => {
  await closing(await openPage(browser, { size: { width: 320, height: 256 } }), async page => {
    await live(page)
    const at = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '')
    const go = async (wanted, most = 80) => {
      for (let steps = 0; await at() !== wanted; steps++) {
        assert.ok(steps < most, `${wanted} is reached with Tab`)
        await page.keyboard.press('Tab')
      }
      const box = await page.evaluate(() => { const { top, bottom } = document.activeElement.getBoundingClientRect(); return { top, bottom } })
      assert.ok(box.bottom > 0 && box.top < 256, `${wanted} is seen: ${JSON.stringify(box)}`)
    }
    await go('view-list')
    await page.keyboard.press('Enter')
    await go('outage-row')
    await page.keyboard.press('Enter')
    await by(page, 'site-sheet').waitFor({ timeout: patience })
    await until('there is something to check', async () => await by(page, 'check-button').count() > 0, patience)
    await go('check-button')
    await page.keyboard.press('Enter')
    await by(page, 'check-verdict').waitFor({ timeout: patience })
    assert.deepEqual(await axeFindings(page), [])
  })
})

test('forced colours: what has a meaning keeps its colour, and cards have an edge', async () => {
  await closing(await openPage(browser, { size: desktop, forcedColors: 'active' }), async page => {
    await live(page)
    const edge = name => page.evaluate(one => getComputedStyle(document.querySelector(one)).borderTopWidth, name)
    for (const card of ['.counts', '.legend', '.near']) assert.equal(await edge(card), '1px', card)
    await by(page, 'outage-row').first().click()
    await page.locator('.history-legend').waitFor({ timeout: patience })
    const colours = await page.locator('.history-legend i').evaluateAll(keys => keys.map(key => getComputedStyle(key).backgroundColor))
    assert.ok(colours.length >= 2 && new Set(colours).size === colours.length, colours.join(' '))
  })
})
