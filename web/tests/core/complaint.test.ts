/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { Complaint, Notice } from '../../src/core/complaint'
import { utf8Encode, base64urlDecode, hexEncode } from '../../src/core/encoding'
import { type Entry, type OfficialEntry, parseEntryText, verifyEntry } from '../../src/core/entry'
import { parseProfile, type Profile } from '../../src/core/profile'
import { registrationRule, type Rule, timeRule } from '../../src/core/rules'
import { leafHash } from '../../src/core/tree'
import { complaintVectors, extendedEntries, refusals } from './vectors'

/* A reader of the log that follows complaints and notices in the plainest way. */
class Log {
  readonly complaints = new Map<string, Complaint>()
  readonly notices = new Map<string, Notice>()
  private readonly officials = new Map<string, OfficialEntry>()
  private profile: { readonly ts: number; readonly read: Profile } | undefined

  judge(entry: Entry): Rule {
    if (entry.kind === 'profile') {
      const rule = registrationRule(entry, this.profile)
      return rule === 'holds' ? profileRule(entry.document) : rule
    }
    if (entry.kind === 'official') return registrationRule(entry, this.officials.get(entry.official))
    if (entry.kind === 'notice')
      return this.noticeOf(entry.notice).judge(entry, this.officials.get(entry.by))
    if (entry.kind !== 'action') return 'holds'
    return (this.complaints.get(entry.complaint) ?? new Complaint()).judge(entry, {
      official: this.officials.get(entry.by),
      to: this.officials.get(entry.to ?? ''),
      of: this.complaints.get(entry.of ?? ''),
      profile: this.profile?.read
    })
  }

  keyOf(entry: Entry): string | undefined {
    if (entry.kind === 'notice') return this.officials.get(entry.by)?.key
    if (entry.kind !== 'action') return undefined
    return entry.by === 'citizen' ? entry.key : this.officials.get(entry.by)?.key
  }

  take(entry: Entry, leaf: string): void {
    if (entry.kind === 'profile')
      this.profile = { ts: entry.ts, read: parseProfile(entry.document) }
    if (entry.kind === 'official') this.officials.set(entry.official, entry)
    if (entry.kind === 'notice') this.noticeOf(entry.notice).take(entry, leaf)
    if (entry.kind !== 'action') return
    const complaint = this.complaints.get(entry.complaint) ?? new Complaint()
    this.complaints.set(entry.complaint, complaint)
    complaint.take(entry, leaf, {
      official: this.officials.get(entry.by),
      profile: this.profile?.read
    })
  }

  private noticeOf(id: string): Notice {
    const notice = this.notices.get(id) ?? new Notice()
    this.notices.set(id, notice)
    return notice
  }
}

function profileRule(document: string): Rule {
  try {
    parseProfile(document)
    return 'holds'
  } catch {
    return 'bad-profile'
  }
}

const entries = extendedEntries.map(({ entry, leaf_hash }) => ({
  entry: parseEntryText(entry),
  leaf: leaf_hash
}))

function readLog(count: number): Log {
  const log = new Log()
  for (const { entry, leaf } of entries.slice(0, count)) log.take(entry, leaf)
  return log
}

test('the whole log holds, entry by entry', async () => {
  const log = new Log()
  for (const { entry, leaf } of entries) {
    expect(log.judge(entry)).toBe('holds')
    expect(hexEncode(await leafHash(utf8Encode(entry.text)))).toBe(leaf)
    log.take(entry, leaf)
  }
  for (const { complaint, state } of complaintVectors.complaints)
    expect([complaint, log.complaints.get(complaint)?.state]).toEqual([complaint, state])
  for (const { notice, status } of complaintVectors.notices)
    expect([notice, log.notices.get(notice)?.status]).toEqual([notice, status])
})

test('states after each entry', () => {
  for (const { complaint, entries: chain } of complaintVectors.complaints)
    for (const { index, state } of chain)
      expect(readLog(index + 1).complaints.get(complaint)?.state).toBe(state)
})

const others = ['device', 'report', 'lost', 'roster'] // the rules of these are not this file's
const byAnother = /signed by the (service|authority|official)|the service key|signed by an officer/

describe('what is refused', () => {
  const cases = refusals.negatives.filter(({ kind }) => !others.includes(kind))
  test.each(cases.map((c, i) => ({ ...c, i })))('$i: $why', async ({ level, after, entry, why }) => {
    let parsed: Entry
    try {
      parsed = parseEntryText(entry)
    } catch {
      expect(level).not.toBe('log')
      return
    }
    expect(level).not.toBe('form')
    const log = readLog(after)
    if (log.judge(parsed) !== 'holds' || timeRule(parsed) !== 'holds') return
    const key = log.keyOf(parsed)
    if (key) expect(await verifyEntry(parsed, base64urlDecode(key))).toBe(false)
    else expect(why).toMatch(byAnother)
  })
})

describe('what is accepted', () => {
  test.each(refusals.accepted)('$why', ({ after, entry }) => {
    expect(readLog(after).judge(parseEntryText(entry))).toBe('holds')
  })
})

describe('forms of other kinds', () => {
  const cases = refusals.negatives.filter(({ kind, level }) => others.includes(kind) && level !== 'any')
  test.each(cases.map((c, i) => ({ ...c, i })))('$i: $why', ({ level, entry }) => {
    if (level === 'form') expect(() => parseEntryText(entry)).toThrow()
    else expect(parseEntryText(entry).kind).toBeTruthy()
  })
})
