// SPDX-License-Identifier: Apache-2.0
// Builds the page: node build.mjs STAMP [DEPFILE]. The result is dist/ beside STAMP; nothing is written into the source tree.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import zlib from 'node:zlib'

const source = path.dirname(fileURLToPath(import.meta.url))
const stamp = path.resolve(process.argv[2])
const depfile = process.argv[3] && path.resolve(process.argv[3])
const dist = path.join(path.dirname(stamp), 'dist')
const making = `${dist}.new`
const inputs = ['index.html', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json', 'tsconfig.core.json', 'build.mjs']
const compressible = /\.(html|js|css|svg|json|webmanifest|txt|xml)$/

function fail (message) {
  console.error(`web/build.mjs: ${message}`)
  process.exit(1)
}

/** Files and folders under @folder; a new file changes its folder's time. */
function walk (folder) {
  if (!fs.existsSync(folder)) return []
  const below = fs.readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => entry.isDirectory() ? walk(path.join(folder, entry.name)) : [path.join(folder, entry.name)])
  return [folder, ...below]
}

function check (...tool) {
  const run = spawnSync(process.execPath, tool, { cwd: source, stdio: 'inherit' })
  if (run.status !== 0) fail('the types do not check: see above')
}

/** x.gz beside x where that saves something; the same bytes for the same input. */
function compress (file) {
  const data = fs.readFileSync(file)
  const packed = zlib.gzipSync(data, { level: 9 })
  packed[9] = 255 // the system: unknown
  if (packed.length < data.length) fs.writeFileSync(`${file}.gz`, packed)
}

function writeDepfile () {
  const files = [...inputs.map(name => path.join(source, name)), ...['src', 'public'].flatMap(name => walk(path.join(source, name))),
    path.join(source, 'node_modules', '.package-lock.json')]
  const escaped = files.filter(file => fs.existsSync(file)).map(file => file.replace(/([ #])/g, '\\$1').replaceAll('$', '$$$$'))
  fs.writeFileSync(depfile, `${process.argv[2]}: ${escaped.join(' ')}\n`)
}

if (!fs.existsSync(path.join(source, 'node_modules', 'vite'))) fail('web/node_modules is not there; run `make deps`')
check('node_modules/vue-tsc/bin/vue-tsc.js', '--noEmit')
check('node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.core.json')

const { build } = await import('vite')
process.chdir(source)
await build({ root: source, configLoader: 'runner', logLevel: 'warn', build: { outDir: making } })
for (const file of walk(making)) if (compressible.test(file)) compress(file)
fs.rmSync(dist, { recursive: true, force: true })
fs.renameSync(making, dist)
if (depfile) writeDepfile()
fs.writeFileSync(stamp, '')
