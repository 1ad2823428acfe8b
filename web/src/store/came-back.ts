/* SPDX-License-Identifier: Apache-2.0 */
import { shallowRef } from 'vue'
import { outageRow } from '../net/feed-outages'
import { siteKey } from '../net/feed-sites'
import { listOf, membersOf } from '../net/rows'
import { hour } from './group'
import type { Live } from './live'
import { get, query } from './site-detail'

const limit = 1000
const areasMax = 8

/** When power came back at sites of some areas within the hour before @live was asked. */
async function fetchEnded(live: Live, area: string): Promise<[string, number][]> {
  const from = Math.max(0, Math.floor(live.clock.now.value - hour))
  const answer = await get(`${live.base}/api/v1/outages?${query({ open: 'false', from, area, limit })}`)
  // Of more than these nothing is said.
  if (membersOf(answer, 'outages')['next'] !== null) throw new Error('too many')
  return listOf(answer, 'outages')
    .map(outageRow)
    .filter(({ ended_by, end }) => ended_by === 'report' && end !== null)
    .map((row) => [siteKey(row.area, row.site), row.end ?? 0])
}

/** Where power came back lately: what ended before somebody looked is asked for once. */
export class CameBack {
  /** undefined: not known. */
  private readonly before = shallowRef<ReadonlyMap<string, number>>()
  private asked = 0

  constructor(private readonly live: Live) {}

  async load(areas: readonly string[]): Promise<void> {
    const mine = ++this.asked
    this.before.value = undefined
    if (areas.length === 0 || areas.length > areasMax) return
    try {
      const rows = (await Promise.all(areas.map((area) => fetchEnded(this.live, area)))).flat()
      if (mine !== this.asked) return
      const ends = new Map<string, number>()
      for (const [site, end] of rows) ends.set(site, Math.max(end, ends.get(site) ?? 0))
      this.before.value = ends
    } catch {
      // It stays unknown.
    }
  }

  /** Of these sites, which are all on: at how many power came back within the last hour; -1: not known. */
  count(numbers: readonly number[]): number {
    const { sites, outages } = this.live.lists.value
    const before = this.before.value
    if (!before) return -1
    const since = this.live.clock.now.value - hour
    return numbers.filter((number) => {
      const [area, site] = [sites.areaOf[number] ?? '', sites.ids[number] ?? '']
      const end = Math.max(before.get(siteKey(area, site)) ?? 0, outages.endAt(area, site))
      return end >= since
    }).length
  }
}
