/* SPDX-License-Identifier: Apache-2.0 */
import { fromData } from '../../src/core/abi'
import type { Bytes } from '../../src/core/bytes'
import { utf8Encode } from '../../src/core/encoding'
import type { Fetch } from '../../src/check/types'
import {
  areaWord,
  canonical,
  type Chain,
  contract,
  area,
  numberWord,
  selectors,
  toData,
  topics,
  type World
} from './world'

/* A network that answers as a daemon and endpoints would, but for what a test changes. */

export type Handler = (
  url: URL,
  body: string,
  signal: AbortSignal | undefined
) => Promise<Response> | Response

export const daemon = 'http://daemon.test'
export const rpc = 'http://rpc-1.test/'
export const otherRpc = 'http://rpc-2.test/'

export const never: Handler = (_, __, signal) =>
  new Promise((___, reject) =>
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
  )
/** Heeds no signal either. */
export const deaf: Handler = () => new Promise(() => {})
export const dead: Handler = () => Promise.reject(new TypeError('fetch failed'))
export const status =
  (code: number, type = 'x'): Handler =>
  () =>
    new Response(JSON.stringify({ type, title: 't', status: code }), { status: code })
export const bytes =
  (data: Uint8Array | string): Handler =>
  () =>
    new Response(typeof data === 'string' ? data : new Uint8Array(data))

const word = (text: string, at: number) => fromData(`0x${text.slice(10 + 64 * at, 74 + 64 * at)}`)
const lastNumber = (data: Bytes) => Number(BigInt(toData(data)))

const wordOf = (chain: Chain) => toData(areaWord(chain.area ?? area))

/** Batch, size and end of the newest one, of its event; its root. */
function latest(chain: Chain): string {
  const batch = Math.max(0, ...chain.anchored.keys())
  const data = chain.anchored.get(batch)?.data ?? new Uint8Array(96)
  const root = chain.roots.get(batch) ?? new Uint8Array(32)
  const words = [numberWord(batch), data.subarray(0, 32), data.subarray(64, 96), root]
  return `0x${words.map((one) => toData(one).slice(2)).join('')}`
}

function call(chain: Chain, { to, data }: { to: string; data: string }): string {
  if (to !== contract) return '0x'
  if (data.startsWith(selectors.latest)) return latest(chain)
  if (!data.startsWith(selectors.rootOf) || toData(word(data, 0)) !== wordOf(chain))
    return toData(new Uint8Array(32))
  return toData(chain.roots.get(lastNumber(word(data, 1))) ?? new Uint8Array(32))
}

interface Filter {
  address: string
  topics: string[]
  fromBlock: string
  toBlock: string
}

function logs(chain: Chain, filter: Filter): unknown[] {
  const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)]
  if (to - from >= chain.span) throw new Error('query exceeds max block range')
  const all = [
    ...chain.registered.map((event) => ({
      ...event,
      topics: [topics.areaRegistered, wordOf(chain)]
    })),
    ...[...chain.anchored].map(([batch, event]) => ({
      ...event,
      topics: [topics.anchored, wordOf(chain), toData(numberWord(batch))]
    }))
  ]
  return all
    .filter(
      (event) =>
        event.block >= from &&
        event.block <= to &&
        filter.address === contract &&
        filter.topics.every((topic, i) => topic === event.topics[i])
    )
    .map((event) => ({
      address: contract,
      topics: event.topics,
      data: toData(event.data),
      blockNumber: `0x${event.block.toString(16)}`,
      transactionHash: `0x${'ab'.repeat(32)}`,
      removed: false
    }))
}

function answer(chain: Chain, method: string, params: unknown[]): unknown {
  if (method === 'eth_chainId') return `0x${chain.chainId.toString(16)}`
  if (method === 'eth_blockNumber') return `0x${chain.block.toString(16)}`
  if (method === 'eth_call') return call(chain, params[0] as { to: string; data: string })
  if (method === 'eth_getLogs') return logs(chain, params[0] as Filter)
  if (method === 'eth_getBlockByNumber')
    return { number: params[0], timestamp: `0x${(1764000000 + Number(params[0])).toString(16)}` }
  throw new Error(`no method ${method}`)
}

export function endpoint(chain: Chain, asked: string[] = []): Handler {
  return (_, body) => {
    const { id, method, params } = JSON.parse(body) as {
      id: number
      method: string
      params: unknown[]
    }
    asked.push(method)
    try {
      return Response.json({ jsonrpc: '2.0', id, result: answer(chain, method, params) })
    } catch (error) {
      return Response.json({
        jsonrpc: '2.0',
        id,
        error: { code: -32000, message: (error as Error).message }
      })
    }
  }
}

export interface Script {
  readonly proof?: Handler
  readonly file?: Handler
  readonly rpc?: Handler
  readonly otherRpc?: Handler
}

/** The bundle of the world, with members changed, as the daemon would serve it. */
export function bundleBytes(world: World, change: Record<string, unknown> = {}): Bytes {
  return utf8Encode(canonical({ ...world.bundle, ...change }))
}

export function network(world: World, script: Script = {}, seen: string[] = []): Fetch {
  const proof = script.proof ?? bytes(bundleBytes(world))
  const file: Handler = (url, ...rest) => {
    const batch = world.batches.find((item) => url.pathname === `/ipfs/${item.cid}`)
    return script.file
      ? script.file(url, ...rest)
      : batch
        ? bytes(batch.bytes)(url, ...rest)
        : status(404)(url, ...rest)
  }
  return async (text, init) => {
    seen.push(text)
    const url = new URL(text)
    const handler =
      url.href === rpc
        ? (script.rpc ?? endpoint(world.chain))
        : url.href === otherRpc
          ? (script.otherRpc ?? endpoint(world.chain))
          : url.pathname === '/api/v1/proof'
            ? proof
            : file
    return handler(url, init?.body ?? '', init?.signal)
  }
}
