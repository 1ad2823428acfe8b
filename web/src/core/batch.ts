/* SPDX-License-Identifier: Apache-2.0 */
import { type BatchHeader, type LastLine, parseFirstLine, parseLastLine } from './batch-lines'
import { type Bytes, FormatError, malformed } from './bytes'
import { utf8Decode } from './encoding'
import { type Entry, entryMax, parseEntry } from './entry'
import { noPace, type Pace } from './pace'
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
    super(cause.code, cause.message)
  }
}

/** Told of every entry in its place: its index in the log's tree and its exact bytes. */
export type Visitor = (index: number, entry: Entry, bytes: Uint8Array) => void

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

/** Whether these bytes begin as a batch file does. */
export function looksLikeBatch(file: Uint8Array): boolean {
  const end = file.subarray(0, firstLineMax).indexOf(newline)
  const start = new TextDecoder().decode(file.subarray(0, end < 0 ? firstLineMax : end))
  return /^\s*\{\s*"area"\s*:\s*"[^"]*"\s*,\s*"batch"\s*:\s*\d+\s*,\s*"entries"/.test(start)
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

/* The order and window of the log, and where rosters are. */
class Rules {
  private received = 0

  constructor(private readonly header: BatchHeader) {
    this.received = header.from
  }

  take(entry: Entry, isLast: boolean): void {
    const { area, batch, to } = this.header
    if (entry.area !== area) throw malformed("another area's entry")
    if ((entry.kind === 'roster') !== isLast)
      throw new FormatError('bad-roster', 'a roster missing or misplaced')
    if (entry.received < this.received || (isLast ? entry.received !== to : entry.received >= to)) {
      throw new FormatError('bad-window', 'received outside the window or out of order')
    }
    if (entry.kind === 'roster' && entry.batch !== batch)
      throw new FormatError('bad-roster', "another batch's roster")
    this.received = entry.received
  }
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
  const rules = new Rules(header)
  const leaves: Bytes[] = []
  for (let at = 0; at < bodies.length; at += sha256Batch) {
    const hashes: Promise<Bytes>[] = []
    for (let i = at; i < Math.min(at + sha256Batch, bodies.length); i++) {
      hashes.push(atLine(i + 2, () => takeLine(bodies, i, header, rules, visit)))
      // Parsing so many at once would be felt.
      if (i % 128 === 0) await pace(i, bodies.length)
    }
    leaves.push(...(await Promise.all(hashes)))
  }
  await pace(bodies.length, bodies.length)
  return { header, leaves, lines: bodies }
}

function takeLine(
  bodies: Uint8Array[],
  i: number,
  header: BatchHeader,
  rules: Rules,
  visit?: Visitor
): Promise<Bytes> {
  const isLast = i === bodies.length - 1
  const bytes = stripComma(bodies[i]!, isLast)
  const entry = parseEntry(bytes)
  rules.take(entry, isLast)
  bodies[i] = bytes
  visit?.(header.previous.size + i, entry, bytes)
  return leafHash(bytes)
}

/** The tree with the batch's entries behind the frontier that the file names. */
export function growTree(batch: ReadBatch, pace: Pace = noPace): Promise<Frontier> {
  return growFrontier(batch.header.previous, batch.leaves, pace)
}
