/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, FormatError, malformed } from './bytes'
import { base64urlDecode, utf8Decode, utf8Encode } from './encoding'
import { type Action, checkTogether, fields, fieldsOf, type Kind } from './entry-table'
import { type JsonObject, parseCanonical, writeMembers } from './json'
import { verifySignature } from './p256'

/* Entries of the log: docs/PROTOCOL.md section 2. */

export const entryMax = 65535 // bytes

interface Common {
  /** The exact text that was read. */
  readonly text: string
  readonly area: string
  readonly ts: number // ms since 1970, the signer's clock
  readonly received: number // ms since 1970, the daemon's clock
  readonly sig: string
}

export interface DeviceEntry extends Common {
  readonly kind: 'device'
  readonly device: string
  readonly site: string
  readonly key: string
  readonly lat: number // 1e-7 degree
  readonly lon: number
  readonly level: 'transformer' | 'cluster' | 'house'
  readonly customers: number
  readonly feeder?: string
  readonly status: 'active' | 'revoked'
}

export interface OfficialEntry extends Common {
  readonly kind: 'official'
  readonly official: string
  readonly key: string
  readonly role: 'operator' | 'officer' | 'auditor'
  readonly name: string
  readonly person_hash?: string
  readonly status: 'active' | 'revoked'
}

export interface ReportEntry extends Common {
  readonly kind: 'report'
  readonly device: string
  readonly site: string
  readonly lat: number
  readonly lon: number
  readonly power: 'ON' | 'OFF'
  readonly seq: number
  readonly voltage?: number // 0.1 V RMS
  readonly event?: 'boot' | 'last-gasp' | 'tamper'
}

export interface ActionEntry extends Common {
  readonly kind: 'action'
  readonly complaint: string
  readonly n: number
  readonly prev: string
  readonly action: Action
  readonly by: string
  /** Its place: a site, or else a cell. */
  readonly site?: string
  readonly lat?: number
  readonly lon?: number
  readonly category?: string
  readonly key?: string
  readonly note?: string
  readonly note_hash?: string
  readonly to?: string
  readonly of?: string
  readonly photo_hash?: string
}

export interface RosterEntry extends Common {
  readonly kind: 'roster'
  readonly batch: number
  readonly expected: number
  readonly heard: number
  readonly silent_root: string
  readonly block?: number
  readonly block_hash?: string
}

export interface LostEntry extends Common {
  readonly kind: 'lost'
  readonly device: string
  readonly first: number
  readonly last: number
  readonly reason: 'jump' | 'overwritten' | 'reset'
}

export interface NoticeEntry extends Common {
  readonly kind: 'notice'
  readonly notice: string
  readonly n: number
  readonly prev: string
  readonly about: 'shutdown' | 'estimate'
  readonly scope: 'area' | 'feeder' | 'site'
  readonly target?: string
  readonly start: number // ms since 1970
  readonly end: number
  readonly by: string
  readonly note: string
  readonly status: 'active' | 'withdrawn'
}

export interface ProfileEntry extends Common {
  readonly kind: 'profile'
  readonly document: string
}

export type Entry =
  | DeviceEntry
  | OfficialEntry
  | ReportEntry
  | ActionEntry
  | RosterEntry
  | LostEntry
  | NoticeEntry
  | ProfileEntry

function checkKeys(kind: Kind, members: JsonObject): void {
  const wanted = fieldsOf(kind, members)
  if (members.size !== wanted.length || !wanted.every((key) => members.has(key)))
    throw malformed('not the keys of its kind')
}

/** Reads a stored entry (with received and sig) and checks form, types, ranges and identifiers; no
 * signature. Throws FormatError. */
export function parseEntryText(text: string): Entry {
  const members = parseCanonical(text)
  for (const [key, value] of members) {
    const check = fields.get(key)
    if (!check || (typeof value !== 'string' && typeof value !== 'number'))
      throw malformed(`${key} does not belong here`)
    check(value)
  }
  const kind = members.get('kind') as Kind | undefined
  if (kind === undefined) throw malformed('no kind')
  checkKeys(kind, members)
  checkTogether(kind, members)
  return { ...Object.fromEntries(members), text } as unknown as Entry
}

export function parseEntry(data: Uint8Array): Entry {
  if (data.length > entryMax)
    throw new FormatError('too-large', 'an entry longer than 65,535 bytes')
  return parseEntryText(utf8Decode(data))
}

/** The text that `sig` signs: `powertrack <kind> v1\\n` and the entry without received and sig. */
export function signedText(entry: Entry): string {
  const { text: _, received: __, sig: ___, ...signed } = entry
  const members = Object.entries(signed).sort(([a], [b]) => (a < b ? -1 : 1))
  return `powertrack ${entry.kind} v1\n${writeMembers(members)}`
}

export function signedBytes(entry: Entry): Bytes {
  return utf8Encode(signedText(entry))
}

/** Whether @key (65 bytes) signed the entry. */
export function verifyEntry(entry: Entry, key: Uint8Array): Promise<boolean> {
  return verifySignature(key, signedBytes(entry), base64urlDecode(entry.sig))
}
