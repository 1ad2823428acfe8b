/* SPDX-License-Identifier: Apache-2.0 */
import type { ActionEntry, NoticeEntry, OfficialEntry } from './entry'
import { type State, steps, type Who } from './complaint-table'
import { isCitizen, isService } from './entry-table'
import type { Profile } from './profile'
import type { Rule } from './rules'

/* What may be done to a complaint and what it becomes, and the same of notices: docs/PROTOCOL.md
 * sections 10 and 11, the twin of core/pt-complaint.h and core/pt-notice.h. */

interface Citizen {
  readonly filed: boolean
  readonly joinedN: number // 0: it did not
  readonly confirmedN: number
}

/** A complaint as the log says so far. */
export class Complaint {
  n = 0
  last = '0'.repeat(64)
  state: State = 'none'
  private place = ''
  private reopenDays = 0
  private closedN = 0
  private confirmedAt = 0
  private rejecter: { readonly id: string; readonly key: string | undefined } | undefined
  private readonly citizens = new Map<string, Citizen>()

  /** Where its beginning is not known only its chain and its place can be judged. */
  get isPart(): boolean {
    return this.n > 0 && this.state === 'none'
  }

  judge(entry: ActionEntry, facts: ActionFacts): Rule {
    const official = isOfficial(entry.by) ? facts.official : undefined
    const unknown = isOfficial(entry.by) && !official
    if (unknown && !facts.isPart) return 'unknown-official'
    if (official && official.status !== 'active') return 'revoked-official'
    if (facts.isPart && this.n === 0 && entry.n > 1) return 'holds'
    if (entry.n !== this.n + 1) return 'complaint-n'
    if (entry.prev !== this.last) return 'complaint-prev'
    if (this.n > 0 && placeOf(entry) !== this.place) return 'complaint-place'
    if (this.isPart || unknown) return 'holds'
    const who = this.whoActs(entry, official)
    if (!steps[entry.action].who.includes(who)) return 'complaint-who'
    if (!steps[entry.action].in.includes(this.state)) return 'complaint-state'
    return this.judgeBesides(entry, facts, who)
  }

  /** Takes an action that holds; @leaf: its leaf hash in hex. */
  take(entry: ActionEntry, leaf: string, facts: TakenFacts): void {
    const citizen = isCitizen(entry.by) ? this.takeCitizen(entry) : undefined
    if (this.n === 0) this.place = placeOf(entry)
    this.state = this.after(entry, facts, citizen?.filed ?? false)
    this.n = entry.n
    this.last = leaf
    if (entry.action === 'file')
      this.reopenDays = facts.profile?.reopenDays ?? (facts.isPart ? Infinity : 0)
    if (['resolve', 'reject', 'duplicate'].includes(entry.action)) this.closedN = entry.n
    if (entry.action === 'confirm' && citizen?.filed) this.confirmedAt = entry.received
    if (entry.action === 'reject') this.rejecter = { id: entry.by, key: facts.official?.key }
  }

  private whoActs(entry: ActionEntry, official: OfficialEntry | undefined): Who {
    if (isService(entry.by)) return 'service'
    if (official) return official.role
    const citizen = this.citizens.get(entry.key!)
    if (citizen?.filed) return 'filer'
    return citizen && citizen.joinedN > 0 ? 'joiner' : 'stranger'
  }

  /* What the table leaves open. */
  private judgeBesides(entry: ActionEntry, facts: ActionFacts, who: Who): Rule {
    switch (entry.action) {
      case 'file': {
        const known = facts.profile?.categories.some(({ id }) => id === entry.category) ?? true
        return known ? 'holds' : 'complaint-category'
      }
      case 'assign': {
        const { to } = facts
        const may = to?.status === 'active' && to.role !== 'auditor'
        return may ? 'holds' : 'complaint-to'
      }
      case 'duplicate': {
        const { of } = facts
        const stands = of && of.n > 0 && !['duplicate', 'withdrawn'].includes(of.state)
        return stands && entry.of !== entry.complaint ? 'holds' : 'complaint-of'
      }
      case 'approve': {
        const { id, key } = this.rejecter!
        const same = id === entry.by || key === facts.official?.key
        return same ? 'complaint-who' : 'holds'
      }
      case 'reopen':
        return this.judgeReopen(entry, who)
      case 'confirm': {
        const again = (this.citizens.get(entry.key!)?.confirmedN ?? 0) > this.closedN
        return who === 'joiner' && again ? 'complaint-who' : 'holds'
      }
      default:
        return 'holds'
    }
  }

  /* What was confirmed only the filing key reopens, and not for ever; what was closed a joined one
   * that was there when it was. */
  private judgeReopen(entry: ActionEntry, who: Who): Rule {
    if (this.state === 'confirmed') {
      if (who !== 'filer') return 'complaint-who'
      const late = entry.received - this.confirmedAt >= this.reopenDays * 86_400_000
      return late ? 'complaint-late' : 'holds'
    }
    const joined = this.citizens.get(entry.key ?? '')?.joinedN ?? 0
    return who !== 'joiner' || joined < this.closedN ? 'holds' : 'complaint-who'
  }

  private after(entry: ActionEntry, { profile, isPart }: TakenFacts, filed: boolean): State {
    if (entry.n > 1 && this.state === 'none') return 'none'
    if (entry.action === 'reject') {
      // Nobody knows here how many persons it takes.
      if (!profile && isPart) return 'none'
      return profile?.twoPerson.includes('reject') ? 'rejecting' : 'rejected'
    }
    if (entry.action === 'confirm' && !filed) return this.state
    return steps[entry.action].makes ?? this.state
  }

  private takeCitizen(entry: ActionEntry): Citizen {
    const before = this.citizens.get(entry.key!)
    const citizen = {
      filed: (before?.filed ?? false) || entry.action === 'file',
      joinedN: entry.action === 'join' ? entry.n : (before?.joinedN ?? 0),
      confirmedN: entry.action === 'confirm' ? entry.n : (before?.confirmedN ?? 0)
    }
    this.citizens.set(entry.key!, citizen)
    return citizen
  }
}

const isOfficial = (by: string) => !isCitizen(by) && !isService(by)

function placeOf(entry: ActionEntry): string {
  return entry.site ?? `${entry.lat},${entry.lon}`
}

/** What an action needs to be judged by. */
export interface ActionFacts {
  readonly official?: OfficialEntry | undefined // the newest registration of `by`
  readonly to?: OfficialEntry | undefined // of an assign
  readonly of?: Complaint | undefined // of a duplicate
  readonly profile?: Profile | undefined // the one in force
  /** The log's beginning is not known: what that may hold accuses nobody. */
  readonly isPart?: boolean
}

type TakenFacts = Pick<ActionFacts, 'official' | 'profile' | 'isPart'>

/** A notice as the log says so far. */
export class Notice {
  n = 0
  last = '0'.repeat(64)
  status: 'active' | 'withdrawn' = 'active'
  private first: NoticeEntry | undefined
  private start = 0

  /** @isPart: the log's beginning is not known. */
  judge(entry: NoticeEntry, official: OfficialEntry | undefined, isPart = false): Rule {
    if (!official && !isPart) return 'unknown-official'
    if (official && official.status !== 'active') return 'revoked-official'
    if (official?.role === 'auditor') return 'notice-who'
    if (isPart && this.n === 0 && entry.n > 1) return 'holds'
    if (entry.n !== this.n + 1) return 'notice-n'
    if (entry.prev !== this.last) return 'notice-prev'
    if (!this.first) return 'holds'
    if (this.status === 'withdrawn') return 'notice-ended'
    const { about, scope, target } = this.first
    if (entry.about !== about || entry.scope !== scope || entry.target !== target)
      return 'notice-changed'
    // Who was told of a shutdown is not surprised by an earlier one.
    return about === 'shutdown' && entry.start < this.start ? 'notice-earlier' : 'holds'
  }

  take(entry: NoticeEntry, leaf: string): void {
    this.first ??= entry
    this.n = entry.n
    this.last = leaf
    this.start = entry.start
    this.status = entry.status
  }
}
