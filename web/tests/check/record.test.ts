/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { concat } from '../../src/core/bytes'
import { cidOfFile, cidToText } from '../../src/core/cid'
import { hexEncode, utf8Encode } from '../../src/core/encoding'
import { leafHash } from '../../src/core/tree'
import { amiss, check, served, step, world } from './asking'
import { bytes, dead, endpoint, type Handler, never, type Script, status } from './scripted'
import {
  anchoredData,
  type Batch,
  canonical,
  makeBatch,
  makeBundle,
  makeChain,
  reportMembers,
  rosterMembers,
  sign,
  start
} from './world'

describe('the place in the record', () => {
  test('a hash of the path', async () => {
    const path = [...(world.bundle['path'] as string[])]
    path[1] = 'ab'.repeat(32)
    expect(amiss(await check(served({ path })))).toEqual({ inclusion: 'fails path-bad' })
  })
  test('a hash too few or too many', async () => {
    const path = world.bundle['path'] as string[]
    for (const wrong of [path.slice(1), path.slice(0, -1), [...path, 'ab'.repeat(32)], []])
      expect(amiss(await check(served({ path: wrong })))).toEqual({ inclusion: 'fails path-bad' })
  })
  test('another index', async () => {
    expect(amiss(await check(served({ index: 4 })))).toEqual({
      inclusion: 'fails path-bad',
      file: 'fails entry-differs'
    })
    expect(amiss(await check(served({ index: 2 })))).toEqual({
      inclusion: 'fails path-bad',
      file: 'fails index-outside'
    })
  })
  test('another size', async () => {
    expect(amiss(await check(served({ size: 9 })))).toEqual({
      inclusion: 'fails path-bad',
      frontier: 'fails bundle-root-differs',
      chain: 'fails size-other'
    })
  })
  test('another root', async () => {
    expect(amiss(await check(served({ root: 'ab'.repeat(32) })))).toEqual({
      inclusion: 'fails path-bad',
      frontier: 'fails bundle-root-differs',
      chain: 'fails root-other'
    })
  })
  test("another batch's number", async () => {
    const lost = { file: 'fails batch-other', frontier: 'unchecked file-not-the-one' }
    expect(amiss(await check(served({ batch: 1 })))).toEqual({ ...lost, chain: 'fails root-other' })
    expect(amiss(await check(served({ batch: 3 })))).toEqual({
      ...lost,
      chain: 'fails root-not-on-chain'
    })
  })
})

describe('the batch file', () => {
  const lost = (reason: string) => ({ file: reason, frontier: 'unchecked file-not-the-one' })
  test.each([
    [
      'a byte',
      (batch: Batch) =>
        concat(
          batch.bytes.slice(0, 200),
          Uint8Array.of(batch.bytes[200]! ^ 1),
          batch.bytes.slice(201)
        )
    ],
    ['cut', (batch: Batch) => batch.bytes.slice(0, -100)],
    ['longer', (batch: Batch) => concat(batch.bytes, Uint8Array.of(10))],
    ['empty', () => new Uint8Array()],
    ['HTML', () => utf8Encode('<html>')]
  ])('%s', async (_, change) => {
    expect(amiss(await check({ file: bytes(change(world.batches[1])) }))).toEqual(
      lost('fails cid-differs')
    )
  })
  test("another batch's file", async () => {
    expect(amiss(await check({ file: bytes(world.batches[0].bytes) }))).toEqual(
      lost('fails cid-differs')
    )
  })
  test('the CID of another batch', async () => {
    const result = amiss(await check(served({ cid: world.batches[0].cid })))
    expect(result).toEqual({ ...lost('fails batch-other'), chain: 'fails cid-not-anchored' })
  })
  test('other bytes with a CID of their own', async () => {
    const file = utf8Encode(`${world.batches[1].text} `)
    const cid = cidToText(await cidOfFile(file))
    expect(amiss(await check({ ...served({ cid }), file: bytes(file) }))).toEqual({
      ...lost('fails batch-malformed'),
      chain: 'fails cid-not-anchored'
    })
  })
  const failures: [string, Handler, string][] = [
    ['404', status(404), 'not-found'],
    ['500', status(500), 'server-error'],
    ['dead', dead, 'unreachable'],
    ['never', never, 'slow'],
    [
      'too large, as it says',
      () => new Response('x', { headers: { 'content-length': '300000000' } }),
      'too-large'
    ],
    [
      'stopping half way',
      () =>
        new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) })),
      'slow'
    ],
    [
      'breaking half way',
      () =>
        new Response(new ReadableStream({ start: (stream) => stream.error(new Error('reset')) })),
      'unreachable'
    ]
  ]
  test.each(failures)('%s', async (_, file, reason) =>
    expect(amiss(await check({ file }, reason === 'slow' ? { fileTimeout: 200 } : {}))).toEqual(
      lost(`unchecked ${reason}`)
    )
  )
})

describe('what came before', () => {
  /** Everything fits but for what @change does to the file's ends; the chain has what the liar said. */
  async function checkEnds(
    change: Parameters<typeof makeBatch>[3],
    anchored = true
  ): Promise<Record<string, string>> {
    const [first, second] = world.batches
    const forged = await makeBatch(second.header, first.after, second.entries, change)
    const bundle = {
      ...(await makeBundle([first, second], world.index, world.registration)),
      cid: forged.cid
    }
    const chain = await makeChain(world.keys, [first, second])
    if (anchored)
      chain.anchored.set(2, { block: 12, data: await anchoredData(second, {}, forged.bytes) })
    return amiss(
      await check({
        proof: bytes(canonical(bundle)),
        file: bytes(forged.bytes),
        rpc: endpoint(chain)
      })
    )
  }
  test('prev_root that the frontier does not give', async () => {
    expect(await checkEnds({ prevRoot: new Uint8Array(32) })).toEqual({
      frontier: 'fails prev-root-differs'
    })
  })
  test('a root that the entries do not give', async () => {
    expect(await checkEnds({ root: new Uint8Array(32) })).toEqual({
      frontier: 'fails root-differs'
    })
    expect(await checkEnds({ size: 9 })).toEqual({ frontier: 'fails root-differs' })
  })
  test('an earlier entry changed, and everything after made to fit', async () => {
    const [first, second] = world.batches
    const rewritten = await makeBatch(first.header, { size: 0, nodes: [] }, [
      first.entries[0]!,
      await sign(world.keys.device, start + 2000, reportMembers(1, { power: 'OFF' })),
      first.entries[2]!
    ])
    const forged = await makeBatch(second.header, rewritten.after, second.entries)
    const bundle = await makeBundle([rewritten, forged], world.index, world.registration)
    const chain = await makeChain(world.keys, [first, forged])
    const files: Script = { proof: bytes(canonical(bundle)), file: bytes(forged.bytes) }
    expect(amiss(await check({ ...files, rpc: endpoint(chain) }))).toEqual({
      frontier: 'fails prev-root-not-on-chain'
    })
    expect(amiss(await check(files))).toEqual({
      frontier: 'fails prev-root-not-on-chain',
      chain: 'fails root-other'
    })
  })
  test('a first batch that has something before it', async () => {
    const [first] = world.batches
    const leaf = await leafHash(utf8Encode('x'))
    const forged = await makeBatch(first.header, { size: 1, nodes: [leaf] }, first.entries)
    const bundle = {
      ...world.bundle,
      batch: 1,
      cid: forged.cid,
      entry: forged.entries[1]!,
      index: 2,
      size: 4,
      root: hexEncode(forged.header.root)
    }
    const chain = await makeChain(world.keys, [forged])
    const result = await check(
      { proof: bytes(canonical(bundle)), file: bytes(forged.bytes), rpc: endpoint(chain) },
      { seq: 1 }
    )
    expect(amiss(result)).toEqual({
      inclusion: 'fails path-bad',
      frontier: 'fails prev-root-differs'
    })
  })
  test('a report of the first batch holds', async () => {
    const bundle = await makeBundle(world.batches.slice(0, 1), 1, world.registration, 11)
    const result = await check({ proof: bytes(canonical(bundle)) }, { seq: 1 })
    expect(amiss(result)).toEqual({})
    expect(step(result, 'frontier').values['prevRootOnChain']).toBe('first batch')
  })
  test('windows and rosters that are wrong', async () => {
    const [first, second] = world.batches
    const late = await makeBatch(
      { ...second.header, to: start + 61005 },
      first.after,
      second.entries
    )
    const bundle = await makeBundle([first, late], world.index, world.registration)
    const chain = await makeChain(world.keys, [first, late])
    const result = amiss(
      await check({
        proof: bytes(canonical(bundle)),
        file: bytes(late.bytes),
        rpc: endpoint(chain)
      })
    )
    expect(result).toEqual({
      file: 'fails batch-malformed',
      frontier: 'unchecked file-not-the-one'
    })
  })
})

test('rosters are of the batch they end', async () => {
  const [first, second] = world.batches
  const entries = [
    ...second.entries.slice(0, -1),
    await sign(world.keys.service, second.header.to, rosterMembers(3, second.header.to))
  ]
  const forged = await makeBatch(second.header, first.after, entries)
  const bundle = await makeBundle([first, forged], world.index, world.registration)
  const chain = await makeChain(world.keys, [first, forged])
  const result = await check({
    proof: bytes(canonical(bundle)),
    file: bytes(forged.bytes),
    rpc: endpoint(chain)
  })
  expect(amiss(result)).toEqual({
    file: 'fails batch-malformed',
    frontier: 'unchecked file-not-the-one'
  })
})
