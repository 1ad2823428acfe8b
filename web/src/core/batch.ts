/* SPDX-License-Identifier: Apache-2.0 */
import { type BatchHeader, type LastLine, parseFirstLine, parseLastLine } from './batch-lines'
import { type Bytes, FormatError, malformed } from './bytes'
import { utf8Decode } from './encoding'
import { type Entry, entryMax, parseEntry } from './entry'
import { noPace, type Pace } from './pace'
import { BatchWindow, type Rule } from './rules'
import { sha256Batch } from './sha256'
import { type Frontier, growFrontier, leafHash } from './tree'

/* Batch files: docs/PROTOCOL.md section 4. The lines are views of the file's bytes; nothing larger
 * than a leaf hash is made for an entry and kept. */

const newline = 10
const comma = 44
const firstLineMax = 128
const lastLineMax = 8192

/** A FormatError with the line (from 1) that it is about. */
export class LineError extends FormatError {
  constructor(
    readonly line: number,
    cause: FormatError
  ) {
    super(cause.code, cause.message, cause.rule)
  }
}

/** Told of every entry in its place: its index in the log's tree, its exact bytes and their hash. */
export type Visitor = (index: number, entry: Entry, bytes: Uint8Array, leaf: Bytes) => void

export interface ReadBatch {
  readonly header: BatchHeader
  readonly leaves: readonly Bytes[]
  /** Bytes of the entries' lines, in order, without comma and newline. */
  readonly lines: readonly Uint8Array[]
}

function atLine<T>(line: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof FormatError && !(error instanceof LineError)
      ? new LineError(line, error)
      : error
  }
}

/** Views of all lines without their newlines; the file must end with one. */
function splitLines(file: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let at = 0
  for (let end = file.indexOf(newline); end >= 0; end = file.indexOf(newline, at)) {
    lines.push(file.subarray(at, end))
    at = end + 1
  }
  if (at !== file.length) throw new LineError(lines.length + 1, malformed('a line without its end'))
  return lines
}

function lineText(line: Uint8Array | undefined, max: number): string {
  if (!line || line.length > max) throw malformed('a line that is missing or too long')
  return utf8Decode(line)
}

/** An entry's bytes: its line without the comma that all but the last have. */
function stripComma(line: Uint8Array, isLast: boolean): Uint8Array {
  if ((line[line.length - 1] === comma) === isLast) throw malformed('a comma too many or too few')
  const entry = isLast ? line : line.subarray(0, -1)
  if (entry.length === 0) throw malformed('an empty line')
  if (entry.length > entryMax)
    throw new FormatError('too-large', 'an entry longer than 65,535 bytes')
  return entry
}

function placeError(rule: Rule): FormatError {
  if (rule === 'other-area') return new FormatError('malformed', "another area's entry", rule)
  if (rule === 'after-roster' || rule === 'roster-missing')
    return new FormatError('bad-roster', 'a roster missing or misplaced', rule)
  if (rule === 'roster-batch') return new FormatError('bad-roster', "another batch's roster", rule)
  return new FormatError('bad-window', 'received outside the window or out of order', rule)
}

function checkPlace(rule: Rule): void {
  if (rule !== 'holds') throw placeError(rule)
}

/** Reads the whole file and checks its form, every entry's form, the window and the roster's place.
 * Whether the tree's hashes follow is for growTree () to say. Throws LineError. */
export async function readBatch(
  file: Uint8Array,
  visit?: Visitor,
  pace: Pace = noPace
): Promise<ReadBatch> {
  const lines = splitLines(file)
  const first = atLine(1, () => parseFirstLine(lineText(lines[0], firstLineMax)))
  const last: LastLine = atLine(lines.length, () =>
    parseLastLine(lineText(lines[lines.length - 1], lastLineMax))
  )
  const header: BatchHeader = { ...first, ...last }
  const bodies = lines.slice(1, -1)
  if (bodies.length < 2)
    throw new LineError(lines.length, new FormatError('bad-roster', 'fewer than two entries'))
  const window = new BatchWindow(header)
  const leaves: Bytes[] = []
  for (let at = 0; at < bodies.length; at += sha256Batch) {
    const entries: Entry[] = []
    const hashes: Promise<Bytes>[] = []
    for (let i = at; i < Math.min(at + sha256Batch, bodies.length); i++) {
      entries.push(atLine(i + 2, () => takeLine(bodies, i, window)))
      hashes.push(leafHash(bodies[i]!))
      // Parsing so many at once would be felt.
      if (i % 128 === 0) await pace(i, bodies.length)
    }
    leaves.push(...(await Promise.all(hashes)))
    const before = header.previous.size + at
    for (const [i, entry] of entries.entries())
      visit?.(before + i, entry, bodies[at + i]!, leaves[at + i]!)
  }
  atLine(bodies.length + 1, () => checkPlace(window.end()))
  await pace(bodies.length, bodies.length)
  return { header, leaves, lines: bodies }
}

/* Leaves the entry's bytes in the place of its line. */
function takeLine(bodies: Uint8Array[], i: number, window: BatchWindow): Entry {
  const bytes = stripComma(bodies[i]!, i === bodies.length - 1)
  const entry = parseEntry(bytes)
  checkPlace(window.take(entry))
  bodies[i] = bytes
  return entry
}

/** The tree with the batch's entries behind the frontier that the file names. */
export function growTree(batch: ReadBatch, pace: Pace = noPace): Promise<Frontier> {
  return growFrontier(batch.header.previous, batch.leaves, pace)
}
