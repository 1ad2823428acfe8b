/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { cidFromBytes, cidFromText, cidOfFile, cidToText } from '../../src/core/cid'
import { base32Encode, hexEncode } from '../../src/core/encoding'
import { noPace } from '../../src/core/pace'
import { sha256 } from '../../src/core/sha256'
import { batchVectors, vectorBytes, vectors } from './vectors'

interface CidVector {
  bytes: number
  sha256: string
  cid: string
  chunk?: number
  max_links?: number
}

function content(size: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(size)
  for (let i = 0; i < size; i++) data[i] = i * 31 + (i >> 8) * 7 + (i >> 16)
  return data
}

describe('files', () => {
  test.each(vectors<{ cids: CidVector[] }>('cids.json').cids)(
    '$bytes bytes, chunk $chunk',
    async (vector) => {
      const data = content(vector.bytes)
      expect(hexEncode(await sha256(data))).toBe(vector.sha256)
      const cid = await cidOfFile(data, noPace, vector.chunk, vector.max_links)
      expect(cidToText(cid)).toBe(vector.cid)
      expect(cidFromText(vector.cid)).toEqual(cid)
    }
  )
})

test.each(batchVectors.batches)('$file', async ({ file, bytes, cid, cid_hex }) => {
  const data = vectorBytes(`v2/${file}`)
  expect(data.length).toBe(bytes)
  const computed = await cidOfFile(data)
  expect([cidToText(computed), hexEncode(computed)]).toEqual([cid, cid_hex])
})

describe('texts that are no CID', () => {
  const good = batchVectors.batches[0]!.cid
  const other = (at: number, byte: number) => {
    const bytes = cidFromText(good)
    bytes[at] = byte
    return `b${base32Encode(bytes)}`
  }
  test.each([
    '',
    'b',
    good.slice(1),
    good.toUpperCase(),
    `${good}a`,
    good.slice(0, -1),
    `${good.slice(0, -1)}b`, // trailing bits
    `z${good.slice(1)}`,
    other(0, 0),
    other(0, 2),
    other(1, 0x71),
    other(2, 0x13),
    other(3, 0x1f),
    'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
  ])('%s', (text) => expect(() => cidFromText(text)).toThrow())
  test('bytes of another size', () =>
    expect(() => cidFromBytes(cidFromText(good).slice(0, 35))).toThrow())
})
