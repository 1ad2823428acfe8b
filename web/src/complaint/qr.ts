/* SPDX-License-Identifier: Apache-2.0 */
import { utf8Encode } from '../core/encoding'

/* QR codes, ISO/IEC 18004:2015: bytes, error correction level M, versions 1 to 15 (412 bytes). */

const versionMax = 15
/* Table 9, level M: error correction codewords of a block, and blocks. */
const correction = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24]
const blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10]

// The field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1.
const powers = new Uint8Array(255)
const logs = new Uint8Array(256)
for (let at = 0, value = 1; at < 255; at++) {
  powers[at] = value
  logs[value] = at
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0)
}
const times = (a: number, b: number) =>
  a === 0 || b === 0 ? 0 : powers[(logs[a]! + logs[b]!) % 255]!

/** The generator's coefficients below its highest power. */
function generatorOf(degree: number): Uint8Array {
  let generator = Uint8Array.of(1)
  for (let root = 0; root < degree; root++) {
    const next = new Uint8Array(generator.length + 1)
    generator.forEach((value, at) => {
      next[at] = next[at]! ^ value
      next[at + 1] = next[at + 1]! ^ times(value, powers[root]!)
    })
    generator = next
  }
  return generator.subarray(1)
}

function remainderOf(data: Uint8Array, generator: Uint8Array): Uint8Array {
  const rest = new Uint8Array(generator.length)
  for (const byte of data) {
    const factor = byte ^ rest[0]!
    rest.copyWithin(0, 1)
    rest[rest.length - 1] = 0
    generator.forEach((value, at) => (rest[at] = rest[at]! ^ times(value, factor)))
  }
  return rest
}

const sizeOf = (version: number) => 17 + 4 * version

/** Where alignment patterns are, in rows and columns alike: annex E. */
function alignmentsOf(version: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.ceil((sizeOf(version) - 13) / (2 * count - 2)) * 2
  const last = sizeOf(version) - 7
  const others = Array.from({ length: count - 1 }, (_, at) => last - at * step)
  return [6, ...others.reverse()]
}

/** Codewords of data and error correction together. */
function codewordsOf(version: number): number {
  const lines = Math.floor(version / 7) + 2
  let modules = (16 * version + 128) * version + 64
  if (version >= 2) modules -= (25 * lines - 10) * lines - 55
  if (version >= 7) modules -= 36
  return modules >> 3
}

const capacityOf = (version: number) =>
  codewordsOf(version) - correction[version - 1]! * blocks[version - 1]!
const countBits = (version: number) => (version < 10 ? 8 : 16)

function versionFor(length: number): number {
  for (let version = 1; version <= versionMax; version++)
    if (8 * capacityOf(version) >= 4 + countBits(version) + 8 * length) return version
  throw new RangeError('too long for a QR code')
}

function dataOf(bytes: Uint8Array, version: number): Uint8Array {
  const bits: number[] = []
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1)
  }
  put(4, 4) // bytes
  put(bytes.length, countBits(version))
  for (const byte of bytes) put(byte, 8)
  const capacity = capacityOf(version)
  put(0, Math.min(4, 8 * capacity - bits.length))
  put(0, -bits.length & 7)
  const data = new Uint8Array(capacity)
  bits.forEach((bit, at) => (data[at >> 3] = (data[at >> 3]! << 1) | bit))
  for (let at = bits.length / 8, pad = 0xec; at < capacity; at++, pad ^= 0xfd) data[at] = pad
  return data
}

/** Data in blocks, interleaved, and their error correction behind them, likewise. */
function codewords(data: Uint8Array, version: number): number[] {
  const count = blocks[version - 1]!
  const short = Math.floor(data.length / count)
  const long = data.length % count // blocks at the end that have one more
  const generator = generatorOf(correction[version - 1]!)
  const parts: Uint8Array[] = []
  for (let block = 0, at = 0; block < count; block++) {
    const length = short + (block >= count - long ? 1 : 0)
    parts.push(data.subarray(at, at + length))
    at += length
  }
  const checks = parts.map((part) => remainderOf(part, generator))
  const woven = (rows: readonly Uint8Array[], length: number) =>
    Array.from({ length }, (_, at) => rows.filter((row) => at < row.length).map((row) => row[at]!))
  return [...woven(parts, short + 1), ...woven(checks, generator.length)].flat()
}

/** A square of modules, and which of them are no data's. */
class Square {
  readonly dark: Uint8Array
  readonly fixed: Uint8Array

  constructor(readonly size: number) {
    this.dark = new Uint8Array(size * size)
    this.fixed = new Uint8Array(size * size)
  }

  fix(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return
    this.dark[y * this.size + x] = dark ? 1 : 0
    this.fixed[y * this.size + x] = 1
  }

  /** Rings around a middle: dark where their distance says so. */
  rings(x: number, y: number, radius: number, light: readonly number[]): void {
    for (let dy = -radius; dy <= radius; dy++)
      for (let dx = -radius; dx <= radius; dx++)
        this.fix(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))))
  }
}

/** What is left of @value behind @bits more bits by a generator: BCH codes. */
function bch(value: number, bits: number, generator: number): number {
  let rest = value << bits
  for (let bit = 31 - Math.clz32(rest); bit >= bits; bit = 31 - Math.clz32(rest))
    rest ^= generator << (bit - bits)
  return (value << bits) | rest
}

function fixFormat(square: Square, mask: number): void {
  const { size } = square
  const format = bch(mask, 10, 0x537) ^ 0x5412 // level M is 00
  const bit = (at: number) => ((format >> at) & 1) === 1
  for (let at = 0; at < 6; at++) square.fix(8, at, bit(at))
  square.fix(8, 7, bit(6))
  square.fix(8, 8, bit(7))
  square.fix(7, 8, bit(8))
  for (let at = 9; at < 15; at++) square.fix(14 - at, 8, bit(at))
  for (let at = 0; at < 8; at++) square.fix(size - 1 - at, 8, bit(at))
  for (let at = 8; at < 15; at++) square.fix(8, size - 15 + at, bit(at))
  square.fix(8, size - 8, true)
}

function fixPatterns(square: Square, version: number): void {
  const { size } = square
  for (let at = 0; at < size; at++) {
    square.fix(6, at, at % 2 === 0)
    square.fix(at, 6, at % 2 === 0)
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) square.rings(x, y, 4, [2, 4])
  const places = alignmentsOf(version)
  const last = places.length - 1
  for (const [i, x] of places.entries())
    for (const [j, y] of places.entries()) {
      const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)
      if (!corner) square.rings(x, y, 2, [1])
    }
  if (version < 7) return
  const code = bch(version, 12, 0x1f25)
  for (let at = 0; at < 18; at++) {
    const dark = ((code >> at) & 1) === 1
    const [far, near] = [size - 11 + (at % 3), Math.floor(at / 3)]
    square.fix(far, near, dark)
    square.fix(near, far, dark)
  }
}

/** In pairs of columns from the right, up and down by turns. */
function putData(square: Square, data: readonly number[]): void {
  const { size, fixed, dark } = square
  let at = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    const up = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const place = (up ? size - 1 - step : step) * size + x
        if (fixed[place] === 1 || at >= 8 * data.length) continue
        dark[place] = (data[at >> 3]! >> (7 - (at & 7))) & 1
        at++
      }
  }
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0
]

function masked(plain: Square, mask: number): Square {
  const square = new Square(plain.size)
  square.fixed.set(plain.fixed)
  plain.dark.forEach((dark, place) => {
    const [x, y] = [place % plain.size, Math.floor(place / plain.size)]
    const turned = plain.fixed[place] === 0 && masks[mask]!(x, y)
    square.dark[place] = dark ^ (turned ? 1 : 0)
  })
  fixFormat(square, mask)
  return square
}

/** How hard a row is to read: long runs, and what looks like a finder. */
function rowPenalty(row: string): number {
  const runs = row.match(/0{5,}|1{5,}/g) ?? []
  const finders = ['10111010000', '00001011101'].map((finder) => row.split(finder).length - 1)
  return (
    runs.reduce((sum, run) => sum + run.length - 2, 0) + 40 * finders.reduce((a, b) => a + b, 0)
  )
}

function penalty({ size, dark }: Square): number {
  const rows = Array.from({ length: size }, (_, y) => dark.subarray(y * size, (y + 1) * size).join(''))
  const columns = Array.from({ length: size }, (_, x) => rows.map((row) => row[x]).join(''))
  let sum = [...rows, ...columns].reduce((all, row) => all + rowPenalty(row), 0)
  for (let y = 1; y < size; y++)
    for (let x = 1; x < size; x++) {
      const four = dark[y * size + x]! + dark[y * size + x - 1]! + dark[(y - 1) * size + x]! + dark[(y - 1) * size + x - 1]!
      if (four === 0 || four === 4) sum += 3
    }
  const share = (100 * dark.reduce((all, one) => all + one, 0)) / (size * size)
  return sum + 10 * Math.floor(Math.abs(share - 50) / 5)
}

export interface QrCode {
  readonly size: number
  readonly isDark: (x: number, y: number) => boolean
}

/** Throws RangeError where the text is too long. */
export function makeQr(text: string): QrCode {
  const bytes = utf8Encode(text)
  const version = versionFor(bytes.length)
  const plain = new Square(sizeOf(version))
  fixPatterns(plain, version)
  fixFormat(plain, 0)
  putData(plain, codewords(dataOf(bytes, version), version))
  const all = masks.map((_, mask) => masked(plain, mask))
  const costs = all.map(penalty)
  const { size, dark } = all[costs.indexOf(Math.min(...costs))]!
  return { size, isDark: (x, y) => dark[y * size + x] === 1 }
}

/** The dark modules as the path of an SVG whose unit is a module. */
export function qrPath({ size, isDark }: QrCode): string {
  const parts: string[] = []
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const from = x
      while (x < size && isDark(x, y)) x++
      if (x > from) parts.push(`M${from} ${y}h${x - from}v1h-${x - from}z`)
    }
  return parts.join('')
}
