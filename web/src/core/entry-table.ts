/* SPDX-License-Identifier: Apache-2.0 */
import { FormatError, malformed } from './bytes'
import { base64urlDecode, hexDecode } from './encoding'
import { publicKeySize, signatureSize } from './p256'

/* The kinds of entries as tables, docs/PROTOCOL.md section 2 and core/pt-entry-table.c. */

export const kinds = [
  'device',
  'official',
  'report',
  'action',
  'roster',
  'lost',
  'notice',
  'profile'
] as const
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

const actions = [
  'file',
  'join',
  'comment',
  'acknowledge',
  'assign',
  'resolve',
  'unresolve',
  'reject',
  'approve',
  'duplicate',
  'reopen',
  'confirm',
  'withdraw'
] as const
export type Action = (typeof actions)[number]

/* In canonical order. The key's form is checked here, not that it lies on the curve. */
export const fields: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['about', choice('shutdown', 'estimate')],
  ['action', choice(...actions)],
  ['area', text(isAreaId)],
  ['batch', integer(1)],
  ['block', integer(0)],
  ['block_hash', hash],
  ['by', id],
  ['category', id],
  ['complaint', id],
  ['customers', integer(0)],
  ['device', id],
  ['document', anyText],
  ['end', integer(0)],
  ['event', choice('boot', 'last-gasp', 'tamper')],
  ['expected', integer(0)],
  ['feeder', id],
  ['first', integer(1)],
  ['heard', integer(0)],
  ['key', text((value) => base64urlDecode(value, publicKeySize)[0] === 4)],
  ['kind', choice(...kinds)],
  ['last', integer(1)],
  ['lat', integer(-900000000, 900000000)],
  ['level', choice('transformer', 'cluster', 'house')],
  ['lon', integer(-1800000000, 1800000000)],
  ['n', integer(1)],
  ['name', anyText],
  ['note', anyText],
  ['note_hash', hash],
  ['notice', id],
  ['of', id],
  ['official', id],
  ['person_hash', hash],
  ['photo_hash', hash],
  ['power', choice('OFF', 'ON')],
  ['prev', hash],
  ['reason', choice('jump', 'overwritten', 'reset')],
  ['received', integer(0)],
  ['role', choice('operator', 'officer', 'auditor')],
  ['scope', choice('area', 'feeder', 'site')],
  ['seq', integer(1)],
  ['sig', text((value) => base64urlDecode(value, signatureSize).length === signatureSize)],
  ['silent_root', hash],
  ['site', id],
  ['start', integer(0)],
  ['status', choice('active', 'revoked', 'withdrawn')],
  ['target', id],
  ['to', id],
  ['ts', integer(0)],
  ['voltage', integer(0, 1000000)]
])

const common = ['area', 'kind', 'ts', 'received', 'sig']

/** The keys that a stored entry has in any case. */
const kindFields: Readonly<Record<Kind, readonly string[]>> = {
  device: [...common, 'device', 'site', 'key', 'lat', 'lon', 'level', 'customers', 'status'],
  official: [...common, 'official', 'key', 'role', 'name', 'status'],
  report: [...common, 'device', 'site', 'lat', 'lon', 'power', 'seq'],
  action: [...common, 'complaint', 'n', 'prev', 'action', 'by'],
  roster: [...common, 'batch', 'expected', 'heard', 'silent_root'],
  lost: [...common, 'device', 'first', 'last', 'reason'],
  notice: [
    ...common,
    ...['notice', 'n', 'prev', 'about', 'scope', 'start', 'end', 'by', 'note', 'status']
  ],
  profile: [...common, 'document']
}

type Members = ReadonlyMap<string, unknown>

export const isCitizen = (by: unknown) => by === 'citizen'
export const isService = (by: unknown) => by === 'service'

/* What an action has by what it does, by whom and where. */
function actionFields(members: Members): string[] {
  const action = members.get('action') as Action
  const by = members.get('by')
  const keys = members.has('site') ? ['site'] : ['lat', 'lon']
  if (action === 'file') keys.push('category')
  if (isCitizen(by)) keys.push('key')
  if (isCitizen(by) || isService(by)) {
    const hashed = members.has('note_hash') || action === 'file' || action === 'comment'
    return hashed ? [...keys, 'note_hash'] : keys
  }
  keys.push('note')
  if (action === 'assign') keys.push('to')
  if (action === 'duplicate') keys.push('of')
  if (action === 'resolve' && members.has('photo_hash')) keys.push('photo_hash')
  return keys
}

/* What an entry has besides those of its kind. */
function fieldsBesides(kind: Kind, members: Members): readonly string[] {
  const those = (...keys: string[]) => keys.filter((key) => members.has(key))
  switch (kind) {
    case 'device':
      return those('feeder')
    case 'official':
      return those('person_hash')
    case 'report':
      return those('voltage', 'event')
    case 'action':
      return actionFields(members)
    case 'roster':
      return those('block', 'block_hash').length > 0 ? ['block', 'block_hash'] : []
    case 'notice':
      return members.get('scope') === 'area' ? [] : ['target']
    default:
      return []
  }
}

/** The keys that a stored entry of such contents has. */
export function fieldsOf(kind: Kind, members: Members): string[] {
  return [...kindFields[kind], ...fieldsBesides(kind, members)]
}

const houseCell = 100000 // 1e-7 degrees
const noPrevious = '0'.repeat(64)

const needWords: readonly unknown[] = ['resolve', 'unresolve', 'reject', 'duplicate']

function checkPlace(members: Members): void {
  const places = [members.get('lat'), members.get('lon')] as number[]
  if (places.some((place) => place % houseCell !== 0))
    throw new FormatError('too-precise', 'a place finer than its cell')
}

/* Only the first entry of a complaint or a notice has nothing before it. */
function checkChain(members: Members): void {
  if ((members.get('n') === 1) !== (members.get('prev') === noPrevious))
    throw malformed('n and prev do not agree')
}

function checkAction(members: Members): void {
  checkChain(members)
  if (members.get('note') === '' && needWords.includes(members.get('action')))
    throw malformed('no word why')
  if (!members.has('site')) checkPlace(members)
}

function checkNotice(members: Members): void {
  checkChain(members)
  if (Number(members.get('start')) >= Number(members.get('end')))
    throw malformed('no end after its start')
  if (members.get('n') === 1 && members.get('status') === 'withdrawn')
    throw malformed('withdrawn before it was made')
}

/** What members must be to each other, beyond their table. */
export function checkTogether(kind: Kind, members: Members): void {
  if (members.get('status') === (kind === 'notice' ? 'revoked' : 'withdrawn'))
    throw malformed('no status of its kind')
  if (kind === 'device' && members.get('level') === 'house') checkPlace(members)
  if (kind === 'action') checkAction(members)
  if (kind === 'notice') checkNotice(members)
  if (kind === 'roster' && Number(members.get('heard')) > Number(members.get('expected')))
    throw malformed('more heard than expected')
  if (kind === 'lost' && Number(members.get('first')) > Number(members.get('last')))
    throw malformed('a range that ends before it begins')
  if (kind === 'official' && (isCitizen(members.get('official')) || isService(members.get('official'))))
    throw malformed('a name that is no official’s')
}
