/* SPDX-License-Identifier: Apache-2.0 */
import { beforeAll, describe, expect, test } from 'vitest'

import {
  checkBundleFile,
  type CheckOptions,
  type CheckResult,
  type Progress,
  type Step,
  stepNames
} from '../../src/check'
import { checkBatchFile } from '../../src/check/batch-file'
import { looksLikeBatch } from '../../src/check/look'
import { concat } from '../../src/core/bytes'
import { utf8Encode } from '../../src/core/encoding'
import { bundleBytes, daemon, dead, endpoint, network, rpc, type Script, status } from './scripted'
import {
  anchoredData,
  area,
  canonical,
  chainId,
  contract,
  makeBatch,
  makeBundle,
  makeChain,
  makeWorld,
  reportMembers,
  rosterMembers,
  sign,
  start,
  type World
} from './world'
import { vectorBytes } from '../core/vectors'
import { patience } from '../patience'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})

const options = (script: Script = {}, change: Partial<CheckOptions> = {}): CheckOptions => ({
  fetch: network(world, script),
  daemon,
  chain: { rpcUrls: [rpc], chainId, contract },
  ...change
})
const offline = (): CheckOptions => ({
  fetch: () => Promise.reject(new TypeError('offline')),
  chain: { rpcUrls: [] }
})

function amiss(result: CheckResult): Record<string, string> {
  return Object.fromEntries(
    result.steps
      .filter((step) => step.verdict !== 'holds')
      .map((step) => [step.name, `${step.verdict} ${step.reasonCode}`])
  )
}
const step = (result: CheckResult, name: string): Step =>
  result.steps.find((item) => item.name === name)!

describe('a bundle that somebody kept', () => {
  test('holds with daemon and chain', async () => {
    const result = await checkBundleFile(bundleBytes(world), options())
    expect(amiss(result)).toEqual({})
    expect(result.kind).toBe('bundle')
    expect(result.verdict).toBe('holds')
    expect(result.report).toMatchObject({ device: 'tx-1', seq: 4 })
  })
  test('with the network off what it shows itself holds, and no more is said', async () => {
    const result = await checkBundleFile(bundleBytes(world), offline())
    expect(amiss(result)).toEqual({
      authority: 'unchecked no-rpc',
      file: 'unchecked not-asked',
      frontier: 'unchecked file-not-the-one',
      chain: 'unchecked no-rpc'
    })
    expect(result.verdict).toBe('unchecked')
  })
  test('a contract that only the bundle names is not asked', async () => {
    const seen: string[] = []
    const result = await checkBundleFile(
      bundleBytes(world),
      options({}, { fetch: network(world, {}, seen), chain: { rpcUrls: [rpc] } })
    )
    expect(amiss(result)).toEqual({
      authority: 'unchecked no-contract-given',
      frontier: 'unchecked no-contract-given',
      chain: 'unchecked no-contract-given'
    })
    expect(seen.filter((url) => url.startsWith(rpc))).toEqual([])
  })
  test('its chain id counts where none is expected', async () => {
    expect(
      amiss(
        await checkBundleFile(
          bundleBytes(world),
          options({}, { chain: { rpcUrls: [rpc], contract } })
        )
      )
    ).toEqual({})
    const other = bundleBytes(world, {
      chain: { ...(world.bundle['chain'] as object), chain_id: 1 }
    })
    const result = await checkBundleFile(
      other,
      options({}, { chain: { rpcUrls: [rpc], contract } })
    )
    expect(amiss(result)).toEqual({
      authority: 'unchecked rpc-other-chain',
      frontier: 'unchecked rpc-other-chain',
      chain: 'unchecked rpc-other-chain'
    })
  })
  test('one that was changed', async () => {
    const text = new TextDecoder().decode(bundleBytes(world)).replace('\\"OFF\\"', '\\"ON\\"')
    const result = await checkBundleFile(utf8Encode(text), options())
    expect(amiss(result)).toEqual({
      signature: 'fails signature-bad',
      inclusion: 'fails path-bad',
      file: 'fails entry-differs'
    })
    expect(result.verdict).toBe('fails')
  })
  test.each(['', 'rubbish', '{"not":"a proof"}', '\u0000\u0001', '[]'])('%j', async (text) => {
    const result = await checkBundleFile(utf8Encode(text), options())
    expect(result.verdict).toBe('no-proof')
    expect(result.bundle).toBeUndefined()
    expect(step(result, 'form').reasonCode).toBe('bundle-malformed')
    expect(result.steps.map((item) => item.name)).toEqual([...stepNames])
  })
  test('with the line feed that editors put at its end, and no more', async () => {
    const text = new TextDecoder().decode(bundleBytes(world))
    for (const [end, verdict] of [
      ['\n', 'holds'],
      ['\n\n', 'no-proof'],
      ['\r\n', 'no-proof']
    ] as const)
      expect((await checkBundleFile(utf8Encode(text + end), options())).verdict).toBe(verdict)
  })
  test('no UTF-8, and a file of any size', async () => {
    for (const bytes of [Uint8Array.of(0xff, 0xfe), new Uint8Array(3_000_000).fill(0x7b)]) {
      expect(step(await checkBundleFile(bytes, options()), 'form').reasonCode).toBe(
        'bundle-malformed'
      )
    }
  })
  test('every byte of it counts', async () => {
    const good = bundleBytes(world)
    // Where it was anchored is a hint for the search; what is shown is the chain's.
    const text = new TextDecoder().decode(good)
    const hints = [/"block":12/, /"tx":"0x[0-9a-f]{64}"/].map((hint) => hint.exec(text)!)
    const isHint = (at: number) =>
      hints.some((hint) => at >= hint.index && at < hint.index + hint[0].length)
    for (let at = 0; at < good.length; at += 11) {
      const wrong = good.slice()
      wrong[at]! ^= 1
      const result = await checkBundleFile(wrong, options())
      if (!isHint(at)) expect(result.verdict).not.toBe('holds')
      else if (result.verdict === 'holds')
        expect(result.record).toMatchObject({ block: 12, transaction: `0x${'ab'.repeat(32)}` })
    }
  })
  test('of a roster: the service signed it, and no registration is asked for', async () => {
    const bundle = await makeBundle(world.batches, 7, '')
    const result = await checkBundleFile(utf8Encode(canonical(bundle)), options())
    expect(amiss(result)).toEqual({})
    expect(result.steps.map(({ name }) => name)).toEqual(
      stepNames.filter((name) => name !== 'registration' && name !== 'authority')
    )
    expect(result.report).toBeUndefined()
  })
})

describe('a batch file', () => {
  const names = ['form', 'signature', 'file', 'frontier', 'chain']
  test.each([0, 1])('batch %d with the chain', async (i) => {
    const result = await checkBatchFile(world.batches[i]!.bytes, options())
    expect(result.steps.map((item) => item.name)).toEqual(names)
    // The second batch's signers are registered in the first.
    expect(amiss(result)).toEqual(i === 0 ? {} : { signature: 'unchecked keys-elsewhere' })
    expect(result.record).toMatchObject({ area, batch: i + 1, cid: world.batches[i]!.cid })
    expect(result.anchoredAt).toBe((1764000000 + 11 + i) * 1000)
  })
  test('the vectors, with the network off', async () => {
    for (const name of [1, 2, 3, 4]) {
      const result = await checkBatchFile(vectorBytes(`v2/batch-${name}.json`), offline())
      expect(amiss(result)).toEqual({
        signature: 'unchecked no-rpc',
        file: 'unchecked no-rpc',
        ...(name === 1 ? {} : { frontier: 'unchecked no-rpc' }),
        chain: 'unchecked no-rpc'
      })
    }
  })
  test.each([
    ['cut', (bytes: Uint8Array) => bytes.slice(0, -50)],
    ['longer', (bytes: Uint8Array) => concat(bytes, Uint8Array.of(10))],
    ['empty', () => new Uint8Array()],
    ['rubbish', () => utf8Encode('{"area":"test-east","batch":1,"entries":[\n')]
  ])('%s', async (_, change) => {
    const result = await checkBatchFile(change(world.batches[0].bytes), options())
    expect(amiss(result)).toEqual({
      form: 'fails batch-malformed',
      ...Object.fromEntries(names.slice(1).map((name) => [name, 'unchecked file-not-the-one']))
    })
    expect(result.verdict).toBe('fails')
  })
  test('an entry changed', async () => {
    const text = world.batches[0].text.replace('"power":"ON"', '"power":"OFF"')
    const result = await checkBatchFile(utf8Encode(text), options())
    expect(amiss(result)).toEqual({
      signature: 'fails signature-bad',
      file: 'fails cid-not-anchored',
      frontier: 'fails root-differs',
      chain: 'fails cid-not-anchored'
    })
    expect(step(result, 'signature').values['where']).toBe('3')
  })
  test('an entry changed, and everything made to fit', async () => {
    const [first] = world.batches
    const entries = [
      first.entries[0]!,
      first.entries[1]!.replace('"power":"ON"', '"power":"OFF"'),
      first.entries[2]!
    ]
    const forged = await makeBatch(first.header, { size: 0, nodes: [] }, entries)
    const result = await checkBatchFile(forged.bytes, options())
    expect(amiss(result)).toEqual({
      signature: 'fails signature-bad',
      chain: 'fails root-other',
      file: 'fails cid-not-anchored'
    })
  })
  test('signers that may not sign, in a whole log', async () => {
    const [first] = world.batches
    const { keys } = world
    const roster = first.entries[2]!
    const cases = [
      [await sign(keys.device, start + 1, reportMembers(1, { device: 'tx-9' })), roster],
      [
        first.entries[0]!,
        await sign(keys.device, start + 2000, reportMembers(1, { site: 'T-2' })),
        roster
      ],
      [
        first.entries[0]!,
        await sign(keys.device, start + 2000, reportMembers(1, { lat: 5 })),
        roster
      ],
      [
        first.entries[0]!,
        first.entries[1]!,
        await sign(keys.stranger, start + 60000, rosterMembers(1, start + 60000))
      ],
      [
        await sign(keys.stranger, start + 10, {
          ...(JSON.parse(first.entries[0]!) as object),
          received: undefined,
          sig: undefined,
          kind: 'device'
        }),
        roster
      ]
    ]
    for (const entries of cases) {
      const forged = await makeBatch(first.header, { size: 0, nodes: [] }, entries)
      const chain = await makeChain(keys, [forged])
      expect(amiss(await checkBatchFile(forged.bytes, options({ rpc: endpoint(chain) })))).toEqual({
        signature: 'fails signature-bad'
      })
    }
  })
  test('the chain dead, or of another id', async () => {
    expect(amiss(await checkBatchFile(world.batches[0].bytes, options({ rpc: dead })))).toEqual({
      signature: 'unchecked rpc-unreachable',
      file: 'unchecked rpc-unreachable',
      chain: 'unchecked rpc-unreachable'
    })
    const other = endpoint({ ...world.chain, chainId: 1 })
    expect(
      amiss(await checkBatchFile(world.batches[0].bytes, options({ rpc: other })))
    ).toMatchObject({ chain: 'unchecked rpc-other-chain' })
  })
  test('another CID on the chain', async () => {
    const anchored = new Map([
      [1, { block: 11, data: await anchoredData(world.batches[0], {}, world.batches[1].bytes) }]
    ])
    const result = await checkBatchFile(
      world.batches[0].bytes,
      options({ rpc: endpoint({ ...world.chain, anchored }) })
    )
    expect(amiss(result)).toEqual({
      file: 'fails cid-not-anchored',
      chain: 'fails cid-not-anchored'
    })
  })
  test('stopped', async () => {
    const controller = new AbortController()
    controller.abort()
    const result = await checkBatchFile(
      world.batches[0].bytes,
      options({}, { signal: controller.signal })
    )
    expect(amiss(result)).toEqual(
      Object.fromEntries(names.map((name) => [name, 'unchecked aborted']))
    )
  })
})

test('what was dropped is told apart', () => {
  expect(looksLikeBatch(world.batches[0].bytes)).toBe(true)
  expect(looksLikeBatch(bundleBytes(world))).toBe(false)
  const batch = '{"area":"demo-east","batch":2,"entries":['
  expect(looksLikeBatch(utf8Encode(batch))).toBe(true)
  expect(looksLikeBatch(utf8Encode(batch.replace('"entries"', '"chain"')))).toBe(false)
  expect(looksLikeBatch(utf8Encode('rubbish'))).toBe(false)
  expect(looksLikeBatch(new Uint8Array())).toBe(false)
})

test('a long file is read in slices that leave the thread free, with progress', async () => {
  const roster = await sign(world.keys.service, start + 120000, rosterMembers(2, start + 120000))
  const some = world.batches[1].entries.slice(0, -1)
  const many = Array.from({ length: 15000 }, (_, i) => some[Math.floor((i * some.length) / 15000)]!)
  const batch = await makeBatch(world.batches[1].header, world.batches[0].after, [...many, roster])
  const bundle = await makeBundle([world.batches[0], batch], 5, world.registration)
  const progress: Progress[] = []
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const chain = await makeChain(world.keys, [world.batches[0], batch])
  const script: Script = {
    rpc: endpoint(chain),
    file: (_, __, ___) =>
      new Response(new Uint8Array(batch.bytes), {
        headers: { 'content-length': String(batch.bytes.length) }
      })
  }
  turns = 0
  const result = await checkBundleFile(
    utf8Encode(canonical(bundle)),
    options(script, { onProgress: (item) => progress.push(item), fileTimeout: patience })
  )
  clearInterval(timer)
  expect(amiss(result)).toEqual({})
  expect(new Set(progress.map((item) => item.phase))).toEqual(
    new Set(['file', 'cid', 'entries', 'tree'])
  )
  for (const item of progress) expect(item.done).toBeLessThanOrEqual(item.total)
  expect(turns).toBeGreaterThan(5)
})

test('a daemon without the file', async () => {
  expect(amiss(await checkBundleFile(bundleBytes(world), options({ file: status(404) })))).toEqual({
    file: 'unchecked not-found',
    frontier: 'unchecked file-not-the-one'
  })
})
