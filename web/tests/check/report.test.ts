/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { type CheckResult, type Step, stepNames } from '../../src/check'
import { amiss, check, nothingElse, served, step, stopBefore, world } from './asking'
import {
  bundleBytes,
  bytes,
  daemon,
  dead,
  deaf,
  endpoint,
  type Handler,
  network,
  never,
  rpc,
  status
} from './scripted'
import {
  area,
  canonical,
  chainId,
  contract,
  deviceMembers,
  makeBatch,
  makeBundle,
  makeChain,
  makeKey,
  reportMembers,
  sign,
  start
} from './world'

test('a true report holds in every step, with its values', async () => {
  const seen: string[] = []
  const told: Step[] = []
  const result = await check(
    {},
    { onStep: (item) => told.push(item), fetch: network(world, {}, seen) }
  )
  expect(amiss(result)).toEqual({})
  expect(result.report).toMatchObject({ area, device: 'tx-1', site: 'T-1', power: 'OFF', seq: 4 })
  expect(result.record).toMatchObject({
    batch: 2,
    index: world.index,
    cid: world.batches[1].cid,
    contract,
    chainId
  })
  expect(result.anchoredAt).toBe((1764000000 + 12) * 1000)
  expect(result.bundle).toEqual(bundleBytes(world))
  expect(told.map((item) => item.name).sort()).toEqual([...stepNames].sort())
  expect(step(result, 'chain').values).toMatchObject({
    endpoints: rpc,
    rootOnChain: world.bundle['root'],
    block: '12',
    anchoredCid: world.batches[1].cid
  })
  expect(step(result, 'frontier').values).toMatchObject({
    prevRootOnChain: 'equal',
    prevSize: '3',
    size: '8'
  })
  expect(step(result, 'signature').values['signedBytes']).toMatch(/^powertrack report v1\n\{"area"/)
  expect(seen[0]).toBe(`${daemon}/api/v1/proof?device=tx-1&seq=4&area=${area}`)
  expect(new Set(seen.map((url) => new URL(url).host))).toEqual(
    new Set(['daemon.test', 'rpc-1.test'])
  )
})

test('nothing is taken from a cache, and nobody learns who asks', async () => {
  const inits: unknown[] = []
  const fetch = network(world)
  await check(
    {},
    {
      fetch: (url, init) => {
        inits.push({
          cache: init?.cache,
          credentials: init?.credentials,
          referrerPolicy: init?.referrerPolicy
        })
        return fetch(url, init)
      }
    }
  )
  expect(inits.length).toBeGreaterThan(5)
  for (const init of inits)
    expect(init).toEqual({ cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' })
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
    [
      'headers and no body',
      () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) })),
      'slow'
    ],
    ['longer than any bundle', bytes(new Uint8Array(900_000)), 'too-large']
  ]
  test.each(problems)('%s', async (_, proof, reason) => {
    expect(amiss(await check({ proof }, reason === 'slow' ? { bundleTimeout: 200 } : {}))).toEqual(
      nothingElse(`unchecked ${reason}`)
    )
  })
})

describe('form', () => {
  test.each([
    ['HTML', '<!doctype html>'],
    ['another object', '{"a":1}'],
    ['nothing', ''],
    ['an array', '[]']
  ])('%s', async (_, text) =>
    expect(amiss(await check({ proof: bytes(text) }))).toEqual(
      nothingElse('fails bundle-malformed')
    )
  )
  test('a bundle with a space, cut, or with another key', async () => {
    const text = canonical(world.bundle)
    for (const wrong of [
      `${text} `,
      text.slice(0, -1),
      text.replace(':', ': '),
      canonical({ ...world.bundle, zone: 1 })
    ]) {
      expect(amiss(await check({ proof: bytes(wrong) }))).toEqual(
        nothingElse('fails bundle-malformed')
      )
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
  ])('%s', async (_, change) =>
    expect(amiss(await check(served(change)))).toEqual(nothingElse('fails bundle-malformed'))
  )
  test('a bundle of another report than asked', async () => {
    const other = await makeBundle(world.batches, 4, world.registration)
    expect(amiss(await check({ proof: bytes(canonical(other)) }))).toEqual(
      nothingElse('fails other-report')
    )
    expect(amiss(await check({}, { seq: 3 }))).toEqual(nothingElse('fails other-report'))
    expect(amiss(await check({}, { device: 'tx-2' }))).toEqual(nothingElse('fails other-report'))
    expect(amiss(await check({}, { area: 'test-west' }))).toEqual(nothingElse('fails other-report'))
  })
  test('a bundle of a roster, when a report was asked', async () => {
    const other = await makeBundle(world.batches, 7, '')
    expect(amiss(await check({ proof: bytes(canonical(other)) }))).toEqual(
      nothingElse('fails other-report')
    )
  })
  test("an entry of another area than the bundle's", async () => {
    const result = amiss(await check(served({ area: 'test-west' })))
    expect(result).toMatchObject({
      form: 'fails entry-other-area',
      signature: 'unchecked no-bundle',
      file: 'fails batch-other',
      chain: 'fails root-not-on-chain'
    })
  })
  test('an entry that is not canonical', async () => {
    const result = amiss(
      await check(served({ entry: String(world.bundle['entry']).replace(':', ': ') }))
    )
    expect(result).toMatchObject({
      form: 'fails entry-malformed',
      signature: 'unchecked no-bundle',
      registration: 'unchecked no-bundle',
      inclusion: 'fails path-bad',
      file: 'fails entry-differs'
    })
  })
})

describe('what the device said', () => {
  test('a byte of the entry', async () => {
    const entry = String(world.bundle['entry']).replace('"power":"OFF"', '"power":"ON"')
    expect(amiss(await check(served({ entry })))).toEqual({
      signature: 'fails signature-bad',
      inclusion: 'fails path-bad',
      file: 'fails entry-differs'
    })
  })
  test("only the daemon's clock", async () => {
    const entry = String(world.bundle['entry']).replace(
      /"received":\d+/,
      `"received":${start + 61001}`
    )
    expect(amiss(await check(served({ entry })))).toEqual({
      inclusion: 'fails path-bad',
      file: 'fails entry-differs'
    })
  })
  test('the signature, everywhere and in the log', async () => {
    expect(
      amiss(await checkForged(await sign(world.keys.stranger, start + 61004, reportMembers(4))))
    ).toEqual({ signature: 'fails signature-bad' })
  })
  test('r of zero', async () => {
    const entry = String(world.bundle['entry']).replace(
      /"sig":"[^"]{42}/,
      `"sig":"${'A'.repeat(42)}`
    )
    expect(amiss(await check(served({ entry })))).toMatchObject({
      signature: 'fails signature-bad'
    })
  })
})

/** A log that an operator made, anchored and all, in which @entry stands instead of the report and
 * @signer vouches for it. */
async function checkForged(
  entry: string,
  signer = world.registration,
  before: string[] = []
): Promise<CheckResult> {
  const [first, second] = world.batches
  const entries = [...before, ...second.entries.slice(0, 2), entry, ...second.entries.slice(3)]
  const forged = await makeBatch(second.header, first.after, entries)
  const index = world.index + before.length
  const bundle = await makeBundle([first, forged], index, signer)
  const chain = await makeChain(world.keys, [first, forged])
  return check({ proof: bytes(canonical(bundle)), file: bytes(forged.bytes), rpc: endpoint(chain) })
}

describe('the registration', () => {
  const vouched = async (
    change: Record<string, unknown>,
    received = start + 10,
    key = world.keys.authority
  ) =>
    amiss(
      await check(
        served({ signer: await sign(key, received, deviceMembers(world.keys.device, change)) })
      )
    )

  test('signed by another key', async () =>
    expect(await vouched({}, start + 10, world.keys.stranger)).toEqual({
      authority: 'fails authority-signature-bad'
    }))
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
  test('revoked', async () =>
    expect(await vouched({ status: 'revoked' })).toEqual({
      registration: 'fails registration-revoked'
    }))
  test('later than the report', async () =>
    expect(await vouched({}, start + 61005)).toEqual({ registration: 'fails registration-later' }))
  test('another site', async () =>
    expect(await vouched({ site: 'T-2' })).toEqual({
      registration: 'fails registration-other-site'
    }))
  test('another place', async () =>
    expect(await vouched({ lat: 1 })).toEqual({ registration: 'fails registration-other-place' }))
  test('another device', async () => {
    expect(await vouched({ device: 'tx-2' })).toEqual({
      signature: 'unchecked no-key',
      registration: 'fails registration-other-device',
      authority: 'unchecked no-registration'
    })
  })
  test('another area', async () => {
    expect(await vouched({ area: 'test-west' })).toEqual({
      signature: 'unchecked no-key',
      registration: 'fails registration-other-area',
      authority: 'unchecked no-registration'
    })
  })
  test('an official', async () => {
    const signer = await sign(world.keys.authority, start, {
      area,
      kind: 'official',
      key: world.keys.device.text,
      name: 'x',
      official: 'tx-1',
      role: 'officer',
      status: 'active',
      ts: start
    })
    expect(amiss(await check(served({ signer })))).toEqual({
      signature: 'unchecked no-key',
      registration: 'fails registration-other-device',
      authority: 'unchecked no-registration'
    })
  })
  test.each(['', 'x', '{}'])('%j', async (signer) => {
    expect(amiss(await check(served({ signer })))).toEqual({
      signature: 'unchecked no-key',
      registration: 'fails registration-malformed',
      authority: 'unchecked no-registration'
    })
  })
  test('a key off the curve', async () => {
    const key =
      world.keys.device.text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).slice(0, 40) +
      (world.keys.device.text[40] === 'A' ? 'B' : 'A') +
      world.keys.device.text.slice(41)
    expect(await vouched({ key })).toEqual({
      signature: 'fails key-bad',
      registration: 'fails key-bad'
    })
  })
  test('revoked before, in the same batch', async () => {
    const revocation = await sign(
      world.keys.authority,
      start + 61000,
      deviceMembers(world.keys.device, { status: 'revoked', ts: start + 1 })
    )
    const result = await checkForged(world.batches[1].entries[2]!, world.registration, [revocation])
    expect(amiss(result)).toEqual({ registration: 'fails registration-superseded' })
  })
  test('renewed before, in the same batch, and the newest given', async () => {
    const renewed = await sign(
      world.keys.authority,
      start + 61000,
      deviceMembers(world.keys.device, { customers: 64, ts: start + 1 })
    )
    expect(amiss(await checkForged(world.batches[1].entries[2]!, renewed, [renewed]))).toEqual({})
  })
})

describe('stopping', () => {
  test('before it began', async () => {
    const controller = new AbortController()
    controller.abort()
    expect(amiss(await check({}, { signal: controller.signal }))).toEqual(
      nothingElse('unchecked aborted')
    )
  })
  test('while the file is on its way', async () => {
    const result = await check({ file: never }, stopBefore('file', 'frontier'))
    expect(amiss(result)).toEqual({
      file: 'unchecked aborted',
      frontier: 'unchecked file-not-the-one'
    })
  })
  test('while nobody answers', async () => {
    const open = ['authority', 'file', 'frontier', 'chain'] as const
    const result = await check({ rpc: deaf, file: deaf }, stopBefore(...open))
    expect(amiss(result)).toEqual({
      authority: 'unchecked aborted',
      file: 'unchecked aborted',
      frontier: 'unchecked file-not-the-one',
      chain: 'unchecked aborted'
    })
  })
})

test('without WebCrypto nothing is claimed, and nobody is asked', async () => {
  const kept = globalThis.crypto
  const seen: string[] = []
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true })
  try {
    const result = await check({}, { fetch: network(world, {}, seen) })
    expect(amiss(result)).toEqual(
      Object.fromEntries(stepNames.map((name) => [name, 'unchecked no-webcrypto']))
    )
    expect(seen).toEqual([])
  } finally {
    Object.defineProperty(globalThis, 'crypto', { value: kept, configurable: true })
  }
})
