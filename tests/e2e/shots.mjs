// SPDX-License-Identifier: Apache-2.0
// Pictures of the page as its readers see it, for tools/shots.py: a phone and a desk, a report that holds and one that does not.
import fs from 'node:fs'
import path from 'node:path'

import { by, checkSteps, daemonUrl, desktop, folder, launch, liarUrl, openPage, phone, until, wish } from './pt-browser.mjs'

const written = []

async function shot (page, name) {
  // Tiles and fonts that are still on their way.
  await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => {})
  await page.waitForTimeout(700)
  const file = path.join(folder, `${name}.png`)
  await page.screenshot({ path: file })
  written.push(path.basename(file))
}

const live = page => until('the page is live', async () => (await by(page, 'connection').getAttribute('data-state')) === 'live', 60000)

/** The page of a site with an outage whose report is in a final batch. */
async function openSite (browser, more) {
  const page = await openPage(browser, { ...more, hash: `#site=${process.env.PT_SITE}` })
  await live(page)
  await by(page, 'site-sheet').waitFor()
  await until('reports', async () => await by(page, 'check-button').count() > 0, 60000)
  return page
}

async function series (browser, name, size, more = {}) {
  let page = await openPage(browser, { size, ...more })
  await live(page)
  await shot(page, name)
  if (size === phone) {
    await by(page, 'view-list').click()
    await shot(page, `${name}-list`)
  }
  await page.context().close()
  page = await openSite(browser, { size, ...more })
  await shot(page, `${name}-site`)
  const steps = await checkSteps(page)
  await by(page, 'check-verdict').scrollIntoViewIfNeeded()
  await shot(page, `${name}-verified`)
  await page.context().close()
  return steps
}

async function tampered (browser, name, size) {
  await wish('lie', { how: 'flip' })
  const page = await openSite(browser, { size, url: liarUrl })
  const steps = await checkSteps(page)
  await by(page, 'check-verdict').scrollIntoViewIfNeeded()
  await shot(page, `${name}-tampered`)
  await page.context().close()
  await wish('lie', { how: 'not' })
  return steps
}

/** A complaint as whoever filed it follows it, and its check. */
async function complaint (browser, name, size, more = {}) {
  const page = await openPage(browser, { size, ...more, hash: `#complaint=${process.env.PT_COMPLAINT}` })
  await live(page)
  await by(page, 'story-step').first().waitFor()
  await shot(page, name)
  await by(page, 'complaint-check').click()
  const verdict = by(page, 'complaint-verdict')
  await verdict.waitFor()
  await until('it is checked', async () => (await verdict.getAttribute('data-verdict')) !== 'running', 60000)
  await verdict.evaluate(node => node.scrollIntoView({ block: 'center' }))
  await shot(page, `${name}-verified`)
  const rows = await by(page, 'complaint-check-step').evaluateAll(nodes => nodes.map(node => [node.dataset.name, node.dataset.verdict]))
  await page.context().close()
  // Whoever reads another's complaint holds neither her key nor her receipt.
  return { verdict: rows.every(([step, found]) => found === 'holds' || ['own', 'receipt'].includes(step)) ? 'holds' : 'fails', rows }
}

fs.mkdirSync(folder, { recursive: true })
const browser = await launch()
try {
  const verdicts = {
    phone: await series(browser, 'page-360', phone),
    desktop: await series(browser, 'page-1280', desktop),
    dark: await series(browser, 'page-1280-dark', desktop, { colorScheme: 'dark' }),
    hindi: await series(browser, 'page-360-hindi', phone, { locale: 'hi-IN' }),
    'complaint on a phone': await complaint(browser, 'page-360-complaint', phone),
    'complaint on a desk': await complaint(browser, 'page-1280-complaint', desktop),
    'phone, lied to': await tampered(browser, 'page-360', phone),
    'desktop, lied to': await tampered(browser, 'page-1280', desktop),
  }
  for (const [name, steps] of Object.entries(verdicts)) console.log(`${name}: ${steps.verdict}`)
  const wrong = Object.entries(verdicts).filter(([name, steps]) => steps.verdict !== (name.includes('lied') ? 'fails' : 'holds'))
  if (wrong.length > 0) throw new Error(`not as it should be: ${JSON.stringify(wrong)}`)
  console.log(`daemon ${daemonUrl}: ${written.join(' ')}`)
} finally {
  await browser.close()
}
