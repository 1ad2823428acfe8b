/* SPDX-License-Identifier: Apache-2.0 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Prefixed, WorkSearch, zeroBits } from '../../src/core/work'

const hexOf = (hash: Int32Array) =>
  [...hash].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
const sha256 = (text: string) => createHash('sha256').update(text).digest()

describe('SHA-256 of our own', () => {
  it('is what Node makes of beginnings and ends of all lengths', () => {
    for (let length = 0; length < 200; length++) {
      const hashes = new Prefixed('x'.repeat(length))
      for (const end of ['', '7', '12345678901234567890', '9'.repeat(48)])
        expect(hexOf(hashes.hash(end))).toBe(sha256('x'.repeat(length) + end).toString('hex'))
    }
  })

  it('counts zero bits over words', () => {
    expect(zeroBits(Int32Array.of(-1, 0))).toBe(0)
    expect(zeroBits(Int32Array.of(1, 0))).toBe(31)
    expect(zeroBits(Int32Array.of(0, 0x10000, -1))).toBe(47)
  })
})

describe('work', () => {
  it.each([0, 1, 8, 12])('of %d bits is found, in pieces', (bits) => {
    const ticket = 'dGlja2V0'.repeat(20)
    const search = new WorkSearch(ticket, bits)
    let nonce = ''
    while (nonce === '') nonce = search.search(97)
    expect(nonce).toMatch(/^[0-9]{1,20}$/)
    const hash = sha256(`powertrack work v1\n${ticket}\n${nonce}`)
    expect(Math.clz32(hash.readInt32BE(0))).toBeGreaterThanOrEqual(bits)
  })
})
