/* SPDX-License-Identifier: Apache-2.0 */
import type { AreaRegistered } from '../core/abi'
import { type Bytes, equal } from '../core/bytes'
import { cidToText } from '../core/cid'
import { base64urlEncode, hexEncode } from '../core/encoding'
import { type DeviceEntry, type OfficialEntry, signedText, verifyEntry } from '../core/entry'
import { isPublicKey } from '../core/p256'
import {
  agree,
  type AnchoredAt,
  type Answer,
  askAll,
  contradicts,
  describe,
  type Learnt
} from './chain'
import { type Context, rpcTimeout } from './context'
import type { Steps, Values } from './steps'
import type { ReasonCode } from './types'

/* chain and authority: what the contract says. */

/** The batch that is looked for; a bundle's members, or a batch file's. */
export interface Claim {
  readonly area: string
  readonly batch: number
  readonly size: number
  readonly root: Bytes
  readonly cid: string
  readonly chainId?: number
  readonly contract?: string
  readonly block?: number
}

/** Asks every endpoint; nothing is asked, and nobody, without endpoints or a contract. */
export function askChain({ options }: Context, claim: Claim): Promise<Answer[]> {
  const { rpcUrls, chainId, contract, fromBlock = 0 } = options.chain
  if (contract === undefined) return Promise.resolve([])
  const question = {
    chainId: chainId ?? claim.chainId,
    contract,
    area: claim.area,
    batch: claim.batch,
    block: claim.block,
    fromBlock
  }
  return askAll(rpcUrls, question, options.fetch, options.rpcTimeout ?? rpcTimeout, options.signal)
}

/** Why there are no answers at all. */
export function whyNobody({ options }: Context): ReasonCode {
  return options.chain.rpcUrls.length > 0 ? 'no-contract-given' : 'no-rpc'
}

function baseValues({ options }: Context, claim: Claim, answers: readonly Answer[]): Values {
  const values: Values = { area: claim.area, batch: claim.batch, root: hexEncode(claim.root) }
  const chainId = options.chain.chainId ?? claim.chainId
  if (chainId !== undefined) values.chainId = chainId
  if (options.chain.contract !== undefined) values.contract = options.chain.contract
  if (answers.length > 0) {
    values.endpoints = answers.map((answer) => answer.url).join(' ')
    values.answers = describe(answers, (answer) => answer.root)
  }
  return values
}

function otherPlace({ options }: Context, claim: Claim): ReasonCode {
  const { chainId, contract } = options.chain
  if (chainId !== undefined && claim.chainId !== undefined && chainId !== claim.chainId)
    return 'bundle-other-chain'
  if (contract === undefined || claim.contract === undefined) return ''
  return contract.toLowerCase() === claim.contract.toLowerCase() ? '' : 'bundle-other-contract'
}

const sameAnchored = (event: AnchoredAt) =>
  `${event.size} ${hexEncode(event.root)} ${hexEncode(event.cid)}`

function judgeRoot(claim: Claim, root: Bytes, event: AnchoredAt | undefined): ReasonCode {
  if (root.every((byte) => byte === 0)) return 'root-not-on-chain'
  if (!equal(root, claim.root) || (event && !equal(event.root, claim.root))) return 'root-other'
  if (event && event.size !== claim.size) return 'size-other'
  return event && cidToText(event.cid) !== claim.cid ? 'cid-not-anchored' : ''
}

function eventValues(event: AnchoredAt | undefined): Values {
  if (!event) return {}
  const { block, transaction, time, size, cid } = event
  return { block, transaction, anchoredAt: time, anchoredCid: cidToText(cid), size }
}

/** Returns the block's time when everything agrees and an event told it. */
export function checkChain(
  context: Context,
  claim: Claim,
  answers: readonly Answer[]
): AnchoredAt | undefined {
  const { steps } = context
  const values = baseValues(context, claim, answers)
  const elsewhere = otherPlace(context, claim)
  if (elsewhere !== '')
    steps.fails('chain', elsewhere, {
      ...values,
      ...(claim.contract ? { got: `${claim.chainId} ${claim.contract}` } : {})
    })
  else if (answers.length === 0) steps.unchecked('chain', whyNobody(context), values)
  else return judgeChain(steps, claim, answers, values)
  return undefined
}

function judgeChain(
  steps: Steps,
  claim: Claim,
  answers: readonly Answer[],
  values: Values
): AnchoredAt | undefined {
  const root = agree(answers, (answer) => answer.root, hexEncode)
  const anchored = agree(answers, (answer) => answer.anchored, sameAnchored)
  if (root === 'disagree' || anchored === 'disagree') {
    steps.fails('chain', 'rpc-disagree', values)
    return undefined
  }
  if ('reason' in root) {
    steps.unchecked('chain', root.reason, { ...values, detail: root.detail })
    return undefined
  }
  const event = 'value' in anchored ? anchored.value : undefined
  const reason = judgeRoot(claim, root.value, event)
  const all: Values = { ...values, rootOnChain: hexEncode(root.value), ...eventValues(event) }
  if (reason !== '') {
    steps.fails('chain', reason, all)
    return undefined
  }
  // A root alone binds neither the size nor the CID: without the event they were not compared.
  if ('reason' in anchored) {
    steps.unchecked('chain', anchored.reason, { ...all, detail: anchored.detail })
    return undefined
  }
  steps.holds('chain', all)
  return event
}

const sameKeys = (area: AreaRegistered) =>
  `${hexEncode(area.authorityKey)} ${hexEncode(area.serviceKey)}`

/** The area's keys as the contract has them, or why they are not known; 'fails' says that this is
 * the chain's own answer. */
export function areaKeys(
  context: Context,
  answers: readonly Answer[]
): Learnt<AreaRegistered> & { readonly fails?: boolean } {
  if (answers.length === 0) return { reason: whyNobody(context), detail: '' }
  const area = agree(answers, (answer) => answer.area, sameKeys)
  if (area === 'disagree') return { reason: 'rpc-disagree', detail: '', fails: true }
  return 'reason' in area ? { ...area, fails: contradicts(area.reason) } : area
}

export async function checkAuthority(
  context: Context,
  answers: readonly Answer[],
  registration: DeviceEntry | OfficialEntry | undefined
): Promise<void> {
  const { steps } = context
  const keys = areaKeys(context, answers)
  const endpoints = answers.map((answer) => answer.url).join(' ')
  if (!registration) {
    steps.unchecked('authority', 'no-registration')
  } else if ('reason' in keys) {
    const values: Values = { endpoints, detail: keys.detail }
    if (keys.fails) steps.fails('authority', keys.reason, values)
    else steps.unchecked('authority', keys.reason, values)
  } else {
    await judgeAuthority(steps, keys.value.authorityKey, registration, endpoints)
  }
}

async function judgeAuthority(
  steps: Steps,
  key: Bytes,
  registration: DeviceEntry | OfficialEntry,
  endpoints: string
): Promise<void> {
  const values: Values = {
    authorityKey: base64urlEncode(key),
    signedBytes: signedText(registration),
    signature: registration.sig,
    endpoints
  }
  if (!isPublicKey(key)) steps.fails('authority', 'authority-key-bad', values)
  else if (await verifyEntry(registration, key)) steps.holds('authority', values)
  else steps.fails('authority', 'authority-signature-bad', values)
}
