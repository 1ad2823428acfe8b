/* SPDX-License-Identifier: Apache-2.0 */
import { hexEncode, utf8Encode } from '../../src/core/encoding'

/* Keccak-256 as Ethereum has it (the original padding 0x01), to compute what abi.ts has as
 * constants. FIPS 202 sections 3.2 and 3.3; speed does not matter here. */

const mask = (1n << 64n) - 1n
const rotate = (x: bigint, n: number) =>
  n === 0 ? x : ((x << BigInt(n)) | (x >> BigInt(64 - n))) & mask

/* Offsets of rho and the walk of pi, section 3.2.2. */
function walk(): [number, number][] {
  const steps: [number, number][] = []
  let [x, y] = [1, 0]
  for (let t = 0; t < 24; t++) {
    steps.push([x + 5 * y, (((t + 1) * (t + 2)) / 2) % 64])
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return steps
}

/* Bits of iota, section 3.2.5. */
function roundConstant(round: number): bigint {
  let value = 0n
  for (let j = 0; j <= 6; j++) {
    let register = 1
    for (let t = 0; t < (j + 7 * round) % 255; t++) {
      register <<= 1
      if (register & 0x100) register ^= 0x171
    }
    if (register & 1) value |= 1n << BigInt(2 ** j - 1)
  }
  return value
}

function permute(a: bigint[]): void {
  for (let round = 0; round < 24; round++) {
    const c = [0, 1, 2, 3, 4].map((x) => a[x]! ^ a[x + 5]! ^ a[x + 10]! ^ a[x + 15]! ^ a[x + 20]!)
    for (let i = 0; i < 25; i++) a[i]! ^= c[(i + 4) % 5]! ^ rotate(c[(i + 1) % 5]!, 1)
    let lane = a[1]!
    const steps = walk()
    for (const [t, [, offset]] of steps.entries()) {
      const next = steps[(t + 1) % 24]![0]
      const kept = a[next]!
      a[next] = rotate(lane, offset)
      lane = kept
    }
    for (let y = 0; y < 25; y += 5) {
      const row = a.slice(y, y + 5)
      for (let x = 0; x < 5; x++)
        a[y + x] = row[x]! ^ (~row[(x + 1) % 5]! & mask & row[(x + 2) % 5]!)
    }
    a[0]! ^= roundConstant(round)
  }
}

export function keccak256(data: Uint8Array): string {
  const rate = 136
  const padded = new Uint8Array(Math.floor(data.length / rate) * rate + rate)
  padded.set(data)
  padded[data.length]! ^= 0x01
  padded[padded.length - 1]! ^= 0x80
  const state = Array.from({ length: 25 }, () => 0n)
  const view = new DataView(padded.buffer)
  for (let at = 0; at < padded.length; at += rate) {
    for (let i = 0; i < rate / 8; i++) state[i]! ^= view.getBigUint64(at + 8 * i, true)
    permute(state)
  }
  const out = new DataView(new ArrayBuffer(32))
  for (let i = 0; i < 4; i++) out.setBigUint64(8 * i, state[i]!, true)
  return hexEncode(new Uint8Array(out.buffer))
}

export const keccakText = (text: string) => keccak256(utf8Encode(text))
