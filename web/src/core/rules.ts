/* SPDX-License-Identifier: Apache-2.0 */
import type { BatchHeader } from './batch-lines'
import type {
  DeviceEntry,
  Entry,
  LostEntry,
  OfficialEntry,
  ProfileEntry,
  ReportEntry,
  RosterEntry
} from './entry'
import { isCitizen, isService } from './entry-table'
import { Ranges } from './ranges'

/* What counts: docs/PROTOCOL.md sections 2 and 4. The twin of core/pt-rules.h, with its slugs; both
 * are held by tests/vectors/rules.json. Whoever asks looks up the facts, which are what the log
 * says before the entry. */

/** The rule that is broken. */
export type Rule =
  | 'holds'
  | 'unknown-device'
  | 'unknown-official'
  | 'revoked-device'
  | 'revoked-official'
  | 'wrong-site'
  | 'bad-signature'
  | 'bad-key'
  | 'not-newer'
  | 'seq-used'
  | 'seq-old'
  | 'seq-before-key'
  | 'complaint-n'
  | 'complaint-prev'
  | 'complaint-place'
  | 'complaint-who'
  | 'complaint-state'
  | 'complaint-category'
  | 'complaint-to'
  | 'complaint-of'
  | 'complaint-late'
  | 'notice-n'
  | 'notice-prev'
  | 'notice-who'
  | 'notice-changed'
  | 'notice-earlier'
  | 'notice-ended'
  | 'bad-profile'
  | 'lost-not-below'
  | 'lost-used'
  | 'seq-lost'
  | 'other-area'
  | 'order'
  | 'window'
  | 'ahead'
  | 'after-roster'
  | 'roster-time'
  | 'roster-batch'
  | 'roster-expected'
  | 'roster-heard'
  | 'roster-silent'
  | 'roster-missing'

const wholeLogRules: readonly Rule[] = [
  ...(['unknown-device', 'unknown-official', 'seq-before-key', 'lost-not-below'] as const),
  ...(['complaint-to', 'complaint-of'] as const)
]

/** Whether only who has the log from its first entry on may say so. */
export function needsWholeLog(rule: Rule): boolean {
  return wholeLogRules.includes(rule)
}

export type SignerKind = 'authority' | 'service' | 'device' | 'official' | 'citizen'

/** Who must have signed an entry. */
export function signerOf(entry: Entry): SignerKind {
  switch (entry.kind) {
    case 'device':
    case 'official':
    case 'profile':
      return 'authority'
    case 'report':
    case 'lost':
      return 'device'
    case 'roster':
      return 'service'
    case 'notice':
      return 'official'
    case 'action':
      if (isCitizen(entry.by)) return 'citizen'
      return isService(entry.by) ? 'service' : 'official'
  }
}

/** Whether the device may say anything. */
export function deviceRule(device: DeviceEntry | undefined): Rule {
  if (!device) return 'unknown-device'
  return device.status === 'active' ? 'holds' : 'revoked-device'
}

/** Whether the device may have made the report; its counter is SeqWindow's. */
export function reportRule(entry: ReportEntry, device: DeviceEntry | undefined): Rule {
  const rule = deviceRule(device)
  if (!device || rule !== 'holds') return rule
  const there = entry.site === device.site && entry.lat === device.lat && entry.lon === device.lon
  return there ? 'holds' : 'wrong-site'
}

/** Whether a registration may follow the newest one of its id that counts: what the authority signed
 * once can't be said again later. What breaks this registers nobody. */
export function registrationRule(
  entry: DeviceEntry | OfficialEntry | ProfileEntry,
  newest: { readonly ts: number } | undefined
): Rule {
  return !newest || entry.ts > newest.ts ? 'holds' : 'not-newer'
}

/** What the log says of a batch's devices: the active ones, those of them that were heard, and the
 * root over the sorted ids of the others. */
export interface RosterFacts {
  readonly expected: number
  readonly heard: number
  readonly silentRoot: string
}

export function rosterRule(entry: RosterEntry, facts: RosterFacts): Rule {
  if (entry.expected !== facts.expected) return 'roster-expected'
  if (entry.heard !== facts.heard) return 'roster-heard'
  return entry.silent_root === facts.silentRoot ? 'holds' : 'roster-silent'
}

/** A signer's clock may be so many ms ahead of the daemon's. */
const aheadMax = 300_000

/** Whether the entry was received no earlier than it can have been signed. */
export function timeRule(entry: Entry): Rule {
  return entry.ts - entry.received <= aheadMax ? 'holds' : 'ahead'
}

/** Where entries stand in their batch. */
export class BatchWindow {
  private received: number
  private hasRoster = false

  constructor(private readonly header: Pick<BatchHeader, 'area' | 'batch' | 'from' | 'to'>) {
    this.received = header.from
  }

  /** Takes the batch's next entry, whatever is wrong with it. */
  take(entry: Entry): Rule {
    const place = this.judge(entry)
    const rule = place === 'holds' ? timeRule(entry) : place
    this.received = Math.max(this.received, entry.received)
    this.hasRoster ||= entry.kind === 'roster'
    return rule
  }

  /** After the last entry. */
  end(): Rule {
    return this.hasRoster ? 'holds' : 'roster-missing'
  }

  private judge(entry: Entry): Rule {
    const { area, batch, from, to } = this.header
    if (entry.area !== area) return 'other-area'
    if (this.hasRoster) return 'after-roster'
    if (entry.kind === 'roster') {
      if (entry.received !== to) return 'roster-time'
      return entry.batch === batch ? 'holds' : 'roster-batch'
    }
    if (entry.received < from || entry.received >= to) return 'window'
    return entry.received < this.received ? 'order' : 'holds'
  }
}

/** Whether a report's counter may be its key's: new hardware counts on above the old. @after: the
 * highest counter that the device had in the log when its present key was first registered. */
export function newKeyRule(seq: number, after: number): Rule {
  return seq > after ? 'holds' : 'seq-before-key'
}

/** A report may come so much later than its device's highest counter. */
export const seqBehindMax = 4096

/** The counters that a device used, and those that it said are lost. */
export class SeqWindow {
  highest = 0
  private readonly used = new Ranges()
  private lost: Ranges | undefined

  /** Judges a report's counter, and takes it if it holds. */
  take(seq: number): Rule {
    if (this.lost?.has(seq)) return 'seq-lost'
    if (this.highest - seq > seqBehindMax) return 'seq-old'
    if (this.used.has(seq)) return 'seq-used'
    this.used.add(seq, seq)
    this.highest = Math.max(this.highest, seq)
    return 'holds'
  }

  /** Judges counters that are lost, and takes them unless they are not. */
  lose({ first, last }: Pick<LostEntry, 'first' | 'last'>): Rule {
    const used = this.used.has(first, last)
    if (!used) (this.lost ??= new Ranges()).add(first, last)
    if (last >= this.highest) return 'lost-not-below'
    return used ? 'lost-used' : 'holds'
  }
}
