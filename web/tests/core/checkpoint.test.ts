/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import {
  checkFollows,
  compareCheckpoints,
  conflicts,
  growthMax,
  parseCheckpoint,
  sameCheckpoint,
  writeCheckpoint
} from '../../src/core/checkpoint'
import { periodVectors } from './vectors'

const line = periodVectors.pairs[0]!.a
const last = parseCheckpoint(line)

describe('a line', () => {
  test('is written as it was read', () => {
    expect(writeCheckpoint(last)).toBe(line)
    expect(sameCheckpoint(parseCheckpoint(line), last)).toBe(true)
  })
  test.each([
    ['"demo', '"Demo'],
    ['"batch":2', '"batch":0'],
    ['"batch":2', '"batch":02'],
    ['"batch":2', '"batch":2.0'],
    ['"batch":2', '"batch":9007199254740992'],
    ['"bafk', '"afk'],
    ['"from":', '"from":-'],
    ['"size":6', '"size":0'],
    ['"size":6', '"size":"6"'],
    ['"root":"db', '"root":"DB'],
    ['"root":"db', '"root":"'],
    [',"size":6', ''],
    ['"to"', '"a":1,"to"'],
    ['{', '{ '],
    ['}', '} '],
    ['}', '']
  ])('%s is not %s', (from, to) => {
    expect(line).toContain(from)
    expect(() => parseCheckpoint(line.replace(from, to))).toThrow()
  })
})

test('the order is by area, then batch', () => {
  const at = (area: string, batch: number) => ({ ...last, area, batch })
  const sorted = [at('0', 9), at('a', 1), at('a', 2), at('a', 10), at('a-2', 1), at('ab', 1)]
  expect([...sorted].reverse().sort(compareCheckpoints)).toEqual(sorted)
})

describe('what follows', () => {
  const next = { ...last, batch: 3, size: 7, from: last.to, to: last.to + 1 }
  test('holds', () => {
    checkFollows(last, next)
    checkFollows(last, { ...next, size: last.size + growthMax })
    checkFollows(undefined, { ...last, batch: 1, size: growthMax })
  })
  test.each([
    [{ batch: 2 }, 'bad-proof', true],
    [{ batch: 4 }, 'bad-proof', false],
    [{ size: last.size }, 'bad-proof', true],
    [{ size: last.size + growthMax + 1 }, 'bad-proof', false],
    [{ from: next.from - 1 }, 'bad-window', true],
    [{ from: next.from + 1 }, 'bad-window', true],
    [{ to: next.from }, 'bad-window', false]
  ])('%j does not', (change, code, conflict) => {
    const other = { ...next, ...change }
    expect(() => checkFollows(last, other)).toThrow(expect.objectContaining({ code }))
    expect(conflicts(last, other)).toBe(conflict)
  })
  test('the first is batch 1', () => {
    expect(() => checkFollows(undefined, last)).toThrow()
    expect(() => checkFollows(undefined, { ...last, batch: 1, size: growthMax + 1 })).toThrow()
  })
})

test.each(periodVectors.pairs)('$why', ({ a, b, conflict }) => {
  expect(conflicts(parseCheckpoint(a), parseCheckpoint(b))).toBe(conflict)
  expect(conflicts(parseCheckpoint(b), parseCheckpoint(a))).toBe(conflict)
})
