/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { concat } from '../../src/core/bytes'
import { base64urlDecode, hexDecode } from '../../src/core/encoding'
import { isPublicKey, verifySignature } from '../../src/core/p256'
import { entryVectors, vectors } from './vectors'

interface Wycheproof {
  testGroups: {
    publicKey: { uncompressed: string }
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[]
  }[]
}

const cases = vectors<Wycheproof>('wycheproof-ecdsa-p256-sha256-p1363.json').testGroups.flatMap(
  (group) => group.tests.map((item) => ({ ...item, key: group.publicKey.uncompressed }))
)

test('all of Wycheproof is here', () => expect(cases.length).toBe(262))

describe('Wycheproof', () => {
  test.each(cases)('$tcId $comment', async ({ key, msg, sig, result }) => {
    expect(await verifySignature(hexDecode(key), hexDecode(msg), hexDecode(sig))).toBe(
      result === 'valid'
    )
  })
})

const order = hexDecode('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const prime = hexDecode('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff')
const key = () => base64urlDecode(entryVectors[0]!.public_key)
const message = hexDecode(entryVectors[0]!.signed_bytes_hex)
const signature = () => base64urlDecode(entryVectors[0]!.sig)

describe('ranges of r and s', () => {
  const zero = new Uint8Array(32)
  const full = new Uint8Array(32).fill(255)
  const above = order.slice()
  above[31]! += 1
  test('the good one', async () =>
    expect(await verifySignature(key(), message, signature())).toBe(true))
  test.each([
    ['0', zero],
    ['n', order],
    ['n + 1', above],
    ['2^256 - 1', full]
  ])('%s', async (_, value) => {
    expect(await verifySignature(key(), message, concat(value, signature().slice(32)))).toBe(false)
    expect(await verifySignature(key(), message, concat(signature().slice(0, 32), value))).toBe(
      false
    )
  })
  test.each([0, 1, 63, 65, 128])('%d bytes', async (size) => {
    expect(
      await verifySignature(key(), message, concat(signature(), new Uint8Array(64)).slice(0, size))
    ).toBe(false)
  })
})

describe('keys', () => {
  test.each(entryVectors.map((vector) => vector.public_key))('%s is on the curve', (text) =>
    expect(isPublicKey(base64urlDecode(text))).toBe(true)
  )
  test.each([1, 20, 32, 33, 64])('a bit at %d takes it off', async (at) => {
    const wrong = key()
    wrong[at]! ^= 1
    expect(isPublicKey(wrong)).toBe(false)
    expect(await verifySignature(wrong, message, signature())).toBe(false)
  })
  test.each([0, 1, 2, 3, 5, 6, 7])('of form %d', (form) => {
    const wrong = key()
    wrong[0] = form
    expect(isPublicKey(wrong)).toBe(false)
  })
  test('compressed, short, long, empty', () => {
    for (const wrong of [
      key().slice(0, 33),
      key().slice(0, 64),
      concat(key(), Uint8Array.of(0)),
      new Uint8Array()
    ])
      expect(isPublicKey(wrong)).toBe(false)
  })
  test('the point at infinity as zeros', () =>
    expect(isPublicKey(concat(Uint8Array.of(4), new Uint8Array(64)))).toBe(false))
  test('a coordinate not below p', () => {
    // (0, sqrt(b)) is on the curve; (p, sqrt(b)) is another encoding of it.
    const y = hexDecode('66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4')
    expect(isPublicKey(concat(Uint8Array.of(4), new Uint8Array(32), y))).toBe(true)
    expect(isPublicKey(concat(Uint8Array.of(4), prime, y))).toBe(false)
  })
})
