/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { growTree, LineError, readBatch } from '../../src/core/batch'
import {
  parseFirstLine,
  parseLastLine,
  previousHolds,
  writeFirstLine,
  writeLastLine
} from '../../src/core/batch-lines'
import { equal } from '../../src/core/bytes'
import { hexEncode, utf8Decode, utf8Encode } from '../../src/core/encoding'
import { frontierRoot } from '../../src/core/tree'
import { batchVectors, entryVectors, vectorBytes } from './vectors'

const texts = batchVectors.batches.map(({ file }) => utf8Decode(vectorBytes(`v2/${file}`)))
const second = texts[1]!

async function codeOf(text: string): Promise<string> {
  try {
    await readBatch(utf8Encode(text))
    return 'accepted'
  } catch (error) {
    return error instanceof LineError ? `${error.code} ${error.line}` : String(error)
  }
}

describe('the vectors', () => {
  test.each(texts.map((text, i) => ({ text, i })))('batch $i', async ({ text, i }) => {
    const seen: [number, string][] = []
    const batch = await readBatch(utf8Encode(text), (index, entry, bytes) => {
      expect(entry.text).toBe(utf8Decode(bytes))
      seen.push([index, entry.text])
    })
    const { header } = batch
    expect(header.batch).toBe(i + 1)
    expect(await previousHolds(header)).toBe(true)
    const tree = await growTree(batch)
    expect(tree.size).toBe(header.size)
    expect(hexEncode(await frontierRoot(tree))).toBe(hexEncode(header.root))
    const from = header.previous.size
    expect(seen.map(([index]) => index)).toEqual(batch.lines.map((_, line) => from + line))
    expect(seen.map(([, entry]) => entry)).toEqual(
      entryVectors.slice(from, header.size).map((vector) => vector.entry)
    )
  })
})

test('the second extends the first', async () => {
  const [first, next] = [
    await readBatch(utf8Encode(texts[0]!)),
    await readBatch(utf8Encode(second))
  ]
  expect(next.header.prevRoot).toEqual(first.header.root)
  expect(next.header.previous).toEqual(await growTree(first))
  expect(next.header.from).toBe(first.header.to)
})

describe('lines', () => {
  const lines = second.split('\n')
  const [first, last] = [lines[0]!, lines[lines.length - 2]!]
  test('are written as they were read', () => {
    expect(writeFirstLine(parseFirstLine(first))).toBe(first)
    expect(writeLastLine(parseLastLine(last))).toBe(last)
  })
  test.each([
    '',
    `${first} `,
    first.slice(1),
    first.replace('"batch":2', '"batch":0'),
    first.replace('"batch":2', '"batch":02'),
    first.replace('"batch":2', '"batch":-2'),
    first.replace('"batch":2', '"batch":2.0'),
    first.replace('"batch":2', '"batch":9007199254740992'),
    first.replace('demo-east', '-demo'),
    first.replace('demo-east', 'Demo'),
    first.replace('demo-east', ''),
    first.replace('demo-east', 'a'.repeat(32)),
    first.replace(':', ': '),
    first.replace('"area"', '"Area"')
  ])('first %j', (line) => expect(() => parseFirstLine(line)).toThrow())
  test.each([
    '',
    `${last} `,
    last.slice(0, -1),
    last.replace('batch-1', 'batch-2'),
    last.replace(/"from":\d+/, '"from":1e3'),
    last.replace(/"from":(\d+)/, '"from":0$1'),
    last.replace(/"from":\d+,/, ''),
    last.replace(/"to":\d+/, '"to":0'),
    last.replace(/"to":(\d+)/, (_, to: string) => `"to":${to}0000000`),
    last.replace(/"frontier":\["/, '"frontier":[,"'),
    last.replace(/"\],"prev/, '",],"prev'),
    last.replace(/","/g, '""'),
    last.replace(/"prev_size":\d+/, '"prev_size":4'),
    last.replace(/"prev_size":\d+/, '"prev_size":7'),
    last.replace(/"size":\d+,"to/, '"size":5,"to'),
    last.replace(/"root":"[0-9a-f]{2}/, '"root":"'),
    last.replace(/"root":"[0-9a-f]{64}/, (hash) => hash.toUpperCase().replace('ROOT', 'root')),
    last.replace('],"format"', '],"extra":1,"format"')
  ])('last %j', (line) => expect(() => parseLastLine(line)).toThrow())
})

describe('files that are none', () => {
  const lines = second.split('\n')
  const count = lines.length - 1
  const joined = (change: (lines: string[]) => string[]) => change([...lines]).join('\n')
  const swapped = (a: number, b: number) =>
    joined((all) => Object.assign(all, { [a]: all[b], [b]: all[a] }))

  test('the good one', async () => expect(await codeOf(second)).toBe('accepted'))
  test('cut anywhere', async () => {
    for (let at = 0; at < second.length; at += 7)
      expect(await codeOf(second.slice(0, at))).not.toBe('accepted')
    expect(await codeOf(second.slice(0, -1))).toBe(`malformed ${count}`)
  })
  test.each([
    ['a byte before', ` ${second}`, 'malformed 1'],
    ['a byte behind', `${second} `, `malformed ${count + 1}`],
    ['a newline behind', `${second}\n`, `malformed ${count + 1}`],
    ['CRLF', second.replaceAll('\n', '\r\n'), 'malformed 1'],
    ['an empty line', joined((all) => [...all.slice(0, 2), '', ...all.slice(2)]), 'malformed 3'],
    [
      'a comma missing',
      joined((all) => Object.assign(all, { 1: all[1]!.slice(0, -1) })),
      'malformed 2'
    ],
    ['a comma doubled', joined((all) => Object.assign(all, { 1: `${all[1]},` })), 'not JSON'],
    [
      'a comma behind the last',
      joined((all) => Object.assign(all, { [count - 2]: `${all[count - 2]},` })),
      `malformed ${count - 1}`
    ],
    [
      'nothing but a roster',
      joined((all) => [all[0]!, all[count - 2]!, all[count - 1]!, '']),
      'bad-roster 3'
    ],
    ['only the ends', joined((all) => [all[0]!, all[count - 1]!, '']), 'bad-roster 2'],
    [
      'no roster',
      joined((all) => [
        ...all.slice(0, count - 3),
        all[count - 3]!.slice(0, -1),
        ...all.slice(count - 1)
      ]),
      `bad-roster ${count - 2}`
    ],
    [
      'a roster in between',
      joined((all) => [...all.slice(0, 2), `${all[count - 2]},`, ...all.slice(2)]),
      'bad-roster 4'
    ],
    [
      "another area's entry",
      joined((all) => Object.assign(all, { 2: all[2]!.replace('demo-east', 'demo-west') })),
      'malformed 3'
    ],
    [
      'an entry not canonical',
      joined((all) => Object.assign(all, { 3: all[3]!.replace(':', ': ') })),
      'not-canonical 4'
    ],
    [
      'received before the window',
      second.replace(/"received":\d+/, '"received":1'),
      'bad-window 2'
    ],
    [
      'received after the window',
      second.replace(/"received":\d+/, '"received":9000000000000'),
      'bad-window 2'
    ],
    [
      'another batch in the roster',
      second.replace(/"batch":2,"expected"/, '"batch":3,"expected"'),
      `bad-roster ${count - 1}`
    ]
  ])('%s', async (_, text, code) =>
    expect(await codeOf(text)).toContain(code.replace('not JSON', 'malformed 2'))
  )
  test('received running backwards', async () =>
    expect(await codeOf(swapped(1, 6))).toBe('bad-window 3'))
  test('a roster not received at the end', async () => {
    const roster = lines[count - 2]!.replace(
      /"received":(\d+)/,
      (_, time: string) => `"received":${Number(time) - 1}`
    )
    expect(await codeOf(joined((all) => Object.assign(all, { [count - 2]: roster })))).toBe(
      `bad-window ${count - 1}`
    )
  })
  test('an entry beyond 65,535 bytes', async () => {
    expect(
      await codeOf(joined((all) => Object.assign(all, { 1: `{"${'x'.repeat(65534)},` })))
    ).toBe('too-large 2')
  })
})

test('a batch that was changed gives another root', async () => {
  const good = await readBatch(utf8Encode(second))
  const changed = await readBatch(utf8Encode(second.replace('"power":"OFF"', '"power":"ON"')))
  expect(equal(await frontierRoot(await growTree(changed)), good.header.root)).toBe(false)
  const header = parseLastLine(
    writeLastLine(good.header).replace(/"prev_root":"[0-9a-f]{8}/, '"prev_root":"00000000')
  )
  expect(await previousHolds(header)).toBe(false)
})

test('a long batch is read in slices, and can be stopped', async () => {
  const seen: number[] = []
  await readBatch(utf8Encode(second), undefined, async (done) => void seen.push(done))
  expect(seen[seen.length - 1]).toBe(second.split('\n').length - 3)
  await expect(
    readBatch(utf8Encode(second), undefined, () => Promise.reject(new Error('stop')))
  ).rejects.toThrow('stop')
})
