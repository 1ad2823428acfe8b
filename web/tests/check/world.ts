/* SPDX-License-Identifier: Apache-2.0 */
import { areaWord, numberWord, selectors, toData, topics } from '../../src/core/abi'
import { type BatchHeader, writeFirstLine, writeLastLine } from '../../src/core/batch-lines'
import { type Bytes, concat } from '../../src/core/bytes'
import { cidOfFile, cidToText } from '../../src/core/cid'
import { base64urlEncode, hexEncode, utf8Encode } from '../../src/core/encoding'
import {
  emptyFrontier,
  type Frontier,
  frontierRoot,
  growFrontier,
  leafHash,
  proveInclusion
} from '../../src/core/tree'

/* A small true world: an area with keys of its own, a log of two batches, the contract that has
 * their roots, and everything a liar needs to change a part of it. */

export type Members = Record<string, unknown>

/** RFC 8785 of plain objects, written apart from what is tested. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

export interface Key {
  readonly pair: CryptoKeyPair
  readonly point: Bytes
  readonly text: string
}

export async function makeKey(): Promise<Key> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify'
  ])
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  return { pair, point, text: base64urlEncode(point) }
}

/** A stored entry's text. */
export async function sign(key: Key, received: number, members: Members): Promise<string> {
  const bytes = utf8Encode(`powertrack ${String(members['kind'])} v1\n${canonical(members)}`)
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key.pair.privateKey,
    bytes
  )
  return canonical({ ...members, received, sig: base64urlEncode(new Uint8Array(signature)) })
}

export interface Batch {
  readonly header: BatchHeader
  readonly entries: readonly string[]
  readonly text: string
  readonly bytes: Bytes
  readonly cid: string
  readonly after: Frontier
}

export async function makeBatch(
  window: Pick<BatchHeader, 'area' | 'batch' | 'from' | 'to'>,
  previous: Frontier,
  entries: readonly string[],
  change: Partial<BatchHeader> = {}
): Promise<Batch> {
  const leaves = await Promise.all(entries.map((entry) => leafHash(utf8Encode(entry))))
  const after = await growFrontier(previous, leaves)
  const header: BatchHeader = {
    ...window,
    previous,
    prevRoot: await frontierRoot(previous),
    size: after.size,
    root: await frontierRoot(after),
    ...change
  }
  const text = `${writeFirstLine(header)}\n${entries.join(',\n')}\n${writeLastLine(header)}\n`
  const bytes = utf8Encode(text)
  return { header, entries, text, bytes, cid: cidToText(await cidOfFile(bytes)), after }
}

export const area = 'test-east'
export const contract = '0x5fbdb2315678afecb367f032d93f642f64180aa3'
export const chainId = 31337
export const start = 1764000000000
const place = { lat: 255941234, lon: 851376543 }

export interface Keys {
  readonly authority: Key
  readonly service: Key
  readonly device: Key
  readonly stranger: Key
}

export function deviceMembers(key: Key, change: Members = {}): Members {
  return {
    area,
    customers: 63,
    device: 'tx-1',
    key: key.text,
    kind: 'device',
    level: 'transformer',
    site: 'T-1',
    status: 'active',
    ts: start,
    ...place,
    ...change
  }
}

export function reportMembers(seq: number, change: Members = {}): Members {
  return {
    area,
    device: 'tx-1',
    kind: 'report',
    power: seq % 2 === 0 ? 'OFF' : 'ON',
    seq,
    site: 'T-1',
    ts: start + 1000 + seq,
    ...place,
    ...change
  }
}

const emptyRoot = hexEncode(await frontierRoot(emptyFrontier))

export function rosterMembers(batch: number, ts: number): Members {
  return {
    area,
    batch,
    expected: 1,
    heard: 1,
    kind: 'roster',
    silent_root: emptyRoot,
    ts
  }
}

/** What the contract has; a liar's chain is another one of these. */
export interface Chain {
  /** The one that it knows; `area` unless given. */
  area?: string
  chainId: number
  block: number
  roots: Map<number, Bytes>
  /** Data of the area's event, or none. */
  registered: { block: number; data: Bytes }[]
  anchored: Map<number, { block: number; data: Bytes }>
  /** The most blocks that one search for logs may span. */
  span: number
}

const dynamic = (data: Uint8Array) =>
  concat(numberWord(data.length), data, new Uint8Array((32 - (data.length % 32)) % 32))

export function registeredData(authority: Key, service: Key): Bytes {
  return concat(
    numberWord(96),
    numberWord(224),
    numberWord(1),
    dynamic(authority.point),
    dynamic(service.point)
  )
}

export async function anchoredData(
  batch: Batch,
  change: Partial<BatchHeader> = {},
  bytes = batch.bytes
): Promise<Bytes> {
  const { size, from, to, root } = { ...batch.header, ...change }
  return concat(
    numberWord(size),
    numberWord(from),
    numberWord(to),
    root,
    numberWord(160),
    dynamic(await cidOfFile(bytes))
  )
}

export interface World {
  readonly keys: Keys
  readonly registration: string
  readonly batches: readonly [Batch, Batch]
  readonly chain: Chain
  /** Of the report with this counter, in batch 2. */
  readonly seq: number
  readonly index: number
  readonly bundle: Members
}

export async function makeBundle(
  batches: readonly Batch[],
  index: number,
  signer: string,
  block = 12
): Promise<Members> {
  const batch = batches[batches.length - 1]!
  const entries = batches.flatMap((item) => item.entries)
  const leaves = await Promise.all(entries.map((entry) => leafHash(utf8Encode(entry))))
  return {
    area: batch.header.area,
    batch: batch.header.batch,
    chain: { block, chain_id: chainId, contract, tx: `0x${'ab'.repeat(32)}` },
    cid: batch.cid,
    entry: entries[index]!,
    format: 'powertrack-proof-1',
    index,
    path: (await proveInclusion(leaves, index)).map(hexEncode),
    root: hexEncode(batch.header.root),
    signer,
    size: batch.header.size
  }
}

export async function makeChain(keys: Keys, batches: readonly Batch[]): Promise<Chain> {
  const anchored = new Map<number, { block: number; data: Bytes }>()
  for (const batch of batches)
    anchored.set(batch.header.batch, {
      block: 10 + batch.header.batch,
      data: await anchoredData(batch)
    })
  return {
    chainId,
    block: 40,
    roots: new Map(batches.map((batch) => [batch.header.batch, batch.header.root])),
    registered: [{ block: 3, data: registeredData(keys.authority, keys.service) }],
    anchored,
    span: 1e9
  }
}

export async function makeWorld(): Promise<World> {
  const [authority, service, device, stranger] = await Promise.all([
    makeKey(),
    makeKey(),
    makeKey(),
    makeKey()
  ])
  const keys = { authority, service, device, stranger }
  const registration = await sign(authority, start + 10, deviceMembers(device))
  const first = await makeBatch({ area, batch: 1, from: start, to: start + 60000 }, emptyFrontier, [
    registration,
    await sign(device, start + 2000, reportMembers(1)),
    await sign(service, start + 60000, rosterMembers(1, start + 60000))
  ])
  const reports = await Promise.all(
    [2, 3, 4, 5].map((seq) => sign(device, start + 61000 + seq, reportMembers(seq)))
  )
  const second = await makeBatch(
    { area, batch: 2, from: start + 60000, to: start + 120000 },
    first.after,
    [...reports, await sign(service, start + 120000, rosterMembers(2, start + 120000))]
  )
  const batches = [first, second] as const
  const index = 5
  return {
    keys,
    registration,
    batches,
    chain: await makeChain(keys, batches),
    seq: 4,
    index,
    bundle: await makeBundle(batches, index, registration)
  }
}

export { areaWord, numberWord, selectors, toData, topics }
