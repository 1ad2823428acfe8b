/* SPDX-License-Identifier: Apache-2.0 */
import { fromData } from '../core/abi'
import { type Bytes, malformed } from '../core/bytes'
import { FetchError, get } from './fetch'
import type { ChainReason, Fetch, ReasonCode } from './types'

/* JSON-RPC of one Ethereum endpoint: strict about what comes back. */

export class RpcError extends Error {
  constructor(
    readonly reason: ReasonCode,
    detail: string,
    /** The endpoint itself said no, so another question may do better. */
    readonly refused = false
  ) {
    super(detail)
  }
}

export interface Log {
  readonly topics: readonly Bytes[]
  readonly data: Bytes
  readonly block: number
  readonly transaction: string
}

const answerMax = 8 * 1024 * 1024 // bytes

export function toQuantity(value: number): string {
  return `0x${value.toString(16)}`
}

function fromQuantity(value: unknown): number {
  if (typeof value !== 'string' || !/^0x(0|[1-9a-f][0-9a-f]*)$/i.test(value))
    throw malformed('no quantity')
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw malformed('a quantity beyond 2^53')
  return number
}

function dataOf(value: unknown): Bytes {
  if (typeof value !== 'string') throw malformed('no data')
  return fromData(value)
}

type Members = Readonly<Record<string, unknown>>

function membersOf(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('no object')
  return value as Members
}

function toLog(value: unknown, contract: string): Log {
  const log = membersOf(value)
  if (String(log['address']).toLowerCase() !== contract.toLowerCase())
    throw malformed("another contract's log")
  if (!Array.isArray(log['topics']) || log['removed'] === true) throw malformed('no log')
  return {
    topics: log['topics'].map(dataOf),
    data: dataOf(log['data']),
    block: fromQuantity(log['blockNumber']),
    transaction: String(log['transactionHash'])
  }
}

export class Endpoint {
  private id = 0

  constructor(
    readonly url: string,
    private readonly fetch: Fetch,
    private readonly timeout: number,
    private readonly signal: AbortSignal | undefined
  ) {}

  chainId(): Promise<number> {
    return this.ask('eth_chainId', [], fromQuantity)
  }

  blockNumber(): Promise<number> {
    return this.ask('eth_blockNumber', [], fromQuantity)
  }

  /** As of a block: what is asked of the chain one after the other has to fit together. */
  call(contract: string, data: string, block: number): Promise<Bytes> {
    return this.ask('eth_call', [{ to: contract, data }, toQuantity(block)], dataOf)
  }

  logs(contract: string, topics: readonly string[], from: number, to: number): Promise<Log[]> {
    const filter = {
      address: contract,
      topics,
      fromBlock: toQuantity(from),
      toBlock: toQuantity(to)
    }
    return this.ask('eth_getLogs', [filter], (result) => {
      if (!Array.isArray(result)) throw malformed('no list of logs')
      return result.map((log) => toLog(log, contract))
    })
  }

  /** The block's time in ms since 1970. */
  blockTime(block: number): Promise<number> {
    return this.ask('eth_getBlockByNumber', [toQuantity(block), false], (result) => {
      const members = membersOf(result)
      if (fromQuantity(members['number']) !== block) throw malformed('another block')
      return fromQuantity(members['timestamp']) * 1000
    })
  }

  private async ask<T>(
    method: string,
    params: readonly unknown[],
    read: (result: unknown) => T
  ): Promise<T> {
    const id = ++this.id
    const text = await this.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    try {
      const answer = membersOf(JSON.parse(text) as unknown)
      if (answer['error'] !== undefined && answer['error'] !== null)
        throw refusal(method, answer['error'])
      if (answer['id'] !== id) throw malformed('an answer to another question')
      return read(answer['result'])
    } catch (error) {
      if (error instanceof RpcError) throw error
      throw new RpcError(
        'rpc-error',
        `${method}: ${error instanceof Error ? error.message : 'no answer'}`
      )
    }
  }

  private async post(body: string): Promise<string> {
    const headers = { 'content-type': 'application/json' }
    const options = {
      method: 'POST',
      body,
      headers,
      max: answerMax,
      timeout: this.timeout,
      signal: this.signal
    } as const
    try {
      // Errors come with other statuses too; what counts is whether the body is an answer.
      const got = await this.inTime(get(this.fetch, this.url, options))
      if (got.status >= 500 && got.body.length === 0)
        throw new RpcError('rpc-error', `HTTP status ${got.status}`)
      return new TextDecoder().decode(got.body)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      const reasons: Partial<Record<string, ChainReason>> = {
        slow: 'rpc-slow',
        unreachable: 'rpc-unreachable',
        aborted: 'aborted'
      }
      throw new RpcError(reasons[error.reason] ?? 'rpc-error', error.message)
    }
  }

  /* The whole answer in time, not only some of it now and then. */
  private async inTime<T>(work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new FetchError('slow', 'no whole answer in time')),
        this.timeout
      )
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

function refusal(method: string, error: unknown): RpcError {
  const message =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : 'refused'
  return new RpcError('rpc-error', `${method}: ${message.slice(0, 200)}`, true)
}
