/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, concat, equal, malformed } from './bytes'
import { cidFromBytes } from './cid'
import { hexDecode, hexEncode, utf8Encode } from './encoding'
import { isAreaId } from './entry-table'
import { publicKeySize } from './p256'

/* Calls to and events of PowerAnchor (docs/PROTOCOL.md section 6) in the contract ABI. Selectors and
 * topics are constants so that the page needs no Keccak; tests/core/abi.test.ts computes them. */

export const signatures = {
  rootOf: 'rootOf(bytes32,uint64)',
  latest: 'latest(bytes32)',
  areaRegistered: 'AreaRegistered(bytes32,bytes,bytes,address)',
  anchored: 'Anchored(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)'
} as const

export const selectors = { rootOf: '0x615f0aa5', latest: '0x79feb107' } as const

export const topics = {
  areaRegistered: '0x78313f29cf84b31fcdf7091a0adc0f878f760402b09e22d716f036488652cef7',
  anchored: '0x81fcbb79d9b2af322eca5c44790d0fc60834b1f3472c25cb8c6995312983252f'
} as const

const wordSize = 32

/** `0x` and lower-case hex: what JSON-RPC takes and gives for data. */
export function toData(bytes: Uint8Array): string {
  return `0x${hexEncode(bytes)}`
}

/** Either case, as endpoints differ. */
export function fromData(text: string): Bytes {
  if (!text.startsWith('0x')) throw malformed('data without 0x')
  return hexDecode(text.slice(2).toLowerCase())
}

/** The id as ASCII, right-padded with zeros. */
export function areaWord(area: string): Bytes {
  if (!isAreaId(area)) throw malformed('no id of an area')
  return concat(utf8Encode(area), new Uint8Array(wordSize - area.length))
}

export function numberWord(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw malformed('no unsigned number')
  return hexDecode(value.toString(16).padStart(2 * wordSize, '0'))
}

export function callRootOf(area: string, batch: number): string {
  return selectors.rootOf + hexEncode(areaWord(area)) + hexEncode(numberWord(batch))
}

export function callLatest(area: string): string {
  return selectors.latest + hexEncode(areaWord(area))
}

function wordsOf(data: Bytes, count: number): Bytes[] {
  if (data.length !== count * wordSize) throw malformed('an answer of another size')
  return Array.from({ length: count }, (_, i) => data.slice(i * wordSize, (i + 1) * wordSize))
}

function toNumber(word: Bytes): number {
  const value = BigInt(`0x${hexEncode(word)}`)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a number beyond 2^53')
  return Number(value)
}

export function decodeRootOf(data: Bytes): Bytes {
  return wordsOf(data, 1)[0]!
}

export interface Latest {
  readonly batch: number
  readonly size: number
  readonly to: number // ms since 1970
  readonly root: Bytes
}

export function decodeLatest(data: Bytes): Latest {
  const [batch, size, to, root] = wordsOf(data, 4) as [Bytes, Bytes, Bytes, Bytes]
  return { batch: toNumber(batch), size: toNumber(size), to: toNumber(to), root }
}

/** Dynamic bytes of exactly @size at @at: the length's word, the bytes, zeros. */
function dynamicAt(data: Bytes, at: number, size: number): Bytes {
  const end = at + wordSize + size
  const padded = at + wordSize + Math.ceil(size / wordSize) * wordSize
  if (padded > data.length || toNumber(data.slice(at, at + wordSize)) !== size)
    throw malformed('bytes of another size')
  if (data.subarray(end, padded).some((byte) => byte !== 0))
    throw malformed('padding that is not zeros')
  return data.slice(at + wordSize, end)
}

export interface AreaRegistered {
  readonly authorityKey: Bytes
  readonly serviceKey: Bytes
  readonly operator: string
}

/* Three words, then two keys of 65 bytes in a length's word and three words each. */
const keySlot = wordSize + Math.ceil(publicKeySize / wordSize) * wordSize
const registeredSize = 3 * wordSize + 2 * keySlot

/** Strict: the one layout that the contract writes. @logTopics include the first. */
export function decodeAreaRegistered(
  logTopics: readonly Bytes[],
  data: Bytes,
  area: string
): AreaRegistered {
  if (logTopics.length !== 2 || toData(logTopics[0]!) !== topics.areaRegistered)
    throw malformed('another event')
  if (!equal(logTopics[1]!, areaWord(area)) || data.length !== registeredSize)
    throw malformed("another area's event")
  const [first, second, operator] = wordsOf(data.slice(0, 3 * wordSize), 3) as [Bytes, Bytes, Bytes]
  const [firstAt, secondAt] = [3 * wordSize, 3 * wordSize + keySlot]
  if (
    toNumber(first) !== firstAt ||
    toNumber(second) !== secondAt ||
    operator.subarray(0, 12).some((byte) => byte !== 0)
  ) {
    throw malformed('another layout')
  }
  return {
    authorityKey: dynamicAt(data, firstAt, publicKeySize),
    serviceKey: dynamicAt(data, secondAt, publicKeySize),
    operator: toData(operator.slice(12))
  }
}

export interface Anchored {
  readonly size: number
  readonly from: number // ms since 1970
  readonly to: number
  readonly root: Bytes
  readonly cid: Bytes
}

const anchoredWords = 5
const cidSize = 36
const anchoredSize = (anchoredWords + 1 + Math.ceil(cidSize / wordSize)) * wordSize

export function decodeAnchored(
  logTopics: readonly Bytes[],
  data: Bytes,
  area: string,
  batch: number
): Anchored {
  if (logTopics.length !== 3 || toData(logTopics[0]!) !== topics.anchored)
    throw malformed('another event')
  if (!equal(logTopics[1]!, areaWord(area)) || !equal(logTopics[2]!, numberWord(batch)))
    throw malformed("another batch's event")
  if (data.length !== anchoredSize) throw malformed('another layout')
  const head = wordsOf(data.slice(0, anchoredWords * wordSize), anchoredWords) as [
    Bytes,
    Bytes,
    Bytes,
    Bytes,
    Bytes
  ]
  if (toNumber(head[4]) !== anchoredWords * wordSize) throw malformed('another layout')
  return {
    size: toNumber(head[0]),
    from: toNumber(head[1]),
    to: toNumber(head[2]),
    root: head[3],
    cid: cidFromBytes(dynamicAt(data, anchoredWords * wordSize, cidSize))
  }
}
