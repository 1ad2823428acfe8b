/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, equal, FormatError, malformed } from './bytes'
import { cidFromText, cidToText } from './cid'
import { hexDecode, hexEncode } from './encoding'
import { isAreaId } from './entry-table'
import { hasKeys, integerAt, parseCanonical, stringAt, writeMembers } from './json'
import { hashSize } from './tree'

/* What is said on the chain of one batch of one area, as a line of a period file: docs/PROTOCOL.md
 * sections 6 and 14. The twin of core/pt-checkpoint.h. */

export interface Checkpoint {
  readonly area: string
  readonly batch: number // from 1
  readonly cid: Bytes
  readonly from: number // ms since 1970
  readonly root: Bytes
  readonly size: number // leaves after the batch
  readonly to: number
}

export const checkpointLineMax = 320 // bytes
/** Leaves that one batch may add. */
export const growthMax = 2 ** 40

const keys = 'area batch cid from root size to'.split(' ')

/** Throws a FormatError for anything but the one form; whether its window is one is for
 * checkFollows () to say. */
export function parseCheckpoint(line: string): Checkpoint {
  if (line.length > checkpointLineMax) throw new FormatError('too-large', 'longer than any line')
  const object = parseCanonical(line)
  if (!hasKeys(object, keys)) throw malformed('not the keys of a checkpoint')
  const area = stringAt(object, 'area')
  if (!isAreaId(area)) throw malformed('no id of an area')
  return {
    area,
    batch: integerAt(object, 'batch', 1),
    cid: cidFromText(stringAt(object, 'cid')),
    from: integerAt(object, 'from', 0),
    root: hexDecode(stringAt(object, 'root'), hashSize),
    size: integerAt(object, 'size', 1),
    to: integerAt(object, 'to', 0)
  }
}

export function writeCheckpoint({ area, batch, cid, from, root, size, to }: Checkpoint): string {
  return writeMembers([
    ['area', area],
    ['batch', batch],
    ['cid', cidToText(cid)],
    ['from', from],
    ['root', hexEncode(root)],
    ['size', size],
    ['to', to]
  ])
}

/** The order of a period file; ids of areas are ASCII. */
export function compareCheckpoints(a: Checkpoint, b: Checkpoint): number {
  if (a.area !== b.area) return a.area < b.area ? -1 : 1
  return a.batch - b.batch
}

export function sameCheckpoint(a: Checkpoint, b: Checkpoint): boolean {
  return (
    compareCheckpoints(a, b) === 0 &&
    [a.size - b.size, a.from - b.from, a.to - b.to].every((difference) => difference === 0) &&
    equal(a.root, b.root) &&
    equal(a.cid, b.cid)
  )
}

export function checkWindow({ from, to }: Checkpoint): void {
  if (from >= to) throw new FormatError('bad-window', 'an empty window')
}

/** Throws unless @next can come after @last of the same area (undefined: it is the first). */
export function checkFollows(last: Checkpoint | undefined, next: Checkpoint): void {
  const growth = next.size - (last?.size ?? 0)
  if (next.batch !== (last?.batch ?? 0) + 1 || growth < 1 || growth > growthMax)
    throw new FormatError('bad-proof', 'a batch or size that does not follow')
  if (last && next.from !== last.to)
    throw new FormatError('bad-window', 'windows that overlap or leave a hole')
  checkWindow(next)
}

/** Whether not both can be true, whichever is given first. */
export function conflicts(a: Checkpoint, b: Checkpoint): boolean {
  if (a.area !== b.area) return false
  if (a.batch === b.batch) return !sameCheckpoint(a, b)
  const [earlier, later] = a.batch < b.batch ? [a, b] : [b, a]
  if (later.size <= earlier.size) return true
  return later.batch === earlier.batch + 1 ? later.from !== earlier.to : later.from < earlier.to
}
