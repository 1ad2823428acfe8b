/* SPDX-License-Identifier: Apache-2.0 */
import { utf8Encode } from './encoding'

/* The work that a ticket asks for: a nonce with which SHA-256 ("powertrack work v1\n" ticket "\n"
 * nonce) begins with so many zero bits. SHA-256 (FIPS 180-4) is our own here: WebCrypto's answers come
 * one by one, too slowly for 65,536 of them, and not at all on a page without https. */

const rounds = 64
const block = 64 // bytes

/** The first 32 bits of the fractional parts of the @root-th roots of the first primes. */
function fractions(count: number, root: 2 | 3): Int32Array {
  const out = new Int32Array(count)
  for (let prime = 2, found = 0; found < count; prime++) {
    if (!isPrime(prime)) continue
    const value = root === 2 ? Math.sqrt(prime) : Math.cbrt(prime)
    out[found++] = (value - Math.floor(value)) * 2 ** 32
  }
  return out
}

function isPrime(number: number): boolean {
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false
  return true
}

const initial = fractions(8, 2)
const constants = fractions(rounds, 3)
const words = new Int32Array(rounds)

const rotate = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits))

/** The state after one more block. */
function compress(state: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i)
  for (let i = 16; i < rounds; i++) {
    const [early, late] = [words[i - 15]!, words[i - 2]!]
    const first = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const second = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    words[i] = (words[i - 16]! + first + words[i - 7]! + second) | 0
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!
  for (let i = 0; i < rounds; i++) {
    const chosen = (e & f) ^ (~e & g)
    const one = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + chosen + constants[i]! + words[i]!) | 0
    const most = (a & b) ^ (a & c) ^ (b & c)
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + most) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  state[0] = state[0]! + a
  state[1] = state[1]! + b
  state[2] = state[2]! + c
  state[3] = state[3]! + d
  state[4] = state[4]! + e
  state[5] = state[5]! + f
  state[6] = state[6]! + g
  state[7] = state[7]! + h
}

/** SHA-256 of texts that all begin alike, of which only the end is hashed each time. */
export class Prefixed {
  private readonly state = Int32Array.from(initial)
  private readonly rest: Uint8Array
  private readonly size: number
  private readonly buffer = new Uint8Array(2 * block)
  private readonly view = new DataView(this.buffer.buffer)
  private readonly running = new Int32Array(8)

  constructor(prefix: string) {
    const bytes = utf8Encode(prefix)
    const whole = bytes.length - (bytes.length % block)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    for (let at = 0; at < whole; at += block) compress(this.state, view, at)
    this.rest = bytes.subarray(whole)
    this.size = bytes.length
  }

  /** The hash's eight words; @end: ASCII, at most 48 characters. Good until the next one. */
  hash(end: string): Int32Array {
    const { buffer, rest, running, view } = this
    buffer.fill(0)
    buffer.set(rest)
    for (let i = 0; i < end.length; i++) buffer[rest.length + i] = end.charCodeAt(i)
    buffer[rest.length + end.length] = 0x80
    const length = rest.length + end.length + 9 > block ? 2 * block : block
    view.setUint32(length - 4, 8 * (this.size + end.length))
    running.set(this.state)
    for (let at = 0; at < length; at += block) compress(running, view, at)
    return running
  }
}

/** How many zero bits a hash begins with. */
export function zeroBits(hash: Int32Array): number {
  let bits = 0
  for (const word of hash) {
    bits += Math.clz32(word)
    if (word !== 0) break
  }
  return bits
}

/** A search that can be left and gone on with. */
export class WorkSearch {
  private readonly hashes: Prefixed
  private next = 0

  constructor(
    ticket: string,
    private readonly bits: number
  ) {
    this.hashes = new Prefixed(`powertrack work v1\n${ticket}\n`)
  }

  /** Tries @count more nonces; '' where none of them does. */
  search(count: number): string {
    for (const end = this.next + count; this.next < end; this.next++) {
      const nonce = String(this.next)
      if (zeroBits(this.hashes.hash(nonce)) >= this.bits) return nonce
    }
    return ''
  }
}
