/* SPDX-License-Identifier: Apache-2.0 */
import { expect, test } from 'vitest'

import { Ranges } from '../../src/core/ranges'

test('any order of ranges is the set of their counters', () => {
  let state = 5
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state % below
  }
  for (let round = 0; round < 50; round++) {
    const ranges = new Ranges()
    const all = new Set<number>()
    for (let i = 0; i < 60; i++) {
      const first = 1 + random(300)
      const last = first + random(1 + random(20))
      ranges.add(first, last)
      for (let counter = first; counter <= last; counter++) all.add(counter)
      const from = random(330)
      const to = from + random(10)
      const any = [...all].some((counter) => counter >= from && counter <= to)
      expect(ranges.has(from, to)).toBe(any)
    }
    for (let counter = 0; counter <= 340; counter++)
      expect([counter, ranges.has(counter)]).toEqual([counter, all.has(counter)])
  }
})

test('the largest counters', () => {
  const ranges = new Ranges()
  ranges.add(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  ranges.add(1, 1)
  expect(ranges.has(2, Number.MAX_SAFE_INTEGER - 1)).toBe(false)
  expect(ranges.has(2, Number.MAX_SAFE_INTEGER)).toBe(true)
})
