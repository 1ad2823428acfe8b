// SPDX-License-Identifier: Apache-2.0
// When each marked site's outage is on the page's screen: one JSON line {"site", "at"} a site, `at` in ms since 1970.
import { by, desktop, launch, openPage, until } from './pt-browser.mjs'

const browser = await launch()
const page = await openPage(browser, { size: desktop })
await page.exposeFunction('seenMark', (site, at) => console.log(JSON.stringify({ site, at })))
await until('the page is live', async () => (await by(page, 'connection').getAttribute('data-state')) === 'live', 60000)
await page.evaluate(() => {
  const known = new Set()
  const look = () => {
    for (const row of document.querySelectorAll('[data-testid="outage-row"][data-site^="MARK-"]')) {
      const site = row.getAttribute('data-site')
      if (known.has(site)) continue
      known.add(site)
      // The frame in which it is painted has begun; the next one's start is after it was shown.
      requestAnimationFrame(() => requestAnimationFrame(() => globalThis.seenMark(site, Date.now())))
    }
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-site'] })
})
console.log('ready')
process.stdin.on('end', () => browser.close().then(() => process.exit(0)))
process.stdin.resume()
