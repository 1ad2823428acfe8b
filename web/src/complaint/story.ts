/* SPDX-License-Identifier: Apache-2.0 */
import { Complaint } from '../core/complaint'
import type { State } from '../core/complaint-table'
import { type ActionEntry, parseEntryText } from '../core/entry'
import { isCitizen, isService } from '../core/entry-table'
import type { Profile } from '../core/profile'
import type { CitizenAction } from './keep'
import type { ComplaintAnswer, StepRow } from './rows'

/* A complaint as its signed entries tell it. What the daemon says beside them is not believed where
 * they say the same. */

export interface Step {
  readonly row: StepRow
  /** undefined: it is no action of this complaint in its one form. */
  readonly entry: ActionEntry | undefined
  readonly who: 'you' | 'citizen' | 'service' | 'official'
}

function actionOf(row: StepRow, area: string, complaint: string): ActionEntry | undefined {
  try {
    const entry = parseEntryText(row.entry)
    const good = entry.kind === 'action' && entry.area === area && entry.complaint === complaint
    return good ? entry : undefined
  } catch {
    return undefined
  }
}

function whoOf(entry: ActionEntry | undefined, key: string): Step['who'] {
  if (!entry) return 'official'
  if (isService(entry.by)) return 'service'
  if (!isCitizen(entry.by)) return 'official'
  return key !== '' && entry.key === key ? 'you' : 'citizen'
}

/** The complaint's steps; @key: the reader's own, '' where there is none. */
export function stepsOf({ area, complaint, chain }: ComplaintAnswer, key: string): Step[] {
  return chain.map((row) => {
    const entry = actionOf(row, area, complaint)
    return { row, entry, who: whoOf(entry, key) }
  })
}

/** The complaint after all its steps; undefined where one of them can't be read. */
export function complaintOf(
  steps: readonly Step[],
  profile: Profile | undefined
): Complaint | undefined {
  const complaint = new Complaint()
  for (const { entry, row } of steps) {
    if (!entry) return undefined
    complaint.take(entry, row.leaf, { profile })
  }
  return complaint
}

/** What who holds @key may do now. */
export function allowedActs(
  steps: readonly Step[],
  complaint: Complaint,
  profile: Profile | undefined,
  key: string,
  now: number
): Set<CitizenAction> {
  const first = steps[0]?.entry
  if (!first) return new Set()
  const acts: CitizenAction[] = ['join', 'comment', 'confirm', 'reopen', 'withdraw']
  const may = (action: CitizenAction) => {
    const next = { ...first, by: 'citizen', key, action, n: complaint.n + 1, prev: complaint.last, received: now }
    return complaint.judge(next as ActionEntry, { profile }) === 'holds'
  }
  return new Set(acts.filter(may))
}

/** Who holds no key yet may join with a new one. */
export function mayJoin(state: State): boolean {
  return !['none', 'confirmed', 'withdrawn'].includes(state)
}
