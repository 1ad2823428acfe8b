/* SPDX-License-Identifier: Apache-2.0 */
import { isArea, isCount, isText, membersOf, refuse } from '../net/rows'

/* What the daemon says of complaints; anything that is not as it should be is refused. What is signed
 * is read from the entries themselves (chain.ts): these members are only for lists. */

export type State =
  | 'open'
  | 'acknowledged'
  | 'assigned'
  | 'resolved'
  | 'rejecting'
  | 'rejected'
  | 'duplicate'
  | 'confirmed'
  | 'withdrawn'

export const states: readonly State[] = [
  ...(['open', 'acknowledged', 'assigned', 'resolved', 'rejecting'] as const),
  ...(['rejected', 'duplicate', 'confirmed', 'withdrawn'] as const)
]

export interface ComplaintRow {
  readonly area: string
  readonly complaint: string
  readonly category: string
  readonly title?: Readonly<Record<string, string>>
  readonly site?: string
  readonly lat?: number
  readonly lon?: number
  readonly place?: string
  readonly state: State
  readonly filed_at: number
  readonly changed_at: number
  readonly n: number
  /** Who filed it and who joined. */
  readonly people: number
  readonly confirmed: number
  readonly by: 'citizen' | 'service'
  readonly acknowledge_by?: number
  readonly acknowledged_at?: number
  readonly resolve_by?: number
  readonly resolved_at?: number
  readonly overdue: boolean
  readonly evidence?: 'supported' | 'unsupported' | 'contradicted'
  readonly later?: 'pending' | 'held' | 'fell-again'
  readonly closed?: 'citizen' | 'devices' | 'unconfirmed' | 'against'
  readonly outage_since?: number
  readonly supply_back_at?: number
}

export interface StepRow {
  readonly n: number
  readonly leaf: string
  readonly entry: string
  readonly name?: string
  readonly batch_state?: string
  /** What the devices said of a resolve, and what came after. */
  readonly evidence?: string
  readonly later?: string
}

export interface ComplaintAnswer extends ComplaintRow {
  readonly chain: readonly StepRow[]
}

export interface Notice {
  readonly notice: string
  readonly about: 'shutdown' | 'estimate'
  readonly start: number
  readonly end: number
  readonly note: string
}

export interface Known {
  readonly outage?: { readonly since: number; readonly sites_off?: number }
  readonly complaints: readonly ComplaintRow[]
  readonly notices: readonly Notice[]
}

export interface Ticket {
  readonly area: string
  readonly complaint: string
  readonly ticket: string
  readonly bits: number
  readonly expires: number
  readonly known: Known
}

const chainMax = 10_000
const knownMax = 100
const bitsMax = 24 // more is no honest daemon's wish

type Optional = Readonly<Record<string, unknown>>

const countOrNot = (row: Optional, ...names: string[]) =>
  names.every((name) => row[name] === undefined || row[name] === null || isCount(row[name]))

/** null says no more than a member that is not there. */
function withoutNull<T>(row: Optional): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T
}

export function complaintRow(value: unknown): ComplaintRow {
  const row = membersOf(value, 'a complaint')
  const good =
    isArea(row['area']) &&
    isText(row['complaint']) &&
    isText(row['category']) &&
    states.some((state) => state === row['state']) &&
    isCount(row['filed_at']) &&
    isCount(row['changed_at']) &&
    isCount(row['n']) &&
    isCount(row['people']) &&
    isCount(row['confirmed']) &&
    countOrNot(row, 'acknowledge_by', 'acknowledged_at', 'resolve_by', 'resolved_at') &&
    countOrNot(row, 'outage_since', 'supply_back_at')
  return good ? withoutNull<ComplaintRow>(row) : refuse('a complaint')
}

function stepRow(value: unknown): StepRow {
  const row = membersOf(value, 'a step')
  const good = isCount(row['n']) && typeof row['entry'] === 'string' && isText(row['leaf'])
  return good ? withoutNull<StepRow>(row) : refuse('a step')
}

export function complaintAnswer(value: unknown): ComplaintAnswer {
  const row = complaintRow(value)
  const { chain } = value as Record<string, unknown>
  if (!Array.isArray(chain) || chain.length === 0 || chain.length > chainMax)
    return refuse('a chain')
  return { ...row, chain: chain.map(stepRow) }
}

function noticeOf(value: unknown): Notice {
  const row = membersOf(value, 'a notice')
  const good =
    ['shutdown', 'estimate'].includes(String(row['about'])) &&
    isCount(row['start']) &&
    isCount(row['end']) &&
    typeof row['note'] === 'string'
  return good ? (value as Notice) : refuse('a notice')
}

/** As in the list of outages, or in fewer words. */
function outageOf(value: unknown): NonNullable<Known['outage']> {
  const row = membersOf(value, 'an outage')
  const since = row['since'] ?? row['start']
  const { sites_off } = row
  if (!isCount(since)) return refuse('an outage')
  return { since, ...(isCount(sites_off) ? { sites_off } : {}) }
}

function knownOf(value: unknown): Known {
  const known = membersOf(value ?? {}, 'what is known')
  const outage = known['outage'] === null ? undefined : known['outage']
  const list = (name: string): readonly unknown[] => {
    const rows = known[name] ?? []
    return Array.isArray(rows) ? rows.slice(0, knownMax) : refuse(name)
  }
  const found = outage === undefined ? undefined : outageOf(outage)
  return {
    ...(found ? { outage: found } : {}),
    complaints: list('complaints').map(complaintRow),
    notices: list('notices').map(noticeOf)
  }
}

export function ticketOf(value: unknown): Ticket {
  const row = membersOf(value, 'a ticket')
  const { ticket, bits } = row
  const good =
    isArea(row['area']) &&
    isText(row['complaint']) &&
    typeof ticket === 'string' &&
    /^[A-Za-z0-9_-]{1,512}$/.test(ticket) &&
    isCount(bits) &&
    bits <= bitsMax &&
    isCount(row['expires'])
  if (!good) return refuse('a ticket')
  return { ...(value as Ticket), known: knownOf(row['known']) }
}
