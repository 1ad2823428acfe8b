/* SPDX-License-Identifier: Apache-2.0 */
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

/* How the page is built: a folder knows only what lies beneath it, and no file knows itself by way
 * of others. Imports of types count too: what one has to read to understand a file is beneath it. */

const source = path.resolve(__dirname, '../../src')

/** What lies beneath each folder; '' are the files that stand beside them. */
const beneath: Readonly<Record<string, readonly string[]>> = {
  core: [],
  check: ['core'],
  net: ['mercator'],
  i18n: ['check', 'part'],
  store: ['i18n', 'net', 'check', 'core', 'hash', 'mercator', 'part'],
  complaint: ['store', 'i18n', 'net', 'check', 'core'],
  map: ['store', 'net', 'check', 'hash', 'mercator'],
  components: ['complaint', 'map', 'store', 'i18n', 'net', 'check', 'core', 'part'],
  hash: [],
  mercator: [],
  part: [],
  App: ['components', 'complaint', 'store', 'i18n', 'part'],
  main: ['App', 'store', 'i18n'],
  first: ['main', 'components', 'i18n', 'net']
}

const files = (fs.readdirSync(source, { recursive: true }) as string[])
  .filter((name) => /(?<!\.d)\.(ts|vue)$/.test(name))
  .map((name) => name.replaceAll(path.sep, '/'))

/** The folder of a file, or the file's own name where it stands beside the folders. */
const roomOf = (name: string) =>
  name.includes('/') ? name.slice(0, name.indexOf('/')) : name.replace(/\.(ts|vue)$/, '')

function importsOf(name: string): string[] {
  const text = fs.readFileSync(path.join(source, name), 'utf8')
  const wanted = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map(([, to]) => to!)
  return wanted
    .filter((to) => !to.endsWith('.css'))
    .map((to) => {
      const bare = path.posix.join(path.posix.dirname(name), to)
      const found = [bare, `${bare}.ts`, `${bare}/index.ts`].find((file) => files.includes(file))
      if (found === undefined) throw new Error(`${name} imports ${to}, which is no file`)
      return found
    })
}

const known = new Map(files.map((name) => [name, importsOf(name)]))

/** The way from a file back to itself; undefined where there is none. */
function circle(at: string, way: readonly string[], done: Set<string>): string[] | undefined {
  if (way.includes(at)) return [...way.slice(way.indexOf(at)), at]
  if (done.has(at)) return undefined
  for (const next of known.get(at) ?? []) {
    const found = circle(next, [...way, at], done)
    if (found) return found
  }
  done.add(at)
  return undefined
}

describe('the rooms', () => {
  it('are all in the table', () => {
    expect([...known.values()].flat().length).toBeGreaterThan(files.length)
    expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(beneath).sort())
  })

  it('know only those beneath them', () => {
    const wrong = [...known].flatMap(([name, imports]) =>
      imports
        .filter((to) => roomOf(to) !== roomOf(name) && !beneath[roomOf(name)]?.includes(roomOf(to)))
        .map((to) => `${name} imports ${to}`)
    )
    expect(wrong).toEqual([])
  })

  it('have no stair that goes in a circle', () => {
    const below = (room: string, seen: readonly string[]): boolean =>
      !seen.includes(room) && (beneath[room] ?? []).every((next) => below(next, [...seen, room]))
    expect(Object.keys(beneath).filter((room) => !below(room, []))).toEqual([])
  })

  it('have no files that go in a circle', () => {
    const done = new Set<string>()
    expect(files.map((name) => circle(name, [], done)).find((found) => found)).toBeUndefined()
  })

  it('that show nothing do not know Vue', () => {
    const text = (name: string) => fs.readFileSync(path.join(source, name), 'utf8')
    const vue = files.filter((name) => /from 'vue'/.test(text(name))).map(roomOf)
    expect([...new Set(vue)].sort()).toEqual(['App', 'complaint', 'components', 'i18n', 'main', 'store'])
  })
})
