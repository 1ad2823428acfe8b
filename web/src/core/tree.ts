/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, concat, equal, FormatError, malformed } from './bytes'
import { noPace, type Pace } from './pace'
import { sha256, sha256Batch } from './sha256'

/* The Merkle tree of RFC 6962 section 2.1 / RFC 9162 section 2.1 with SHA-256. Sizes are integers
 * below 2^53, so halves are made by division. */

export const hashSize = 32
export const depthMax = 64

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

export function leafHash(data: Uint8Array): Promise<Bytes> {
  return sha256(concat(leafPrefix, data))
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(concat(nodePrefix, left, right))
}

/** A growing tree: the roots of its maximal complete subtrees, left (largest) to right. */
export interface Frontier {
  readonly size: number
  readonly nodes: readonly Bytes[]
}

export const emptyFrontier: Frontier = { size: 0, nodes: [] }

const isOdd = (n: number) => n % 2 === 1
const half = (n: number) => Math.floor(n / 2)

function levelsOf(size: number): number[] {
  const levels: number[] = []
  for (let level = 0, rest = size; rest > 0; level++, rest = half(rest))
    if (isOdd(rest)) levels.unshift(level)
  return levels
}

/** Throws 'bad-proof' unless there is one hash for each 1 bit of @size. */
export function loadFrontier(size: number, nodes: readonly Bytes[]): Frontier {
  if (!Number.isSafeInteger(size) || size < 0) throw malformed('no size of a tree')
  if (nodes.length !== levelsOf(size).length || nodes.some((node) => node.length !== hashSize)) {
    throw new FormatError('bad-proof', 'the frontier is not one of this size')
  }
  return { size, nodes }
}

/** SHA-256 ("") for the empty tree. */
export async function frontierRoot(frontier: Frontier): Promise<Bytes> {
  let root = frontier.nodes[frontier.nodes.length - 1]
  if (!root) return sha256(new Uint8Array())
  for (const node of frontier.nodes.slice(0, -1).reverse()) root = await nodeHash(node, root)
  return root
}

/** The parents of an even number of nodes. */
async function hashPairs(
  row: readonly Bytes[],
  pace: Pace,
  progress: { done: number; total: number }
): Promise<Bytes[]> {
  const parents: Bytes[] = []
  for (let at = 0; at < row.length; at += 2 * sha256Batch) {
    const chunk: Promise<Bytes>[] = []
    for (let i = at; i < Math.min(at + 2 * sha256Batch, row.length); i += 2)
      chunk.push(nodeHash(row[i]!, row[i + 1]!))
    for (const parent of await Promise.all(chunk)) parents.push(parent)
    progress.done += chunk.length
    await pace(Math.min(progress.done, progress.total), progress.total)
  }
  return parents
}

/** The tree with @leaves behind it, made level by level so that digests go in batches. */
export async function growFrontier(
  frontier: Frontier,
  leaves: readonly Bytes[],
  pace: Pace = noPace
): Promise<Frontier> {
  const nodes = new Map(levelsOf(frontier.size).map((level, i) => [level, frontier.nodes[i]!]))
  const progress = { done: 0, total: leaves.length }
  let row = leaves
  let start = frontier.size // index, on this level, of the row's first node
  for (let level = 0; row.length > 0; level++, start = half(start)) {
    const before = nodes.get(level)
    if (before) row = [before, ...row]
    nodes.delete(level)
    if (isOdd(row.length)) nodes.set(level, row[row.length - 1]!)
    row = await hashPairs(isOdd(row.length) ? row.slice(0, -1) : row, pace, progress)
  }
  const levels = [...nodes.keys()].sort((a, b) => b - a)
  return loadFrontier(
    frontier.size + leaves.length,
    levels.map((level) => nodes.get(level)!)
  )
}

/** Root over a whole list of leaves. */
export async function rootOf(leaves: readonly Bytes[]): Promise<Bytes> {
  return frontierRoot(await growFrontier(emptyFrontier, leaves))
}

/** RFC 9162 2.1.3.1: the path of leaf @index among all @leaves. */
export async function proveInclusion(leaves: readonly Bytes[], index: number): Promise<Bytes[]> {
  if (index < 0 || index >= leaves.length) throw new FormatError('bad-proof', 'no such leaf')
  if (leaves.length === 1) return []
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const left = leaves.slice(0, split)
  const right = leaves.slice(split)
  return index < split
    ? [...(await proveInclusion(left, index)), await rootOf(right)]
    : [...(await proveInclusion(right, index - split)), await rootOf(left)]
}

const isHash = (data: Uint8Array) => data.length === hashSize
const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0

/** RFC 9162 2.1.3.2. */
export async function verifyInclusion(
  index: number,
  size: number,
  leaf: Bytes,
  path: readonly Bytes[],
  root: Bytes
): Promise<boolean> {
  if (!isCount(index) || !isCount(size) || index >= size || path.length > depthMax) return false
  if (![leaf, root, ...path].every(isHash)) return false
  let first = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) return false
    if (isOdd(first) || first === last) {
      hash = await nodeHash(sibling, hash)
      while (!isOdd(first) && first !== 0) [first, last] = [half(first), half(last)]
    } else {
      hash = await nodeHash(hash, sibling)
    }
    ;[first, last] = [half(first), half(last)]
  }
  return last === 0 && equal(hash, root)
}

/** RFC 9162 2.1.4.2, and the equal and empty cases: an old size of 0 needs an empty proof and the
 * root of the empty tree. */
export async function verifyConsistency(
  oldSize: number,
  size: number,
  proof: readonly Bytes[],
  oldRoot: Bytes,
  root: Bytes
): Promise<boolean> {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size || proof.length > depthMax) return false
  if (![oldRoot, root, ...proof].every(isHash)) return false
  if (oldSize === 0) {
    const empty = await frontierRoot(emptyFrontier)
    return proof.length === 0 && equal(oldRoot, empty) && (size !== 0 || equal(root, empty))
  }
  if (oldSize === size) return proof.length === 0 && equal(oldRoot, root)
  return walkConsistency(oldSize, size, proof, oldRoot, root)
}

async function walkConsistency(
  oldSize: number,
  size: number,
  proof: readonly Bytes[],
  oldRoot: Bytes,
  root: Bytes
): Promise<boolean> {
  let first = oldSize - 1
  let last = size - 1
  while (isOdd(first)) [first, last] = [half(first), half(last)]
  // An old tree that is complete is its own first node.
  const [seed, ...rest] = first === 0 ? [oldRoot, ...proof] : proof
  if (!seed) return false
  let [oldHash, hash] = [seed, seed]
  for (const node of rest) {
    if (last === 0) return false
    if (isOdd(first) || first === last) {
      ;[oldHash, hash] = await Promise.all([nodeHash(node, oldHash), nodeHash(node, hash)])
      while (!isOdd(first) && first !== 0) [first, last] = [half(first), half(last)]
    } else {
      hash = await nodeHash(hash, node)
    }
    ;[first, last] = [half(first), half(last)]
  }
  return last === 0 && equal(oldHash, oldRoot) && equal(hash, root)
}
