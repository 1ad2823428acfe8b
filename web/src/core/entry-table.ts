/* SPDX-License-Identifier: Apache-2.0 */
import { FormatError, malformed } from './bytes'
import { base64urlDecode, hexDecode } from './encoding'
import { publicKeySize, signatureSize } from './p256'

/* The kinds of entries as tables, docs/PROTOCOL.md section 2 and core/pt-entry-table.c. */

export const kinds = ['device', 'official', 'report', 'action', 'roster'] as const
export type Kind = (typeof kinds)[number]

type Check = (value: string | number) => void

function integer(min: number, max = Number.MAX_SAFE_INTEGER): Check {
  return (value) => {
    if (typeof value !== 'number' || value < min || value > max)
      throw malformed('no integer in range')
  }
}

function text(holds: (value: string) => boolean): Check {
  return (value) => {
    if (typeof value !== 'string' || !holds(value)) throw malformed('no such text')
  }
}

function choice(...choices: readonly string[]): Check {
  return text((value) => choices.includes(value))
}

export const isAreaId = (value: string) => /^[a-z0-9][a-z0-9-]{0,30}$/.test(value)
export const isId = (value: string) => /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/.test(value)

const id = text(isId)
const anyText = text(() => true)
const hash = text((value) => hexDecode(value, 32).length === 32)

/* In canonical order. The key's form is checked here, not that it lies on the curve. */
export const fields: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    'action',
    choice('file', 'acknowledge', 'assign', 'resolve', 'unresolve', 'reject', 'reopen', 'comment')
  ],
  ['area', text(isAreaId)],
  ['batch', integer(1)],
  ['block', integer(0)],
  ['block_hash', hash],
  ['by', id],
  ['complaint', id],
  ['customers', integer(0)],
  ['device', id],
  ['expected', integer(0)],
  ['feeder', id],
  ['heard', integer(0)],
  ['key', text((value) => base64urlDecode(value, publicKeySize)[0] === 4)],
  ['kind', choice(...kinds)],
  ['lat', integer(-900000000, 900000000)],
  ['level', choice('transformer', 'cluster', 'house')],
  ['lon', integer(-1800000000, 1800000000)],
  ['n', integer(1)],
  ['name', anyText],
  ['note', anyText],
  ['note_hash', hash],
  ['official', id],
  ['power', choice('OFF', 'ON')],
  ['prev', hash],
  ['received', integer(0)],
  ['role', choice('operator', 'officer', 'auditor')],
  ['seq', integer(1)],
  ['sig', text((value) => base64urlDecode(value, signatureSize).length === signatureSize)],
  ['silent_root', hash],
  ['site', id],
  ['status', choice('active', 'revoked')],
  ['ts', integer(0)]
])

const common = ['area', 'kind', 'ts', 'received', 'sig']

/** The keys that a stored entry has in any case. */
export const kindFields: Readonly<Record<Kind, readonly string[]>> = {
  device: [...common, 'device', 'site', 'key', 'lat', 'lon', 'level', 'customers', 'status'],
  official: [...common, 'official', 'key', 'role', 'name', 'status'],
  report: [...common, 'device', 'site', 'lat', 'lon', 'power', 'seq'],
  action: [...common, 'complaint', 'n', 'prev', 'action', 'by', 'site'],
  roster: [...common, 'batch', 'expected', 'heard', 'silent_root']
}

/** Those that it may have besides: an action one of its two, a roster both or none. */
export const optionalFields: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  device: ['feeder'],
  action: ['note', 'note_hash'],
  roster: ['block', 'block_hash']
}

const houseCell = 100000 // 1e-7 degrees
const noPrevious = '0'.repeat(64)

type Members = ReadonlyMap<string, unknown>

/* A citizen's action carries only a salted hash of the words, and is a filing or a reopening; only a
 * complaint's first entry has nothing before it. */
function checkAction(members: Members): void {
  const citizen = members.get('by') === 'citizen'
  if (citizen && !['file', 'reopen'].includes(String(members.get('action'))))
    throw malformed('no action of a citizen')
  if (members.has('note') === citizen) throw malformed('words where a hash belongs, or the reverse')
  if ((members.get('n') === 1) !== (members.get('prev') === noPrevious))
    throw malformed('n and prev do not agree')
}

function checkDevice(members: Members): void {
  const places = [members.get('lat'), members.get('lon')] as number[]
  if (members.get('level') === 'house' && places.some((place) => place % houseCell !== 0)) {
    throw new FormatError('too-precise', 'a house finer than its cell')
  }
}

/** What members must be to each other, beyond their table. */
export function checkTogether(kind: Kind, members: Members): void {
  if (kind === 'device') checkDevice(members)
  if (kind === 'action') checkAction(members)
  if (kind === 'roster' && Number(members.get('heard')) > Number(members.get('expected'))) {
    throw malformed('more heard than expected')
  }
}
