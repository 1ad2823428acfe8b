/* SPDX-License-Identifier: Apache-2.0 */
import type { Bytes } from '../core/bytes'
import { type ActionFacts, Complaint, Notice } from '../core/complaint'
import { base64urlDecode, hexEncode, utf8Encode } from '../core/encoding'
import type {
  ActionEntry,
  DeviceEntry,
  Entry,
  LostEntry,
  NoticeEntry,
  OfficialEntry,
  ProfileEntry,
  ReportEntry,
  RosterEntry
} from '../core/entry'
import { isPublicKey } from '../core/p256'
import { parseProfile, type Profile } from '../core/profile'
import {
  deviceRule,
  needsWholeLog,
  newKeyRule,
  registrationRule,
  reportRule,
  rosterRule,
  type Rule,
  SeqWindow,
  signerOf
} from '../core/rules'
import { leafHash, rootOf } from '../core/tree'

/* What the entries of a batch file say against each other, and whose signature each must have: as
 * common/pt-registry.h, of what one file shows. The signatures are for checkSignatures (). */

/** The first thing that doesn't count, and its line in the file. */
export interface Broken {
  readonly rule: Rule
  readonly line: number
}

/** Whose signature an entry must have. */
export type Signer =
  | 'authority'
  | 'service'
  | 'own' // the key that it holds: a citizen's
  | 'unknown' // registered in an earlier batch, if at all
  | 'nobody' // the file itself says that nobody may sign this
  | { readonly key: string }

interface Device {
  readonly entry: DeviceEntry // its newest registration
  /** By key: what the counters of its reports have to be above. */
  readonly starts: Map<string, number>
  readonly after: number // of the present key
  heard: boolean
}

const lineOf = (index: number) => index + 2

function readProfile({ document }: ProfileEntry): Profile | undefined {
  try {
    return parseProfile(document)
  } catch {
    return undefined
  }
}

export class Follower {
  /** In the order of the entries. These are not kept: a file may hold very many. */
  readonly signers: Signer[] = []
  private isPart = false // the log's beginning is elsewhere
  private readonly counters = new Map<string, SeqWindow>()
  private readonly devices = new Map<string, Device>()
  private readonly officials = new Map<string, OfficialEntry>()
  private readonly complaints = new Map<string, Complaint>()
  private readonly notices = new Map<string, Notice>()
  private profile: { readonly ts: number; readonly read: Profile } | undefined
  private roster: { readonly entry: RosterEntry; readonly line: number } | undefined
  private broken: Broken | undefined

  /** Takes entries in the log's order. @index: in the log, from 0. */
  see(index: number, entry: Entry, leaf: Bytes): void {
    if (this.signers.length === 0) this.isPart = index > 0
    this.signers.push(this.take(entry, leaf))
  }

  /** @counted: its registrations are what they say, so that the roster can be judged. */
  async finish(counted: boolean): Promise<Broken | undefined> {
    if (this.broken || !this.roster || !counted || this.isPart) return this.broken
    const { entry, line } = this.roster
    const rule = await this.judgeRoster(entry)
    return rule === 'holds' ? undefined : { rule, line }
  }

  private take(entry: Entry, leaf: Bytes): Signer {
    switch (entry.kind) {
      case 'device':
      case 'official':
        return this.takeRegistration(entry)
      case 'profile':
        return this.takeProfile(entry)
      case 'report':
        return this.takeReport(entry)
      case 'lost':
        return this.takeLost(entry)
      case 'action':
        return this.takeAction(entry, leaf)
      case 'notice':
        return this.takeNotice(entry, leaf)
      case 'roster':
        this.roster = { entry, line: lineOf(this.signers.length) }
        return 'service'
    }
  }

  /** Whether the entry counts, as far as this file can say. */
  private counts(rule: Rule): boolean {
    if (rule === 'holds' || (this.isPart && needsWholeLog(rule))) return true
    this.broken ??= { rule, line: lineOf(this.signers.length) }
    return false
  }

  /** @rule: of who signs it. */
  private whoMay(rule: Rule, signer: DeviceEntry | OfficialEntry | undefined): Signer {
    if (this.isPart && needsWholeLog(rule)) return 'unknown'
    return rule === 'holds' && signer ? signer : 'nobody'
  }

  private takeRegistration(entry: DeviceEntry | OfficialEntry): Signer {
    if (!isPublicKey(base64urlDecode(entry.key))) this.counts('bad-key')
    const newest =
      entry.kind === 'device'
        ? this.devices.get(entry.device)?.entry
        : this.officials.get(entry.official)
    if (!this.counts(registrationRule(entry, newest))) return 'authority'
    if (entry.kind === 'device') this.register(entry)
    else this.officials.set(entry.official, entry)
    return 'authority'
  }

  private register(entry: DeviceEntry): void {
    const before = this.devices.get(entry.device)
    const starts = before?.starts ?? new Map<string, number>()
    const after = starts.get(entry.key) ?? this.counters.get(entry.device)?.highest ?? 0
    starts.set(entry.key, after)
    this.devices.set(entry.device, { entry, starts, after, heard: before?.heard ?? false })
  }

  private takeProfile(entry: ProfileEntry): Signer {
    if (!this.counts(registrationRule(entry, this.profile))) return 'authority'
    const read = readProfile(entry)
    if (read) this.profile = { ts: entry.ts, read }
    else this.counts('bad-profile')
    return 'authority'
  }

  private counterOf(device: string): SeqWindow {
    const counter = this.counters.get(device) ?? new SeqWindow()
    this.counters.set(device, counter)
    return counter
  }

  private takeReport(entry: ReportEntry): Signer {
    const device = this.devices.get(entry.device)
    const signer = this.whoMay(reportRule(entry, device?.entry), device?.entry)
    if (signer === 'nobody') return signer
    if (device) device.heard = true
    if (this.counts(this.counterOf(entry.device).take(entry.seq)))
      this.counts(newKeyRule(entry.seq, device?.after ?? 0))
    return signer
  }

  private takeLost(entry: LostEntry): Signer {
    const device = this.devices.get(entry.device)?.entry
    const signer = this.whoMay(deviceRule(device), device)
    if (signer !== 'nobody') this.counts(this.counterOf(entry.device).lose(entry))
    return signer
  }

  private officialWho(official: OfficialEntry | undefined): Signer {
    if (!official) return this.whoMay('unknown-official', official)
    return official.status === 'active' ? official : 'nobody'
  }

  private takeAction(entry: ActionEntry, leaf: Bytes): Signer {
    const official = this.officials.get(entry.by)
    const signer = this.actorOf(entry, official)
    if (signer === 'nobody') return signer
    const complaint = this.complaints.get(entry.complaint) ?? new Complaint()
    const facts: ActionFacts = {
      official,
      to: this.officials.get(entry.to ?? ''),
      of: this.complaints.get(entry.of ?? ''),
      profile: this.profile?.read,
      isPart: this.isPart
    }
    if (!this.counts(complaint.judge(entry, facts))) return signer
    complaint.take(entry, hexEncode(leaf), facts)
    this.complaints.set(entry.complaint, complaint)
    return signer
  }

  private actorOf(entry: ActionEntry, official: OfficialEntry | undefined): Signer {
    const kind = signerOf(entry)
    if (kind === 'citizen') return 'own'
    return kind === 'service' ? kind : this.officialWho(official)
  }

  private takeNotice(entry: NoticeEntry, leaf: Bytes): Signer {
    const official = this.officials.get(entry.by)
    const signer = this.officialWho(official)
    if (signer === 'nobody') return signer
    const notice = this.notices.get(entry.notice) ?? new Notice()
    if (!this.counts(notice.judge(entry, official, this.isPart))) return signer
    notice.take(entry, hexEncode(leaf))
    this.notices.set(entry.notice, notice)
    return signer
  }

  private async judgeRoster(roster: RosterEntry): Promise<Rule> {
    const active = [...this.devices].filter(([, { entry }]) => entry.status === 'active')
    const silent = active.filter(([, device]) => !device.heard).map(([id]) => id)
    const leaves = await Promise.all(silent.sort().map((id) => leafHash(utf8Encode(id))))
    return rosterRule(roster, {
      expected: active.length,
      heard: active.length - silent.length,
      silentRoot: hexEncode(await rootOf(leaves))
    })
  }
}
