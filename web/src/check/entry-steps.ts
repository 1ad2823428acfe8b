/* SPDX-License-Identifier: Apache-2.0 */
import type { Bundle } from '../core/bundle'
import { FormatError } from '../core/bytes'
import { base64urlDecode, hexEncode, utf8Encode } from '../core/encoding'
import {
  type DeviceEntry,
  type Entry,
  parseEntry,
  type ReportEntry,
  signedText,
  verifyEntry
} from '../core/entry'
import { isPublicKey } from '../core/p256'
import { timeRule } from '../core/rules'
import { leafHash, verifyInclusion } from '../core/tree'
import type { Steps, Values } from './steps'
import type { ReasonCode } from './types'

/* form, signature, registration, inclusion: what the bundle itself can show. */

export interface Asked {
  readonly area: string | undefined
  readonly device: string
  readonly seq: number
}

function tryParse(text: string): Entry | FormatError {
  try {
    return parseEntry(utf8Encode(text))
  } catch (error) {
    if (error instanceof FormatError) return error
    throw error
  }
}

function isOther(entry: Entry, asked: Asked): boolean {
  if (entry.kind !== 'report' || entry.device !== asked.device || entry.seq !== asked.seq)
    return true
  return asked.area !== undefined && entry.area !== asked.area
}

/** The bundle's entry if it is one, of the bundle's area, and the one that was asked for. */
export function checkForm(steps: Steps, bundle: Bundle, asked?: Asked): Entry | undefined {
  const entry = tryParse(bundle.entry)
  if (entry instanceof FormatError) {
    steps.fails('form', 'entry-malformed', { entry: bundle.entry, detail: entry.message })
    return undefined
  }
  const values: Values = { area: bundle.area, kind: entry.kind, entry: bundle.entry }
  if (entry.area !== bundle.area) {
    steps.fails('form', 'entry-other-area', values)
    return undefined
  }
  const rule = timeRule(entry)
  if (rule !== 'holds') {
    steps.fails('form', 'entry-not-counting', { ...values, detail: rule })
    return undefined
  }
  if (asked && isOther(entry, asked)) {
    const got = entry.kind === 'report' ? `${entry.area} ${entry.device} ${entry.seq}` : entry.kind
    steps.fails('form', 'other-report', {
      ...values,
      asked: `${asked.area ?? ''} ${asked.device} ${asked.seq}`.trim(),
      got
    })
    return undefined
  }
  steps.holds('form', values)
  return entry
}

/** The registration in the bundle, if it is a device's of this area in its one form. */
function readRegistration(steps: Steps, bundle: Bundle): DeviceEntry | undefined {
  const signer = tryParse(bundle.signer)
  const values: Values = { registration: bundle.signer }
  if (signer instanceof FormatError)
    steps.fails('registration', 'registration-malformed', { ...values, detail: signer.message })
  else if (signer.area !== bundle.area)
    steps.fails('registration', 'registration-other-area', values)
  else if (signer.kind !== 'device')
    steps.fails('registration', 'registration-other-device', values)
  else return signer
  return undefined
}

function whyNot(signer: DeviceEntry, report: ReportEntry): ReasonCode {
  if (signer.device !== report.device) return 'registration-other-device'
  if (signer.status !== 'active') return 'registration-revoked'
  if (timeRule(signer) !== 'holds') return 'registration-ahead'
  if (signer.received > report.received) return 'registration-later'
  if (signer.site !== report.site) return 'registration-other-site'
  return signer.lat === report.lat && signer.lon === report.lon ? '' : 'registration-other-place'
}

/** Returns the registration if its device is the report's, whatever else is wrong with it. */
export function checkRegistration(
  steps: Steps,
  bundle: Bundle,
  report: ReportEntry
): DeviceEntry | undefined {
  const signer = readRegistration(steps, bundle)
  if (!signer) return undefined
  const reason = whyNot(signer, report)
  const { device, site, key, received } = signer
  const values: Values = { device, site, key, received, registration: signer.text }
  if (reason !== '') steps.fails('registration', reason, values)
  else if (!isPublicKey(base64urlDecode(key))) steps.fails('registration', 'key-bad', values)
  else steps.holds('registration', values)
  return reason === 'registration-other-device' ? undefined : signer
}

export async function checkSignature(
  steps: Steps,
  report: ReportEntry,
  signer: DeviceEntry | undefined
): Promise<void> {
  const values: Values = { signedBytes: signedText(report), signature: report.sig }
  if (!signer) {
    steps.unchecked('signature', 'no-key', values)
    return
  }
  const key = base64urlDecode(signer.key)
  const named: Values = { ...values, key: signer.key }
  if (!isPublicKey(key)) steps.fails('signature', 'key-bad', named)
  else if (await verifyEntry(report, key)) steps.holds('signature', named)
  else steps.fails('signature', 'signature-bad', named)
}

export async function checkInclusion(steps: Steps, bundle: Bundle): Promise<void> {
  const leaf = await leafHash(utf8Encode(bundle.entry))
  const values: Values = {
    leaf: hexEncode(leaf),
    index: bundle.index,
    size: bundle.size,
    path: bundle.path.map(hexEncode).join(' '),
    root: hexEncode(bundle.root)
  }
  if (await verifyInclusion(bundle.index, bundle.size, leaf, bundle.path, bundle.root))
    steps.holds('inclusion', values)
  else steps.fails('inclusion', 'path-bad', values)
}
