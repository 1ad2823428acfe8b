/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { concat } from '../../src/core/bytes'
import { amiss, check, served, step, world } from './asking'
import {
  bytes,
  dead,
  deaf,
  endpoint,
  type Handler,
  never,
  otherRpc,
  rpc,
  type Script,
  status
} from './scripted'
import { anchoredData, canonical, chainId, contract, registeredData, type World } from './world'

function drip(): Response {
  let timer: ReturnType<typeof setInterval>
  return new Response(
    new ReadableStream({
      start: (stream) => void (timer = setInterval(() => stream.enqueue(Uint8Array.of(32)), 40)),
      cancel: () => clearInterval(timer)
    })
  )
}

describe('the chain', () => {
  const unasked = (reason: string) => ({
    chain: `unchecked ${reason}`,
    authority: `unchecked ${reason}`,
    frontier: `unchecked ${reason}`
  })
  const chainWith = (change: Partial<World['chain']>): Script => ({
    rpc: endpoint({ ...world.chain, ...change })
  })
  const with2 = { chain: { rpcUrls: [rpc, otherRpc], chainId, contract } }

  test('another root', async () => {
    expect(
      amiss(
        await check(
          chainWith({ roots: new Map([...world.chain.roots, [2, new Uint8Array(32).fill(7)]]) })
        )
      )
    ).toEqual({ chain: 'fails root-other' })
  })
  test('no such batch', async () => {
    expect(
      amiss(
        await check(
          chainWith({ roots: new Map([[1, world.batches[0].header.root]]), anchored: new Map() })
        )
      )
    ).toEqual({ chain: 'fails root-not-on-chain' })
  })
  test('another root for the batch before', async () => {
    expect(
      amiss(
        await check(
          chainWith({ roots: new Map([...world.chain.roots, [1, new Uint8Array(32).fill(7)]]) })
        )
      )
    ).toEqual({ frontier: 'fails prev-root-not-on-chain' })
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
    const event = async (...change: Parameters<typeof anchoredData>) =>
      chainWith({ anchored: new Map([[2, { block: 12, data: await anchoredData(...change) }]]) })
    expect(amiss(await check(await event(second, {}, world.batches[0].bytes)))).toEqual({
      chain: 'fails cid-not-anchored'
    })
    expect(amiss(await check(await event(second, { size: 9 })))).toEqual({
      chain: 'fails size-other'
    })
    expect(amiss(await check(await event(second, { root: new Uint8Array(32) })))).toEqual({
      chain: 'fails root-other'
    })
  })
  test("another authority's key", async () => {
    const data = registeredData(world.keys.stranger, world.keys.service)
    expect(amiss(await check(chainWith({ registered: [{ block: 3, data }] })))).toEqual({
      authority: 'fails authority-signature-bad'
    })
  })
  test('an authority key off the curve', async () => {
    const data = registeredData(
      { ...world.keys.authority, point: concat(Uint8Array.of(4), new Uint8Array(64)) },
      world.keys.service
    )
    expect(amiss(await check(chainWith({ registered: [{ block: 3, data }] })))).toEqual({
      authority: 'fails authority-key-bad'
    })
  })
  test('an area that is registered twice', async () => {
    const registered = [...world.chain.registered, ...world.chain.registered]
    expect(amiss(await check(chainWith({ registered })))).toEqual({
      authority: 'fails area-registered-twice'
    })
  })
  test('events that are kept from us', async () => {
    expect(amiss(await check(chainWith({ registered: [] })))).toEqual({
      authority: 'unchecked rpc-log-range'
    })
    const result = await check(chainWith({ anchored: new Map() }))
    expect(amiss(result)).toEqual({ chain: 'unchecked rpc-log-range' })
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
    expect(amiss(await check(chainWith({ span: 10, block: 1_000_000, registered })))).toEqual({
      authority: 'unchecked rpc-log-range'
    })
    const near = { chain: { rpcUrls: [rpc], chainId, contract, fromBlock: 899_999 } }
    expect(amiss(await check(chainWith({ span: 10, block: 1_000_000, registered }), near))).toEqual(
      {}
    )
  })
  test('events before the block that the daemon told', async () => {
    const late = { chain: { rpcUrls: [rpc], chainId, contract, fromBlock: world.chain.block } }
    expect(amiss(await check({ rpc: endpoint(world.chain) }, late))).toEqual({})
    const beyond = { chain: { ...late.chain, fromBlock: 1e9 } }
    expect(amiss(await check({ rpc: endpoint(world.chain) }, beyond))).toEqual({})
  })
  test('no logs at all', async () =>
    expect(amiss(await check(chainWith({ span: 0 })))).toEqual({
      authority: 'unchecked rpc-error',
      chain: 'unchecked rpc-error'
    }))
  test('all is asked as of one block, while the chain goes on', async () => {
    const asked: unknown[] = []
    let block = world.chain.block
    const going: Handler = (url, body, signal) => {
      const { method, params } = JSON.parse(body) as { method: string; params: unknown[] }
      if (method === 'eth_call') asked.push(params[1])
      if (method === 'eth_getLogs') asked.push((params[0] as { toBlock: string }).toBlock)
      return endpoint({ ...world.chain, block: block++ })(url, body, signal)
    }
    expect(amiss(await check({ rpc: going }))).toEqual({})
    const first = asked[0]
    expect(first).toMatch(/^0x[0-9a-f]+$/)
    // Where the bundle says that it was anchored is looked at by itself.
    expect(asked.filter((one) => one !== first).length).toBeLessThanOrEqual(1)
  })
  test('a question that is not answered is not answered by the file', async () => {
    const before = `${'0'.repeat(63)}1`
    const refusing: Handler = (url, body, signal) =>
      body.includes('eth_call') && body.includes(before)
        ? Response.json({ jsonrpc: '2.0', id: JSON.parse(body).id, error: { code: -32005, message: 'limit' } })
        : endpoint(world.chain)(url, body, signal)
    expect(amiss(await check({ rpc: refusing }))).toEqual({ frontier: 'unchecked rpc-error' })
  })

  const failures: [string, Handler, string][] = [
    ['dead', dead, 'rpc-unreachable'],
    ['never', never, 'rpc-slow'],
    ['never, deaf to signals', deaf, 'rpc-slow'],
    ['a byte now and then', drip, 'rpc-slow'],
    ['500', status(500), 'rpc-error'],
    ['502 and nothing', () => new Response('', { status: 502 }), 'rpc-error'],
    ['HTML', bytes('<html>'), 'rpc-error'],
    ['null', bytes('null'), 'rpc-error'],
    [
      'an error',
      () => Response.json({ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } }),
      'rpc-error'
    ],
    ['another id', () => Response.json({ jsonrpc: '2.0', id: 99, result: '0x7a69' }), 'rpc-error'],
    ['no result', () => Response.json({ jsonrpc: '2.0', id: 1 }), 'rpc-error'],
    [
      'a number as result',
      () => Response.json({ jsonrpc: '2.0', id: 1, result: 31337 }),
      'rpc-error'
    ],
    [
      'endless',
      () =>
        new Response(
          new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1 << 20)) })
        ),
      'rpc-error'
    ]
  ]
  test.each(failures)('%s', async (_, handler, reason) =>
    expect(amiss(await check({ rpc: handler }, reason === 'rpc-slow' ? { rpcTimeout: 200 } : {}))).toEqual(
      unasked(reason)
    )
  )
  test('of another id', async () =>
    expect(amiss(await check(chainWith({ chainId: 1 })))).toEqual(unasked('rpc-other-chain')))
  test('without the contract', async () => {
    const elsewhere = `0x${'11'.repeat(20)}`
    const bundle = {
      ...world.bundle,
      chain: { ...(world.bundle['chain'] as object), contract: elsewhere }
    }
    const result = await check(
      { proof: bytes(canonical(bundle)) },
      { chain: { rpcUrls: [rpc], chainId, contract: elsewhere } }
    )
    expect(amiss(result)).toEqual(unasked('rpc-no-contract'))
  })
  test('no endpoint, or no contract to trust', async () => {
    expect(amiss(await check({}, { chain: { rpcUrls: [], chainId, contract } }))).toEqual(
      unasked('no-rpc')
    )
    expect(amiss(await check({}, { chain: { rpcUrls: [rpc] } }))).toEqual(
      unasked('no-contract-given')
    )
  })
  test('the bundle names another chain or contract', async () => {
    const named = (change: object) =>
      served({ chain: { ...(world.bundle['chain'] as object), ...change } })
    expect(amiss(await check(named({ chain_id: 1 })))).toEqual({
      chain: 'fails bundle-other-chain'
    })
    expect(amiss(await check(named({ contract: `0x${'11'.repeat(20)}` })))).toEqual({
      chain: 'fails bundle-other-contract'
    })
  })
  test('a contract in mixed case is the same', async () => {
    const mixed = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
    const result = await check(
      {
        rpc: (url, body, signal) =>
          endpoint(world.chain)(url, body.replaceAll(mixed, contract), signal)
      },
      { chain: { rpcUrls: [rpc], chainId, contract: mixed } }
    )
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
    const lying = {
      ...world.chain,
      roots: new Map([...world.chain.roots, [2, new Uint8Array(32).fill(7)]])
    }
    expect(amiss(await check({ otherRpc: endpoint(lying) }, with2))).toEqual({
      chain: 'fails rpc-disagree'
    })
  })
  test('two that disagree on the keys', async () => {
    const lying = {
      ...world.chain,
      registered: [{ block: 3, data: registeredData(world.keys.stranger, world.keys.service) }]
    }
    expect(amiss(await check({ otherRpc: endpoint(lying) }, with2))).toEqual({
      authority: 'fails rpc-disagree'
    })
  })
  test('two that disagree on the root before', async () => {
    const lying = {
      ...world.chain,
      roots: new Map([...world.chain.roots, [1, new Uint8Array(32).fill(7)]])
    }
    expect(amiss(await check({ otherRpc: endpoint(lying) }, with2))).toEqual({
      frontier: 'fails rpc-disagree'
    })
  })
  test('logs of another contract are none', async () => {
    const foreign: Handler = async (url, body, signal) => {
      const answer = await (await endpoint(world.chain)(url, body, signal)).text()
      return new Response(
        answer.replaceAll(`"address":"${contract}"`, `"address":"0x${'22'.repeat(20)}"`)
      )
    }
    expect(amiss(await check({ rpc: foreign }))).toEqual({
      authority: 'unchecked rpc-error',
      chain: 'unchecked rpc-error'
    })
  })
})
