// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'

import './windows.test.mjs'
import { area, axeFindings, by, checkSteps, daemonUrl, desktop, folder, launch, liarUrl, openPage, openSite, phone, rpcUrl, until, wish } from './pt-browser.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const sizes = { phone, desktop }
const names = ['form', 'signature', 'registration', 'authority', 'inclusion', 'file', 'frontier', 'chain']
const row = (page, site) => by(page, 'outage-row', `[data-site="${site}"]`)
/** Waits for an outage's row; where fingers are what a page is used with it waits to be asked for. */
const appears = (page, site) => until(`${site} is listed`, async () => {
  if (await row(page, site).count() > 0) return true
  await by(page, 'outages-new').click({ timeout: 200 }).catch(() => {})
  return false
}, 60000)
const live = page => until('the page is live', async () => (await by(page, 'connection').getAttribute('data-state')) === 'live')

async function opened (options) {
  const page = await openPage(browser, options)
  await live(page)
  return page
}

async function closing (page, check) {
  try {
    await check(page)
  } finally {
    await page.context().close()
  }
}

for (const [name, size] of Object.entries(sizes)) {
  test(`${name}: an outage appears, is chosen, checked and its proof saved`, async () => {
    await closing(await opened({ size }), async page => {
      const device = name === 'phone' ? 'tx-001' : 'tx-002'
      if (name === 'phone') await by(page, 'view-list').click()
      const said = await wish('say', { device, power: 'OFF' })
      const told = Date.now()
      await appears(page, said.site)
      console.log(`# it is there after ${Date.now() - told} ms`)
      await row(page, said.site).click()
      await by(page, 'site-sheet').waitFor()
      assert.equal(await by(page, 'site-state').getAttribute('data-state'), 'off')
      assert.deepEqual(page.seen.foreign, [], 'nobody else is asked before a check')
      await wish('anchored', { device, seq: said.seq })
      await until('the report is there', async () => await by(page, 'report-row').count() > 0)
      await until('the days before it was heard are not known', async () => /\d days.* not known/.test(await by(page, 'history').innerText()))
      await until('all steps hold', async () => {
        const steps = await checkSteps(page)
        return names.every(step => steps[step] === 'holds') && steps.verdict === 'holds'
      })
      assert.ok(page.seen.foreign.length > 0 && page.seen.foreign.every(url => url.startsWith(rpcUrl)), `only the chain's endpoint was asked: ${page.seen.foreign}`)
      const [download] = await Promise.all([page.waitForEvent('download'), by(page, 'save-proof').first().click()])
      assert.equal(download.suggestedFilename(), `${device}-${said.seq}.powertrack-proof.json`)
      const file = path.join(folder, `saved-${name}.json`)
      await download.saveAs(file)
      assert.equal(fs.readFileSync(file, 'utf8'), (await wish('bundle', { device, seq: said.seq })).text)
      await wish('verify', { path: file })
      assert.deepEqual(page.seen.errors, [])
    })
  })

  test(`${name}: nothing serious for axe on the list, a site, a check, light and dark`, async () => {
    for (const colorScheme of ['light', 'dark']) {
      await closing(await opened({ size, colorScheme }), async page => {
        assert.deepEqual(await axeFindings(page), [], 'map')
        if (name === 'phone') await by(page, 'view-list').click()
        await row(page, 'S-000').waitFor()
        assert.deepEqual(await axeFindings(page), [], 'list')
        await row(page, 'S-000').click()
        await by(page, 'site-sheet').waitFor()
        await until('the reports are there', async () => await by(page, 'report-row').count() > 0)
        await checkSteps(page)
        assert.deepEqual(await axeFindings(page), [], 'a checked site')
      })
    }
  })

  test(`${name}: the page fits its window`, async () => {
    await closing(await opened({ size, hash: '' }), async page => {
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.equal(await wide(), 0)
      if (name === 'phone') await by(page, 'view-list').click()
      const small = await page.locator('summary:visible').evaluateAll(all =>
        all.filter(one => one.getBoundingClientRect().height < 44).map(one => one.textContent))
      assert.deepEqual(small, [], 'a finger hits what is opened')
      await row(page, 'S-000').click()
      await checkSteps(page)
      assert.equal(await wide(), 0)
    })
  })
}

test('a keyboard is enough', async () => {
  await closing(await opened(), async page => {
    await row(page, 'S-000').waitFor()
    const testid = () => page.evaluate(() => document.activeElement?.closest('[data-testid]')?.getAttribute('data-testid') ?? '')
    let steps = 0
    while (await testid() !== 'outage-row' && ++steps < 60) await page.keyboard.press('Tab')
    assert.equal(await testid(), 'outage-row', 'the list is reached with Tab')
    await page.keyboard.press('Enter')
    await by(page, 'site-sheet').waitFor()
    assert.ok(await page.evaluate(() => document.querySelector('[data-testid="site-sheet"]').contains(document.activeElement)), 'the focus is in the sheet')
    await page.keyboard.press('Escape')
    await by(page, 'site-sheet').waitFor({ state: 'detached' })
  })
})

test('Hindi is complete and kept', async () => {
  await closing(await opened(), async page => {
    await by(page, 'language').click()
    await until('the language', async () => (await page.locator('html').getAttribute('lang')) === 'hi')
    assert.match(await by(page, 'counts').innerText(), /[\u0900-\u097f]/)
    await row(page, 'S-000').click()
    await checkSteps(page)
    for (const text of await by(page, 'check-step').allInnerTexts()) assert.match(text, /[\u0900-\u097f]/)
    await page.reload()
    await live(page)
    assert.equal(await page.locator('html').getAttribute('lang'), 'hi')
  })
  await closing(await opened({ locale: 'hi-IN' }), async page => {
    assert.equal(await page.locator('html').getAttribute('lang'), 'hi')
  })
})

test('Hindi that cannot be had is told, and comes by itself', async () => {
  await closing(await opened(), async page => {
    let breaks = 0 // how often the line breaks once more when the server is there again
    await page.route(/\/hi-[^/]*\.js/, route => breaks-- > 0 ? route.abort() : route.continue())
    await wish('daemon', { runs: false })
    try {
      await by(page, 'stale-banner').waitFor()
      await by(page, 'language').click()
      await by(page, 'language-note').waitFor()
      assert.match(await by(page, 'language-note').innerText(), /हिन्दी अभी नहीं मिली/)
      assert.equal(await page.locator('html').getAttribute('lang'), 'en')
      assert.deepEqual(await axeFindings(page), [])
    } finally {
      breaks = 2
      await wish('daemon', { runs: true })
    }
    await until('the language', async () => (await page.locator('html').getAttribute('lang')) === 'hi')
    await by(page, 'language-note').waitFor({ state: 'detached' })
    assert.match(await by(page, 'counts').innerText(), /[\u0900-\u097f]/)
    assert.deepEqual(page.seen.errors, [])
  })
})

async function checkAtLiar (how, device, seq, site) {
  await wish('lie', { how, device, seq })
  const page = await openPage(browser, { url: liarUrl })
  try {
    await live(page)
    await openSite(page, site)
    await until('the report is there', async () => await by(page, 'report-row').count() > 0)
    const steps = await checkSteps(page)
    return { ...steps, words: await by(page, 'check-verdict').innerText() }
  } finally {
    await page.context().close()
    await wish('lie', { how: 'not' })
  }
}

test('a daemon that serves a tampered batch is shown as lying', async () => {
  const steps = await checkAtLiar('flip', 'tx-000', 2, 'S-000')
  assert.equal(steps.file, 'fails')
  assert.equal(steps.verdict, 'fails')
  assert.match(steps.words, /not|does not|refused/i)
})

test('a daemon that changes what the device said is shown as lying', async () => {
  const steps = await checkAtLiar('bundle', 'tx-000', 2, 'S-000')
  assert.equal(steps.signature, 'fails')
  assert.equal(steps.inclusion, 'fails')
  assert.equal(steps.verdict, 'fails')
})

test('a daemon that back-dates and makes everything fit is caught by the chain', async () => {
  const steps = await checkAtLiar('back-date', 'tx-000', 2, 'S-000')
  assert.deepEqual({ signature: steps.signature, inclusion: steps.inclusion, file: steps.file, chain: steps.chain, verdict: steps.verdict },
    { signature: 'holds', inclusion: 'holds', file: 'holds', chain: 'fails', verdict: 'fails' })
})

test('without the batch file or the chain nothing is shown as verified', async () => {
  const withoutFile = await checkAtLiar('no-file', 'tx-000', 2, 'S-000')
  assert.equal(withoutFile.file, 'unchecked')
  assert.equal(withoutFile.verdict, 'unchecked')
  await closing(await opened(), async page => {
    await page.route(`${rpcUrl}/**`, route => route.abort())
    await openSite(page, 'S-000')
    await until('the report is there', async () => await by(page, 'report-row').count() > 0)
    const steps = await checkSteps(page)
    assert.equal(steps.chain, 'unchecked')
    assert.equal(steps.authority, 'unchecked')
    assert.equal(steps.verdict, 'unchecked')
  })
})

test('an endpoint that never answers is given up, in words', async () => {
  await closing(await opened(), async page => {
    await page.route(`${rpcUrl}/**`, () => {})
    await openSite(page, 'S-000')
    await until('the report is there', async () => await by(page, 'report-row').count() > 0)
    const steps = await checkSteps(page)
    assert.equal(steps.chain, 'unchecked')
    assert.notEqual(steps.verdict, 'holds')
  })
})

test('a file: a good proof holds, a tampered one is refused, and rubbish is no proof', async () => {
  await closing(await opened(), async page => {
    const good = (await wish('bundle', { device: 'tx-000', seq: 2 })).text
    const bad = (await wish('bundle', { device: 'tx-000', seq: 2, power: 'ON' })).text
    let given = 0
    const give = async text => {
      const name = `proof-${++given}.json`
      await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
      const dialog = page.getByRole('dialog').filter({ hasText: name })
      await dialog.locator('[data-testid="check-verdict"]:not([data-verdict="running"])').waitFor()
      return by(page, 'check-verdict').getAttribute('data-verdict')
    }
    const asked = page.seen.requests.length
    assert.equal(await give(good), 'holds', 'with the published file from this server nothing is left open')
    assert.equal(await by(page, 'check-step', '[data-name="frontier"]').getAttribute('data-verdict'), 'holds')
    const ours = page.seen.requests.slice(asked).filter(url => /\/(api|ipfs)\//.test(url))
    assert.deepEqual(ours, [`${daemonUrl}/ipfs/${JSON.parse(good).cid}`], 'of the server only the published file is asked')
    assert.equal(await give(bad), 'fails')
    for (const text of ['{"not":"a proof"}', '\u0000\u0001 rubbish']) {
      assert.equal(await give(text), 'no-proof')
      const words = await by(page, 'check-verdict').innerText()
      assert.match(words, /^This is no proof file\./)
      assert.doesNotMatch(words, /refused|believe/i)
      assert.equal(await by(page, 'check-step').count(), 0, 'what could not begin is not listed')
    }
    assert.deepEqual(page.seen.errors, [])
  })
})

test('a good proof file is not ticked before a server that has lost or changed the published file', async () => {
  const good = (await wish('bundle', { device: 'tx-000', seq: 2 })).text
  for (const [how, verdict] of [['no-file', 'unchecked'], ['flip', 'fails']]) {
    await wish('lie', { how })
    const page = await openPage(browser, { url: liarUrl })
    try {
      await live(page)
      await page.locator('input[type=file]').setInputFiles({ name: 'proof.json', mimeType: 'application/json', buffer: Buffer.from(good) })
      await page.locator('dialog [data-testid="check-verdict"]:not([data-verdict="running"])').waitFor()
      assert.equal(await by(page, 'check-verdict').getAttribute('data-verdict'), verdict, how)
      assert.equal(await by(page, 'check-step', '[data-name="file"]').getAttribute('data-verdict'), verdict, how)
    } finally {
      await page.context().close()
      await wish('lie', { how: 'not' })
    }
  }
})

test('a stopped daemon is seen as old data, and it comes back by itself', async () => {
  await closing(await opened(), async page => {
    await wish('daemon', { runs: false })
    try {
      await by(page, 'stale-banner').waitFor()
      assert.equal(await by(page, 'connection').getAttribute('data-state'), 'stale')
      // The legend's signs are as grey as the map's, or they would explain what is not there; words are read as before.
      const looks = await page.locator('.legend .sign, .list .sign').evaluateAll(signs => signs.map(sign => getComputedStyle(sign).filter))
      assert.ok(looks.length > 0 && looks.every(look => look === 'grayscale(0.85)'), looks.join())
      assert.deepEqual(await axeFindings(page), [])
    } finally {
      await wish('daemon', { runs: true })
    }
    await until('live again', async () => (await by(page, 'connection').getAttribute('data-state')) === 'live')
    const said = await wish('say', { device: 'tx-003', power: 'OFF' })
    await row(page, said.site).waitFor()
    assert.deepEqual(page.seen.errors, [])
  })
})

test('bad answers are said in words, and nothing hangs', async () => {
  for (const how of ['html', 'version', 'half-stream', 'no-tiles']) {
    await wish('lie', { how })
    const page = await openPage(browser, { url: liarUrl })
    try {
      const wanted = { html: 'incompatible', version: 'incompatible', 'half-stream': 'stale', 'no-tiles': 'live' }[how]
      await until(`${how} is ${wanted}`, async () => (await by(page, 'connection').getAttribute('data-state')) === wanted)
      if (how === 'no-tiles') await row(page, 'S-000').waitFor()
      assert.deepEqual(page.seen.errors, [], how)
    } finally {
      await page.context().close()
    }
  }
  await wish('lie', { how: 'not' })
})

/** All sites as the daemon has them. */
async function sitesNow () {
  return (await (await fetch(`${daemonUrl}/api/v1/sites?format=ndjson`)).text()).trim().split('\n').map(line => JSON.parse(line))
}

/** What a site is near to; undefined where the daemon has no list of places. */
const placeOf = async site => (await sitesNow()).find(found => found.site === site).place

test('a site is called by what it is near to, in both languages, and is found by it', async context => {
  const place = await placeOf('S-000')
  if (!place) return context.skip('no list of places was built')
  for (const [locale, heading] of [['en-GB', `Near ${place}`], ['hi-IN', `${place} के पास`]]) {
    await closing(await opened({ size: phone, locale }), async page => {
      await by(page, 'view-list').click()
      const words = await row(page, 'S-000').innerText()
      assert.ok(words.startsWith(place) && words.includes('S-000'), words)
      await by(page, 'search').fill(place.toLowerCase())
      await page.locator('.search-results').getByRole('button', { name: heading }).waitFor()
      await by(page, 'search').fill('S-000')
      await by(page, 'search').press('Enter')
      await by(page, 'site-sheet').waitFor()
      const title = await page.getByRole('heading', { level: 2, name: heading }).innerText()
      assert.match(title, /S-000.*test-east/s)
      assert.deepEqual(page.seen.errors, [])
    })
  }
})

const viewOf = page => /map=[^&]*/.exec(page.url())?.[0]

for (const [name, size] of Object.entries(sizes)) {
  test(`${name}: a place is a choice with an answer, on the map and in the address, and Back undoes it`, async context => {
    const place = await placeOf('S-000')
    if (!place) return context.skip('no list of places was built')
    await closing(await opened({ size }), async page => {
      await until('the first view', async () => viewOf(page) !== undefined)
      const before = viewOf(page)
      await by(page, 'search').fill(place.toLowerCase())
      await by(page, 'search').press('Enter')
      await by(page, 'group-sheet').waitFor()
      const there = (await sitesNow()).filter(site => site.place === place)
      const off = there.filter(site => site.state === 'off').length
      assert.ok(off > 0 && off < there.length)
      const answer = by(page, 'group-answer', `[data-all="${there.length}"][data-off="${off}"]`)
      await answer.waitFor({ timeout: 60000 })
      assert.ok((await answer.innerText()).startsWith(`${off} of ${there.length} sites without power`))
      assert.ok(await by(page, 'group-sheet').evaluate(sheet => sheet.contains(document.activeElement)), 'the focus is in the sheet')
      assert.ok(page.url().includes(`place=${encodeURIComponent(place)}`), page.url())
      assert.equal(await page.title(), `${place} – Power Tracker`)
      await page.locator(`canvas[data-mark="${place}"]`).waitFor()
      await until('the map went there', async () => viewOf(page) !== before)
      const rows = by(page, 'group-sheet').locator('[data-testid="outage-row"]')
      assert.equal(await rows.count(), off)
      await by(page, 'group-sheet').locator('[data-testid="outage-row"][data-site="S-000"]').click()
      await by(page, 'site-sheet').waitFor()
      assert.match(await page.title(), /S-000 – Power Tracker$/)
      await page.keyboard.press('Escape')
      await by(page, 'site-sheet').waitFor({ state: 'detached' })
      await until('the focus is where it was', () => page.evaluate(() => document.activeElement?.getAttribute('data-site') === 'S-000'))
      await page.goBack()
      await by(page, 'group-sheet').waitFor({ state: 'detached' })
      await until('the map is where it was', async () => viewOf(page) === before)
      assert.ok(!page.url().includes('place='), page.url())
      assert.equal(await page.locator('canvas[data-mark]').getAttribute('data-mark'), '')
      await page.goForward()
      await by(page, 'group-sheet').waitFor()
      assert.deepEqual(page.seen.errors, [])
    })
    await closing(await opened({ size, locale: 'hi-IN', hash: `#place=${encodeURIComponent(place)}` }), async page => {
      await by(page, 'group-answer').waitFor()
      assert.match(await by(page, 'group-answer').innerText(), /बिना बिजली/)
      assert.ok((await page.title()).startsWith(`${place} – `))
      assert.deepEqual(await axeFindings(page), [])
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0)
    })
  })
}

test('Back closes what was opened, one after the other, and never leaves the page', async () => {
  await closing(await opened({ size: phone }), async page => {
    const listed = () => by(page, 'view-list').getAttribute('aria-pressed').then(pressed => pressed === 'true')
    await by(page, 'view-list').click()
    assert.equal(await page.title(), 'Outages now – Power Tracker')
    await row(page, 'S-000').click()
    await by(page, 'site-sheet').waitFor()
    await page.locator('input[type=file]').setInputFiles({ name: 'junk.txt', mimeType: 'text/plain', buffer: Buffer.from('junk') })
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.goBack()
    await dialog.waitFor({ state: 'hidden' })
    assert.equal(await by(page, 'site-sheet').count(), 1, 'only the file was closed')
    await page.goBack()
    await by(page, 'site-sheet').waitFor({ state: 'detached' })
    assert.ok(await listed(), 'the list is as it was')
    await page.goBack()
    await until('the map', async () => !await listed())
    assert.equal(await page.title(), 'Power Tracker')
    // A sheet that was closed by its button is not come back through.
    await by(page, 'view-list').click()
    await row(page, 'S-000').click()
    await by(page, 'site-sheet').getByRole('button', { name: 'Close' }).click()
    await by(page, 'site-sheet').waitFor({ state: 'detached' })
    await until('the address is the list\'s', async () => /view=list/.test(page.url()) && !/site=/.test(page.url()))
    await page.goBack()
    await until('the map', async () => !await listed())
    // An address that somebody writes is followed, and left with Back.
    await page.evaluate(area => { location.hash = `#area=${area}` }, area)
    await by(page, 'group-answer').waitFor()
    assert.equal(await page.title(), `Area ${area} – Power Tracker`)
    await page.goBack()
    await by(page, 'group-sheet').waitFor({ state: 'detached' })
    assert.deepEqual(page.seen.errors, [])
  })
})

test('near the reader: how far, how it is around, and "here" only within 50 m', async () => {
  const { lat, lon } = (await sitesNow()).find(site => site.site === 'S-000')
  const cases = [
    { north: 0.0002, title: 'No power here' },
    { north: -0.004, title: 'Nearest device, 440 m away: no power' },
    { north: -2, notice: 'No device is near you' }
  ]
  for (const { north, title, notice } of cases) {
    const geolocation = { latitude: lat / 1e7 + north, longitude: lon / 1e7, accuracy: 20 }
    await closing(await opened({ size: phone, geolocation, permissions: ['geolocation'] }), async page => {
      await page.getByRole('button', { name: 'Near me' }).click()
      if (notice) {
        await page.getByText(notice).waitFor()
        assert.equal(await by(page, 'site-sheet').count(), 0)
        return
      }
      await by(page, 'site-state').waitFor()
      const words = await by(page, 'site-state').innerText()
      assert.ok(words.startsWith(title), words)
      assert.match(words, /of \d+ sites within 1 km (is|are) off[^]*stays in your browser/)
      assert.doesNotMatch(page.url(), /near|lat|440/, 'where the reader is is in no link')
      // Whoever is sent the link is elsewhere: nothing is said of "here".
      await closing(await opened({ hash: new URL(page.url()).hash }), async other => {
        await by(other, 'site-state').waitFor()
        assert.match(await by(other, 'site-state').innerText(), /^No power at this transformer/)
        assert.doesNotMatch(await by(other, 'site-sheet').innerText(), /No power here|Nearest device/)
      })
    })
  }
})

test('a link that cannot be read says so, and the rest of it is followed', async () => {
  await closing(await opened({ hash: `#site=nosuch-1&area=${area}` }), async page => {
    await by(page, 'link-note').waitFor()
    assert.match(await by(page, 'link-note').innerText(), /site=nosuch-1/)
    await by(page, 'group-answer').waitFor()
    assert.deepEqual(await axeFindings(page), [])
    await by(page, 'link-note').getByRole('button').click()
    await by(page, 'link-note').waitFor({ state: 'detached' })
  })
})

for (const [name, size] of Object.entries({ ...sizes, narrow: { width: 320, height: 568 } })) {
  test(`${name}: two keys lead to the list and to a proof file, and no word of the header is cut`, async () => {
    for (const locale of ['en-GB', 'hi-IN']) {
      await closing(await opened({ size, locale }), async page => {
        await page.keyboard.press('Tab')
        await page.keyboard.press('Tab')
        await page.keyboard.press('Enter')
        await page.locator('#check-a-file:focus').waitFor()
        const cut = await page.locator('.brand h1, .connection').evaluateAll(all => all.filter(one => getComputedStyle(one).position !== 'absolute' && one.scrollWidth > one.clientWidth).map(one => one.textContent))
        assert.deepEqual(cut, [], locale)
        assert.deepEqual(page.seen.errors, [])
      })
      await closing(await opened({ size, locale }), async page => {
        await page.keyboard.press('Tab')
        await page.keyboard.press('Enter')
        await page.locator('#outages-title:focus').waitFor()
      })
    }
  })
}

test('a list that is read stays where it is; what is new waits, and the own town is on top', async context => {
  await closing(await opened(), async page => {
    await row(page, 'S-000').hover()
    const before = await by(page, 'outage-row').evaluateAll(rows => rows.map(one => one.dataset.site))
    const said = await wish('say', { device: 'tx-004', power: 'OFF' })
    await by(page, 'outages-new').waitFor({ timeout: 60000 })
    assert.deepEqual(await by(page, 'outage-row').evaluateAll(rows => rows.map(one => one.dataset.site)), before, 'nothing moved under the pointer')
    assert.match(await by(page, 'outages-new').innerText(), /^1 new/)
    await by(page, 'outages-new').click()
    assert.equal(await by(page, 'outage-row').first().getAttribute('data-site'), said.site)
    const weight = () => row(page, said.site).locator('.row-time').evaluate(time => getComputedStyle(time).fontWeight)
    assert.equal(await weight(), '400', 'what began less than a minute ago is not urgent')
    await wish('say', { device: 'tx-004', power: 'ON' })
    await row(page, said.site).getByText('power is back').waitFor({ timeout: 60000 })
    const place = await placeOf('S-000')
    if (!place) return context.skip('no list of places was built')
    await by(page, 'order-towns').click()
    await by(page, 'town-row', `[data-name="${place}"]`).click()
    await by(page, 'group-answer').waitFor()
    // Where a site is from its place tells it from the others, if there is a map to say where the place is.
    const { places } = await (await fetch(`${daemonUrl}/tiles/light.json`)).json()
    if (places) await by(page, 'group-sheet').getByText(new RegExp(`\\d k?m (north|south|east|west)[a-z-]* of ${place}`)).first().waitFor({ timeout: 60000 })
    await page.goBack()
    await page.reload()
    await live(page)
    await by(page, 'own-town').getByText(place).waitFor()
    await by(page, 'search').fill('zzzz')
    await page.getByText('Nothing found for “zzzz”.').waitFor()
    assert.deepEqual(await axeFindings(page), [])
    assert.deepEqual(page.seen.errors, [])
  })
})

const namesOn = async page => Number(await by(page, 'map-places').getAttribute('data-names') ?? 0)

/** Waits until every tile of names that was asked for is there, and what is drawn of them stays a while. */
async function placesStay (page) {
  const frames = () => page.evaluate(() => new Promise(resolve => { let left = 10; const next = () => left-- ? requestAnimationFrame(next) : resolve(); next() }))
  await until('no tile is on its way', async () => {
    const asked = page.seen.requests.length
    await frames()
    return page.seen.open.size === 0 && page.seen.requests.length === asked
  })
}

test('names of places are on the map, and nothing is drawn while they are moved', async context => {
  const { places } = await (await fetch(`${daemonUrl}/tiles/light.json`)).json()
  if (!places) return context.skip('no map was built, or its tiles have the names')
  await closing(await opened({ hash: '#map=9/25.6/85.1' }), async page => {
    await until('names', async () => await namesOn(page) > 0)
    assert.deepEqual(page.seen.foreign, [])
    await placesStay(page)
    await page.evaluate(() => {
      globalThis.drawn = 0
      const { strokeText } = CanvasRenderingContext2D.prototype
      CanvasRenderingContext2D.prototype.strokeText = function (...given) {
        globalThis.drawn++
        strokeText.apply(this, given)
      }
    })
    const before = await by(page, 'map-places').boundingBox()
    await page.mouse.move(850, 400)
    await page.mouse.down()
    for (let step = 1; step <= 20; step++) await page.mouse.move(850 - 4 * step, 400 + step)
    await until('they are moved by 80 and 20', async () => {
      const after = await by(page, 'map-places').boundingBox()
      return Math.abs(before.x - after.x - 80) <= 4 && Math.abs(after.y - before.y - 20) <= 4
    })
    assert.equal(await page.evaluate(() => globalThis.drawn), 0, 'they are moved as they are')
    await page.mouse.up()
    await page.mouse.wheel(0, -300)
    await until('names at another zoom', async () => page.seen.requests.some(url => /places\/1[0-2]\//.test(url)) && await namesOn(page) > 0)
    assert.deepEqual(page.seen.errors, [])
  })
})

test('a line joins the sites of a feeder, and is red where most of them are off', async () => {
  const drawn = async page => {
    const grid = by(page, 'map-grid')
    return `${await grid.getAttribute('data-lines')} lines, ${await grid.getAttribute('data-off')} off`
  }
  const feeder = Array.from({ length: 20 }, (_, number) => `tx-${String(number).padStart(3, '0')}`)
  await closing(await opened({ hash: '#map=13/25.6/85.14' }), async page => {
    await until('two lines', async () => await drawn(page) === '2 lines, 0 off')
    await page.locator('.legend').getByText('a feeder that is mostly off').waitFor()
    for (const device of feeder.slice(1, 12)) await wish('say', { device, power: 'OFF' })
    await until('one is red', async () => await drawn(page) === '2 lines, 1 off')
    for (const device of feeder.slice(1, 12)) await wish('say', { device, power: 'ON' })
    await until('none is', async () => await drawn(page) === '2 lines, 0 off')
    assert.deepEqual(page.seen.errors, [])
  })
})

test('names that cannot be had, or that are elsewhere, are none, and nobody is told', async () => {
  for (const how of ['bad-places', 'foreign-places']) {
    await wish('lie', { how })
    const page = await openPage(browser, { url: liarUrl })
    try {
      await live(page)
      await row(page, 'S-000').waitFor()
      await page.waitForTimeout(500)
      assert.equal(await namesOn(page), 0, how)
      assert.deepEqual([page.seen.foreign, page.seen.errors], [[], []], how)
    } finally {
      await page.context().close()
      await wish('lie', { how: 'not' })
    }
  }
})

test('below a path of a proxy, with sites on both sides of the date line', async () => {
  const { url, sites } = await wish('islands')
  const seen = async page => Number(await page.locator('canvas[data-seen]').getAttribute('data-seen') ?? 0)
  for (const hash of ['', '#map=5/-16/180', '#map=5/-16/-180']) {
    await closing(await openPage(browser, { url, hash }), async page => {
      await live(page)
      await until(`all are seen at ${hash || 'the first view'}`, async () => await seen(page) === sites)
      await until('the view is told', async () => /map=/.test(page.url()))
      assert.ok(Math.abs(Number(/map=[^/]+\/[^/]+\/(-?[\d.]+)/.exec(page.url())[1])) > 170, page.url())
      assert.equal(await page.locator('.legend').getByText('feeder').count(), 0, 'where nobody says a feeder nothing explains lines')
      await row(page, 'S-suva').click()
      await by(page, 'site-sheet').waitFor()
      await until('its report is there', async () => await by(page, 'report-row').count() > 0)
      assert.ok(page.seen.requests.length > 5 && page.seen.requests.every(one => one.startsWith(`${url}/`)), `asked elsewhere: ${page.seen.foreign}`)
      assert.deepEqual(page.seen.errors, [])
    })
  }
})

test('10,000 sites that change at once are all counted', async () => {
  await closing(await opened({ size: phone }), async page => {
    await page.evaluate(() => {
      globalThis.longest = 0
      let last = performance.now()
      const tick = () => { const now = performance.now(); globalThis.longest = Math.max(globalThis.longest, now - last); last = now; setTimeout(tick, 0) }
      tick()
    })
    await wish('many', { count: 10000 })
    await until('all are counted', async () => /10[,.]?0\d\d/.test(await by(page, 'counts').innerText()))
    const longest = await page.evaluate(() => globalThis.longest)
    console.log(`# longest pause ${Math.round(longest)} ms`)
    assert.deepEqual(page.seen.errors, [])
  })
})

void desktop
void daemonUrl
void area
