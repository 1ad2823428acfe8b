/* SPDX-License-Identifier: Apache-2.0 */
import type { Bytes } from '../core/bytes'
import { base64urlDecode, hexEncode, utf8Encode } from '../core/encoding'
import type {
  ActionEntry,
  DeviceEntry,
  Entry,
  OfficialEntry,
  ReportEntry,
  RosterEntry
} from '../core/entry'
import { isPublicKey } from '../core/p256'
import {
  complaintRule,
  newKeyRule,
  noComplaint,
  registrationRule,
  rosterRule,
  type Rule,
  SeqWindow
} from '../core/rules'
import { leafHash, rootOf } from '../core/tree'

/* What the entries of a batch file say against each other: counters, complaints, the roster. Who
 * signed them is for Signers to say. */

/** The first thing that doesn't count, and its line in the file. */
export interface Broken {
  readonly rule: Rule
  readonly line: number
}

interface Device {
  readonly ts: number // of its newest registration
  readonly active: boolean
  /** By key: what the counters of its reports have to be above. */
  readonly starts: Map<string, number>
  readonly after: number // of the present key
  heard: boolean
}

/** An action, and where the one of its complaint before it stands in this file. */
interface Link {
  readonly entry: ActionEntry
  readonly index: number // of the entry in the file, from 0
  readonly before: Link | undefined
}

const lineOf = (index: number) => index + 2

export class Follower {
  private readonly counters = new Map<string, SeqWindow>()
  private readonly devices = new Map<string, Device>()
  private readonly officials = new Map<string, { readonly ts: number }>()
  private readonly complaints = new Map<string, Link>()
  private readonly links: Link[] = []
  private roster: { readonly entry: RosterEntry; readonly index: number } | undefined
  private broken: Broken | undefined
  private early: Broken | undefined // only who has the log from its beginning may say so
  private index = 0

  /** Takes entries in the log's order. */
  see(entry: Entry): void {
    const index = this.index++
    if (entry.kind === 'device' || entry.kind === 'official') {
      this.note(isPublicKey(base64urlDecode(entry.key)) ? 'holds' : 'bad-key', index)
      this.note(entry.kind === 'device' ? this.seeDevice(entry) : this.seeOfficial(entry), index)
    }
    if (entry.kind === 'report') this.note(this.seeReport(entry, index), index)
    if (entry.kind === 'action') this.seeAction(entry, index)
    if (entry.kind === 'roster') this.roster = { entry, index }
  }

  /** @leaves: the entries' leaf hashes. @complete: the file holds the area's log from its first
   * entry on. @counted: its registrations are what they say, so that the roster can be judged. */
  async finish(
    leaves: readonly Bytes[],
    complete: boolean,
    counted: boolean
  ): Promise<Broken | undefined> {
    if (complete && this.early && (!this.broken || this.early.line < this.broken.line))
      this.broken = this.early
    for (const link of this.links) this.note(linkRule(link, leaves, complete), link.index)
    if (complete && counted && this.roster)
      this.note(await this.judgeRoster(this.roster.entry), this.roster.index)
    return this.broken
  }

  private note(rule: Rule, index: number): void {
    const line = lineOf(index)
    if (rule !== 'holds' && (!this.broken || line < this.broken.line)) this.broken = { rule, line }
  }

  private seeDevice(entry: DeviceEntry): Rule {
    const before = this.devices.get(entry.device)
    const rule = registrationRule(entry, before)
    if (rule !== 'holds') return rule
    const { ts, status, key } = entry
    const starts = before?.starts ?? new Map<string, number>()
    const after = starts.get(key) ?? this.counters.get(entry.device)?.highest ?? 0
    starts.set(key, after)
    const heard = before?.heard ?? false
    this.devices.set(entry.device, { ts, active: status === 'active', starts, after, heard })
    return rule
  }

  private seeOfficial(entry: OfficialEntry): Rule {
    const rule = registrationRule(entry, this.officials.get(entry.official))
    if (rule === 'holds') this.officials.set(entry.official, { ts: entry.ts })
    return rule
  }

  private seeReport({ device, seq }: ReportEntry, index: number): Rule {
    const known = this.devices.get(device)
    const counter = this.counters.get(device) ?? new SeqWindow()
    if (known) known.heard = true
    this.counters.set(device, counter)
    const rule = counter.take(seq)
    const early = rule === 'holds' ? newKeyRule(seq, known?.after ?? 0) : 'holds'
    if (early !== 'holds') this.early ??= { rule: early, line: lineOf(index) }
    return rule
  }

  private seeAction(entry: ActionEntry, index: number): void {
    const link: Link = { entry, index, before: this.complaints.get(entry.complaint) }
    this.complaints.set(entry.complaint, link)
    this.links.push(link)
  }

  private async judgeRoster(roster: RosterEntry): Promise<Rule> {
    const active = [...this.devices].filter(([, device]) => device.active)
    const silent = active.filter(([, device]) => !device.heard).map(([id]) => id)
    const leaves = await Promise.all(silent.sort().map((id) => leafHash(utf8Encode(id))))
    return rosterRule(roster, {
      expected: active.length,
      heard: active.length - silent.length,
      silentRoot: hexEncode(await rootOf(leaves))
    })
  }
}

/* A complaint whose entries before are in an earlier file may go on with any number. */
function linkRule({ entry, before }: Link, leaves: readonly Bytes[], complete: boolean): Rule {
  if (!before) return complete ? complaintRule(entry, noComplaint) : 'holds'
  const last = hexEncode(leaves[before.index]!)
  return complaintRule(entry, { n: before.entry.n, last })
}
