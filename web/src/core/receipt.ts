/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, FormatError, malformed } from './bytes'
import { base64urlDecode, hexDecode, hexEncode, utf8Decode, utf8Encode } from './encoding'
import { isAreaId } from './entry-table'
import { hasKeys, integerAt, type JsonObject, parseCanonical, stringAt, writeMembers } from './json'
import { signatureSize, verifySignature } from './p256'
import { depthMax, hashSize, verifyInclusion } from './tree'

/* Receipts, docs/PROTOCOL.md section 12: what the daemon gives for an entry that it made durable, so
 * that whoever holds it can show a broken promise. The twin of core/pt-receipt.h. */

export interface Receipt {
  readonly area: string
  readonly by: number // ms since 1970: the block in which its batch is anchored at the latest
  readonly received: number // ms since 1970, of all entries of the commit
  readonly index: number
  readonly size: number
  readonly leaf: Bytes
  readonly root: Bytes // over the leaf hashes of the commit's entries
  readonly path: readonly Bytes[]
  readonly signature: Bytes
}

export const receiptMax = 8192 // bytes
const format = 'powertrack-receipt-1'
const keys = 'area by format index leaf path received root sig size'.split(' ')

function hashOf(value: unknown): Bytes {
  if (typeof value !== 'string') throw malformed('no hash')
  return hexDecode(value, hashSize)
}

function pathAt(object: JsonObject): Bytes[] {
  const path = object.get('path')
  if (!Array.isArray(path) || path.length > depthMax) throw malformed('no path')
  return path.map(hashOf)
}

function read(object: JsonObject): Receipt {
  if (!hasKeys(object, keys) || stringAt(object, 'format') !== format)
    throw malformed('not the keys of a receipt')
  const area = stringAt(object, 'area')
  if (!isAreaId(area)) throw malformed('no id of an area')
  return {
    area,
    by: integerAt(object, 'by', 0),
    received: integerAt(object, 'received', 0),
    index: integerAt(object, 'index', 0),
    size: integerAt(object, 'size', 1),
    leaf: hashOf(object.get('leaf')),
    root: hashOf(object.get('root')),
    path: pathAt(object),
    signature: base64urlDecode(stringAt(object, 'sig'), signatureSize)
  }
}

/** Reads one and checks its form and its path; no signature. Rejects with a FormatError. */
export async function parseReceipt(data: Uint8Array): Promise<Receipt> {
  if (data.length > receiptMax) throw new FormatError('too-large', 'longer than any receipt')
  const receipt = read(parseCanonical(utf8Decode(data)))
  const { index, size, leaf, path, root } = receipt
  if (!(await verifyInclusion(index, size, leaf, path, root)))
    throw new FormatError('bad-proof', 'the path does not lead to the root')
  return receipt
}

/** What is signed, which is the same for all receipts of a commit. */
export function receiptSignedText({ area, by, received, root, size }: Receipt): string {
  const members = writeMembers([
    ['area', area],
    ['by', by],
    ['format', format],
    ['received', received],
    ['root', hexEncode(root)],
    ['size', size]
  ])
  return `powertrack receipt v1\n${members}`
}

/** Whether the area's service key signed it. */
export function verifyReceipt(receipt: Receipt, serviceKey: Uint8Array): Promise<boolean> {
  return verifySignature(serviceKey, utf8Encode(receiptSignedText(receipt)), receipt.signature)
}

/** What became of the promise; `broken` is a lie, for ever. */
export type Promised = 'pending' | 'kept' | 'late' | 'broken'

/** What a finalized block says of a receipt that holds. */
export interface ReceiptFacts {
  /** The batch whose window holds `received` (from <= received < to), if it is anchored in a final
   * block. */
  readonly anchored?: {
    readonly time: number // ms since 1970, of that block
    readonly holdsLeaf: boolean
  }
  readonly finalTime: number // ms since 1970, of the newest final block
}

export function judgeReceipt({ by }: Receipt, { anchored, finalTime }: ReceiptFacts): Promised {
  if (anchored && !anchored.holdsLeaf) return 'broken'
  if (anchored) return anchored.time <= by ? 'kept' : 'late'
  return finalTime > by ? 'late' : 'pending'
}
