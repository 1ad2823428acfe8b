/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, FormatError, malformed } from './bytes'
import { cidFromText } from './cid'
import { hexDecode, utf8Decode, utf8Encode } from './encoding'
import { entryMax } from './entry'
import { isAreaId } from './entry-table'
import { hasKeys, integerAt, type JsonObject, parseCanonical, stringAt } from './json'
import { depthMax } from './tree'

/* Proof bundles: docs/PROTOCOL.md section 7. */

export const bundleMax = 6 * 2 * entryMax + 16384 // bytes: both entries escaped, and the rest
const format = 'powertrack-proof-1'

export interface Bundle {
  readonly area: string
  readonly batch: number
  readonly block: number
  readonly chainId: number
  readonly contract: string // 0x and 40 hex digits
  readonly transaction: string // 0x and 64 hex digits
  readonly cid: string
  readonly cidBytes: Bytes
  readonly entry: string // exact text
  readonly signer: string // exact text; '' for what the service signs
  readonly index: number
  readonly size: number
  readonly root: Bytes
  readonly path: readonly Bytes[]
}

const keys = [
  'area',
  'batch',
  'chain',
  'cid',
  'entry',
  'format',
  'index',
  'path',
  'root',
  'signer',
  'size'
]
const chainKeys = ['block', 'chain_id', 'contract', 'tx']

function prefixedAt(object: JsonObject, key: string, size: number): string {
  const value = stringAt(object, key)
  if (!value.startsWith('0x')) throw malformed(`${key} without 0x`)
  hexDecode(value.slice(2), size)
  return value
}

function entryAt(object: JsonObject, key: string): string {
  const value = stringAt(object, key)
  if (utf8Encode(value).length > entryMax)
    throw new FormatError('too-large', `${key} longer than an entry`)
  return value
}

function pathAt(object: JsonObject): Bytes[] {
  const path = object.get('path')
  if (!Array.isArray(path)) throw malformed('path is no array')
  if (path.length > depthMax) throw new FormatError('too-large', 'a path of more than 64 hashes')
  return path.map((node: unknown) => {
    if (typeof node !== 'string') throw malformed('path holds no hash')
    return hexDecode(node, 32)
  })
}

function chainAt(
  object: JsonObject
): Pick<Bundle, 'block' | 'chainId' | 'contract' | 'transaction'> {
  const chain = object.get('chain')
  if (!(chain instanceof Map) || !hasKeys(chain as JsonObject, chainKeys))
    throw malformed('chain has other keys')
  return {
    block: integerAt(chain, 'block', 0),
    chainId: integerAt(chain, 'chain_id', 1),
    contract: prefixedAt(chain, 'contract', 20),
    transaction: prefixedAt(chain, 'tx', 32)
  }
}

/** Reads canonical bundle bytes; the entries inside are checked by whoever asks about them. Throws
 * FormatError. */
export function parseBundle(data: Uint8Array): Bundle {
  if (data.length > bundleMax) throw new FormatError('too-large', 'longer than any bundle')
  const object = parseCanonical(utf8Decode(data))
  if (!hasKeys(object, keys) || stringAt(object, 'format') !== format)
    throw malformed('not the keys of a bundle')
  const area = stringAt(object, 'area')
  if (!isAreaId(area)) throw malformed('no id of an area')
  const size = integerAt(object, 'size', 1)
  const cid = stringAt(object, 'cid')
  return {
    area,
    batch: integerAt(object, 'batch', 1),
    ...chainAt(object),
    cid,
    cidBytes: cidFromText(cid),
    entry: entryAt(object, 'entry'),
    signer: entryAt(object, 'signer'),
    index: integerAt(object, 'index', 0, size - 1),
    size,
    root: hexDecode(stringAt(object, 'root'), 32),
    path: pathAt(object)
  }
}
