/* SPDX-License-Identifier: Apache-2.0 */
import { beforeAll, describe, expect, test } from 'vitest'

import { hexDecode, hexEncode, utf8Encode } from '../../src/core/encoding'
import { cidOfFile, cidToText } from '../../src/core/cid'
import {
  growPeriods,
  noPeriods,
  parsePeriodLastLine,
  periodLeaf,
  type Periods,
  readPeriod,
  writePeriod,
  writePeriodLastLine
} from '../../src/core/period'
import { frontierRoot, growFrontier, verifyInclusion } from '../../src/core/tree'
import { hexes, periodVectors } from './vectors'

const { periods: files, tree, invalid } = periodVectors
let afterFirst: Periods

beforeAll(async () => {
  afterFirst = await growPeriods(noPeriods, await readPeriod(utf8Encode(files[0]!.text), noPeriods))
})

test('the files of the vectors follow each other', async () => {
  let periods = noPeriods
  for (const file of files) {
    const read = await readPeriod(utf8Encode(file.text), periods)
    expect(read.period).toBe(file.period)
    expect(read.to).toBe(file.to)
    expect(hexEncode(read.prev)).toBe(file.prev)
    expect(hexEncode(read.root)).toBe(file.root)
    expect(read.checkpoints.length).toBe(file.count)
    expect(writePeriod(read, read.checkpoints)).toBe(file.text)
    expect(cidToText(await cidOfFile(utf8Encode(file.text)))).toBe(file.cid)
    for (const { index, leaf, path } of file.checkpoints) {
      expect(hexEncode(read.leaves[index]!)).toBe(leaf)
      expect(
        await verifyInclusion(index, file.count, hexDecode(leaf), hexes(path), read.root)
      ).toBe(true)
    }
    periods = await growPeriods(periods, read)
    expect(hexEncode(await periodLeaf(read.period, read.root, file.count))).toBe(file.period_leaf)
    expect(hexEncode(await frontierRoot(periods.tree))).toBe(file.periods_root)
  }
})

test.each(invalid)('$why', async ({ text }) => {
  await expect(readPeriod(utf8Encode(text), afterFirst)).rejects.toHaveProperty('line')
})

test('a file that is cut is none', async () => {
  const { text } = files[0]!
  for (let at = 0; at < text.length; at += 5)
    await expect(readPeriod(utf8Encode(text.slice(0, at)), noPeriods)).rejects.toThrow()
})

test('the second file alone', async () => {
  const read = await readPeriod(utf8Encode(files[1]!.text))
  expect(hexEncode(read.root)).toBe(files[1]!.root)
})

test.each([
  ['period skipped', 'bad-proof', 9],
  ['to earlier than a checkpoint', 'bad-window', 9],
  ['a batch skipped', 'bad-proof', 6],
  ['window leaves a hole', 'bad-window', 6],
  ['cid no CID', 'bad-cid', 6]
])('%s is %s in line %i', async (why, code, line) => {
  const { text } = invalid.find((one) => one.why === why)!
  await expect(readPeriod(utf8Encode(text), afterFirst)).rejects.toMatchObject({ code, line })
})

describe('the tree of periods', () => {
  test('grows as the vectors say', async () => {
    let frontier = noPeriods.tree
    for (const step of tree) {
      const leaf = await periodLeaf(step.period, hexDecode(step.root), step.count)
      expect(hexEncode(leaf)).toBe(step.leaf)
      frontier = await growFrontier(frontier, [leaf])
      expect(frontier.nodes.map(hexEncode)).toEqual(step.frontier_after)
      expect(hexEncode(await frontierRoot(frontier))).toBe(step.root_after)
    }
    const root = await frontierRoot(frontier)
    for (const step of tree)
      expect(
        await verifyInclusion(
          step.period - 1,
          frontier.size,
          hexDecode(step.leaf),
          hexes(step.path_in_last),
          root
        )
      ).toBe(true)
  })
  test('has a leaf far away', async () => {
    const { period, root, count, leaf } = periodVectors.leaf_of_a_far_period
    expect(hexEncode(await periodLeaf(period, hexDecode(root), count))).toBe(leaf)
  })
})

describe('the last line', () => {
  const line = files[1]!.text.split('\n').at(-2)!
  test('is written as it was read', () =>
    expect(writePeriodLastLine(parsePeriodLastLine(line))).toBe(line))
  test.each([
    line.slice(1),
    `${line} `,
    line.replace('"period":2', '"period":0'),
    line.replace('"period":2', '"period":02'),
    line.replace('"period":2', '"period":9007199254740992'),
    line.replace('period-1', 'period-2'),
    line.replace(/"to":\d+/, '"to":-1')
  ])('%s', (wrong) => expect(() => parsePeriodLastLine(wrong)).toThrow())
})
