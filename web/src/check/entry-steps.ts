/* SPDX-License-Identifier: Apache-2.0 */
import type { AreaRegistered } from '../core/abi'
import type { Bundle } from '../core/bundle'
import { FormatError } from '../core/bytes'
import { mayAct } from '../core/complaint-table'
import { base64urlDecode, base64urlEncode, hexEncode, utf8Encode } from '../core/encoding'
import {
  type DeviceEntry,
  type Entry,
  type OfficialEntry,
  parseEntry,
  signedText,
  verifyEntry
} from '../core/entry'
import { isPublicKey } from '../core/p256'
import { signerOf, timeRule } from '../core/rules'
import { leafHash, verifyInclusion } from '../core/tree'
import type { Learnt } from './chain'
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

/** What vouches for the key of a device or an official. */
export type Registration = DeviceEntry | OfficialEntry

/** What a device or an official signed is vouched for by a registration. */
export const isVouchedFor = (entry: Entry) => ['device', 'official'].includes(signerOf(entry))

/** The registration in the bundle, if it is one of this area in its one form. */
function readRegistration(steps: Steps, bundle: Bundle, entry: Entry): Registration | undefined {
  const signer = tryParse(bundle.signer)
  const values: Values = { ...signerValue(entry), registration: bundle.signer }
  if (signer instanceof FormatError)
    steps.fails('registration', 'registration-malformed', { ...values, detail: signer.message })
  else if (signer.area !== bundle.area)
    steps.fails('registration', 'registration-other-area', values)
  else if (isOf(signer, entry)) return signer
  else steps.fails('registration', otherSigner(entry), values)
  return undefined
}

/* What a step is to call whoever signed; of a report its own words are about its device. */
const signerValue = (entry: Entry): Values =>
  entry.kind === 'report' ? {} : { signer: signerOf(entry) }

const otherSigner = (entry: Entry): ReasonCode =>
  signerOf(entry) === 'device' ? 'registration-other-device' : 'registration-other-official'

/** Whether @signer registers whoever must have signed @entry. */
export function isOf(signer: Entry, entry: Entry): signer is Registration {
  if (entry.kind === 'report' || entry.kind === 'lost')
    return signer.kind === 'device' && signer.device === entry.device
  if (entry.kind !== 'action' && entry.kind !== 'notice') return false
  return signer.kind === 'official' && signer.official === entry.by
}

function mayAnnounceOrAct({ role }: OfficialEntry, entry: Entry): boolean {
  if (entry.kind === 'action') return mayAct(entry.action, role)
  return role !== 'auditor'
}

function whyNot(signer: Registration, entry: Entry): ReasonCode {
  if (signer.status !== 'active') return 'registration-revoked'
  if (timeRule(signer) !== 'holds') return 'registration-ahead'
  if (signer.received > entry.received) return 'registration-later'
  if (signer.kind === 'official')
    return mayAnnounceOrAct(signer, entry) ? '' : 'registration-other-role'
  if (entry.kind !== 'report') return ''
  if (signer.site !== entry.site) return 'registration-other-site'
  return signer.lat === entry.lat && signer.lon === entry.lon ? '' : 'registration-other-place'
}

function registrationValues(signer: Registration): Values {
  const { key, received, text } = signer
  const who: Values =
    signer.kind === 'device'
      ? { device: signer.device, site: signer.site }
      : { official: signer.official, role: signer.role }
  return { ...who, key, received, registration: text }
}

/** Returns the registration if it is the signer's, whatever else is wrong with it. */
export function checkRegistration(
  steps: Steps,
  bundle: Bundle,
  entry: Entry
): Registration | undefined {
  const signer = readRegistration(steps, bundle, entry)
  if (!signer) return undefined
  const reason = whyNot(signer, entry)
  const values = { ...signerValue(entry), ...registrationValues(signer) }
  if (reason !== '') steps.fails('registration', reason, values)
  else if (!isPublicKey(base64urlDecode(signer.key)))
    steps.fails('registration', 'key-bad', values)
  else steps.holds('registration', values)
  return signer
}

/** @key: base64url, or why it is not known. */
export async function checkSignature(
  steps: Steps,
  entry: Entry,
  key: string | { readonly reason: ReasonCode; readonly fails?: boolean }
): Promise<void> {
  const values: Values = {
    ...signerValue(entry),
    signedBytes: signedText(entry),
    signature: entry.sig
  }
  if (typeof key !== 'string') {
    if (key.fails) steps.fails('signature', key.reason, values)
    else steps.unchecked('signature', key.reason, values)
    return
  }
  const bytes = base64urlDecode(key)
  const named: Values = { ...values, key }
  if (!isPublicKey(bytes)) steps.fails('signature', 'key-bad', named)
  else if (await verifyEntry(entry, bytes)) steps.holds('signature', named)
  else steps.fails('signature', 'signature-bad', named)
}

/** Whose signature it must have where nobody's registration vouches for that. */
export function keyWithout(
  entry: Entry,
  keys: Learnt<AreaRegistered> & { readonly fails?: boolean }
): Parameters<typeof checkSignature>[2] {
  if (entry.kind === 'action' && signerOf(entry) === 'citizen') return entry.key!
  if ('reason' in keys) return keys
  const { authorityKey, serviceKey } = keys.value
  return base64urlEncode(signerOf(entry) === 'authority' ? authorityKey : serviceKey)
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
