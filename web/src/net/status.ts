/* SPDX-License-Identifier: Apache-2.0 */
import { isCount, membersOf, refuse } from './rows'

/** Degrees; over the date line east is more than 180. */
export interface Extent {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
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
  readonly stepped: boolean // its clock stands between two events `clock`
  readonly sites: number
  readonly off: number | undefined // an older daemon does not say it
  readonly extent: Extent | undefined // of all sites
  readonly chain: Chain | undefined
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

function extentOf(value: unknown): Extent | undefined {
  if (value === null || value === undefined) return undefined
  const [west, south, east, north] = Array.isArray(value) ? (value as unknown[]) : []
  const isDegree = (degree: unknown, most: number): degree is number =>
    typeof degree === 'number' && Math.abs(degree) <= most
  if (!isDegree(west, 180) || !isDegree(east, 180)) return refuse('bbox')
  if (!isDegree(south, 90) || !isDegree(north, 90) || south > north) return refuse('bbox')
  return { west, south, east: east < west ? east + 360 : east, north }
}

export function statusOf(value: unknown): Status {
  const row = membersOf(value, 'status')
  const speed = row['clock_speed']
  if (!isCount(row['now']) || !isCount(row['sites']) || row['chain'] === undefined)
    return refuse('status')
  if (typeof speed !== 'number' || !(speed >= 0)) return refuse('clock_speed')
  const stepped = row['clock_source'] === 'stepped'
  const off = isCount(row['sites_off']) ? row['sites_off'] : undefined
  return {
    now: row['now'],
    speed,
    stepped,
    sites: row['sites'],
    off,
    extent: extentOf(row['bbox']),
    chain: chainOf(row['chain'])
  }
}

export interface Moment {
  readonly now: number
  readonly speed: number | undefined // an older daemon does not say it here
}

export function clockOf(value: unknown): Moment {
  const { now, speed } = membersOf(value, 'clock')
  if (!isCount(now)) return refuse('clock')
  return { now, speed: typeof speed === 'number' && speed >= 0 ? speed : undefined }
}
