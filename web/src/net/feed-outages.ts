/* SPDX-License-Identifier: Apache-2.0 */
import { type Feed, type List, oneRow } from './feed'
import { isCount, isText, membersOf, refuse } from './rows'

export interface OutageRow {
  readonly area: string
  readonly device: string
  readonly site: string
  readonly start: number
  readonly end: number | null
  readonly customers: number
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

export interface Outage {
  readonly area: string
  readonly device: string
  readonly site: string
  readonly start: number
  readonly customers: number
}

const keyOf = (row: OutageRow | Outage) => `${row.area}/${row.device}`
const later = (a: Outage, b: Outage) => b.start - a.start || (a.site < b.site ? -1 : 1)

/** The outages that last, one a device at most. */
export class OutageStore implements List {
  private readonly open = new Map<string, Outage>()

  get size(): number {
    return this.open.size
  }

  take(row: unknown): void {
    this.apply(outageRow(row))
  }

  /** One that began, ended, or was corrected. */
  apply(row: OutageRow): void {
    const { area, device, site, start, customers } = row
    const known = this.open.get(keyOf(row))
    if (row.end === null) this.open.set(keyOf(row), { area, device, site, start, customers })
    // One that ended long ago and was only corrected says nothing of a newer one.
    else if (known && known.start <= row.end) this.open.delete(keyOf(row))
  }

  /** Since when a site has an outage that lasts, by the first of its devices; 0: it has none. */
  startAt(area: string, site: string): number {
    let start = 0
    for (const outage of this.open.values())
      if (outage.site === site && outage.area === area)
        start = start === 0 ? outage.start : Math.min(start, outage.start)
    return start
  }

  /** The @count that began last, newest first. */
  newest(count: number): Outage[] {
    if (this.open.size <= count) return [...this.open.values()].sort(later)
    let kept: Outage[] = []
    let oldest = -Infinity
    for (const outage of this.open.values()) {
      if (outage.start < oldest) continue
      kept.push(outage)
      if (kept.length < 2 * count + 64) continue
      kept = kept.sort(later).slice(0, count)
      oldest = kept[kept.length - 1]?.start ?? -Infinity
    }
    return kept.sort(later).slice(0, count)
  }
}

export const outages: Feed<OutageStore> = {
  pages: '/api/v1/outages?open=true&limit=2000',
  events: { outage: oneRow, 'outage-changed': oneRow },
  maximum: 1_000_000,
  empty: () => new OutageStore()
}
