// SPDX-License-Identifier: Apache-2.0
// Complaints as a person with a phone has them. tests/integration/test-page-complaints.py sets up what is behind the page.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import zlib from 'node:zlib'

import { area, axeFindings, by, daemonUrl, folder, launch, liarUrl, openPage, phone, until, wish } from './pt-browser.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const small = { width: 320, height: 568 }
const live = page => until('the page is live', async () => (await by(page, 'connection').getAttribute('data-state')) === 'live')
const sheet = page => by(page, 'complaint-sheet')
const steps = (page, count) => by(page, 'complaint-sheet', `[data-steps="${count}"]`).waitFor()
const verdictOf = page => until('a verdict', async () => {
  const verdict = await by(page, 'complaint-verdict').getAttribute('data-verdict')
  return verdict !== 'running' && verdict
})

async function opened (options) {
  const page = await openPage(browser, { size: phone, ...options })
  await live(page)
  return page
}

async function closing (page, check) {
  try {
    await check(page)
    assert.deepEqual(page.seen.errors, [])
  } finally {
    await page.context().close()
  }
}

/** A grey PNG with a text chunk that says where it was taken. */
function picture () {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const size = Buffer.alloc(4)
    size.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc(body))
    return Buffer.concat([size, body, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(64, 0)
  head.writeUInt32BE(48, 4)
  head.set([8, 0, 0, 0, 0], 8)
  const rows = Buffer.concat(Array.from({ length: 48 }, (_, y) => Buffer.from([0, ...Array(64).fill(4 * y)])))
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('tEXt', Buffer.from('Location\0 25.59,85.13')),
    chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function crc (data) {
  let sum = ~0
  for (const byte of data) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return ~sum >>> 0
}

/** Opens the form for a site, as its address does. */
async function form (page, site) {
  await page.goto(`${page.url().replace(/#.*$/, '')}#report=${area}/${site}`)
  await by(page, 'report-sheet').waitFor()
  await by(page, 'kind').first().waitFor({ state: 'attached' })
}

/** Files one; its number. */
async function file (page, site, text = 'all dark') {
  await form(page, site)
  await by(page, 'report-text').fill(text)
  await by(page, 'report-send').click()
  await by(page, 'number').waitFor()
  return by(page, 'number').getAttribute('data-id')
}

async function check (page) {
  await by(page, 'complaint-check').click()
  const verdict = await verdictOf(page)
  const found = await by(page, 'complaint-check-step').evaluateAll(nodes => nodes.map(node => [node.dataset.name, node.dataset.verdict]))
  return { verdict, ...Object.fromEntries(found) }
}

/** What was found when everything of it is on the chain. */
async function checkAnchored (page, id) {
  await wish('anchored', { complaint: id })
  return check(page)
}

test('filed with a photo, followed, opened again, confirmed, checked, and opened on another phone', async () => {
  await closing(await opened(), async page => {
    await by(page, 'view-list').click()
    await until('S-1 is listed', async () => await by(page, 'outage-row', '[data-site="S-1"]').count() > 0)
    await page.locator('li', { has: by(page, 'outage-row', '[data-site="S-1"]') }).locator('[data-testid="report-row"]').click()
    await by(page, 'known').waitFor()
    assert.match(await by(page, 'known').innerText(), /We know: no power here since \d\d:\d\d/)
    await by(page, 'report-text').fill('Transformer near the school sparked.')
    await by(page, 'photo-input').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: picture() })
    await by(page, 'photo').waitFor()
    let sent
    await page.route('**/api/v1/complaints', async route => {
      sent = route.request().postDataBuffer()
      await route.continue()
    })
    await by(page, 'report-send').click()
    await by(page, 'number').waitFor()
    assert.ok(sent.includes('image/jpeg') && !sent.includes('Location') && !sent.includes('25.59'), 'the photo was made anew')
    const id = await by(page, 'number').getAttribute('data-id')
    assert.match(await by(page, 'number').innerText(), /^\d{4} \d{3} \d{3}$/)
    assert.ok(page.url().includes(`#complaint=${area}/${id}`))
    const [download] = await Promise.all([page.waitForEvent('download'), by(page, 'receipt-save').click()])
    assert.equal(download.suggestedFilename(), `complaint-${id}.powertrack-receipt.json`)
    const receipt = path.join(folder, 'receipt.json')
    await download.saveAs(receipt)

    await page.reload()
    await steps(page, 1)
    await wish('act', { complaint: id, action: 'acknowledge', by: 'op-1', note: 'crew called' })
    await steps(page, 2)
    await wish('act', { complaint: id, action: 'resolve', by: 'ae-1', note: 'fuse replaced' })
    await steps(page, 3)
    assert.equal(await by(page, 'complaint-state').getAttribute('data-against'), 'true')
    assert.match(await by(page, 'complaint-state').innerText(), /The device at your site says: no power/)
    await by(page, 'reopen').click()
    await by(page, 'act-text').fill('Still dark.')
    await by(page, 'act-send').click()
    await steps(page, 4)
    const resolve = at => by(page, 'story-step', '[data-action="resolve"]').nth(at)
    assert.match(await resolve(0).innerText(), /Against the evidence/, 'it is told of the step, also when it was opened again')
    await wish('say', { device: 'tx-1', power: 'ON' })
    await wish('act', { complaint: id, action: 'resolve', by: 'ae-2', note: 'line repaired' })
    await steps(page, 5)
    await by(page, 'confirm').click()
    await by(page, 'complaint-state', '[data-state="confirmed"]').waitFor()
    assert.deepEqual([await resolve(0).getAttribute('data-evidence'), await resolve(1).getAttribute('data-evidence')], ['against', 'supported'])
    assert.match(await resolve(1).innerText(), /The devices at the site said the same/)
    const all = { verdict: 'holds', chain: 'holds', own: 'holds', signatures: 'holds', roles: 'holds', places: 'holds', roots: 'holds', receipt: 'holds' }
    assert.deepEqual(await checkAnchored(page, id), all)

    await closing(await opened({ hash: '#view=mine' }), async other => {
      await by(other, 'receipt-input').setInputFiles(receipt)
      await steps(other, 6)
      await by(other, 'comment').click()
      await by(other, 'act-text').fill('From my other phone.')
      await by(other, 'act-send').click()
      await steps(other, 7)
      assert.match(await by(other, 'story-step').last().innerText(), /You said more/)
    })
    await steps(page, 7)
    const { chain } = await wish('about', { complaint: id })
    assert.deepEqual(chain.map(step => step.action), ['file', 'acknowledge', 'resolve', 'reopen', 'resolve', 'confirm', 'comment'])
    assert.equal(new Set(chain.filter(step => step.by === 'citizen').map(step => step.key)).size, 1)
  })
})

test('who is told that it is known joins with one tap, and their key comes over by a picture', async () => {
  let id
  await closing(await opened(), async page => { id = await file(page, 'S-2') })
  await closing(await opened(), async page => {
    await form(page, 'S-2')
    await by(page, 'join').first().click()
    await by(page, 'number').waitFor()
    assert.equal(await by(page, 'number').getAttribute('data-id'), id)
    await steps(page, 2)
    await by(page, 'receipt-key').click()
    const address = await by(page, 'qr').getAttribute('data-text')
    await closing(await opened({ hash: address.slice(address.indexOf('#')) }), async other => {
      await by(other, 'number').waitFor()
      assert.ok(!other.url().includes('key='), 'the key is in no address that is kept')
      await by(other, 'comment').waitFor()
    })
  })
})

test('a daemon that goes in the middle: kept, sent once, also by a page that is opened later', async () => {
  await closing(await opened(), async page => {
    await form(page, 'S-3')
    await by(page, 'report-text').fill('Dark since six.')
    await until('it is kept', async () => (await page.evaluate(() => localStorage.getItem('powertracker.complaints'))) !== null)
    await wish('daemon', { runs: false })
    await by(page, 'report-send').click()
    await by(page, 'sending', '[data-state="waiting"]').first().waitFor()
    await page.close()
    await wish('daemon', { runs: true })
    const again = await page.context().newPage()
    await again.goto(`${daemonUrl}/`)
    await until('it is filed', async () => (await wish('filed', { site: 'S-3' })).complaints.length > 0)
    await until('nothing waits', async () => {
      await again.goto(`${daemonUrl}/#view=mine`)
      await by(again, 'mine-row').first().waitFor()
      return await by(again, 'pending').count() === 0
    })
    assert.equal((await wish('filed', { site: 'S-3' })).complaints.length, 1)
  })
})

test('what is being written is there after a reload', async () => {
  await closing(await opened(), async page => {
    await form(page, 'S-4')
    await by(page, 'report-text').fill('Half a sentence')
    await until('it is kept', async () => (await page.evaluate(() => localStorage.getItem('powertracker.complaints'))) !== null)
    await page.reload()
    await until('it is there', async () => (await by(page, 'report-text').inputValue()) === 'Half a sentence')
  })
})

test('found by its number, and at its site', async () => {
  let id
  await closing(await opened(), async page => { id = await file(page, 'S-5') })
  await closing(await opened(), async page => {
    const spoken = `${id.slice(0, 4)} ${id.slice(4, 7)}-${id.slice(7)}`
    await by(page, 'search').fill(spoken)
    await by(page, 'search-complaint').waitFor()
    await by(page, 'search').press('Enter')
    await steps(page, 1)
    assert.ok(page.url().includes(`#complaint=${area}/${id}`))
    await page.goBack()
    await sheet(page).waitFor({ state: 'detached' })
    await by(page, 'search').fill(id.slice(0, 9) + (Number(id[9]) + 1) % 10)
    await by(page, 'search-none').waitFor()
    assert.match(await by(page, 'search-none').innerText(), /a digit of it is wrong or missing/)
    // A number that nobody has: it is right, and leads nowhere.
    const strange = id === '1234567894' ? '9999999990' : '1234567894'
    await by(page, 'search').fill(strange)
    await by(page, 'search').press('Enter')
    await by(page, 'mine-said').waitFor()
    assert.match(await by(page, 'mine-said').innerText(), /no complaint with this number/)
  })
  await closing(await opened({ hash: `#site=${area}/S-5` }), async page => {
    const row = by(page, 'site-complaint', `[data-id="${id}"]`)
    await row.waitFor()
    assert.match(await by(page, 'site-complaints').innerText(), /open complaints? here[^]*Waiting for an answer[^]*filed/)
    assert.deepEqual(await axeFindings(page), [])
    await wish('act', { complaint: id, action: 'resolve', by: 'ae-1', note: 'done' })
    await until('it is told', async () => (await row.innerText()).includes('Closed against the evidence'))
    await row.click()
    await steps(page, 2)
    await page.goBack()
    await by(page, 'site-sheet').waitFor()
  })
  await closing(await opened({ hash: `#site=${area}/S-9` }), async page => {
    await until('its reports are there', async () => await by(page, 'report-row').count() > 0)
    assert.equal(await by(page, 'site-complaints').count(), 0, 'nothing where there is none')
  })
})

test('a receipt that is brought as a proof file leads to its complaint, and is checked', async () => {
  const kept = path.join(folder, 'kept.json')
  const alone = path.join(folder, 'alone.json')
  let id
  await closing(await opened(), async page => {
    id = await file(page, 'S-6')
    const [download] = await Promise.all([page.waitForEvent('download'), by(page, 'receipt-save').click()])
    await download.saveAs(kept)
  })
  await wish('anchored', { complaint: id })
  fs.writeFileSync(alone, JSON.parse(fs.readFileSync(kept, 'utf8')).receipts[0])
  const bring = (page, name) => page.locator('[data-testid="check-file"] input[type=file]').setInputFiles(name)
  await closing(await opened(), async page => {
    await bring(page, kept)
    await steps(page, 1)
    assert.equal(await verdictOf(page), 'holds')
    assert.equal(await page.locator('dialog[open]').count(), 0)
    await page.goBack()
    await sheet(page).waitFor({ state: 'detached' })
    assert.equal(await by(page, 'mine-sheet').count(), 0, 'Back leads to where it was brought')
    await bring(page, alone)
    const step = by(page, 'receipt-alone').locator('[data-testid="complaint-check-step"]')
    await step.waitFor()
    assert.deepEqual([await step.getAttribute('data-verdict'), await step.getAttribute('data-receipt')], ['holds', 'kept'])
    assert.deepEqual(await axeFindings(page), [])
    fs.writeFileSync(alone, fs.readFileSync(alone, 'utf8').replace(/"by":/, '"by":1'))
    await bring(page, alone)
    await until('it is refused', async () => await step.getAttribute('data-verdict') === 'fails')
    // From within the window of another file, too.
    await by(page, 'desk-close').click()
    await bring(page, { name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{}') })
    await page.locator('dialog[open]').waitFor()
    await bring(page, kept)
    await steps(page, 1)
    assert.equal(await page.locator('dialog[open]').count(), 0)
  })
})

test('its address, opened first, tells of no server that was away', async () => {
  let id
  await closing(await opened(), async page => { id = await file(page, 'S-7') })
  for (const hash of [`#complaint=${area}/${id}`, '#view=mine', `#report=${area}/S-7`]) {
    await closing(await openPage(browser, { size: phone, waits: true }), async page => {
      await page.addInitScript(() => {
        globalThis.told = []
        new MutationObserver(() => {
          const state = document.querySelector('[data-testid="connection"]')?.getAttribute('data-state')
          const banner = document.querySelector('[data-testid="stale-banner"]')?.textContent
          const now = `${state}: ${banner ?? ''}`
          if (globalThis.told.at(-1) !== now) globalThis.told.push(now)
        }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
      })
      await page.goto(`${daemonUrl}/${hash}`)
      await live(page)
      const told = await page.evaluate(() => globalThis.told)
      const again = told.findIndex(text => text.includes('answers again'))
      assert.ok(again < 0 || told.slice(0, again).some(text => text.startsWith('stale')), told.join('; '))
    })
  }
})

test('a keyboard is enough', async () => {
  await closing(await openPage(browser, { hash: `#site=${area}/S-5` }), async page => {
    await by(page, 'site-sheet').waitFor()
    const at = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '')
    const tabTo = async (id, key = 'Tab') => {
      for (let presses = 0; await at() !== id; presses++) {
        assert.ok(presses < 60, `${id} is reached`)
        await page.keyboard.press(key)
      }
    }
    await tabTo('report-here')
    await page.keyboard.press('Enter')
    await by(page, 'report-sheet').waitFor()
    await by(page, 'kind').nth(1).waitFor({ state: 'attached' })
    assert.ok(await page.evaluate(() => document.querySelector('[data-testid="report-sheet"]').contains(document.activeElement)), 'the focus is in the form')
    await tabTo('kind')
    await page.keyboard.press('ArrowDown')
    await tabTo('report-text')
    await page.keyboard.type('Typed.')
    await tabTo('report-send')
    await page.keyboard.press('Enter')
    await by(page, 'number').waitFor()
    const id = await by(page, 'number').getAttribute('data-id')
    assert.equal((await wish('about', { complaint: id })).category, 'voltage')
    await page.keyboard.press('Escape')
    await sheet(page).waitFor({ state: 'detached' })
    await by(page, 'site-sheet').waitFor()
  })
})

test('nothing serious for axe, and it fits, light and dark, in both languages', async () => {
  for (const [colorScheme, locale, size] of [['light', 'en-GB', phone], ['dark', 'hi-IN', small]]) {
    await closing(await opened({ colorScheme, locale, size }), async page => {
      const looksGood = async what => {
        assert.deepEqual(await axeFindings(page), [], what)
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${what} fits`)
        const wide = await page.evaluate(() => [...document.querySelectorAll('.desk')].map(one => one.scrollWidth - one.clientWidth))
        assert.ok(wide.every(more => more <= 0), `${what} fits its sheet: ${wide}`)
      }
      await form(page, 'S-6')
      await looksGood('the form')
      const id = await file(page, 'S-6')
      await steps(page, 1)
      await looksGood('a complaint')
      await wish('act', { complaint: id, action: 'resolve', by: 'ae-1', note: 'x'.repeat(300) })
      await steps(page, 2)
      await check(page)
      await looksGood('a checked one')
      if (locale === 'hi-IN') {
        for (const text of await by(page, 'complaint-check-step').allInnerTexts()) assert.match(text, /[\u0900-\u097f]/)
        for (const text of await by(page, 'story-step').allInnerTexts()) assert.match(text, /[\u0900-\u097f]/)
      }
      await page.goto(`${daemonUrl}/#view=mine`)
      await by(page, 'mine-row').first().waitFor()
      await looksGood('my complaints')
      await page.goto(`${daemonUrl}/#report=here`)
      await by(page, 'where-pin').waitFor()
      await looksGood('where')
    })
  }
})

test('a place on the map is a square of a kilometre', async () => {
  await closing(await opened({ hash: '#report=here&map=15/25.5931/85.1312' }), async page => {
    await by(page, 'where-pin').click()
    await by(page, 'pin-use').click()
    await by(page, 'where-cell').check()
    await by(page, 'kind').first().waitFor({ state: 'attached' })
    await by(page, 'report-text').fill('A pole is down.')
    await by(page, 'report-send').click()
    await by(page, 'number').waitFor()
    const { lat, lon, site } = await wish('about', { complaint: await by(page, 'number').getAttribute('data-id') })
    assert.deepEqual({ lat, lon, site }, { lat: 255900000, lon: 851300000, site: undefined })
  })
})

test('plain http on a local network: it says so, and the service files it', async () => {
  const other = await launch('--host-resolver-rules=MAP lan.test 127.0.0.1')
  try {
    const page = await openPage(other, { size: phone, url: daemonUrl.replace('127.0.0.1', 'lan.test'), hash: `#report=${area}/S-9` })
    await by(page, 'insecure').waitFor()
    await by(page, 'report-text').fill('No key here.')
    await by(page, 'report-send').click()
    await by(page, 'number').waitFor()
    const id = await by(page, 'number').getAttribute('data-id')
    const { by: who, chain } = await wish('about', { complaint: id })
    assert.deepEqual([who, chain[0].by], ['service', 'service'])
    assert.equal(await by(page, 'comment').count(), 0, 'nothing that needs a key')
    assert.equal((await check(page)).verdict, 'unchecked')
    assert.deepEqual(page.seen.errors.filter(line => !line.includes('Cross-Origin-Opener-Policy')), [])
  } finally {
    await other.close()
  }
})

/** A complaint that was filed at the honest daemon, looked at where it is lied about. */
async function lied (how, site, look) {
  let id
  const receipt = path.join(folder, `${how}.json`)
  await closing(await opened(), async page => {
    id = await file(page, site)
    const [download] = await Promise.all([page.waitForEvent('download'), by(page, 'receipt-save').click()])
    await download.saveAs(receipt)
  })
  await wish('act', { complaint: id, action: 'acknowledge', by: 'op-1', note: 'seen' })
  if (how === 'reopen') await wish('act', { complaint: id, action: 'resolve', by: 'ae-1', note: 'done' })
  await wish('anchored', { complaint: id })
  await wish('lie', { how, complaint: id })
  try {
    await closing(await opened({ url: liarUrl, hash: '#view=mine' }), async page => {
      await by(page, 'receipt-input').setInputFiles(receipt)
      await sheet(page).waitFor()
      await by(page, 'complaint-check').waitFor()
      await look(page, await check(page))
    })
  } finally {
    await wish('lie', { how: 'not' })
  }
  assert.ok(fs.existsSync(receipt))
}

test('a complaint that is dropped after its receipt is a lie', () => lied('drop', 'S-7', async (page, found) => {
  await by(page, 'complaint-missing').waitFor()
  assert.equal(found.verdict, 'fails')
  assert.equal(found.own, 'fails')
  assert.equal(found.receipt, 'holds', 'the published record still has it')
}))

test('an altered note is a lie', () => lied('note', 'S-7', async (page, found) => {
  assert.equal(found.verdict, 'fails')
  assert.equal(found.signatures, 'fails')
  assert.match(await by(page, 'complaint-verdict').innerText(), /does not hold/)
}))

test('a resolve by who may not is a lie', () => lied('role', 'S-7', async (page, found) => {
  assert.deepEqual({ verdict: found.verdict, roles: found.roles }, { verdict: 'fails', roles: 'fails' })
}))

test('a reopen that the citizen never signed is a lie', () => lied('reopen', 'S-8', async (page, found) => {
  assert.deepEqual({ verdict: found.verdict, own: found.own, signatures: found.signatures }, { verdict: 'fails', own: 'fails', signatures: 'fails' })
  assert.equal(await by(page, 'story-step', '[data-verdict="fails"]').count(), 1)
}))
