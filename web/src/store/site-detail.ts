/* SPDX-License-Identifier: Apache-2.0 */
import { shallowRef } from 'vue'
import { type OutageRow, outageRow } from '../net/feed-outages'
import { getJson } from '../net/get'
import { type ReportRow, reportRow } from '../net/report'
import { isCount, isText, listOf, membersOf, refuse } from '../net/rows'
import { firstDay } from './history'
import type { Live } from './live'

export type Loading = 'loading' | 'there' | 'failed'

const timeout = 20_000 // ms
const reportsAsked = 50

/** A GET that ends, one way or the other. */
export async function get(address: string, type?: string): Promise<unknown> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeout)
  try {
    return await getJson(address, controller.signal, type)
  } finally {
    clearTimeout(timer)
  }
}

export const query = (values: Record<string, string | number>) =>
  new URLSearchParams(
    Object.entries(values).map(([name, value]) => [name, String(value)])
  ).toString()

export async function fetchReports(
  { base }: Live,
  area: string,
  id: string
): Promise<ReportRow[]> {
  const asked = query({ area, limit: reportsAsked })
  const answer = await get(`${base}/api/v1/sites/${encodeURIComponent(id)}/reports?${asked}`)
  return listOf(answer, 'reports').map(reportRow)
}

async function fetchOutages({ base, clock }: Live, area: string, id: string): Promise<OutageRow[]> {
  const asked = query({ site: id, area, from: firstDay(clock.now.value), limit: 1000 })
  return listOf(await get(`${base}/api/v1/outages?${asked}`), 'outages').map(outageRow)
}

/** Its id, where its key is in two hands. */
function copiedKeyOf(device: unknown): readonly string[] {
  const { device: id, key_copied: copied } = membersOf(device, 'a device')
  return copied === true && isText(id) ? [id] : []
}

/** `from`: when a report came from the site first; null where none did. */
async function fetchSite({ base }: Live, area: string, id: string) {
  const address = `${base}/api/v1/sites/${encodeURIComponent(id)}?${query({ area })}`
  const { properties } = membersOf(await get(address, 'application/geo+json'), 'a site')
  const { known_from: from, devices } = membersOf(properties, 'a site')
  const copied = Array.isArray(devices) ? devices.flatMap(copiedKeyOf) : []
  return { from: isCount(from) || from === null ? from : refuse('a site'), copied }
}

/** What the sheet shows of one site; what is there stays while it is loaded anew. */
export class SiteDetail {
  readonly reports = shallowRef<readonly ReportRow[]>([])
  readonly outages = shallowRef<readonly OutageRow[]>([])
  readonly knownFrom = shallowRef<number | null>(null)
  /** Its devices whose key is in two hands. */
  readonly copied = shallowRef<readonly string[]>([])
  readonly reportsState = shallowRef<Loading>('loading')
  readonly historyState = shallowRef<Loading>('loading')
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(
    private readonly live: Live,
    readonly area: string,
    readonly id: string
  ) {
    void this.load()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  /** Soon, and not more often than each half second, however often it is called. */
  refresh(): void {
    this.timer ??= setTimeout(() => void this.load(), 500)
  }

  private async loadSite(): Promise<void> {
    const { from, copied } = await fetchSite(this.live, this.area, this.id)
    if (this.closed) return
    this.knownFrom.value = from
    this.copied.value = copied
  }

  private async loadHistory(): Promise<OutageRow[]> {
    const [outages] = await Promise.all([
      fetchOutages(this.live, this.area, this.id),
      this.loadSite()
    ])
    return outages
  }

  async load(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const settle = async <T>(work: Promise<T>, to: { value: T }, state: { value: Loading }) => {
      try {
        const value = await work
        if (this.closed) return
        to.value = value
        state.value = 'there'
      } catch {
        if (!this.closed && state.value === 'loading') state.value = 'failed'
      }
    }
    await Promise.all([
      settle(fetchReports(this.live, this.area, this.id), this.reports, this.reportsState),
      settle(this.loadHistory(), this.outages, this.historyState)
    ])
  }
}

/** It is in a block of the chain, be it a young one. */
const isOnChain = ({ state, waits_for }: ReportRow) =>
  state === 'final' || (state === 'submitted' && waits_for === 'confirmations')

/** The report whose proof can be had: the newest that is on the chain, else one that is on its way
 * there, else the newest. */
export function newestProvable(reports: readonly ReportRow[]): ReportRow | undefined {
  return (
    reports.find(isOnChain) ?? reports.find(({ state }) => state === 'submitted') ?? reports[0]
  )
}
