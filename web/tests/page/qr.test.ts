/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { makeQr, type QrCode, qrPath } from '../../src/complaint/qr'

const drawn = ({ size, isDark }: QrCode) =>
  Array.from({ length: size }, (_, y) => Array.from({ length: size }, (__, x) => (isDark(x, y) ? '#' : '.')).join(''))

const finder = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######']

/** BCH of 15 bits without its mask: the level and the mask that a code says it has. */
function formatOf(rows: readonly string[]): number {
  const at = (x: number, y: number) => (rows[y]![x] === '#' ? 1 : 0)
  const column = [0, 1, 2, 3, 4, 5, 7, 8].map((y) => at(8, y))
  const row = [7, 5, 4, 3, 2, 1, 0].map((x) => at(x, 8))
  const bits = [...column, ...row].reduce<number>((all, bit, place) => all | (bit << place), 0)
  return bits ^ 0x5412
}

describe('a QR code', () => {
  // Read back from its picture by jsQR 1.4.0 when this was written, as were those of 1 to 411 bytes.
  it('of an address', () => {
    const rows = drawn(makeQr('https://power.example/#complaint=demo-east/2611082217'))
    expect(rows).toHaveLength(33)
    expect(rows.slice(0, 7).map((row) => row.slice(0, 7))).toEqual(finder)
    expect(rows.slice(0, 7).map((row) => row.slice(-7))).toEqual(finder)
    expect(rows.slice(-7).map((row) => row.slice(0, 7))).toEqual(finder)
    expect(rows[6]!.slice(8, 25)).toBe('#.#.#.#.#.#.#.#.#')
    // Level M, and a rest of nothing by the code's generator.
    const format = formatOf(rows)
    expect(format >> 13).toBe(0)
    let rest = format
    for (let bit = 14; bit >= 10; bit--) if ((rest >> bit) & 1) rest ^= 0x537 << (bit - 10)
    expect(rest).toBe(0)
  })

  it.each([
    [1, 21],
    [14, 21],
    [15, 25],
    [106, 41],
    [213, 57],
    [214, 61],
    [412, 77]
  ])('of %d bytes is %d wide', (length, size) => expect(makeQr('x'.repeat(length)).size).toBe(size))

  it('has an end', () => expect(() => makeQr('x'.repeat(413))).toThrow(RangeError))

  it('is a path of what is dark', () => {
    const code: QrCode = { size: 3, isDark: (x, y) => y === 1 && x > 0 }
    expect(qrPath(code)).toBe('M1 1h2v1h-2z')
  })
})
