// SPDX-License-Identifier: Apache-2.0
// The page on slow lines and small screens, and with other colours and spacing: what is seen, not how fast.
import assert from 'node:assert/strict'
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

void desktop
