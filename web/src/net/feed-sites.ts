/* SPDX-License-Identifier: Apache-2.0 */
import { mercatorX, mercatorY } from '../mercator'
import type { Feed, List } from './feed'
import { isCount, isDegrees, isPlace, isText, listOf, membersOf, refuse } from './rows'

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
  readonly feeder?: string
  readonly level: LevelName
  readonly customers: number
  readonly state: StateName
  readonly since?: number // ms
  readonly last_report?: number
}

export function siteRow(value: unknown): SiteRow {
  const row = membersOf(value, 'a site')
  const good =
    isText(row['area']) &&
    isText(row['site']) &&
    isDegrees(row['lat'], 90) &&
    isDegrees(row['lon'], 180) &&
    (row['place'] === undefined || isPlace(row['place'])) &&
    (row['feeder'] === undefined || isText(row['feeder'])) &&
    isCount(row['customers']) &&
    ['transformer', 'cluster', 'house'].includes(String(row['level'])) &&
    stateNames.some((name) => name === row['state']) &&
    [row['since'], row['last_report']].every((time) => time === undefined || isCount(time))
  return good ? (value as SiteRow) : refuse('a site')
}

/** The rows of a line of columns: each member an array of what the sites have, null what is not known. */
export function* siteRows(line: unknown): Iterable<unknown> {
  const columns = Object.keys(membersOf(line, 'sites')).map(
    (name) => [name, listOf(line, name)] as const
  )
  const count = columns[0]?.[1].length ?? 0
  if (columns.some(([, values]) => values.length !== count)) return refuse('sites')
  for (let i = 0; i < count; i++)
    yield Object.fromEntries(
      columns.flatMap(([name, values]) => (values[i] === null ? [] : [[name, values[i]]]))
    )
}

export const stateOn = 0
export const stateOff = 1
export const stateSilent = 2
export const stateUnknown = 3

const levels: readonly LevelName[] = ['transformer', 'cluster', 'house']

export const siteKey = (area: string, site: string) => `${area}/${site}`

function grown<T extends Float64Array | Int32Array | Uint8Array>(old: T, made: T): T {
  made.set(old)
  return made
}

/** All sites in flat rows: 100,000 of them are no objects. A site keeps its number for ever. */
export class SiteStore implements List {
  count = 0
  /** Raised when a site came or moved; what was reckoned from positions is then old. */
  structure = 0
  x = new Float64Array(0) // Web Mercator, 0 to 1, from the north-west corner
  y = new Float64Array(0)
  state = new Uint8Array(0)
  level = new Uint8Array(0)
  customers = new Int32Array(0)
  since = new Float64Array(0) // ms; 0: not known
  lastReport = new Float64Array(0) // ms; 0: never
  /** How many sites are in each state. */
  readonly inState = [0, 0, 0, 0]
  /** Customers of the sites that are off. */
  homesOff = 0
  readonly ids: string[] = []
  readonly areaOf: string[] = []
  /** What each is near to; '': no place with a name. */
  readonly placeOf: string[] = []
  /** What each hangs on; '': nobody said. */
  readonly feederOf: string[] = []
  hasFeeders = false
  private readonly numbers = new Map<string, number>()
  private readonly areaNames = new Map<string, string>()

  get size(): number {
    return this.count
  }

  take(row: unknown): void {
    this.put(siteRow(row))
  }

  find(area: string, site: string): number {
    return this.numbers.get(siteKey(area, site)) ?? -1
  }

  stateName(number: number): StateName {
    return stateNames[this.state[number] ?? stateUnknown] ?? 'unknown'
  }

  levelName(number: number): LevelName {
    return levels[this.level[number] ?? 0] ?? 'transformer'
  }

  /** Adds a site or brings it up to date; its number. */
  put(row: SiteRow): number {
    const key = siteKey(row.area, row.site)
    const known = this.numbers.get(key)
    const number = known ?? this.add(key, row)
    if (known !== undefined) this.countOut(number)
    this.place(number, row)
    this.state[number] = stateNames.indexOf(row.state)
    this.level[number] = levels.indexOf(row.level)
    this.placeOf[number] = row.place ?? ''
    this.hang(number, row.feeder ?? '')
    this.customers[number] = row.customers
    this.since[number] = row.since ?? 0
    this.lastReport[number] = row.last_report ?? 0
    this.countIn(number, 1)
    return number
  }

  private place(number: number, row: SiteRow): void {
    const x = mercatorX(row.lon / 1e7)
    const y = mercatorY(row.lat / 1e7)
    if (this.x[number] !== x || this.y[number] !== y) this.structure++
    this.x[number] = x
    this.y[number] = y
  }

  private hang(number: number, feeder: string): void {
    if (this.feederOf[number] !== undefined && this.feederOf[number] !== feeder) this.structure++
    this.feederOf[number] = feeder
    this.hasFeeders ||= feeder !== ''
  }

  private countOut(number: number): void {
    this.countIn(number, -1)
  }

  private countIn(number: number, sign: 1 | -1): void {
    const state = this.state[number] ?? stateUnknown
    this.inState[state] = (this.inState[state] ?? 0) + sign
    if (state === stateOff) this.homesOff += sign * (this.customers[number] ?? 0)
  }

  private add(key: string, row: SiteRow): number {
    const number = this.count++
    if (number >= this.state.length) this.grow(Math.max(1024, number * 2))
    const area = this.areaNames.get(row.area) ?? row.area
    this.areaNames.set(area, area)
    this.numbers.set(key, number)
    this.ids.push(row.site)
    this.areaOf.push(area)
    this.structure++
    return number
  }

  private grow(capacity: number): void {
    this.x = grown(this.x, new Float64Array(capacity))
    this.y = grown(this.y, new Float64Array(capacity))
    this.state = grown(this.state, new Uint8Array(capacity))
    this.level = grown(this.level, new Uint8Array(capacity))
    this.customers = grown(this.customers, new Int32Array(capacity))
    this.since = grown(this.since, new Float64Array(capacity))
    this.lastReport = grown(this.lastReport, new Float64Array(capacity))
  }
}

export const sites: Feed<SiteStore> = {
  lines: '/api/v1/sites?format=columns',
  rowsOf: siteRows,
  events: { sites: (data) => listOf(data, 'sites') },
  maximum: 1_000_000,
  empty: () => new SiteStore()
}
