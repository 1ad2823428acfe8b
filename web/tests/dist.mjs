// SPDX-License-Identifier: Apache-2.0
// The built page under a strict Content-Security-Policy: node dist.mjs DIST. Speaks TAP.
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'

const dist = process.argv[2]
const files = fs.readdirSync(dist, { recursive: true }).map(String).filter(name => fs.statSync(path.join(dist, name)).isFile())
const read = name => fs.readFileSync(path.join(dist, name))
const text = name => read(name).toString('utf8')
const pages = files.filter(name => name.endsWith('.html'))
const scripts = files.filter(name => name.endsWith('.js'))
const styles = files.filter(name => name.endsWith('.css'))

/** Attributes that name what an HTML file loads. */
const loaded = name => [...text(name).matchAll(/<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"]*)"/g)].map(match => match[1])

const cases = {
  'there is a page with a script': () => pages.includes('index.html') && scripts.length > 0,
  'no inline script': () => pages.every(name => [...text(name).matchAll(/<script\b([^>]*)>([^]*?)<\/script>/g)]
    .every(([, attributes, body]) => /\bsrc=/.test(attributes) && body.trim() === '')),
  'no inline style, no handler in HTML': () => pages.every(name => !/<style\b|\sstyle=|\son[a-z]+=|javascript:/i.test(text(name))),
  'nothing is loaded from elsewhere, and what is loaded is there': () => pages.every(name => loaded(name)
    .every(address => address.startsWith('./') && files.includes(address.slice(2)))), // relative: it may lie below a path
  'no eval': () => scripts.every(name => !/\beval\s*\(|\bnew Function\b|[^.\w]Function\s*\(/.test(text(name))),
  'styles load nothing from elsewhere, and no data but images': () => styles.every(name =>
    !/@import|url\(\s*["']?(?:https?:)?\/\/|url\(\s*["']?data:(?!image\/)/i.test(text(name))),
  'no source maps': () => files.every(name => !name.endsWith('.map')) && [...scripts, ...styles].every(name => !text(name).includes('sourceMappingURL')),
  'scripts and styles have hashed names under assets': () => [...scripts, ...styles].every(name => /^assets\/.+-[\w-]{8}\.(js|css)$/.test(name)),
  'each gzip variant is of its file': () => files.filter(name => name.endsWith('.gz'))
    .every(name => zlib.gunzipSync(read(name)).equals(read(name.slice(0, -3))) && read(name).readUInt32LE(4) === 0),
  'what compresses has its variant': () => [...pages, ...scripts, ...styles].every(name => files.includes(`${name}.gz`) || read(name).length < 200)
}

console.log(`1..${Object.keys(cases).length}`)
let failed = 0
for (const [index, [name, holds]] of Object.entries(cases).entries()) {
  const good = holds()
  if (!good) failed++
  console.log(`${good ? 'ok' : 'not ok'} ${index + 1} - ${name}`)
}
process.exit(failed > 0 ? 1 : 0)
