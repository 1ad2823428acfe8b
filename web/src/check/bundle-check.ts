/* SPDX-License-Identifier: Apache-2.0 */
import { type Bundle, parseBundle } from '../core/bundle'
import { type Bytes, FormatError } from '../core/bytes'
import { hexEncode } from '../core/encoding'
import type { Entry } from '../core/entry'
import { signerOf } from '../core/rules'
import type { AnchoredAt, Answer } from './chain'
import { areaKeys, askChain, checkAuthority, checkChain } from './chain-steps'
import type { Context } from './context'
import {
  type Asked,
  checkForm,
  checkInclusion,
  checkRegistration,
  checkSignature,
  isVouchedFor,
  keyWithout
} from './entry-steps'
import { checkFile, checkFrontier, fetchFile } from './file-steps'
import { type CheckResult, type RecordFacts, type ReportFacts, stepNames } from './types'

type Facts = Pick<CheckResult, 'entry' | 'report' | 'record' | 'anchoredAt'>

function reportFacts(entry: Entry | undefined): ReportFacts | undefined {
  if (entry?.kind !== 'report') return undefined
  const { area, device, site, power, ts, received, seq } = entry
  return { area, device, site, power, ts, received, seq }
}

/* Where the chain says that it was anchored, if it was asked; else where the bundle says. */
function recordFacts(bundle: Bundle, event: AnchoredAt | undefined): RecordFacts {
  const { area, batch, size, cid, index, chainId, contract } = bundle
  const { transaction, block } = event ?? bundle
  return {
    area,
    batch,
    size,
    root: hexEncode(bundle.root),
    cid,
    index,
    chainId,
    contract,
    transaction,
    block
  }
}

function tryParse(context: Context, bytes: Uint8Array): Bundle | undefined {
  try {
    return parseBundle(bytes)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    context.steps.fails('form', 'bundle-malformed', { detail: error.message, bytes: bytes.length })
    return undefined
  }
}

/** Asks all questions of a bundle; what is asked of the network runs beside what is computed. */
export async function checkBundle(context: Context, bytes: Bytes, asked?: Asked): Promise<Facts> {
  const { steps } = context
  const bundle = tryParse(context, bytes)
  const entry = bundle && checkForm(steps, bundle, asked)
  if (!bundle || !entry) {
    // Whatever else could be shown would be about something else than the report.
    if (!bundle || steps.get('form')?.reasonCode === 'other-report') {
      steps.rest(stepNames, 'no-bundle')
      return {}
    }
    steps.rest(['signature', 'registration', 'authority'], 'no-bundle')
  }
  const answering = askChain(context, bundle)
  answering.catch(() => {})
  await checkInclusion(steps, bundle)
  const [event] = await Promise.all([
    checkSigners(context, bundle, answering, entry),
    checkRecord(context, bundle, answering, entry)
  ])
  const facts = reportFacts(entry)
  return {
    record: recordFacts(bundle, event),
    ...(entry ? { entry } : {}),
    ...(facts ? { report: facts } : {}),
    ...(event ? { anchoredAt: event.time } : {})
  }
}

async function checkSigners(
  context: Context,
  bundle: Bundle,
  answering: Promise<Answer[]>,
  entry: Entry | undefined
): Promise<AnchoredAt | undefined> {
  const { steps } = context
  const isVouched = entry !== undefined && isVouchedFor(entry)
  const registration = isVouched ? checkRegistration(steps, bundle, entry) : undefined
  if (isVouched)
    await checkSignature(steps, entry, registration?.key ?? { reason: 'no-key' })
  const answers = await answering
  const event = checkChain(context, bundle, answers)
  if (isVouched) await checkAuthority(context, answers, registration)
  else if (entry) await checkSigner(context, bundle, entry, answers)
  return event
}

/* Of what the area itself signed, or a citizen with the key that the entry holds. */
async function checkSigner(
  context: Context,
  bundle: Bundle,
  entry: Entry,
  answers: readonly Answer[]
): Promise<void> {
  const { steps } = context
  if (bundle.signer === '') steps.skip('registration')
  else {
    const values = { signer: signerOf(entry), registration: bundle.signer }
    steps.fails('registration', 'registration-needless', values)
  }
  steps.skip('authority')
  await checkSignature(steps, entry, keyWithout(entry, areaKeys(context, answers)))
}

async function checkRecord(
  context: Context,
  bundle: Bundle,
  answering: Promise<Answer[]>,
  entry: Entry | undefined
): Promise<void> {
  const file = await fetchFile(context, bundle.cid)
  const batch = file && (await checkFile(context, bundle, file, entry))
  if (batch) await checkFrontier(context, batch, bundle, () => answering)
  else context.steps.unchecked('frontier', 'file-not-the-one')
}
