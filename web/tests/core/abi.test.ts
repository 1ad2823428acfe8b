/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import {
  areaWord,
  callLatest,
  callRootOf,
  decodeAnchored,
  decodeAreaRegistered,
  decodeLatest,
  decodeRootOf,
  fromData,
  numberWord,
  selectors,
  signatures,
  toData,
  topics
} from '../../src/core/abi'
import { type Bytes, concat } from '../../src/core/bytes'
import { cidFromText } from '../../src/core/cid'
import { base64urlDecode, hexDecode, hexEncode } from '../../src/core/encoding'
import { keccakText } from './keccak'
import { batchVectors } from './vectors'

describe('Keccak-256', () => {
  test.each([
    ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
    [
      'Transfer(address,address,uint256)',
      'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
    ]
  ])('%j', (text, hash) => expect(keccakText(text)).toBe(hash))
  test('selectors and topics are those of the signatures', () => {
    expect(selectors.rootOf).toBe(`0x${keccakText(signatures.rootOf).slice(0, 8)}`)
    expect(selectors.latest).toBe(`0x${keccakText(signatures.latest).slice(0, 8)}`)
    expect(topics.areaRegistered).toBe(`0x${keccakText(signatures.areaRegistered)}`)
    expect(topics.anchored).toBe(`0x${keccakText(signatures.anchored)}`)
  })
})

describe('words and calls', () => {
  test('an area is ASCII and zeros', () =>
    expect(hexEncode(areaWord('demo-east'))).toBe(`64656d6f2d65617374${'00'.repeat(23)}`))
  test.each(['', 'A', '-a', 'a'.repeat(32), 'a\u0915'])('no area: %j', (area) =>
    expect(() => areaWord(area)).toThrow()
  )
  test('numbers', () => expect(hexEncode(numberWord(2 ** 40))).toBe(`${'0'.repeat(53)}10000000000`))
  test.each([-1, 0.5, 2 ** 53, NaN])('no number: %d', (value) =>
    expect(() => numberWord(value)).toThrow()
  )
  test('calls', () => {
    expect(callRootOf('demo-east', 2)).toBe(
      `${selectors.rootOf}64656d6f2d65617374${'0'.repeat(46)}${'0'.repeat(63)}2`
    )
    expect(callLatest('demo-east')).toBe(`${selectors.latest}64656d6f2d65617374${'0'.repeat(46)}`)
  })
  test('data in either case', () => expect(fromData('0xAbCd')).toEqual(Uint8Array.of(0xab, 0xcd)))
  test.each(['', '00', '0x0', '0xzz', '0X00'])('no data: %j', (text) =>
    expect(() => fromData(text)).toThrow()
  )
})

describe('answers', () => {
  const root = hexDecode('ab'.repeat(32))
  test('rootOf', () => expect(decodeRootOf(root)).toEqual(root))
  test('latest', () =>
    expect(decodeLatest(concat(numberWord(3), numberWord(41), numberWord(99), root))).toEqual({
      batch: 3,
      size: 41,
      to: 99,
      root
    }))
  test.each([0, 31, 33, 64])('rootOf of %d bytes', (size) =>
    expect(() => decodeRootOf(new Uint8Array(size))).toThrow()
  )
  test('latest of three words, or with a number beyond 2^53', () => {
    expect(() => decodeLatest(new Uint8Array(96))).toThrow()
    expect(() => decodeLatest(concat(root, numberWord(1), numberWord(1), root))).toThrow()
  })
})

const keys = [batchVectors.authority_key, batchVectors.service_key].map((key) =>
  base64urlDecode(key)
) as [Bytes, Bytes]
const padded = (data: Uint8Array) => concat(data, new Uint8Array((32 - (data.length % 32)) % 32))
const dynamic = (data: Uint8Array) => concat(numberWord(data.length), padded(data))
const operator = hexDecode('f39fd6e51aad88f6f4ce6ab8827279cfffb92266')

describe('AreaRegistered', () => {
  const wanted = [fromData(topics.areaRegistered), areaWord('demo-east')]
  const data = () =>
    concat(
      numberWord(96),
      numberWord(224),
      new Uint8Array(12),
      operator,
      dynamic(keys[0]),
      dynamic(keys[1])
    )
  test('is read', () => {
    expect(decodeAreaRegistered(wanted, data(), 'demo-east')).toEqual({
      authorityKey: keys[0],
      serviceKey: keys[1],
      operator: toData(operator)
    })
  })
  test("another event, another area's, or too many topics", () => {
    expect(() =>
      decodeAreaRegistered([fromData(topics.anchored), areaWord('demo-east')], data(), 'demo-east')
    ).toThrow()
    expect(() => decodeAreaRegistered(wanted, data(), 'demo-west')).toThrow()
    expect(() => decodeAreaRegistered(wanted.slice(0, 1), data(), 'demo-east')).toThrow()
    expect(() => decodeAreaRegistered([...wanted, numberWord(1)], data(), 'demo-east')).toThrow()
  })
  test('every cut', () => {
    for (let size = 0; size < data().length; size++)
      expect(() => decodeAreaRegistered(wanted, data().slice(0, size), 'demo-east')).toThrow()
    expect(() =>
      decodeAreaRegistered(wanted, concat(data(), new Uint8Array(32)), 'demo-east')
    ).toThrow()
  })
  // Offsets, the address's padding, lengths, paddings of the keys; not the address and the keys.
  test.each([0, 31, 32, 63, 64, 75, 96, 127, 193, 223, 224, 255, 321, 351])('a bit at %d', (at) => {
    const wrong = data()
    wrong[at]! ^= 1
    expect(() => decodeAreaRegistered(wanted, wrong, 'demo-east')).toThrow()
  })
})

describe('Anchored', () => {
  const cid = cidFromText(batchVectors.batches[1]!.cid)
  const root = hexDecode('cd'.repeat(32))
  const wanted = [fromData(topics.anchored), areaWord('demo-east'), numberWord(2)]
  const data = () =>
    concat(numberWord(20), numberWord(1000), numberWord(2000), root, numberWord(160), dynamic(cid))
  test('is read', () =>
    expect(decodeAnchored(wanted, data(), 'demo-east', 2)).toEqual({
      size: 20,
      from: 1000,
      to: 2000,
      root,
      cid
    }))
  test('another event, area, or batch', () => {
    expect(() =>
      decodeAnchored([fromData(topics.areaRegistered), ...wanted.slice(1)], data(), 'demo-east', 2)
    ).toThrow()
    expect(() => decodeAnchored(wanted, data(), 'demo-west', 2)).toThrow()
    expect(() => decodeAnchored(wanted, data(), 'demo-east', 3)).toThrow()
    expect(() => decodeAnchored(wanted.slice(0, 2), data(), 'demo-east', 2)).toThrow()
  })
  test('every cut', () => {
    for (let size = 0; size < data().length; size++)
      expect(() => decodeAnchored(wanted, data().slice(0, size), 'demo-east', 2)).toThrow()
  })
  test.each([0, 32, 64, 128, 159, 160, 191, 192, 193, 194, 195, 228, 255])('a bit at %d', (at) => {
    const wrong = data()
    wrong[at]! ^= 0x80
    expect(() => decodeAnchored(wanted, wrong, 'demo-east', 2)).toThrow()
  })
})
