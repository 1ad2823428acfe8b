/* SPDX-License-Identifier: Apache-2.0 */
import { LineError, readBatch, type ReadBatch, growTree } from '../core/batch'
import { previousHolds } from '../core/batch-lines'
import type { Bundle } from '../core/bundle'
import { type Bytes, equal, FormatError } from '../core/bytes'
import { cidOfFile, cidToText } from '../core/cid'
import { hexEncode, utf8Encode } from '../core/encoding'
import type { Entry } from '../core/entry'
import { frontierRoot } from '../core/tree'
import { agree, type Answer } from './chain'
import { whyNobody } from './chain-steps'
import { type Context, fileMax, fileTimeout, paceOf } from './context'
import { isOf } from './entry-steps'
import { FetchError, getGood } from './fetch'
import type { Values } from './steps'

/* file and frontier: what the batch file shows. */

/** The file that the bundle's CID names, or nothing and an unchecked step. */
export async function fetchFile(context: Context, cid: string): Promise<Bytes | undefined> {
  const { options, steps } = context
  if (options.daemon === undefined) {
    steps.unchecked('file', 'not-asked', { cid })
    return undefined
  }
  const address = `${options.daemon}/ipfs/${cid}`
  try {
    return await getGood(options.fetch, address, {
      max: fileMax,
      timeout: options.fileTimeout ?? fileTimeout,
      signal: options.signal,
      told: (done, total) => options.onProgress?.({ phase: 'file', done, total })
    })
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    steps.unchecked('file', error.reason, {
      address,
      cid,
      detail: error.message,
      ...(error.status ? { status: error.status } : {})
    })
    return undefined
  }
}

/** The newest registration that the file holds of the entry's signer before the entry. */
class Registrations {
  newest: Entry | undefined

  constructor(
    private readonly entry: Entry,
    private readonly index: number
  ) {}

  see(index: number, entry: Entry): void {
    if (index < this.index && isOf(entry, this.entry)) this.newest = entry
  }
}

/** Checks the file against the bundle; returns it when it is the one that the bundle names. */
export async function checkFile(
  context: Context,
  bundle: Bundle,
  file: Bytes,
  entry: Entry | undefined
): Promise<ReadBatch | undefined> {
  const { steps } = context
  const computedCid = cidToText(await cidOfFile(file, paceOf(context, 'cid')))
  const values: Values = { cid: bundle.cid, computedCid, bytes: file.length }
  if (computedCid !== bundle.cid) {
    steps.fails('file', 'cid-differs', values)
    return undefined
  }
  const registrations = entry && new Registrations(entry, bundle.index)
  try {
    const batch = await readBatch(
      file,
      (index, other) => registrations?.see(index, other),
      paceOf(context, 'entries')
    )
    const { area, batch: number } = batch.header
    if (area !== bundle.area || number !== bundle.batch) {
      steps.fails('file', 'batch-other', { ...values, area, batch: number })
      return undefined
    }
    judgeFile(context, bundle, batch, {
      ...values,
      entries: batch.lines.length,
      index: bundle.index
    })
    judgeRegistration(context, bundle, registrations?.newest)
    return batch
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const where: Values = error instanceof LineError ? { where: error.line } : {}
    steps.fails('file', 'batch-malformed', { ...values, ...where, detail: error.message })
    return undefined
  }
}

function judgeFile(
  { steps }: Context,
  bundle: Bundle,
  { header, lines }: ReadBatch,
  values: Values
): void {
  const line = lines[bundle.index - header.previous.size]
  if (!line) {
    steps.fails('file', 'index-outside', { ...values, prevSize: header.previous.size })
  } else if (!equal(line, utf8Encode(bundle.entry))) {
    steps.fails('file', 'entry-differs', values)
  } else {
    steps.holds('file', values)
  }
}

function judgeRegistration({ steps }: Context, bundle: Bundle, newest: Entry | undefined): void {
  if (!newest || newest.text === bundle.signer || steps.get('registration')?.verdict !== 'holds')
    return
  steps.fails('registration', 'registration-superseded', {
    registration: newest.text,
    received: newest.received
  })
}

/** What the chain says of the root before: known once the endpoints have answered. */
export type PreviousOnChain = () => Promise<readonly Answer[]>

/** Whether the file's tree extends the one before it, and is the one that is claimed. */
export async function checkFrontier(
  context: Context,
  batch: ReadBatch,
  claimed: { readonly root: Bytes; readonly size: number } | undefined,
  previousOnChain: PreviousOnChain
): Promise<void> {
  const { steps } = context
  const { header } = batch
  const grown = await growTree(batch, paceOf(context, 'tree'))
  const computed = await frontierRoot(grown)
  const previous = await frontierRoot(header.previous)
  const values: Values = {
    prevRoot: hexEncode(header.prevRoot),
    computedPrevRoot: hexEncode(previous),
    prevSize: header.previous.size,
    root: hexEncode(header.root),
    computedRoot: hexEncode(computed),
    size: grown.size,
    entries: batch.leaves.length,
    from: header.from,
    to: header.to
  }
  if (!(await previousHolds(header))) steps.fails('frontier', 'prev-root-differs', values)
  else if (grown.size !== header.size || !equal(computed, header.root))
    steps.fails('frontier', 'root-differs', values)
  else if (claimed && (claimed.size !== header.size || !equal(claimed.root, header.root))) {
    steps.fails('frontier', 'bundle-root-differs', values)
  } else judgePrevious(context, batch, await previousOnChain(), values)
}

function judgePrevious(
  context: Context,
  { header }: ReadBatch,
  answers: readonly Answer[],
  values: Values
): void {
  const { steps } = context
  const said = agree(answers, (answer) => answer.prevRoot, hexEncode)
  if (header.batch === 1) {
    // The first batch extends nothing; any other frontier would be made up.
    if (header.previous.size === 0)
      steps.holds('frontier', { ...values, prevRootOnChain: 'first batch' })
    else steps.fails('frontier', 'prev-root-differs', values)
  } else if (said === 'disagree') {
    steps.fails('frontier', 'rpc-disagree', values)
  } else if ('reason' in said) {
    // That the file extends some tree says nothing of the record before it.
    const reason = answers.length > 0 ? said.reason : whyNobody(context)
    const all = { ...values, prevRootOnChain: 'not read', detail: said.detail }
    steps.unchecked('frontier', reason, all)
  } else if (!equal(said.value, header.prevRoot)) {
    steps.fails('frontier', 'prev-root-not-on-chain', {
      ...values,
      prevRootOnChain: hexEncode(said.value)
    })
  } else {
    steps.holds('frontier', { ...values, prevRootOnChain: 'equal' })
  }
}
