/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, equal, FormatError, malformed } from './bytes'
import { hexDecode, hexEncode } from './encoding'
import { isAreaId } from './entry-table'
import { depthMax, type Frontier, frontierRoot, loadFrontier } from './tree'

/* The first and the last line of a batch file: docs/PROTOCOL.md section 4. Neither is a JSON text of
 * its own. What is read is written again and must be the same, so only the one form passes. */

export const batchFormat = 'powertrack-batch-1'

export interface BatchHeader {
  readonly area: string
  readonly batch: number
  readonly from: number // ms since 1970; from <= received < to, the roster's = to
  readonly to: number
  readonly previous: Frontier // the tree before
  readonly prevRoot: Bytes
  readonly size: number // leaves after
  readonly root: Bytes
}

export type FirstLine = Pick<BatchHeader, 'area' | 'batch'>
export type LastLine = Omit<BatchHeader, 'area' | 'batch'>

const number = '(0|[1-9][0-9]{0,15})'
const firstLine = new RegExp(`^{"area":"([a-z0-9-]{1,31})","batch":${number},"entries":\\[$`)
const lastLine = new RegExp(
  `^\\],"format":"${batchFormat}","from":${number},"frontier":\\[((?:"[0-9a-f]{64}",?)*)\\],` +
    `"prev_root":"([0-9a-f]{64})","prev_size":${number},"root":"([0-9a-f]{64})","size":${number},"to":${number}}$`
)

function toCount(text: string | undefined): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw malformed('a number beyond 2^53')
  return value
}

/** Without its newline, as all lines here. */
export function parseFirstLine(line: string): FirstLine {
  const match = firstLine.exec(line)
  const [area, batch] = [match?.[1] ?? '', toCount(match?.[2] ?? '0')]
  if (!isAreaId(area) || batch < 1 || writeFirstLine({ area, batch }) !== line)
    throw malformed('no first line of a batch')
  return { area, batch }
}

export function writeFirstLine({ area, batch }: FirstLine): string {
  return `{"area":"${area}","batch":${batch},"entries":[`
}

/** Reads and checks the form, the window and the frontier's size; not that prev_root follows. */
export function parseLastLine(line: string): LastLine {
  const match = lastLine.exec(line)
  if (!match) throw malformed('no last line of a batch')
  const nodes =
    match[2] === '' ? [] : match[2]!.split(',').map((node) => hexDecode(node.slice(1, -1), 32))
  if (nodes.length > depthMax) throw malformed('a frontier too long')
  const header: LastLine = {
    from: toCount(match[1]),
    to: toCount(match[7]),
    previous: loadFrontier(toCount(match[4]), nodes),
    prevRoot: hexDecode(match[3]!, 32),
    size: toCount(match[6]),
    root: hexDecode(match[5]!, 32)
  }
  if (writeLastLine(header) !== line) throw malformed('no last line of a batch')
  if (header.from >= header.to) throw new FormatError('bad-window', 'an empty window')
  if (header.size <= header.previous.size)
    throw new FormatError('bad-proof', 'a tree that did not grow')
  return header
}

export function writeLastLine(header: LastLine): string {
  const frontier = header.previous.nodes.map((node) => `"${hexEncode(node)}"`).join(',')
  return (
    `],"format":"${batchFormat}","from":${header.from},"frontier":[${frontier}],` +
    `"prev_root":"${hexEncode(header.prevRoot)}","prev_size":${header.previous.size},` +
    `"root":"${hexEncode(header.root)}","size":${header.size},"to":${header.to}}`
  )
}

/** Whether prev_root is the root of the frontier. */
export async function previousHolds(header: LastLine): Promise<boolean> {
  return equal(await frontierRoot(header.previous), header.prevRoot)
}
