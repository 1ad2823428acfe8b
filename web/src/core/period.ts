/* SPDX-License-Identifier: Apache-2.0 */
import { LineError } from './batch'
import { type Bytes, concat, equal, FormatError, malformed } from './bytes'
import {
  type Checkpoint,
  checkFollows,
  checkWindow,
  compareCheckpoints,
  parseCheckpoint,
  writeCheckpoint
} from './checkpoint'
import { hexDecode, hexEncode, utf8Decode, utf8Encode } from './encoding'
import { noPace, type Pace } from './pace'
import { sha256Batch } from './sha256'
import { type Frontier, frontierRoot, growFrontier, hashSize, leafHash, rootOf } from './tree'

/* Period files and the tree of periods: docs/PROTOCOL.md section 14. The twin of core/pt-period.h.
 * First and last line are read as those of a batch file are: what is read is written again and must
 * be the same. */

export const periodFormat = 'powertrack-period-1'

export interface PeriodHeader {
  readonly period: number // from 1
  readonly prev: Bytes // root of the tree of periods before
  readonly to: number // ms since 1970
}

export interface ReadPeriod extends PeriodHeader {
  readonly checkpoints: readonly Checkpoint[]
  readonly leaves: readonly Bytes[]
  readonly root: Bytes // over the lines
}

/** All periods before a file; `tree` has one leaf a period. */
export interface Periods {
  readonly tree: Frontier
  readonly to: number // of the newest
  /** Each area's newest checkpoint. */
  readonly heads: ReadonlyMap<string, Checkpoint>
}

export type PeriodLastLine = PeriodHeader

const firstLine = '{"checkpoints":['
const number = '(0|[1-9][0-9]{0,15})'
const lastLine = new RegExp(
  `^\\],"format":"${periodFormat}","period":${number},"prev":"([0-9a-f]{64})","to":${number}}$`
)

export function writePeriodLastLine({ period, prev, to }: PeriodLastLine): string {
  return `],"format":"${periodFormat}","period":${period},"prev":"${hexEncode(prev)}","to":${to}}`
}

/** Without its newline. */
export function parsePeriodLastLine(line: string): PeriodLastLine {
  const match = lastLine.exec(line)
  const [period, to] = [Number(match?.[1] ?? 0), Number(match?.[3] ?? 0)]
  if (!match || period < 1 || ![period, to].every(Number.isSafeInteger))
    throw malformed('no last line of a period')
  return { period, prev: hexDecode(match[2]!, hashSize), to }
}

/** The whole file; the checkpoints come in their order, and what they say is the caller's to see. */
export function writePeriod(header: PeriodHeader, checkpoints: readonly Checkpoint[]): string {
  return `${firstLine}\n${checkpoints.map(writeCheckpoint).join(',\n')}\n${writePeriodLastLine(header)}\n`
}

/** SHA-256 (0x00 || period as 8 bytes || root || count as 4 bytes), big-endian. */
export function periodLeaf(period: number, root: Bytes, count: number): Promise<Bytes> {
  const [before, after] = [new Uint8Array(8), new Uint8Array(4)]
  new DataView(before.buffer).setBigUint64(0, BigInt(period))
  new DataView(after.buffer).setUint32(0, count)
  return leafHash(concat(before, root, after))
}

function atLine<T>(line: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof FormatError ? new LineError(line, error) : error
  }
}

function textLines(file: Uint8Array): string[] {
  const lines = atLine(1, () => utf8Decode(file)).split('\n')
  if (lines.pop() !== '') throw new LineError(lines.length + 1, malformed('a line without its end'))
  if (lines[0] !== firstLine) throw new LineError(1, malformed('no first line of a period'))
  if (lines.length < 3) throw new LineError(2, malformed('no checkpoint'))
  return lines
}

function takeCheckpoint(
  line: string,
  isLast: boolean,
  before: Checkpoint | undefined,
  periods: Periods | undefined
): Checkpoint {
  if (line.endsWith(',') === isLast) throw malformed('a comma too many or too few')
  const checkpoint = parseCheckpoint(isLast ? line : line.slice(0, -1))
  if (before && compareCheckpoints(before, checkpoint) >= 0) throw malformed('not in order')
  if (before?.area === checkpoint.area) checkFollows(before, checkpoint)
  else if (periods) checkFollows(periods.heads.get(checkpoint.area), checkpoint)
  else checkWindow(checkpoint)
  return checkpoint
}

async function checkPeriods(periods: Periods, header: PeriodHeader): Promise<void> {
  if (header.period !== periods.tree.size + 1)
    throw new FormatError('bad-proof', 'not the next period')
  if (!equal(header.prev, await frontierRoot(periods.tree)))
    throw new FormatError('bad-proof', 'prev is not the root of the periods before')
  if (periods.tree.size > 0 && header.to <= periods.to)
    throw new FormatError('bad-window', 'not later than the period before')
}

/** Reads a whole file and holds it against the periods before; without them, what can be told of the
 * file alone. Whether root and count are those on the chain is the caller's to see. Rejects with a
 * LineError. */
export async function readPeriod(
  file: Uint8Array,
  periods?: Periods,
  pace: Pace = noPace
): Promise<ReadPeriod> {
  const lines = textLines(file)
  const bodies = lines.slice(1, -1)
  const checkpoints: Checkpoint[] = []
  const leaves: Bytes[] = []
  for (const [i, body] of bodies.entries()) {
    const isLast = i === bodies.length - 1
    checkpoints.push(atLine(i + 2, () => takeCheckpoint(body, isLast, checkpoints[i - 1], periods)))
    if (i % sha256Batch === 0) await pace(i, bodies.length)
    leaves.push(await leafHash(utf8Encode(isLast ? body : body.slice(0, -1))))
  }
  const header = atLine(lines.length, () => parsePeriodLastLine(lines[lines.length - 1]!))
  try {
    if (periods) await checkPeriods(periods, header)
    if (checkpoints.some(({ to }) => to > header.to))
      throw new FormatError('bad-window', 'a checkpoint that is later than its period')
  } catch (error) {
    throw error instanceof FormatError ? new LineError(lines.length, error) : error
  }
  return { ...header, checkpoints, leaves, root: await rootOf(leaves) }
}

export const noPeriods: Periods = { tree: { size: 0, nodes: [] }, to: 0, heads: new Map() }

/** The periods with this one, which readPeriod () took behind them. */
export async function growPeriods(periods: Periods, read: ReadPeriod): Promise<Periods> {
  const leaf = await periodLeaf(read.period, read.root, read.checkpoints.length)
  return {
    tree: await growFrontier(periods.tree, [leaf]),
    to: read.to,
    heads: new Map([
      ...periods.heads,
      ...read.checkpoints.map((checkpoint) => [checkpoint.area, checkpoint] as const)
    ])
  }
}
