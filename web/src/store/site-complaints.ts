/* SPDX-License-Identifier: Apache-2.0 */
import { shallowRef } from 'vue'
import { isCount, listOf, membersOf } from '../net/rows'
import type { Live } from './live'
import { get, query } from './site-detail'

const asked = 100
const wait = 500 // ms
/* One that was closed against the evidence is not resolved, whatever it is called. */
const states = 'open,acknowledged,assigned,rejecting,resolved'

function isOpen(row: unknown): boolean {
  const { closed, state } = membersOf(row, 'a complaint')
  return state !== 'resolved' || closed === 'against'
}

/** The complaints of a site that are not settled, the newest first: rows as the daemon gave them. None where
 * they cannot be had, for nothing else of the site depends on them. */
export class SiteComplaints {
  readonly rows = shallowRef<readonly unknown[]>([])
  /** There may be more than were asked for. */
  readonly count = shallowRef(0)
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(
    private readonly live: Live,
    readonly area: string,
    readonly site: string
  ) {
    void this.load()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  /** Soon, and not more often than each half second, however often it is called. */
  refresh(): void {
    this.timer ??= setTimeout(() => void this.load(), wait)
  }

  async load(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const { area, site } = this
    const which = query({ area, site, state: states, sort: 'filed', limit: asked })
    try {
      const answer = await get(`${this.live.base}/api/v1/complaints?${which}`)
      const rows = listOf(answer, 'complaints').filter(isOpen)
      const { counts } = membersOf(answer, 'complaints')
      const { open } = membersOf(counts ?? {}, 'counts')
      if (this.closed) return
      this.rows.value = rows
      this.count.value = Math.max(rows.length, isCount(open) ? open : 0)
    } catch {
      // What is there stays.
    }
  }
}
