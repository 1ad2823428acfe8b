/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { concat, equal, plain } from '../../src/core/bytes'
import {
  base32Decode,
  base32Encode,
  base64urlDecode,
  base64urlEncode,
  hexDecode,
  hexEncode,
  utf8Decode,
  utf8Encode
} from '../../src/core/encoding'

const ascii = (text: string) => utf8Encode(text)

describe('base64url, RFC 4648 section 10', () => {
  const pairs = [
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy']
  ] as const
  test.each(pairs)('%j', (plainText, text) => {
    expect(base64urlEncode(ascii(plainText))).toBe(text)
    expect(base64urlDecode(text)).toEqual(ascii(plainText))
  })
  test('its own two characters', () =>
    expect(base64urlEncode(Uint8Array.of(0xfb, 0xff))).toBe('-_8'))
  test.each([
    'Z',
    'Zg==',
    'Zh',
    'Zm9',
    'Zm9vY',
    'Zm+v',
    'Zm/v',
    'Zm9v\n',
    ' Zm9v',
    'Zm 9v',
    'Zm9v=',
    'Zm\u00e9v'
  ])('refuses %j', (text) => {
    expect(() => base64urlDecode(text)).toThrow()
  })
  test('refuses another size', () => expect(() => base64urlDecode('Zm9v', 4)).toThrow())
})

describe('base32, RFC 4648 section 10 in lower case', () => {
  const pairs = [
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi']
  ] as const
  test.each(pairs)('%j', (plainText, text) => {
    expect(base32Encode(ascii(plainText))).toBe(text)
    expect(base32Decode(text)).toEqual(ascii(plainText))
  })
  test.each(['m', 'mz', 'MY', 'my======', 'mzx', 'mzxw6y', 'm1', 'm0', 'm8', 'mzxw6ytboj'])(
    'refuses %j',
    (text) => {
      expect(() => base32Decode(text)).toThrow()
    }
  )
})

describe('hex', () => {
  test('every byte there and back', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(hexDecode(hexEncode(all))).toEqual(all)
  })
  test.each(['0', 'AB', 'aB', '0g', ' 00', '00 ', '00\n', '0x00', '\u0661\u0661'])(
    'refuses %j',
    (text) => expect(() => hexDecode(text)).toThrow()
  )
  test('refuses another size', () => expect(() => hexDecode('0000', 1)).toThrow())
})

test('every single byte has one text, and every pair of digits at most one byte', () => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  let good = 0
  for (const first of digits) {
    for (const second of digits) {
      try {
        expect(base64urlEncode(base64urlDecode(first + second))).toBe(first + second)
        good++
      } catch {
        continue
      }
    }
  }
  expect(good).toBe(256)
})

describe('UTF-8', () => {
  test.each([
    [0x80],
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x80, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xff],
    [0xe2, 0x82]
  ])('refuses %j %j %j %j', (...bytes) =>
    expect(() => utf8Decode(Uint8Array.from(bytes.filter((byte) => byte !== undefined)))).toThrow()
  )
  test('a byte order mark is a character', () =>
    expect(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA'))
  test('Hindi there and back', () =>
    expect(utf8Decode(utf8Encode('\u092c\u093f\u091c\u0932\u0940'))).toBe(
      '\u092c\u093f\u091c\u0932\u0940'
    ))
})

test('bytes: joined, compared, and made plain', () => {
  expect(concat(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))).toEqual(
    Uint8Array.of(1, 2, 3)
  )
  expect(equal(Uint8Array.of(1), Uint8Array.of(1))).toBe(true)
  expect(equal(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false)
  const shared = new Uint8Array(new SharedArrayBuffer(2))
  expect(plain(shared).buffer).toBeInstanceOf(ArrayBuffer)
})
