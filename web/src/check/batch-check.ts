/* SPDX-License-Identifier: Apache-2.0 */
import { LineError, readBatch, type ReadBatch } from '../core/batch'
import { type Bytes, FormatError } from '../core/bytes'
import { cidOfFile, cidToText } from '../core/cid'
import { hexEncode } from '../core/encoding'
import { areaKeys, askChain, checkChain, type Claim } from './chain-steps'
import { type Context, paceOf } from './context'
import { checkFrontier } from './file-steps'
import { Follower } from './follower'
import { checkSignatures } from './signers'
import type { Values } from './steps'
import type { CheckResult, RecordFacts, StepName } from './types'

type Facts = Pick<CheckResult, 'record' | 'anchoredAt'>

export const batchSteps: readonly StepName[] = ['form', 'signature', 'file', 'frontier', 'chain']

async function tryRead(
  context: Context,
  file: Bytes,
  follower: Follower
): Promise<ReadBatch | undefined> {
  try {
    const batch = await readBatch(
      file,
      (index, entry, _, leaf) => follower.see(index, entry, leaf),
      paceOf(context, 'entries')
    )
    const { area, batch: number, from, to } = batch.header
    context.steps.holds('form', {
      area,
      batch: number,
      from,
      to,
      entries: batch.lines.length,
      bytes: file.length
    })
    return batch
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const where: Values = error instanceof LineError ? { where: error.line } : {}
    context.steps.fails('form', error.rule ? 'entry-not-counting' : 'batch-malformed', {
      ...where,
      detail: error.rule ?? error.message,
      bytes: file.length
    })
    return undefined
  }
}

/** Asks of a batch file by itself what can be asked of it. */
export async function checkBatch(context: Context, file: Bytes): Promise<Facts> {
  const { steps } = context
  const follower = new Follower()
  const batch = await tryRead(context, file, follower)
  if (!batch) {
    steps.rest(batchSteps, 'file-not-the-one')
    return {}
  }
  const { header } = batch
  const cid = cidToText(await cidOfFile(file, paceOf(context, 'cid')))
  const claim: Claim = {
    area: header.area,
    batch: header.batch,
    size: header.size,
    root: header.root,
    cid
  }
  const answering = askChain(context, claim)
  answering.catch(() => {})
  await checkFrontier(context, batch, undefined, () => answering)
  const answers = await answering
  const event = checkChain(context, claim, answers)
  checkCid(context, cid, file.length)
  await checkSignatures(context, batch.lines, follower.signers, areaKeys(context, answers))
  await checkEntries(context, batch, follower)
  const record: RecordFacts = { ...claim, root: hexEncode(claim.root) }
  return { record, ...(event ? { anchoredAt: event.time } : {}) }
}

/* The form held when the file was read; what its entries say may yet not count. */
async function checkEntries(
  { steps }: Context,
  { header }: ReadBatch,
  follower: Follower
): Promise<void> {
  const counted = steps.get('signature')?.verdict !== 'fails'
  const broken = await follower.finish(counted)
  if (!broken) return
  const { area, batch } = header
  steps.fails('form', 'entry-not-counting', {
    area,
    batch,
    where: broken.line,
    detail: broken.rule
  })
}

/* The CID that the chain names is compared in 'chain'; here it is told. */
function checkCid({ steps }: Context, computedCid: string, bytes: number): void {
  const chain = steps.get('chain')
  const anchoredCid = chain?.values['anchoredCid']
  if (anchoredCid === computedCid) steps.holds('file', { computedCid, anchoredCid, bytes })
  else if (anchoredCid !== undefined)
    steps.fails('file', 'cid-not-anchored', { computedCid, anchoredCid, bytes })
  else
    steps.unchecked('file', chain?.verdict === 'unchecked' ? chain.reasonCode : 'rpc-log-range', {
      computedCid,
      bytes
    })
}
