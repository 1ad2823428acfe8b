/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { concat } from '../../src/core/bytes'
import { hexDecode, hexEncode, utf8Encode } from '../../src/core/encoding'
import {
  emptyFrontier,
  type Frontier,
  frontierRoot,
  growFrontier,
  leafHash,
  loadFrontier,
  nodeHash,
  proveInclusion,
  rootOf,
  verifyConsistency,
  verifyInclusion
} from '../../src/core/tree'
import { base64, batchVectors, hexes, vectors } from './vectors'

interface RootVector {
  size: number
  root: string
  frontier: string[]
}
interface InclusionVector {
  leafIdx: number
  treeSize: number
  root: string
  leafHash: string
  proof: string[] | null
  wantErr: boolean
  name: string
}
interface ConsistencyVector {
  size1: number
  size2: number
  root1: string
  root2: string
  proof: string[] | null
  wantErr: boolean
  name: string
}

const leavesOf = (size: number) =>
  Promise.all(Array.from({ length: size }, (_, i) => leafHash(utf8Encode(`leaf ${i}`))))
const hexOf = (frontier: Frontier) => frontier.nodes.map(hexEncode)
const proofs = vectors<{ inclusion: InclusionVector[]; consistency: ConsistencyVector[] }>(
  'rfc6962-proofs.json'
)

describe('roots and frontiers', () => {
  test.each(vectors<RootVector[]>('merkle-roots.json'))(
    'of $size leaves',
    async ({ size, root, frontier }) => {
      const leaves = await leavesOf(size)
      const whole = await growFrontier(emptyFrontier, leaves)
      expect(hexOf(whole)).toEqual(frontier)
      expect(hexEncode(await frontierRoot(whole))).toBe(root)
      const split = Math.floor((size * 2) / 3)
      const parts = await growFrontier(
        await growFrontier(emptyFrontier, leaves.slice(0, split)),
        leaves.slice(split)
      )
      expect(parts).toEqual(whole)
    }
  )
})

test('any tree grown by any batch is the tree of all leaves', async () => {
  const leaves = await leavesOf(40)
  const whole = await Promise.all(
    leaves.map((_, size) => growFrontier(emptyFrontier, leaves.slice(0, size)))
  )
  for (let from = 0; from < 40; from++) {
    for (let to = from; to < 40; to++)
      expect(await growFrontier(whole[from]!, leaves.slice(from, to))).toEqual(whole[to])
  }
})

test('paths proven are verified, and for no other leaf, index or size', async () => {
  const leaves = await leavesOf(21)
  const root = await rootOf(leaves)
  for (let index = 0; index < leaves.length; index++) {
    const path = await proveInclusion(leaves, index)
    expect(await verifyInclusion(index, 21, leaves[index]!, path, root)).toBe(true)
    expect(await verifyInclusion(index, 21, leaves[(index + 1) % 21]!, path, root)).toBe(false)
    expect(await verifyInclusion((index + 1) % 21, 21, leaves[index]!, path, root)).toBe(false)
    expect(await verifyInclusion(index, 21, leaves[index]!, path.slice(1), root)).toBe(false)
    expect(await verifyInclusion(index, 21, leaves[index]!, [...path, root], root)).toBe(false)
  }
  await expect(proveInclusion(leaves, 21)).rejects.toThrow()
  await expect(proveInclusion(leaves, -1)).rejects.toThrow()
})

describe('inclusion, RFC 9162', () => {
  test.each(proofs.inclusion)(
    '$name',
    async ({ leafIdx, treeSize, root, leafHash: leaf, proof, wantErr }) => {
      const holds = await verifyInclusion(
        leafIdx,
        treeSize,
        base64(leaf),
        (proof ?? []).map(base64),
        base64(root)
      )
      expect(holds).toBe(!wantErr)
    }
  )
})

describe('consistency, RFC 9162', () => {
  test.each(proofs.consistency)('$name', async ({ size1, size2, root1, root2, proof, wantErr }) => {
    // One case calls two equal texts of 12 bytes the roots of equal trees and wants them accepted.
    const padded = (text: string) =>
      wantErr ? base64(text) : concat(base64(text), new Uint8Array(32)).slice(0, 32)
    const holds = await verifyConsistency(
      size1,
      size2,
      (proof ?? []).map(base64),
      padded(root1),
      padded(root2)
    )
    expect(holds).toBe(!wantErr)
  })
})

describe('inclusion in the batches', () => {
  test.each(batchVectors.inclusion)(
    'leaf $index of $size',
    async ({ index, size, leaf_hash: leaf, root, path }) => {
      expect(
        await verifyInclusion(index, size, hexDecode(leaf), hexes(path), hexDecode(root))
      ).toBe(true)
      for (let i = 0; i < path.length; i++) {
        const wrong = hexes(path)
        wrong[i]![7]! ^= 1
        expect(await verifyInclusion(index, size, hexDecode(leaf), wrong, hexDecode(root))).toBe(
          false
        )
      }
    }
  )
})

test('consistency of the batches', async () => {
  const { from, to, proof } = batchVectors.consistency
  const roots = new Map(
    batchVectors.inclusion.map((vector) => [vector.size, hexDecode(vector.root)])
  )
  expect(await verifyConsistency(from, to, hexes(proof), roots.get(from)!, roots.get(to)!)).toBe(
    true
  )
  expect(
    await verifyConsistency(from + 1, to, hexes(proof), roots.get(from)!, roots.get(to)!)
  ).toBe(false)
  expect(await verifyConsistency(from, to, hexes(proof), roots.get(to)!, roots.get(from)!)).toBe(
    false
  )
})

test('the empty and the equal tree', async () => {
  const empty = await frontierRoot(emptyFrontier)
  const some = await leafHash(Uint8Array.of(1))
  expect(await verifyConsistency(0, 5, [], empty, some)).toBe(true)
  expect(await verifyConsistency(0, 5, [some], empty, some)).toBe(false)
  expect(await verifyConsistency(0, 5, [], some, some)).toBe(false)
  expect(await verifyConsistency(0, 0, [], empty, empty)).toBe(true)
  expect(await verifyConsistency(0, 0, [], some, some)).toBe(false)
  expect(await verifyConsistency(3, 3, [], some, some)).toBe(true)
  expect(await verifyConsistency(3, 3, [some], some, some)).toBe(false)
  expect(await verifyConsistency(4, 3, [], some, some)).toBe(false)
})

test('sizes beyond 2^32 are walked without loss', async () => {
  // A tree of 2^40 + 1 leaves: the last leaf's path is the root of all before it.
  const [before, last] = [await leafHash(Uint8Array.of(1)), await leafHash(Uint8Array.of(2))]
  const root = await nodeHash(before, last)
  const size = 2 ** 40 + 1
  expect(await verifyInclusion(size - 1, size, last, [before], root)).toBe(true)
  expect(await verifyInclusion(size - 2, size, last, [before], root)).toBe(false)
  expect(await frontierRoot(loadFrontier(size, [before, last]))).toEqual(root)
  expect((await growFrontier(loadFrontier(2 ** 40, [before]), [last])).nodes).toEqual([
    before,
    last
  ])
})

test('a frontier has one hash for each 1 bit', () => {
  const hash = new Uint8Array(32)
  expect(() => loadFrontier(3, [hash])).toThrow()
  expect(() => loadFrontier(4, [hash, hash])).toThrow()
  expect(() => loadFrontier(0, [hash])).toThrow()
  expect(() => loadFrontier(1, [new Uint8Array(31)])).toThrow()
  expect(() => loadFrontier(-1, [])).toThrow()
  expect(() => loadFrontier(2 ** 53, [hash])).toThrow()
})

test('what is no count or no hash proves nothing', async () => {
  const hash = await leafHash(Uint8Array.of(1))
  expect(await verifyInclusion(-1, 1, hash, [], hash)).toBe(false)
  expect(await verifyInclusion(0.5, 1, hash, [], hash)).toBe(false)
  expect(await verifyInclusion(0, 2 ** 60, hash, [], hash)).toBe(false)
  expect(await verifyInclusion(0, 1, hash, [], hash)).toBe(true)
  expect(await verifyInclusion(0, 1, hash.slice(1), [], hash.slice(1))).toBe(false)
  expect(
    await verifyInclusion(
      0,
      2,
      hash,
      Array.from({ length: 65 }, () => hash),
      hash
    )
  ).toBe(false)
})
