/* SPDX-License-Identifier: Apache-2.0 */
import { expect, test } from 'vitest'

import { seqBehindMax, SeqWindow } from '../../src/core/rules'

/* The rules themselves are held by rules.json, in tests/check/rules.test.ts. */

/** Judges as the window should, with every counter ever used. */
class AllCounters {
  private readonly used = new Set<number>()
  private highest = 0

  take(seq: number): string {
    if (this.highest - seq > seqBehindMax) return 'seq-old'
    if (this.used.has(seq)) return 'seq-used'
    this.used.add(seq)
    this.highest = Math.max(this.highest, seq)
    return 'holds'
  }
}

function takeAll(seqs: readonly number[]): string[] {
  const window = new SeqWindow()
  return seqs.map((seq) => window.take(seq))
}

test('the edge of the window', () => {
  expect(takeAll([9000, 4904, 4904, 4903])).toEqual(['holds', 'holds', 'seq-used', 'seq-old'])
  expect(takeAll([1, 2, 3, 2, 4, 4099, 3, 2])).toEqual([
    ...['holds', 'holds', 'holds', 'seq-used', 'holds', 'holds', 'seq-used', 'seq-old']
  ])
  const last = Number.MAX_SAFE_INTEGER
  expect(takeAll([last, last - 4096, last - 4097])).toEqual(['holds', 'holds', 'seq-old'])
})

test('any order of counters', () => {
  let state = 7
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state % below
  }
  for (let round = 0; round < 30; round++) {
    const window = new SeqWindow()
    const all = new AllCounters()
    let seq = 1 + random(9000)
    for (let i = 0; i < 2000; i++) {
      expect([seq, window.take(seq)]).toEqual([seq, all.take(seq)])
      seq = Math.max(1, seq + (random(3) > 0 ? 1 : random(10000) - 4000))
    }
  }
})
