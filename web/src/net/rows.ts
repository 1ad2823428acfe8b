/* SPDX-License-Identifier: Apache-2.0 */
import { LinkError } from './lines'

/* What the daemon's answers must have; anything else is refused here, once. */

export const stateNames = ['on', 'off', 'silent', 'unknown'] as const
export type StateName = (typeof stateNames)[number]
export type LevelName = 'transformer' | 'cluster' | 'house'

export interface SiteRow {
  readonly area: string
  readonly site: string
  readonly lat: number // 1e-7 degree
  readonly lon: number
  /** The nearest place with a name; reckoned by the daemon, signed by nobody. */
  readonly place?: string
  readonly level: LevelName
  readonly customers: number
  readonly state: StateName
  readonly since?: number // ms
  readonly last_report?: number
}

export interface OutageRow {
  readonly area: string
  readonly device: string
  readonly site: string
  readonly start: number
  readonly end: number | null
  readonly customers: number
}

export interface ReportRow {
  readonly device: string
  readonly seq: number
  readonly ts: number
  readonly received: number
  readonly power: 'ON' | 'OFF'
  readonly batch: number | null
  readonly state: 'open' | 'sealed' | 'published' | 'submitted' | 'final'
  readonly waits_for: string | null
}

export interface Chain {
  readonly chainId: number
  readonly contract: string
  readonly fromBlock: number // where its events begin, by the daemon's word; 0: not known
  readonly endpoints: readonly string[]
}

export interface Status {
  readonly now: number
  readonly speed: number
  readonly sites: number
  readonly chain: Chain | undefined
}

type Members = Readonly<Record<string, unknown>>

function refuse(what: string): never {
  throw new LinkError('version', `${what} is not as expected`)
}

export function membersOf(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(what)
  return value as Members
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 64
const placeMax = 60 // bytes
/** A name of a place. */
export const isPlace = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  !/[\u0000-\u001f\u007f]/.test(value) &&
  (value.length * 3 <= placeMax || new TextEncoder().encode(value).length <= placeMax)
const isDegrees = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= max * 1e7

export function listOf(value: unknown, member: string): readonly unknown[] {
  const list = membersOf(value, member)[member]
  return Array.isArray(list) ? list : refuse(member)
}

export function siteRow(value: unknown): SiteRow {
  const row = membersOf(value, 'a site')
  const good =
    isText(row['area']) &&
    isText(row['site']) &&
    isDegrees(row['lat'], 90) &&
    isDegrees(row['lon'], 180) &&
    (row['place'] === undefined || isPlace(row['place'])) &&
    isCount(row['customers']) &&
    ['transformer', 'cluster', 'house'].includes(String(row['level'])) &&
    stateNames.some((name) => name === row['state']) &&
    [row['since'], row['last_report']].every((time) => time === undefined || isCount(time))
  return good ? (value as SiteRow) : refuse('a site')
}

export function outageRow(value: unknown): OutageRow {
  const row = membersOf(value, 'an outage')
  const good =
    isText(row['area']) &&
    isText(row['device']) &&
    isText(row['site']) &&
    isCount(row['start']) &&
    (row['end'] === null || isCount(row['end'])) &&
    isCount(row['customers'])
  return good ? (value as OutageRow) : refuse('an outage')
}

export function reportRow(value: unknown): ReportRow {
  const row = membersOf(value, 'a report')
  const good =
    isText(row['device']) &&
    isCount(row['seq']) &&
    isCount(row['ts']) &&
    isCount(row['received']) &&
    (row['power'] === 'ON' || row['power'] === 'OFF') &&
    (row['batch'] === null || isCount(row['batch'])) &&
    (row['waits_for'] === null || typeof row['waits_for'] === 'string') &&
    ['open', 'sealed', 'published', 'submitted', 'final'].includes(String(row['state']))
  return good ? (value as ReportRow) : refuse('a report')
}

function chainOf(value: unknown): Chain | undefined {
  if (value === null) return undefined
  const chain = membersOf(value, 'chain')
  const endpoints = chain['public_rpc'] ?? []
  if (!isCount(chain['chain_id']) || !/^0x[0-9a-fA-F]{40}$/.test(String(chain['contract'])))
    return refuse('chain')
  if (!Array.isArray(endpoints) || !endpoints.every((url) => typeof url === 'string'))
    return refuse('public_rpc')
  const fromBlock = chain['from_block'] ?? 0
  if (!isCount(fromBlock)) return refuse('from_block')
  return { chainId: chain['chain_id'], contract: String(chain['contract']), fromBlock, endpoints }
}

export function statusOf(value: unknown): Status {
  const row = membersOf(value, 'status')
  const speed = row['clock_speed']
  if (!isCount(row['now']) || !isCount(row['sites']) || row['chain'] === undefined)
    return refuse('status')
  if (typeof speed !== 'number' || !(speed >= 0)) return refuse('clock_speed')
  return { now: row['now'], speed, sites: row['sites'], chain: chainOf(row['chain']) }
}

export function clockOf(value: unknown): number {
  const now = membersOf(value, 'clock')['now']
  return isCount(now) ? now : refuse('clock')
}
