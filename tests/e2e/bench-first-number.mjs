// SPDX-License-Identifier: Apache-2.0
// A phone on slow 3G (50 kB/s, 400 ms) with a quarter of this processor: when its first number is there, when all sites of PT_SITES are drawn, when it is live.
import { by, launch, openPage, phone, until } from './pt-browser.mjs'

const browser = await launch()
const page = await openPage(browser, { size: phone, waits: true })
const devtools = await page.context().newCDPSession(page)
await devtools.send('Network.enable')
await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50000, uploadThroughput: 50000 })
await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
let bytes = 0
devtools.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength })
await page.addInitScript(wanted => {
  globalThis.marks = {}
  const look = () => {
    const now = Math.round(performance.now())
    if (/\d/.test(document.querySelector('.counts:not([hidden]) .counts-number')?.textContent ?? '')) globalThis.marks.number_ms ??= now
    if (Number(document.querySelector('canvas[data-seen]')?.dataset.seen) >= wanted) globalThis.marks.map_ms ??= now
    requestAnimationFrame(look)
  }
  look()
}, Number(process.env.PT_SITES))
await page.goto(process.env.PT_URL, { waitUntil: 'commit' })
await until('the page is live', async () => (await by(page, 'connection').getAttribute('data-state', { timeout: 180000 })) === 'live', 180000)
const marks = await until('all sites are drawn', () => page.evaluate(() => globalThis.marks.map_ms && globalThis.marks), 180000)
console.log(JSON.stringify({ ...marks, bytes }))
await browser.close()
