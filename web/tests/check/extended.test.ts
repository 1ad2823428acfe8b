/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import type { CheckOptions, CheckResult } from '../../src/check'
import { checkBatchFile } from '../../src/check/batch-file'
import { parseFirstLine, parseLastLine } from '../../src/core/batch-lines'
import { base64urlDecode, base64urlEncode, hexDecode, hexEncode, utf8Decode, utf8Encode } from '../../src/core/encoding'
import { type Entry, parseEntryText } from '../../src/core/entry'
import { emptyFrontier, leafHash, rootOf } from '../../src/core/tree'
import { batchVectors, type EntryVector, extendedEntries, refusals, vectorBytes } from '../core/vectors'
import { endpoint, rpc } from './scripted'
import { type Batch, chainId, contract, type Key, makeBatch, makeChain, type Members, sign } from './world'

/* The log of the vectors as files, and what must not come next in it, as files too. */

const { area } = batchVectors
const keyOf = (text: string) => ({ point: base64urlDecode(text), text }) as unknown as Key
const authority = keyOf(batchVectors.authority_key)
const service = keyOf(batchVectors.service_key)

async function checkOnChain(batch: Batch): Promise<CheckResult> {
  const keys = { authority, service, device: service, stranger: service }
  const chain = { ...(await makeChain(keys, [batch])), area }
  if (batch.header.batch > 1) chain.roots.set(batch.header.batch - 1, batch.header.prevRoot)
  const handler = endpoint(chain)
  const options: CheckOptions = {
    fetch: async (url, init) => handler(new URL(url), String(init?.body), init?.signal),
    chain: { rpcUrls: [rpc], chainId, contract }
  }
  return checkBatchFile(batch.bytes, options)
}

const amiss = ({ steps }: CheckResult) =>
  steps
    .filter(({ verdict }) => verdict !== 'holds')
    .map(({ name, verdict, reasonCode }) => `${name} ${verdict} ${reasonCode}`)

describe('the files of the log', () => {
  test.each(batchVectors.batches)('$file', async ({ file, cid }) => {
    const bytes = vectorBytes(`v2/${file}`)
    const text = utf8Decode(bytes)
    const lines = text.trimEnd().split('\n')
    const header = { ...parseFirstLine(lines[0]!), ...parseLastLine(lines[lines.length - 1]!) }
    const batch: Batch = { header, entries: [], text, bytes, cid, after: emptyFrontier }
    const result = await checkOnChain(batch)
    // Officials and devices of the later files are registered in the first.
    expect(amiss(result)).toEqual(header.batch === 1 ? [] : ['signature unchecked keys-elsewhere'])
  })
})

const roster = extendedEntries.find(({ kind }) => kind === 'roster')!

/** The service's key, from its bare number and its point. */
async function serviceKey({ private_key_hex, public_key }: EntryVector): Promise<Key> {
  const point = base64urlDecode(public_key)
  const [x, y] = [point.slice(1, 33), point.slice(33)].map((half) => base64urlEncode(half))
  const d = base64urlEncode(hexDecode(private_key_hex))
  const jwk: JsonWebKey = { kty: 'EC', crv: 'P-256', x: x!, y: y!, d }
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const privateKey = await crypto.subtle.importKey('jwk', jwk, curve, false, ['sign'])
  return { pair: { privateKey } as unknown as CryptoKeyPair, point, text: public_key }
}

async function rosterMembers(entries: readonly Entry[], ts: number): Promise<Members> {
  const active = new Map<string, boolean>()
  for (const entry of entries)
    if (entry.kind === 'device') active.set(entry.device, entry.status === 'active')
  const heard = new Set(entries.map((entry) => (entry.kind === 'report' ? entry.device : '')))
  const expected = [...active].filter(([, is]) => is).map(([id]) => id)
  const silent = expected.filter((id) => !heard.has(id)).sort()
  return {
    area,
    batch: 1,
    expected: expected.length,
    heard: expected.length - silent.length,
    kind: 'roster',
    silent_root: hexEncode(
      await rootOf(await Promise.all(silent.map((id) => leafHash(utf8Encode(id)))))
    ),
    ts
  }
}

const signing = await serviceKey(roster)

/** The log up to there with @next behind it, as one file. */
async function checkNext(after: number, next: string): Promise<CheckResult> {
  const texts = extendedEntries
    .slice(0, after)
    .filter(({ kind }) => kind !== 'roster')
    .map(({ entry }) => entry)
  const entries = [...texts, next].map(parseEntryText)
  const from = entries[0]!.received
  const to = entries[entries.length - 1]!.received + 1
  const last = await sign(signing, to, await rosterMembers(entries, to))
  return checkOnChain(await makeBatch({ area, batch: 1, from, to }, emptyFrontier, [...texts, next, last]))
}

describe('what must not come next', () => {
  const cases = refusals.negatives.filter(({ kind, level }) => kind !== 'roster' && level !== 'form')
  test.each(cases.map((c, i) => ({ ...c, i })))('$i: $why', async ({ after, entry, level }) => {
    try {
      parseEntryText(entry)
    } catch {
      expect(level).toBe('any')
      return
    }
    const result = await checkNext(after, entry)
    expect(result.verdict).toBe('fails')
    const failed = result.steps.filter(({ verdict }) => verdict === 'fails')
    expect(failed.map(({ name }) => name).every((name) => ['form', 'signature'].includes(name))).toBe(true)
    // The file's first line and the log are above it.
    const place = String(extendedEntries.slice(0, after).filter(({ kind }) => kind !== 'roster').length + 2)
    for (const { values } of failed) expect(values['where']).toBe(place)
  })
})

describe('what may come next', () => {
  test.each(refusals.accepted)('$why', async ({ after, entry }) => {
    expect(amiss(await checkNext(after, entry))).toEqual([])
  })
})
