// SPDX-License-Identifier: Apache-2.0
// What the browser's tests share: Chromium, pages that are watched, and wishes to whoever set up the system.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))))
const require = createRequire(path.join(root, 'web', 'package.json'))
const { chromium } = require('playwright-core')
const axePath = require.resolve('axe-core/axe.min.js')

export const { PT_URL: daemonUrl, PT_LIAR: liarUrl, PT_RPC: rpcUrl, PT_FOLDER: folder, PT_AREA: area } = process.env
/** ms; nobody waits so long but to fail: a machine may be slow and busy with other things. */
export const patience = 300_000
export const phone = { width: 360, height: 740 }
export const desktop = { width: 1280, height: 800 }

const arguments_ = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage']

export function launch (...more) {
  return chromium.launch({ executablePath: process.env.PT_CHROMIUM ?? '/usr/bin/chromium', args: [...arguments_, ...more], timeout: patience })
}

/** Calls a function of the test's other half. */
export async function wish (name, members = {}) {
  const answer = await fetch(`${process.env.PT_WISHES}/${name}`, { method: 'POST', body: JSON.stringify(members) })
  const value = await answer.json()
  assert.equal(answer.status, 200, value.error)
  return value
}

/** A page of its own profile, whose errors, requests (foreign ones and open ones apart) are kept in `seen`; one that @waits has gone nowhere yet. */
export async function openPage (browser, { url = daemonUrl, size = desktop, hash = '', locale = 'en-GB', waits = false, ...more } = {}) {
  const context = await browser.newContext({ viewport: size, locale, timezoneId: 'Asia/Kolkata', acceptDownloads: true, hasTouch: size === phone, ...more })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  const seen = { errors: [], foreign: [], requests: [], open: new Set() }
  page.on('pageerror', error => seen.errors.push(String(error)))
  page.on('console', message => {
    // A request that fails is the browser's line, not the page's; what matters of it is asserted by its test.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource') && !message.text().includes('net::ERR_')) {
      seen.errors.push(message.text())
    }
  })
  page.on('request', request => {
    seen.requests.push(request.url())
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) seen.foreign.push(request.url())
    if (request.resourceType() !== 'eventsource' && !request.url().endsWith('/events')) seen.open.add(request)
  })
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, request => seen.open.delete(request))
  page.seen = seen
  if (!waits) await page.goto(`${url}/${hash}`)
  return page
}

export const by = (page, id, more = '') => page.locator(`[data-testid="${id}"]${more}`)

/** Waits until @holds resolves to a true value. */
export async function until (what, holds, milliseconds = patience) {
  const end = Date.now() + milliseconds
  for (;;) {
    const value = await holds()
    if (value) return value
    assert.ok(Date.now() < end, `${what} within ${milliseconds} ms`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Findings of axe that are serious or critical. */
export async function axeFindings (page) {
  await page.evaluate(require('node:fs').readFileSync(axePath, 'utf8'))
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return result.violations.filter(row => ['serious', 'critical'].includes(row.impact))
    .map(row => `${row.id}: ${row.nodes.map(node => node.target.join(' ')).slice(0, 4).join('; ')}`)
}

/** Opens a site's sheet by its row in the list or, where it has none, by the search. */
export async function openSite (page, site) {
  await page.goto(page.url().replace(/#.*$/, ''))
  await by(page, 'search').fill(site)
  await by(page, 'search').press('Enter')
  await by(page, 'site-sheet').waitFor()
}

/** Presses Check and waits for its end; {name: verdict}. */
export async function checkSteps (page, index = 0) {
  await by(page, 'check-button').nth(index).click()
  await until('a verdict', async () => /holds|fails|unchecked/.test(await by(page, 'check-verdict').getAttribute('data-verdict') ?? ''))
  const steps = await by(page, 'check-step').evaluateAll(nodes => nodes.map(node => [node.dataset.name, node.dataset.verdict]))
  return { verdict: await by(page, 'check-verdict').getAttribute('data-verdict'), ...Object.fromEntries(steps) }
}
