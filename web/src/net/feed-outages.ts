/* SPDX-License-Identifier: Apache-2.0 */
import { type Feed, type List, oneRow } from './feed'
import { siteKey } from './feed-sites'
import { isCount, isText, membersOf, refuse } from './rows'

export interface OutageRow {
  readonly area: string
  readonly device: string
  readonly site: string
  readonly start_seq: number
  readonly start: number
  readonly end_seq: number | null
  readonly end: number | null
  /** 'revoked' and 'moved': nobody reported its end. */
  readonly ended_by: 'report' | 'revoked' | 'moved' | null
  readonly customers: number
}

export function outageRow(value: unknown): OutageRow {
  const row = membersOf(value, 'an outage')
  const good =
    isText(row['area']) &&
    isText(row['device']) &&
    isText(row['site']) &&
    isCount(row['start_seq']) &&
    isCount(row['start']) &&
    (row['end_seq'] === null || isCount(row['end_seq'])) &&
    [null, 'report', 'revoked', 'moved'].includes(row['ended_by'] as string | null) &&
    (row['end'] === null || isCount(row['end'])) &&
    isCount(row['customers'])
  return good ? (value as OutageRow) : refuse('an outage')
}

export interface Outage {
  readonly area: string
  readonly device: string
  readonly site: string
  readonly start_seq: number
  readonly start: number
  readonly customers: number
}

/** Whether @row, which ended, is the one that was known to last. Two may begin at the same time
 * where a clock stands still, so it is by their counters; who was revoked or moved has none. */
const isOver = (known: Outage, { end, end_seq }: OutageRow) =>
  end_seq === null ? known.start <= (end ?? 0) : known.start_seq < end_seq

const endedMax = 65_536

const keyOf = (row: OutageRow | Outage) => `${row.area}/${row.device}`
const later = (a: Outage, b: Outage) => b.start - a.start || (a.site < b.site ? -1 : 1)

/** The outages that last, one a device at most. */
export class OutageStore implements List {
  private readonly open = new Map<string, Outage>()
  /** When the last outage of a site was seen to end, by a report; the newest of them. */
  private readonly ended = new Map<string, number>()

  get size(): number {
    return this.open.size
  }

  take(row: unknown): void {
    this.apply(outageRow(row))
  }

  /** One that began, ended, or was corrected. */
  apply(row: OutageRow): void {
    const { area, device, site, start_seq, start, customers } = row
    const known = this.open.get(keyOf(row))
    if (row.end === null) this.open.set(keyOf(row), { area, device, site, start_seq, start, customers })
    // One that ended long ago and was only corrected says nothing of a newer one.
    else if (known && isOver(known, row)) this.end(row)
  }

  private end(row: OutageRow): void {
    this.open.delete(keyOf(row))
    if (row.ended_by !== 'report' || row.end === null) return
    const site = siteKey(row.area, row.site)
    this.ended.delete(site)
    this.ended.set(site, row.end)
    const [oldest] = this.ended.keys()
    if (this.ended.size > endedMax && oldest !== undefined) this.ended.delete(oldest)
  }

  /** When power was seen to come back at a site since the picture is whole; 0: it was not. */
  endAt(area: string, site: string): number {
    return this.ended.get(siteKey(area, site)) ?? 0
  }

  /** Whether this very one lasts. */
  lasts(outage: Outage): boolean {
    return this.open.get(keyOf(outage))?.start_seq === outage.start_seq
  }

  all(): Iterable<Outage> {
    return this.open.values()
  }

  /** Those that @wanted is true of, the newest first. */
  where(wanted: (outage: Outage) => boolean): Outage[] {
    return [...this.open.values()].filter(wanted).sort(later)
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
  pages: '/api/v1/outages?open=true&limit=5000',
  events: { outage: oneRow, 'outage-changed': oneRow },
  maximum: 1_000_000,
  empty: () => new OutageStore()
}
