/* SPDX-License-Identifier: Apache-2.0 */
import { beforeAll, describe, expect, test } from 'vitest'

import { checkReport, type CheckResult, type ReportOptions, type Step, stepNames } from '../../src/check'
import { concat } from '../../src/core/bytes'
import { hexEncode, utf8Encode } from '../../src/core/encoding'
import { leafHash } from '../../src/core/tree'
import { bundleBytes, bytes, daemon, dead, deaf, endpoint, type Handler, never, network, otherRpc, rpc, type Script, status } from './scripted'
import {
  anchoredData,
  area,
  type Batch,
  canonical,
  chainId,
  contract,
  deviceMembers,
  makeBatch,
  makeBundle,
  makeChain,
  makeKey,
  makeWorld,
  registeredData,
  reportMembers,
  rosterMembers,
  sign,
  start,
  type World
} from './world'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})

async function check(script: Script = {}, change: Partial<ReportOptions> = {}): Promise<CheckResult> {
  return checkReport({
    fetch: network(world, script),
    daemon,
    area,
    device: 'tx-1',
    seq: world.seq,
    chain: { rpcUrls: [rpc], chainId, contract },
    rpcTimeout: 200,
    bundleTimeout: 200,
    fileTimeout: 200,
    ...change
  })
}

/** What is not 'holds', as {step: 'verdict reason'}. */
function amiss(result: CheckResult): Record<string, string> {
  expect(result.steps.map((step) => step.name)).toEqual([...stepNames])
  const others = result.steps.filter((step) => step.verdict !== 'holds')
  for (const step of result.steps) expect(step.reasonCode === '').toBe(step.verdict === 'holds')
  const worst = others.some((step) => step.verdict === 'fails') ? 'fails' : others.length > 0 ? 'unchecked' : 'holds'
  expect(result.verdict).toBe(worst)
  return Object.fromEntries(others.map((step) => [step.name, `${step.verdict} ${step.reasonCode}`]))
}

const step = (result: CheckResult, name: string): Step => result.steps.find((item) => item.name === name)!
const served = (change: Record<string, unknown>): Script => ({ proof: bytes(bundleBytes(world, change)) })
const nothingElse = (form: string) =>
  Object.fromEntries(stepNames.map((name) => [name, name === 'form' ? form : 'unchecked no-bundle']))

test('a true report holds in every step, with its values', async () => {
  const seen: string[] = []
  const told: Step[] = []
  const result = await check({}, { onStep: (item) => told.push(item), fetch: network(world, {}, seen) })
  expect(amiss(result)).toEqual({})
  expect(result.report).toMatchObject({ area, device: 'tx-1', site: 'T-1', power: 'OFF', seq: 4 })
  expect(result.record).toMatchObject({ batch: 2, index: world.index, cid: world.batches[1].cid, contract, chainId })
  expect(result.anchoredAt).toBe((1764000000 + 12) * 1000)
  expect(result.bundle).toEqual(bundleBytes(world))
  expect(told.map((item) => item.name).sort()).toEqual([...stepNames].sort())
  expect(step(result, 'chain').values).toMatchObject({ endpoints: rpc, rootOnChain: world.bundle['root'], block: '12', anchoredCid: world.batches[1].cid })
  expect(step(result, 'frontier').values).toMatchObject({ prevRootOnChain: 'equal', prevSize: '3', size: '8' })
  expect(step(result, 'signature').values['signedBytes']).toMatch(/^powertrack report v1\n\{"area"/)
  expect(seen[0]).toBe(`${daemon}/api/v1/proof?device=tx-1&seq=4&area=${area}`)
  expect(new Set(seen.map((url) => new URL(url).host))).toEqual(new Set(['daemon.test', 'rpc-1.test']))
})

test('nothing is taken from a cache, and nobody learns who asks', async () => {
  const inits: unknown[] = []
  const fetch = network(world)
  await check({}, {
    fetch: (url, init) => {
      inits.push({ cache: init?.cache, credentials: init?.credentials, referrerPolicy: init?.referrerPolicy })
      return fetch(url, init)
    }
  })
  expect(inits.length).toBeGreaterThan(5)
  for (const init of inits) expect(init).toEqual({ cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' })
})

describe('the bundle cannot be had', () => {
  const problems: [string, Handler, string][] = [
    ['404', status(404, 'not-found'), 'not-found'],
    ['409 not anchored', status(409, 'not-anchored'), 'not-anchored'],
    ['409 conflict', status(409, 'conflict'), 'conflict'],
    ['409 of another sort', status(409), 'server-error'],
    ['500', status(500), 'server-error'],
    ['a status with rubbish', () => new Response('<html>', { status: 502 }), 'server-error'],
    ['dead', dead, 'unreachable'],
    ['never', never, 'slow'],
    ['never, deaf to signals', deaf, 'slow'],
    ['headers and no body', () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) })), 'slow'],
    ['longer than any bundle', bytes(new Uint8Array(900_000)), 'too-large']
  ]
  test.each(problems)('%s', async (_, proof, reason) => {
    expect(amiss(await check({ proof }))).toEqual(nothingElse(`unchecked ${reason}`))
  })
})

describe('form', () => {
  test.each([
    ['HTML', '<!doctype html>'],
    ['another object', '{"a":1}'],
    ['nothing', ''],
    ['an array', '[]']
  ])('%s', async (_, text) => expect(amiss(await check({ proof: bytes(text) }))).toEqual(nothingElse('fails bundle-malformed')))
  test('a bundle with a space, cut, or with another key', async () => {
    const text = canonical(world.bundle)
    for (const wrong of [`${text} `, text.slice(0, -1), text.replace(':', ': '), canonical({ ...world.bundle, zone: 1 })]) {
      expect(amiss(await check({ proof: bytes(wrong) }))).toEqual(nothingElse('fails bundle-malformed'))
    }
  })
  test.each([
    ['size 0', { size: 0 }],
    ['index beyond', { index: 8 }],
    ['no hash in the path', { path: ['00'] }],
    ['a number in the path', { path: [1] }],
    ['a path of 65', { path: Array.from({ length: 65 }, () => '00'.repeat(32)) }],
    ['batch 0', { batch: 0 }],
    ['another format', { format: 'powertrack-proof-2' }],
    ['no CID', { cid: 'QmX' }],
    ['a bad area', { area: 'Test' }],
    ['chain as text', { chain: 'x' }],
    ['upper case root', { root: 'AB'.repeat(32) }]
  ])('%s', async (_, change) => expect(amiss(await check(served(change)))).toEqual(nothingElse('fails bundle-malformed')))
  test('a bundle of another report than asked', async () => {
    const other = await makeBundle(world.batches, 4, world.registration)
    expect(amiss(await check({ proof: bytes(canonical(other)) }))).toEqual(nothingElse('fails other-report'))
    expect(amiss(await check({}, { seq: 3 }))).toEqual(nothingElse('fails other-report'))
    expect(amiss(await check({}, { device: 'tx-2' }))).toEqual(nothingElse('fails other-report'))
    expect(amiss(await check({}, { area: 'test-west' }))).toEqual(nothingElse('fails other-report'))
  })
  test('a bundle of a roster, when a report was asked', async () => {
    const other = await makeBundle(world.batches, 7, '')
    expect(amiss(await check({ proof: bytes(canonical(other)) }))).toEqual(nothingElse('fails other-report'))
  })
  test("an entry of another area than the bundle's", async () => {
    const result = amiss(await check(served({ area: 'test-west' })))
    expect(result).toMatchObject({ form: 'fails entry-other-area', signature: 'unchecked no-bundle', file: 'fails batch-other', chain: 'fails root-not-on-chain' })
  })
  test('an entry that is not canonical', async () => {
    const result = amiss(await check(served({ entry: String(world.bundle['entry']).replace(':', ': ') })))
    expect(result).toMatchObject({ form: 'fails entry-malformed', signature: 'unchecked no-bundle', registration: 'unchecked no-bundle', inclusion: 'fails path-bad', file: 'fails entry-differs' })
  })
})

describe('what the device said', () => {
  test('a byte of the entry', async () => {
    const entry = String(world.bundle['entry']).replace('"power":"OFF"', '"power":"ON"')
    expect(amiss(await check(served({ entry })))).toEqual({ signature: 'fails signature-bad', inclusion: 'fails path-bad', file: 'fails entry-differs' })
  })
  test("only the daemon's clock", async () => {
    const entry = String(world.bundle['entry']).replace(/"received":\d+/, `"received":${start + 61001}`)
    expect(amiss(await check(served({ entry })))).toEqual({ inclusion: 'fails path-bad', file: 'fails entry-differs' })
  })
  test('the signature, everywhere and in the log', async () => {
    expect(amiss(await checkForged(await sign(world.keys.stranger, start + 61004, reportMembers(4))))).toEqual({ signature: 'fails signature-bad' })
  })
  test('r of zero', async () => {
    const entry = String(world.bundle['entry']).replace(/"sig":"[^"]{42}/, `"sig":"${'A'.repeat(42)}`)
    expect(amiss(await check(served({ entry })))).toMatchObject({ signature: 'fails signature-bad' })
  })
})

/** A log that an operator made, anchored and all, in which @entry stands instead of the report and
 * @signer vouches for it. */
async function checkForged(entry: string, signer = world.registration, before: string[] = []): Promise<CheckResult> {
  const [first, second] = world.batches
  const entries = [...before, ...second.entries.slice(0, 2), entry, ...second.entries.slice(3)]
  const forged = await makeBatch(second.header, first.after, entries)
  const index = world.index + before.length
  const bundle = await makeBundle([first, forged], index, signer)
  const chain = await makeChain(world.keys, [first, forged])
  return check({ proof: bytes(canonical(bundle)), file: bytes(forged.bytes), rpc: endpoint(chain) })
}

describe('the registration', () => {
  const vouched = async (change: Record<string, unknown>, received = start + 10, key = world.keys.authority) =>
    amiss(await check(served({ signer: await sign(key, received, deviceMembers(world.keys.device, change)) })))

  test('signed by another key', async () => expect(await vouched({}, start + 10, world.keys.stranger)).toEqual({ authority: 'fails authority-signature-bad' }))
  test('names another key', async () => {
    const signer = await sign(world.keys.authority, start + 10, deviceMembers(world.keys.stranger))
    expect(amiss(await check(served({ signer })))).toEqual({ signature: 'fails signature-bad' })
  })
  test('a made up key, vouched for by itself, with a signature that fits', async () => {
    const liar = await makeKey()
    const entry = await sign(liar, start + 61004, reportMembers(4))
    const result = await checkForged(entry, await sign(liar, start + 10, deviceMembers(liar)))
    expect(amiss(result)).toEqual({ authority: 'fails authority-signature-bad' })
  })
  test('revoked', async () => expect(await vouched({ status: 'revoked' })).toEqual({ registration: 'fails registration-revoked' }))
  test('later than the report', async () => expect(await vouched({}, start + 61005)).toEqual({ registration: 'fails registration-later' }))
  test('another site', async () => expect(await vouched({ site: 'T-2' })).toEqual({ registration: 'fails registration-other-site' }))
  test('another place', async () => expect(await vouched({ lat: 1 })).toEqual({ registration: 'fails registration-other-place' }))
  test('another device', async () => {
    expect(await vouched({ device: 'tx-2' })).toEqual({ signature: 'unchecked no-key', registration: 'fails registration-other-device', authority: 'unchecked no-registration' })
  })
  test('another area', async () => {
    expect(await vouched({ area: 'test-west' })).toEqual({ signature: 'unchecked no-key', registration: 'fails registration-other-area', authority: 'unchecked no-registration' })
  })
  test('an official', async () => {
    const signer = await sign(world.keys.authority, start, { area, kind: 'official', key: world.keys.device.text, name: 'x', official: 'tx-1', role: 'officer', status: 'active', ts: start })
    expect(amiss(await check(served({ signer })))).toEqual({ signature: 'unchecked no-key', registration: 'fails registration-other-device', authority: 'unchecked no-registration' })
  })
  test.each(['', 'x', '{}'])('%j', async (signer) => {
    expect(amiss(await check(served({ signer })))).toEqual({ signature: 'unchecked no-key', registration: 'fails registration-malformed', authority: 'unchecked no-registration' })
  })
  test('a key off the curve', async () => {
    const key = world.keys.device.text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).slice(0, 40) + (world.keys.device.text[40] === 'A' ? 'B' : 'A') + world.keys.device.text.slice(41)
    expect(await vouched({ key })).toEqual({ signature: 'fails key-bad', registration: 'fails key-bad' })
  })
  test('revoked before, in the same batch', async () => {
    const revocation = await sign(world.keys.authority, start + 61000, deviceMembers(world.keys.device, { status: 'revoked', ts: start + 1 }))
    const result = await checkForged(world.batches[1].entries[2]!, world.registration, [revocation])
    expect(amiss(result)).toEqual({ registration: 'fails registration-superseded' })
  })
  test('renewed before, in the same batch, and the newest given', async () => {
    const renewed = await sign(world.keys.authority, start + 61000, deviceMembers(world.keys.device, { customers: 64, ts: start + 1 }))
    expect(amiss(await checkForged(world.batches[1].entries[2]!, renewed, [renewed]))).toEqual({})
  })
})

describe('the place in the record', () => {
  test('a hash of the path', async () => {
    const path = [...(world.bundle['path'] as string[])]
    path[1] = 'ab'.repeat(32)
    expect(amiss(await check(served({ path })))).toEqual({ inclusion: 'fails path-bad' })
  })
  test('a hash too few or too many', async () => {
    const path = world.bundle['path'] as string[]
    for (const wrong of [path.slice(1), path.slice(0, -1), [...path, 'ab'.repeat(32)], []]) expect(amiss(await check(served({ path: wrong })))).toEqual({ inclusion: 'fails path-bad' })
  })
  test('another index', async () => {
    expect(amiss(await check(served({ index: 4 })))).toEqual({ inclusion: 'fails path-bad', file: 'fails entry-differs' })
    expect(amiss(await check(served({ index: 2 })))).toEqual({ inclusion: 'fails path-bad', file: 'fails index-outside' })
  })
  test('another size', async () => {
    expect(amiss(await check(served({ size: 9 })))).toEqual({ inclusion: 'fails path-bad', frontier: 'fails bundle-root-differs', chain: 'fails size-other' })
  })
  test('another root', async () => {
    expect(amiss(await check(served({ root: 'ab'.repeat(32) })))).toEqual({ inclusion: 'fails path-bad', frontier: 'fails bundle-root-differs', chain: 'fails root-other' })
  })
  test("another batch's number", async () => {
    const lost = { file: 'fails batch-other', frontier: 'unchecked file-not-the-one' }
    expect(amiss(await check(served({ batch: 1 })))).toEqual({ ...lost, chain: 'fails root-other' })
    expect(amiss(await check(served({ batch: 3 })))).toEqual({ ...lost, chain: 'fails root-not-on-chain' })
  })
})

describe('the batch file', () => {
  const lost = (reason: string) => ({ file: reason, frontier: 'unchecked file-not-the-one' })
  test.each([
    ['a byte', (batch: Batch) => concat(batch.bytes.slice(0, 200), Uint8Array.of(batch.bytes[200]! ^ 1), batch.bytes.slice(201))],
    ['cut', (batch: Batch) => batch.bytes.slice(0, -100)],
    ['longer', (batch: Batch) => concat(batch.bytes, Uint8Array.of(10))],
    ['empty', () => new Uint8Array()],
    ['HTML', () => utf8Encode('<html>')]
  ])('%s', async (_, change) => {
    expect(amiss(await check({ file: bytes(change(world.batches[1])) }))).toEqual(lost('fails cid-differs'))
  })
  test("another batch's file", async () => {
    expect(amiss(await check({ file: bytes(world.batches[0].bytes) }))).toEqual(lost('fails cid-differs'))
  })
  test('the CID of another batch', async () => {
    const result = amiss(await check(served({ cid: world.batches[0].cid })))
    expect(result).toEqual({ ...lost('fails batch-other'), chain: 'fails cid-not-anchored' })
  })
  test('other bytes with a CID of their own', async () => {
    const file = utf8Encode(`${world.batches[1].text} `)
    const { cid } = await makeCid(file)
    expect(amiss(await check({ ...served({ cid }), file: bytes(file) }))).toEqual({ ...lost('fails batch-malformed'), chain: 'fails cid-not-anchored' })
  })
  const failures: [string, Handler, string][] = [
    ['404', status(404), 'not-found'],
    ['500', status(500), 'server-error'],
    ['dead', dead, 'unreachable'],
    ['never', never, 'slow'],
    ['too large, as it says', () => new Response('x', { headers: { 'content-length': '300000000' } }), 'too-large'],
    ['stopping half way', () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) })), 'slow'],
    ['breaking half way', () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error('reset')) })), 'unreachable']
  ]
  test.each(failures)('%s', async (_, file, reason) => expect(amiss(await check({ file }))).toEqual(lost(`unchecked ${reason}`)))
})

async function makeCid(file: Uint8Array<ArrayBuffer>): Promise<{ cid: string }> {
  const { cidOfFile, cidToText } = await import('../../src/core/cid')
  return { cid: cidToText(await cidOfFile(file)) }
}

describe('what came before', () => {
  /** Everything fits but for what @change does to the file's ends; the chain has what the liar said. */
  async function checkEnds(change: Parameters<typeof makeBatch>[3], anchored = true): Promise<Record<string, string>> {
    const [first, second] = world.batches
    const forged = await makeBatch(second.header, first.after, second.entries, change)
    const bundle = { ...(await makeBundle([first, second], world.index, world.registration)), cid: forged.cid }
    const chain = await makeChain(world.keys, [first, second])
    if (anchored) chain.anchored.set(2, { block: 12, data: await anchoredData(second, {}, forged.bytes) })
    return amiss(await check({ proof: bytes(canonical(bundle)), file: bytes(forged.bytes), rpc: endpoint(chain) }))
  }
  test('prev_root that the frontier does not give', async () => {
    expect(await checkEnds({ prevRoot: new Uint8Array(32) })).toEqual({ frontier: 'fails prev-root-differs' })
  })
  test('a root that the entries do not give', async () => {
    expect(await checkEnds({ root: new Uint8Array(32) })).toEqual({ frontier: 'fails root-differs' })
    expect(await checkEnds({ size: 9 })).toEqual({ frontier: 'fails root-differs' })
  })
  test('an earlier entry changed, and everything after made to fit', async () => {
    const [first, second] = world.batches
    const rewritten = await makeBatch(first.header, { size: 0, nodes: [] }, [first.entries[0]!, await sign(world.keys.device, start + 2000, reportMembers(1, { power: 'OFF' })), first.entries[2]!])
    const forged = await makeBatch(second.header, rewritten.after, second.entries)
    const bundle = await makeBundle([rewritten, forged], world.index, world.registration)
    const chain = await makeChain(world.keys, [first, forged])
    const files: Script = { proof: bytes(canonical(bundle)), file: bytes(forged.bytes) }
    expect(amiss(await check({ ...files, rpc: endpoint(chain) }))).toEqual({ frontier: 'fails prev-root-not-on-chain' })
    expect(amiss(await check(files))).toEqual({ frontier: 'fails prev-root-not-on-chain', chain: 'fails root-other' })
  })
  test('a first batch that has something before it', async () => {
    const [first] = world.batches
    const leaf = await leafHash(utf8Encode('x'))
    const forged = await makeBatch(first.header, { size: 1, nodes: [leaf] }, first.entries)
    const bundle = { ...world.bundle, batch: 1, cid: forged.cid, entry: forged.entries[1]!, index: 2, size: 4, root: hexEncode(forged.header.root) }
    const chain = await makeChain(world.keys, [forged])
    const result = await check({ proof: bytes(canonical(bundle)), file: bytes(forged.bytes), rpc: endpoint(chain) }, { seq: 1 })
    expect(amiss(result)).toEqual({ inclusion: 'fails path-bad', frontier: 'fails prev-root-differs' })
  })
  test('a report of the first batch holds', async () => {
    const bundle = await makeBundle(world.batches.slice(0, 1), 1, world.registration, 11)
    const result = await check({ proof: bytes(canonical(bundle)) }, { seq: 1 })
    expect(amiss(result)).toEqual({})
    expect(step(result, 'frontier').values['prevRootOnChain']).toBe('first batch')
  })
  test('windows and rosters that are wrong', async () => {
    const [first, second] = world.batches
    const late = await makeBatch({ ...second.header, to: start + 61005 }, first.after, second.entries)
    const bundle = await makeBundle([first, late], world.index, world.registration)
    const chain = await makeChain(world.keys, [first, late])
    const result = amiss(await check({ proof: bytes(canonical(bundle)), file: bytes(late.bytes), rpc: endpoint(chain) }))
    expect(result).toEqual({ file: 'fails batch-malformed', frontier: 'unchecked file-not-the-one' })
  })
})

describe('the chain', () => {
  const unasked = (reason: string) => ({ chain: `unchecked ${reason}`, authority: `unchecked ${reason}` })
  const chainWith = (change: Partial<World['chain']>): Script => ({ rpc: endpoint({ ...world.chain, ...change }) })
  const with2 = { chain: { rpcUrls: [rpc, otherRpc], chainId, contract } }

  test('another root', async () => {
    expect(amiss(await check(chainWith({ roots: new Map([...world.chain.roots, [2, new Uint8Array(32).fill(7)]]) })))).toEqual({ chain: 'fails root-other' })
  })
  test('no such batch', async () => {
    expect(amiss(await check(chainWith({ roots: new Map([[1, world.batches[0].header.root]]), anchored: new Map() })))).toEqual({ chain: 'fails root-not-on-chain' })
  })
  test('another root for the batch before', async () => {
    expect(amiss(await check(chainWith({ roots: new Map([...world.chain.roots, [1, new Uint8Array(32).fill(7)]]) })))).toEqual({ frontier: 'fails prev-root-not-on-chain' })
  })
  test('no such area', async () => {
    const nothing = { roots: new Map(), anchored: new Map(), registered: [] }
    expect(amiss(await check(chainWith(nothing)))).toEqual({
      authority: 'fails area-not-registered',
      frontier: 'fails prev-root-not-on-chain',
      chain: 'fails root-not-on-chain'
    })
  })
  test('another CID, size or root in the event', async () => {
    const [, second] = world.batches
    const event = async (...change: Parameters<typeof anchoredData>) => chainWith({ anchored: new Map([[2, { block: 12, data: await anchoredData(...change) }]]) })
    expect(amiss(await check(await event(second, {}, world.batches[0].bytes)))).toEqual({ chain: 'fails cid-not-anchored' })
    expect(amiss(await check(await event(second, { size: 9 })))).toEqual({ chain: 'fails size-other' })
    expect(amiss(await check(await event(second, { root: new Uint8Array(32) })))).toEqual({ chain: 'fails root-other' })
  })
  test("another authority's key", async () => {
    const data = registeredData(world.keys.stranger, world.keys.service)
    expect(amiss(await check(chainWith({ registered: [{ block: 3, data }] })))).toEqual({ authority: 'fails authority-signature-bad' })
  })
  test('an authority key off the curve', async () => {
    const data = registeredData({ ...world.keys.authority, point: concat(Uint8Array.of(4), new Uint8Array(64)) }, world.keys.service)
    expect(amiss(await check(chainWith({ registered: [{ block: 3, data }] })))).toEqual({ authority: 'fails authority-key-bad' })
  })
  test('an area that is registered twice', async () => {
    const registered = [...world.chain.registered, ...world.chain.registered]
    expect(amiss(await check(chainWith({ registered })))).toEqual({ authority: 'fails area-registered-twice' })
  })
  test('events that are kept from us', async () => {
    expect(amiss(await check(chainWith({ registered: [] })))).toEqual({ authority: 'unchecked rpc-log-range' })
    const result = await check(chainWith({ anchored: new Map() }))
    expect(amiss(result)).toEqual({})
    expect(result.anchoredAt).toBeUndefined()
  })
  test('an event moved by a reorganisation is found', async () => {
    const moved = new Map([[2, { block: 14, data: await anchoredData(world.batches[1]) }]])
    const result = await check(chainWith({ anchored: moved }))
    expect(amiss(result)).toEqual({})
    expect(result.anchoredAt).toBe((1764000000 + 14) * 1000)
  })
  test.each([1, 2, 3, 7, 16])('logs of at most %d blocks at a time', async (span) => {
    const asked: string[] = []
    expect(amiss(await check({ rpc: endpoint({ ...world.chain, span }, asked) }))).toEqual({})
    expect(asked.filter((method) => method === 'eth_getLogs').length).toBeLessThan(20)
  })
  test('logs too narrow for a long chain', async () => {
    const registered = [{ ...world.chain.registered[0]!, block: 900_000 }]
    expect(amiss(await check(chainWith({ span: 10, block: 1_000_000, registered })))).toEqual({ authority: 'unchecked rpc-log-range' })
    const near = { chain: { rpcUrls: [rpc], chainId, contract, fromBlock: 899_999 } }
    expect(amiss(await check(chainWith({ span: 10, block: 1_000_000, registered }), near))).toEqual({})
  })
  test('no logs at all', async () => expect(amiss(await check(chainWith({ span: 0 })))).toEqual({ authority: 'unchecked rpc-error' }))

  const failures: [string, Handler, string][] = [
    ['dead', dead, 'rpc-unreachable'],
    ['never', never, 'rpc-slow'],
    ['never, deaf to signals', deaf, 'rpc-slow'],
    ['a byte now and then', drip, 'rpc-slow'],
    ['500', status(500), 'rpc-error'],
    ['502 and nothing', () => new Response('', { status: 502 }), 'rpc-error'],
    ['HTML', bytes('<html>'), 'rpc-error'],
    ['null', bytes('null'), 'rpc-error'],
    ['an error', () => Response.json({ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } }), 'rpc-error'],
    ['another id', () => Response.json({ jsonrpc: '2.0', id: 99, result: '0x7a69' }), 'rpc-error'],
    ['no result', () => Response.json({ jsonrpc: '2.0', id: 1 }), 'rpc-error'],
    ['a number as result', () => Response.json({ jsonrpc: '2.0', id: 1, result: 31337 }), 'rpc-error'],
    ['endless', () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1 << 20)) })), 'rpc-error']
  ]
  test.each(failures)('%s', async (_, handler, reason) => expect(amiss(await check({ rpc: handler }))).toEqual(unasked(reason)))
  test('of another id', async () => expect(amiss(await check(chainWith({ chainId: 1 })))).toEqual(unasked('rpc-other-chain')))
  test('without the contract', async () => {
    const elsewhere = `0x${'11'.repeat(20)}`
    const bundle = { ...world.bundle, chain: { ...(world.bundle['chain'] as object), contract: elsewhere } }
    const result = await check({ proof: bytes(canonical(bundle)) }, { chain: { rpcUrls: [rpc], chainId, contract: elsewhere } })
    expect(amiss(result)).toEqual(unasked('rpc-no-contract'))
  })
  test('no endpoint, or no contract to trust', async () => {
    expect(amiss(await check({}, { chain: { rpcUrls: [], chainId, contract } }))).toEqual(unasked('no-rpc'))
    expect(amiss(await check({}, { chain: { rpcUrls: [rpc] } }))).toEqual(unasked('no-contract-given'))
  })
  test('the bundle names another chain or contract', async () => {
    const named = (change: object) => served({ chain: { ...(world.bundle['chain'] as object), ...change } })
    expect(amiss(await check(named({ chain_id: 1 })))).toEqual({ chain: 'fails bundle-other-chain' })
    expect(amiss(await check(named({ contract: `0x${'11'.repeat(20)}` })))).toEqual({ chain: 'fails bundle-other-contract' })
  })
  test('a contract in mixed case is the same', async () => {
    const mixed = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
    const result = await check({ rpc: (url, body, signal) => endpoint(world.chain)(url, body.replaceAll(mixed, contract), signal) }, { chain: { rpcUrls: [rpc], chainId, contract: mixed } })
    expect(amiss(result)).toEqual({})
  })

  test('two that agree', async () => {
    const result = await check({}, with2)
    expect(amiss(result)).toEqual({})
    expect(step(result, 'chain').values['endpoints']).toBe(`${rpc} ${otherRpc}`)
  })
  test('one dead of two', async () => {
    const result = await check({ otherRpc: dead }, with2)
    expect(amiss(result)).toEqual({})
    expect(step(result, 'chain').values['answers']).toContain(`${otherRpc} rpc-unreachable`)
  })
  test('two that disagree on the root', async () => {
    const lying = { ...world.chain, roots: new Map([...world.chain.roots, [2, new Uint8Array(32).fill(7)]]) }
    expect(amiss(await check({ otherRpc: endpoint(lying) }, with2))).toEqual({ chain: 'fails rpc-disagree' })
  })
  test('two that disagree on the keys', async () => {
    const lying = { ...world.chain, registered: [{ block: 3, data: registeredData(world.keys.stranger, world.keys.service) }] }
    expect(amiss(await check({ otherRpc: endpoint(lying) }, with2))).toEqual({ authority: 'fails rpc-disagree' })
  })
  test('two that disagree on the root before', async () => {
    const lying = { ...world.chain, roots: new Map([...world.chain.roots, [1, new Uint8Array(32).fill(7)]]) }
    expect(amiss(await check({ otherRpc: endpoint(lying) }, with2))).toEqual({ frontier: 'fails rpc-disagree' })
  })
  test('logs of another contract are none', async () => {
    const foreign: Handler = async (url, body, signal) => {
      const answer = await (await endpoint(world.chain)(url, body, signal)).text()
      return new Response(answer.replaceAll(`"address":"${contract}"`, `"address":"0x${'22'.repeat(20)}"`))
    }
    expect(amiss(await check({ rpc: foreign }))).toEqual({ authority: 'unchecked rpc-error' })
  })
})

function drip(): Response {
  let timer: ReturnType<typeof setInterval>
  return new Response(
    new ReadableStream({
      start: (stream) => void (timer = setInterval(() => stream.enqueue(Uint8Array.of(32)), 40)),
      cancel: () => clearInterval(timer)
    })
  )
}

describe('stopping', () => {
  test('before it began', async () => {
    const controller = new AbortController()
    controller.abort()
    expect(amiss(await check({}, { signal: controller.signal }))).toEqual(nothingElse('unchecked aborted'))
  })
  test('while the file is on its way', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const result = await check({ file: never }, { signal: controller.signal, fileTimeout: 5000 })
    expect(amiss(result)).toEqual({ file: 'unchecked aborted', frontier: 'unchecked file-not-the-one' })
  })
  test('while nobody answers', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const result = await check({ rpc: deaf, file: deaf }, { signal: controller.signal, rpcTimeout: 5000, fileTimeout: 5000 })
    expect(amiss(result)).toEqual({ authority: 'unchecked aborted', file: 'unchecked aborted', frontier: 'unchecked file-not-the-one', chain: 'unchecked aborted' })
  })
})

test('without WebCrypto nothing is claimed, and nobody is asked', async () => {
  const kept = globalThis.crypto
  const seen: string[] = []
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true })
  try {
    const result = await check({}, { fetch: network(world, {}, seen) })
    expect(amiss(result)).toEqual(Object.fromEntries(stepNames.map((name) => [name, 'unchecked no-webcrypto'])))
    expect(seen).toEqual([])
  } finally {
    Object.defineProperty(globalThis, 'crypto', { value: kept, configurable: true })
  }
})

test('rosters are of the batch they end', async () => {
  const [first, second] = world.batches
  const entries = [...second.entries.slice(0, -1), await sign(world.keys.service, second.header.to, rosterMembers(3, second.header.to))]
  const forged = await makeBatch(second.header, first.after, entries)
  const bundle = await makeBundle([first, forged], world.index, world.registration)
  const chain = await makeChain(world.keys, [first, forged])
  const result = await check({ proof: bytes(canonical(bundle)), file: bytes(forged.bytes), rpc: endpoint(chain) })
  expect(amiss(result)).toEqual({ file: 'fails batch-malformed', frontier: 'unchecked file-not-the-one' })
})
