/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { FormatError } from '../../src/core/bytes'
import { base64urlDecode, hexEncode, utf8Encode } from '../../src/core/encoding'
import { parseEntry, parseEntryText, signedBytes, verifyEntry } from '../../src/core/entry'
import { kinds } from '../../src/core/entry-table'
import { sha256 } from '../../src/core/sha256'
import { leafHash } from '../../src/core/tree'
import { entryVectors, feederVectors } from './vectors'

const codeOf = (text: string) => {
  try {
    parseEntry(utf8Encode(text))
    return 'accepted'
  } catch (error) {
    return error instanceof FormatError ? error.code : String(error)
  }
}

describe('the vectors', () => {
  const all = [...entryVectors, ...feederVectors.entries]
  test.each(all.map((vector, i) => ({ ...vector, i })))('$i: $kind', async (vector) => {
    const entry = parseEntryText(vector.entry)
    const signed = signedBytes(entry)
    expect(entry.kind).toBe(vector.kind)
    expect(hexEncode(signed)).toBe(vector.signed_bytes_hex)
    expect(hexEncode(await sha256(signed))).toBe(vector.digest_hex)
    expect(hexEncode(await leafHash(utf8Encode(vector.entry)))).toBe(vector.leaf_hash)
    expect(entry.sig).toBe(vector.sig)
    expect(await verifyEntry(entry, base64urlDecode(vector.public_key))).toBe(true)
    const other = entryVectors.find((item) => item.public_key !== vector.public_key)!
    expect(await verifyEntry(entry, base64urlDecode(other.public_key))).toBe(false)
  })
})

const first = (kind: string) => entryVectors.find((vector) => vector.kind === kind)!.entry
const report = first('report')

describe.each(kinds)('%s', (kind) => {
  const text = first(kind)
  const members = () => JSON.parse(text) as Record<string, string | number>
  const write = (object: Record<string, unknown>) =>
    JSON.stringify(Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))))

  test('is written as it was read', () => expect(write(members())).toBe(text))
  test.each(Object.keys(JSON.parse(text) as object))('without %s', (key) => {
    const { [key]: _, ...rest } = members()
    expect(codeOf(write(rest))).toBe('malformed')
  })
  test.each(Object.keys(JSON.parse(text) as object))('with another type of %s', (key) => {
    const value = members()[key]
    expect(codeOf(write({ ...members(), [key]: typeof value === 'string' ? 1 : 'x' }))).toBe(
      'malformed'
    )
    expect(codeOf(write({ ...members(), [key]: [value] }))).toBe('malformed')
    expect(codeOf(write({ ...members(), [key]: { a: value } }))).toBe('malformed')
  })
  test('with a key that is not of its table', () => {
    expect(codeOf(write({ ...members(), zone: 1 }))).toBe('malformed')
    expect(codeOf(write({ ...members(), text: 'x' }))).toBe('malformed')
    for (const other of kinds) {
      const more = Object.keys(JSON.parse(first(other)) as object).find((key) => !(key in members()))
      if (more)
        expect(
          codeOf(
            write({
              ...members(),
              [more]: (JSON.parse(first(other)) as Record<string, unknown>)[more]
            })
          )
        ).toBe('malformed')
    }
  })
  test('every cut is refused', () => {
    for (let at = 0; at < text.length; at += 3)
      expect(codeOf(text.slice(0, at))).not.toBe('accepted')
  })
  test('a space anywhere outside its strings is refused', () => {
    const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, (string) => 'x'.repeat(string.length))
    for (let at = 0; at <= text.length; at++) {
      if (outside[at] !== 'x' || outside[at - 1] !== 'x')
        expect(codeOf(`${text.slice(0, at)} ${text.slice(at)}`)).not.toBe('accepted')
    }
  })
})

describe('members out of range', () => {
  const change = (kind: string, key: string, value: string) =>
    first(kind).replace(new RegExp(`"${key}":("[^"]*"|-?[0-9]+)`), `"${key}":${value}`)
  test.each([
    ['report', 'lat', '900000001'],
    ['report', 'lat', '-900000001'],
    ['report', 'lon', '1800000001'],
    ['report', 'lon', '-1800000001'],
    ['report', 'seq', '0'],
    ['report', 'seq', '-1'],
    ['report', 'ts', '-1'],
    ['report', 'received', '-1'],
    ['report', 'power', '"on"'],
    ['report', 'power', '""'],
    ['report', 'area', '"Demo"'],
    ['report', 'area', '"-demo"'],
    ['report', 'area', `"${'a'.repeat(32)}"`],
    ['report', 'device', '""'],
    ['report', 'device', '"_x"'],
    ['report', 'device', `"${'a'.repeat(65)}"`],
    ['report', 'device', '"a b"'],
    ['report', 'device', '"a\u0915"'],
    ['report', 'kind', '"reports"'],
    ['report', 'sig', '"AAAA"'],
    ['report', 'sig', '""'],
    ['device', 'customers', '-1'],
    ['device', 'level', '"pole"'],
    ['device', 'status', '"gone"'],
    ['device', 'key', '"AAAA"'],
    ['official', 'role', '"king"'],
    ['action', 'n', '0'],
    ['action', 'prev', '"00"'],
    ['action', 'prev', `"${'A'.repeat(64)}"`],
    ['action', 'action', '"burn"'],
    ['roster', 'batch', '0'],
    ['roster', 'heard', '-1'],
    ['roster', 'silent_root', '""']
  ])('%s %s %s', (kind, key, value) => expect(codeOf(change(kind, key, value))).toBe('malformed'))

  test.each([
    ['report', 'seq', '9007199254740991'],
    ['report', 'lat', '-900000000'],
    ['report', 'lon', '1800000000'],
    ['report', 'device', `"${'a'.repeat(64)}"`],
    ['report', 'device', '"A.b_c:d-9"'],
    ['report', 'ts', '0']
  ])('accepts %s %s %s', (kind, key, value) =>
    expect(codeOf(change(kind, key, value))).toBe('accepted')
  )

  test.each(['-0', '1.0', '1e3', '9007199254740992', '07', 'null', 'true'])('seq %s', (value) => {
    expect(codeOf(change('report', 'seq', value))).not.toBe('accepted')
  })
})

describe('together', () => {
  const house = entryVectors.find((vector) => vector.entry.includes('"level":"house"'))!.entry
  test('a house finer than its cell', () => {
    expect(codeOf(house)).toBe('accepted')
    expect(codeOf(house.replace(/"lat":(\d+)00000/, '"lat":$100001'))).toBe('too-precise')
    expect(codeOf(house.replace(/"lon":(\d+)00000/, '"lon":$150000'))).toBe('too-precise')
  })
  test('more heard than expected', () => {
    const roster = first('roster')
    const { expected } = JSON.parse(roster) as { expected: number }
    expect(codeOf(roster.replace(/"heard":\d+/, `"heard":${expected + 1}`))).toBe('malformed')
  })

  test('a roster names a block whole or not at all', () => {
    const hash = 'c8'.repeat(32)
    const named = (block: string, more = '') => first('roster').replace('"expected"', `${block}${more}"expected"`)
    expect(codeOf(named(`"block":23456700,`, `"block_hash":"${hash}",`))).toBe('accepted')
    expect(codeOf(named(`"block":0,`, `"block_hash":"${hash}",`))).toBe('accepted')
    expect(codeOf(named(`"block":5,`))).toBe('malformed')
    expect(codeOf(named(`"block_hash":"${hash}",`))).toBe('malformed')
    expect(codeOf(named(`"block":-1,`, `"block_hash":"${hash}",`))).toBe('malformed')
    expect(codeOf(named(`"block":5,`, `"block_hash":"0x${hash}",`))).toBe('malformed')
  })
  test.each(feederVectors.refused)('$why', ({ entry }) => expect(codeOf(entry)).toBe('malformed'))
  test('a device names its feeder or does not, and nothing else has one', () => {
    const { feeder } = parseEntryText(feederVectors.entries[0]!.entry) as { feeder?: string }
    expect(feeder).toBe('F-11kV.2')
    expect(codeOf(first('device').replace('"key"', '"feeder":"F","key"'))).toBe('accepted')
    expect(codeOf(first('report').replace('"kind"', '"feeder":"F","kind"'))).toBe('malformed')
  })
  test('what a citizen may do, and with which words', () => {
    const byCitizen = entryVectors.find((vector) => vector.entry.includes('"by":"citizen"'))!.entry
    expect(codeOf(byCitizen)).toBe('accepted')
    expect(codeOf(byCitizen.replace('"action":"file"', '"action":"resolve"'))).toBe('malformed')
    expect(codeOf(byCitizen.replace('"by":"citizen"', '"by":"officer-1"'))).toBe('malformed')
    expect(codeOf(byCitizen.replace(/"n":\d+/, '"n":2'))).toBe('malformed')
    expect(codeOf(byCitizen.replace(/"note_hash":"[0-9a-f]+"/, '"note":"words"'))).toBe('malformed')
  })
})

test('an entry has at most 65,535 bytes', () => {
  const official = first('official')
  const long = (size: number) =>
    official.replace(/"name":"(?:[^"\\]|\\.)*"/, () => `"name":"${'x'.repeat(size)}"`)
  const base = utf8Encode(long(0)).length
  expect(codeOf(long(65535 - base))).toBe('accepted')
  expect(codeOf(long(65536 - base))).toBe('too-large')
})

test('bytes that are not UTF-8', () => {
  const bytes = utf8Encode(report)
  bytes[20] = 0xff
  expect(() => parseEntry(bytes)).toThrow(FormatError)
})

test('no bit of the signed bytes or the signature may change', async () => {
  const key = base64urlDecode(entryVectors.find((vector) => vector.entry === report)!.public_key)
  const changed = [
    report.replace('"power":"ON"', '"power":"OFF"').replace('"power":"OFF"', '"power":"ON"'),
    report.replace(/"seq":(\d+)/, (_, seq: string) => `"seq":${Number(seq) + 1}`),
    report.replace(/"ts":(\d+)/, (_, ts: string) => `"ts":${Number(ts) + 1}`)
  ].filter((text) => text !== report)
  for (const text of changed) expect(await verifyEntry(parseEntryText(text), key)).toBe(false)
  const received = parseEntryText(report.replace(/"received":(\d+)/, '"received":1'))
  expect(await verifyEntry(received, key)).toBe(true) // the daemon's clock is not the device's word
})
