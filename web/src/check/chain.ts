/* SPDX-License-Identifier: Apache-2.0 */
import {
  type Anchored,
  type AreaRegistered,
  areaWord,
  callRootOf,
  decodeAnchored,
  decodeAreaRegistered,
  decodeRootOf,
  numberWord,
  toData,
  topics
} from '../core/abi'
import type { Bytes } from '../core/bytes'
import { hexEncode } from '../core/encoding'
import { Endpoint, type Log, RpcError } from './rpc'
import type { Fetch, ReasonCode } from './types'

/* What the contract says of a batch and its area, asked of one endpoint. */

export interface Question {
  readonly chainId: number | undefined
  readonly contract: string
  readonly area: string
  readonly batch: number
  /** Where the bundle says that the batch was anchored. */
  readonly block: number | undefined
  readonly fromBlock: number
}

/** A value, or why there is none. */
export type Learnt<T> =
  { readonly value: T } | { readonly reason: ReasonCode; readonly detail: string }

export interface AnchoredAt extends Anchored {
  readonly block: number
  readonly transaction: string
  readonly time: number // ms since 1970
}

export interface Answer {
  readonly url: string
  readonly chainId: number | undefined
  /** 32 zeros: the contract has no such batch. */
  readonly root: Learnt<Bytes>
  readonly prevRoot: Learnt<Bytes> | undefined // of a first batch: none
  readonly area: Learnt<AreaRegistered>
  readonly anchored: Learnt<AnchoredAt>
}

/** Questions to one endpoint for logs; ranges are halved when it refuses them. */
const searchMax = 64
const searchTime = 30_000 // ms

function whyNot(error: unknown): { reason: ReasonCode; detail: string } {
  const detail = error instanceof Error ? error.message : String(error)
  return { reason: error instanceof RpcError ? error.reason : 'rpc-error', detail }
}

async function learn<T>(work: Promise<T>): Promise<Learnt<T>> {
  try {
    return { value: await work }
  } catch (error) {
    return whyNot(error)
  }
}

/** The first logs from block @from to @to, in as large pieces as the endpoint allows. */
export async function findLogs(
  endpoint: Endpoint,
  contract: string,
  wanted: readonly string[],
  from: number,
  to: number
): Promise<Log[]> {
  const end = performance.now() + searchTime
  let [at, step] = [from, to - from + 1]
  for (let asked = 0; at <= to; asked++) {
    if (asked === searchMax || performance.now() > end)
      throw new RpcError('rpc-log-range', 'too many pieces')
    try {
      const logs = await endpoint.logs(contract, wanted, at, Math.min(at + step - 1, to))
      if (logs.length > 0) return logs
      at += step
    } catch (error) {
      if (!(error instanceof RpcError) || !error.refused || step === 1) throw error
      step = Math.ceil(step / 2)
    }
  }
  return []
}

/** As findLogs; where the contract's events begin is only said, so what is not found may be earlier. */
async function searchLogs(
  endpoint: Endpoint,
  { contract, fromBlock }: Question,
  wanted: readonly string[],
  newest: number
): Promise<Log[]> {
  const from = Math.min(fromBlock, newest)
  const logs = await findLogs(endpoint, contract, wanted, from, newest)
  if (logs.length > 0 || from === 0) return logs
  return findLogs(endpoint, contract, wanted, 0, from - 1)
}

/* @isThere: the contract has a root of the area, so an event that is not found was kept from us. */
async function readArea(
  endpoint: Endpoint,
  question: Question,
  newest: number,
  isThere: boolean
): Promise<AreaRegistered> {
  const { area } = question
  const wanted = [topics.areaRegistered, toData(areaWord(area))]
  const logs = await searchLogs(endpoint, question, wanted, newest)
  const first = logs[0]
  if (!first)
    throw new RpcError(isThere ? 'rpc-log-range' : 'area-not-registered', 'no AreaRegistered event')
  if (logs.length > 1) throw new RpcError('area-registered-twice', `${logs.length} events`)
  return decodeAreaRegistered(first.topics, first.data, area)
}

async function readAnchored(
  endpoint: Endpoint,
  question: Question,
  newest: number
): Promise<AnchoredAt> {
  const { contract, area, batch, block } = question
  const wanted = [topics.anchored, toData(areaWord(area)), toData(numberWord(batch))]
  // A reorganisation may have moved it since the bundle was made.
  const near =
    block !== undefined && block <= newest
      ? await endpoint.logs(contract, wanted, block, block)
      : []
  const log = (near.length > 0 ? near : await searchLogs(endpoint, question, wanted, newest))[0]
  if (!log) throw new RpcError('rpc-log-range', 'no Anchored event')
  const event = decodeAnchored(log.topics, log.data, area, batch)
  return {
    ...event,
    block: log.block,
    transaction: log.transaction,
    time: await endpoint.blockTime(log.block)
  }
}

async function readRoot(
  endpoint: Endpoint,
  question: Question,
  batch: number,
  newest: number
): Promise<Bytes> {
  const data = await endpoint.call(question.contract, callRootOf(question.area, batch), newest)
  if (data.length === 0) throw new RpcError('rpc-no-contract', 'an empty answer')
  return decodeRootOf(data)
}

function nothing(
  url: string,
  chainId: number | undefined,
  why: { reason: ReasonCode; detail: string }
): Answer {
  return { url, chainId, root: why, prevRoot: why, area: why, anchored: why }
}

async function askOne(endpoint: Endpoint, question: Question): Promise<Answer> {
  let chainId: number
  try {
    chainId = await endpoint.chainId()
  } catch (error) {
    return nothing(endpoint.url, undefined, whyNot(error))
  }
  if (question.chainId !== undefined && chainId !== question.chainId) {
    return nothing(endpoint.url, chainId, { reason: 'rpc-other-chain', detail: `chain ${chainId}` })
  }
  // All that follows is asked as of one block, so that a chain that goes on meanwhile contradicts nothing.
  const at = await learn(endpoint.blockNumber())
  if ('reason' in at) return nothing(endpoint.url, chainId, at)
  const newest = at.value
  const root = await learn(readRoot(endpoint, question, question.batch, newest))
  if ('reason' in root) return nothing(endpoint.url, chainId, root)
  const isThere = root.value.some((byte) => byte !== 0)
  const [prevRoot, area, anchored] = await Promise.all([
    question.batch > 1 ? learn(readRoot(endpoint, question, question.batch - 1, newest)) : undefined,
    learn(readArea(endpoint, question, newest, isThere)),
    learn(readAnchored(endpoint, question, newest))
  ])
  return { url: endpoint.url, chainId, root, prevRoot, area, anchored }
}

export function askAll(
  urls: readonly string[],
  question: Question,
  fetch: Fetch,
  timeout: number,
  signal: AbortSignal | undefined
): Promise<Answer[]> {
  return Promise.all(urls.map((url) => askOne(new Endpoint(url, fetch, timeout, signal), question)))
}

export type Common<T> = Learnt<T> | 'disagree'

/** What all endpoints say that say anything; 'disagree' when they do not say the same. Why none
 * does, when none does. */
export function agree<T>(
  answers: readonly Answer[],
  pick: (answer: Answer) => Learnt<T> | undefined,
  same: (value: T) => string
): Common<T> {
  const learnt = answers.map(pick).filter((item) => item !== undefined)
  const said = learnt.filter((item) => 'value' in item || contradicts(item.reason))
  const texts = new Set(said.map((item) => ('value' in item ? same(item.value) : item.reason)))
  if (texts.size > 1) return 'disagree'
  return said[0] ?? learnt[0] ?? { reason: 'no-rpc', detail: 'no endpoint' }
}

/** Reasons that are the chain's answer, not the want of one. */
export function contradicts(reason: ReasonCode): boolean {
  return reason === 'area-not-registered' || reason === 'area-registered-twice'
}

/** One line per endpoint for whoever looks underneath. */
export function describe(
  answers: readonly Answer[],
  what: (answer: Answer) => Learnt<Bytes>
): string {
  return answers
    .map((answer) => {
      const learnt = what(answer)
      return `${answer.url} ${'value' in learnt ? hexEncode(learnt.value) : `${learnt.reason}: ${learnt.detail}`}`
    })
    .join('\n')
}
