/* SPDX-License-Identifier: Apache-2.0 */
import { createHash } from 'node:crypto'
import { Complaint } from '../../src/core/complaint'
import { type ActionEntry, type OfficialEntry, parseEntryText, verifyEntry } from '../../src/core/entry'
import { base64urlDecode, base64urlEncode, hexEncode, utf8Encode } from '../../src/core/encoding'
import { parseProfile, type Profile } from '../../src/core/profile'
import { emptyFrontier, leafHash, rootOf } from '../../src/core/tree'
import {
  area,
  type Batch,
  canonical,
  type Chain,
  chainId,
  contract,
  type Key,
  makeBatch,
  makeBundle,
  makeChain,
  makeKey,
  type Members,
  rosterMembers,
  sign,
  start
} from '../check/world'
import { endpoint } from '../check/scripted'
import { columns } from './scripted-daemon'

/* A daemon of one area that takes complaints as the real one does: it verifies what it is sent, gives
 * receipts, seals what it has and anchors it in a scripted chain. What it answers can be changed, so
 * that it lies. */

export const rpc = 'http://rpc-1.test/'
const numbers = ['1000005721', '2611082217', '1234567897', '9999999990']
const bits = 6

export const profileText = canonical({
  announce_min: 1440,
  categories: [
    { acknowledge_min: 60, evidence: 'power', id: 'no-supply', resolve_min: 240, title: { en: 'No power', hi: 'बिजली नहीं है' } },
    { acknowledge_min: 60, evidence: 'none', id: 'voltage', resolve_min: 1440, title: { en: 'Low or high voltage', hi: 'वोल्टेज कम या ज़्यादा' } },
    { acknowledge_min: 60, evidence: 'none', id: 'damage', resolve_min: 1440, title: { en: 'Damaged pole or wire', hi: 'टूटा खंभा या तार' } },
    { acknowledge_min: 0, evidence: 'none', id: 'billing', resolve_min: 0, title: { en: 'Bill or meter' } }
  ],
  compensation: [],
  format: 'powertrack-profile-1',
  held_min: 60,
  major_event_days: 'none',
  reopen_days: 7,
  sustained_ms: 300000,
  two_person: [],
  utc_offset_min: 330
})

interface Kept {
  readonly entry: ActionEntry
  readonly leaf: string
  readonly receipt: Members
}

interface Case {
  readonly id: string
  readonly machine: Complaint
  readonly steps: Kept[]
}

type Answer = Response | Promise<Response>
/** What a liar makes of an answer. */
export type Lie = (path: string, answer: Members) => Members

const json = (value: unknown, status = 200) =>
  new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json' } })
const problem = (status: number, slug: string, more: Members = {}) =>
  new Response(JSON.stringify({ type: `urn:powertrack:${slug}`, title: slug, status, detail: `It is ${slug}.`, ...more }), {
    status,
    headers: { 'Content-Type': 'application/problem+json' }
  })

export class ComplaintDaemon {
  now = start + 100_000
  readonly log: string[] = []
  readonly batches: Batch[] = []
  readonly cases = new Map<string, Case>()
  readonly posts: string[] = []
  chain!: Chain
  lie: Lie = (_, answer) => answer
  /** Nobody answers; 'after': it takes what it is sent, but nobody hears of it. */
  gone: '' | 'before' | 'after' = ''
  evidence = 'supported'
  siteState = 'off'
  private sealed = 0
  private handed = 0
  profile: Profile = parseProfile(profileText)
  registrations = new Map<string, string>()

  private constructor(
    readonly authority: Key,
    readonly service: Key,
    readonly officials: ReadonlyMap<string, Key>
  ) {}

  static async make(): Promise<ComplaintDaemon> {
    const [authority, service, officer, operator] = await Promise.all([makeKey(), makeKey(), makeKey(), makeKey()])
    const daemon = new ComplaintDaemon(authority, service, new Map([['officer-1', officer], ['operator-1', operator]]))
    const roles = { 'officer-1': 'officer', 'operator-1': 'operator' } as const
    for (const [id, role] of Object.entries(roles)) await daemon.register(id, daemon.officials.get(id)!, role)
    await daemon.put(await sign(authority, daemon.tick(), { area, document: profileText, kind: 'profile', ts: start + 1 }))
    daemon.chain = await makeChain(daemon.keys, [])
    return daemon
  }

  private get keys() {
    return { authority: this.authority, service: this.service, device: this.authority, stranger: this.authority }
  }

  private tick(): number {
    return ++this.now
  }

  private async put(text: string): Promise<void> {
    parseEntryText(text)
    this.log.push(text)
  }

  async register(official: string, key: Key, role: string): Promise<void> {
    const name = role === 'officer' ? 'Assistant Engineer, Patna East' : 'Control room, Patna East'
    const text = await sign(this.authority, this.tick(), {
      area, key: key.text, kind: 'official', name, official, role, status: 'active', ts: start + 1
    })
    this.registrations.set(official, text)
    await this.put(text)
  }

  /** The window ends: what is there is a batch, and anchored. */
  async seal(): Promise<void> {
    const from = this.sealed === 0 ? start : this.batches[this.batches.length - 1]!.header.to
    const to = this.tick()
    const number = this.batches.length + 1
    this.log.push(await sign(this.service, to, rosterMembers(number, to)))
    const entries = this.log.slice(this.sealed)
    this.sealed = this.log.length
    const previous = this.batches[this.batches.length - 1]?.after ?? emptyFrontier
    this.batches.push(await makeBatch({ area, batch: number, from, to }, previous, entries))
    this.chain = await makeChain(this.keys, this.batches)
  }

  // What officials do

  async act(official: string, complaint: string, action: string, more: Members = {}, key = this.officials.get(official)!): Promise<void> {
    const one = this.cases.get(complaint)!
    const { site, lat, lon } = one.steps[0]!.entry
    const place = site === undefined ? { lat, lon } : { site }
    const members: Members = {
      action, area, by: official, complaint, kind: 'action', n: one.machine.n + 1, note: 'crew called',
      prev: one.machine.last, ts: this.now, ...place, ...more
    }
    const there = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
    await this.take(parseEntryText(await sign(key, this.tick(), there)) as ActionEntry)
  }

  private async take(entry: ActionEntry): Promise<Kept> {
    const one = this.cases.get(entry.complaint) ?? { id: entry.complaint, machine: new Complaint(), steps: [] }
    const leaf = await leafHash(utf8Encode(entry.text))
    const text = this.registrations.get(entry.by)
    const official = text === undefined ? undefined : (parseEntryText(text) as OfficialEntry)
    one.machine.take(entry, hexEncode(leaf), { official, profile: this.profile })
    const kept = { entry, leaf: hexEncode(leaf), receipt: await this.receiptOf(leaf, entry.received) }
    one.steps.push(kept)
    this.cases.set(one.id, one)
    this.log.push(entry.text)
    return kept
  }

  private async receiptOf(leaf: Uint8Array, received: number): Promise<Members> {
    const root = hexEncode(await rootOf([new Uint8Array(leaf)]))
    const said = { area, by: received + 1_800_000, format: 'powertrack-receipt-1', received, root, size: 1 }
    const bytes = utf8Encode(`powertrack receipt v1\n${canonical(said)}`)
    const hash = { name: 'ECDSA', hash: 'SHA-256' }
    const sig = await crypto.subtle.sign(hash, this.service.pair.privateKey, bytes)
    return { ...said, index: 0, leaf: hexEncode(leaf), path: [], sig: base64urlEncode(new Uint8Array(sig)) }
  }

  // What it answers

  row(one: Case): Members {
    const [first] = one.steps
    const { entry } = first!
    const of = (action: string) => one.steps.filter((step) => step.entry.action === action)
    const resolve = of('resolve').at(-1)
    return {
      area,
      complaint: one.id,
      category: entry.category!,
      ...(entry.site === undefined ? { lat: entry.lat, lon: entry.lon } : { site: entry.site }),
      state: one.machine.state,
      filed_at: entry.received,
      changed_at: one.steps.at(-1)!.entry.received,
      n: one.machine.n,
      people: 1 + of('join').length,
      confirmed: of('confirm').length,
      reopened: of('reopen').length,
      by: entry.by,
      acknowledge_by: entry.received + 3_600_000,
      resolve_by: entry.received + 14_400_000,
      overdue: false,
      ...(resolve && ['resolved', 'confirmed'].includes(one.machine.state)
        ? { evidence: this.evidence, closed: this.evidence === 'contradicted' ? 'against' : 'unconfirmed' }
        : {})
    }
  }

  private stateOf(entry: string): string {
    return this.batches.some((batch) => batch.entries.includes(entry)) ? 'final' : 'open'
  }

  object(one: Case): Members {
    const chain = one.steps.map(({ entry, leaf }) => {
      const official = this.registrations.get(entry.by)
      const name = official === undefined ? {} : { name: (parseEntryText(official) as OfficialEntry).name }
      return { n: entry.n, action: entry.action, by: entry.by, ...name, leaf, entry: entry.text, batch_state: this.stateOf(entry.text) }
    })
    return { ...this.row(one), chain }
  }

  private async proofs(one: Case): Promise<Members> {
    const proofs: Members[] = []
    const waiting: number[] = []
    for (const { entry } of one.steps) {
      const at = this.batches.findIndex((batch) => batch.entries.includes(entry.text))
      if (at < 0) waiting.push(entry.n)
      else {
        const batches = this.batches.slice(0, at + 1)
        const index = batches.flatMap(({ entries }) => entries).indexOf(entry.text)
        proofs.push(await makeBundle(batches, index, this.registrations.get(entry.by) ?? '', 10 + at + 1))
      }
    }
    return { format: 'powertrack-complaint-proof-1', complaint: one.id, proofs, waiting }
  }

  private ticket(body: Members): Response {
    const complaint = (body['complaint'] as string | undefined) ?? numbers[this.handed++ % numbers.length]!
    const { site } = body
    const open = [...this.cases.values()].filter(({ steps }) => steps[0]!.entry.site === site)
    const ticket = base64urlEncode(utf8Encode(canonical({ ...body, complaint, at: this.now })))
    const outage = this.siteState === 'off' ? { outage: { device: 'd', site, since: this.now - 1_000_000, sites_off: 41 } } : {}
    const known = { complaints: open.map((one) => this.row(one)), notices: [], ...outage }
    return json({ area, complaint, ticket, bits, expires: this.now + 1_800_000, known })
  }

  private async file(parts: Members): Promise<Response> {
    const { entry: text, private: hidden } = parts as Record<string, string>
    const known = this.log.find((line) => JSON.stringify(JSON.parse(line).sig) === JSON.stringify(JSON.parse(text!).sig))
    if (known) return this.given(parseEntryText(known) as ActionEntry, 200)
    const entry = parseEntryText(canonical({ ...(JSON.parse(text!) as Members), received: this.tick() })) as ActionEntry
    const isNew = entry.action === 'file' || entry.action === 'join'
    const work = createHash('sha256').update(`powertrack work v1\n${String(parts['ticket'])}\n${String(parts['nonce'])}`).digest()
    if (isNew && Math.clz32(work.readInt32BE(0)) < bits) return problem(401, 'bad-work')
    if (!(await verifyEntry(entry, base64urlDecode(entry.key!)))) return problem(403, 'bad-signature')
    if (entry.note_hash !== undefined && createHash('sha256').update(hidden!).digest('hex') !== entry.note_hash) return problem(400, 'malformed')
    const machine = this.cases.get(entry.complaint)?.machine ?? new Complaint()
    const rule = machine.judge(entry, { profile: this.profile })
    const one = this.cases.get(entry.complaint)
    if (rule !== 'holds') return problem(409, rule, one ? { complaint: this.object(one) } : {})
    await this.take(entry)
    return this.given(entry, 201)
  }

  private given(entry: ActionEntry, status: number): Response {
    const one = this.cases.get(entry.complaint)!
    const step = one.steps.find((kept) => kept.entry.text === entry.text)!
    return json({ entry: entry.text, receipt: step.receipt, complaint: this.object(one) }, status)
  }

  private async desk({ category, site, lat, lon }: Members): Promise<Response> {
    const complaint = numbers[this.handed - 1]!
    const place = site === undefined ? { lat, lon } : { site }
    const members: Members = {
      action: 'file', area, by: 'service', category, complaint, kind: 'action', n: 1, note_hash: 'ab'.repeat(32), prev: '0'.repeat(64),
      ts: this.now, ...place
    }
    const entry = parseEntryText(await sign(this.service, this.tick(), members)) as ActionEntry
    await this.take(entry)
    return this.given(entry, 201)
  }

  private async lied(path: string, answer: Answer): Promise<Response> {
    const said = await answer
    if (!said.ok || !said.headers.get('Content-Type')?.startsWith('application/json')) return said
    return json(this.lie(path, (await said.json()) as Members), said.status)
  }

  private async get(path: string): Promise<Response> {
    const [, , , first, second, third, last] = path.split('?')[0]!.split('/')
    if (first === 'profiles')
      return json({ area, entry: this.log.find((line) => line.includes('"kind":"profile"')) })
    if (first === 'status')
      return json({
        now: this.now, clock_speed: 1, sites: 1, sites_off: this.siteState === 'off' ? 1 : 0,
        chain: { chain_id: chainId, contract, public_rpc: [rpc], from_block: 0 }
      })
    if (first === 'sites' && second === undefined)
      return new Response(columns([this.site()]), { headers: { 'Content-Type': 'application/x-ndjson' } })
    if (first === 'outages') return json({ outages: [], next: null })
    if (first === 'sites') return path.includes('/reports') ? json({ reports: [] }) : json({})
    if (path.startsWith('/ipfs/')) {
      const batch = this.batches.find(({ cid }) => path === `/ipfs/${cid}`)
      return batch ? new Response(batch.bytes) : problem(404, 'not-found')
    }
    const one = this.cases.get(second === area ? third! : second!)
    if (first !== 'complaints' || !one) return problem(404, 'not-found')
    if (last === 'proof') return json(await this.proofs(one))
    const n = Number(new URLSearchParams(path.split('?')[1]).get('n'))
    return json(last === 'receipt' ? one.steps[n - 1]!.receipt : this.object(one))
  }

  site(): Members {
    return {
      area, site: 'T-1', lat: 255941234, lon: 851376543, level: 'transformer', customers: 63, state: this.siteState,
      since: this.now - 1_000_000, place: 'Patna', feeder: 'F-1'
    }
  }

  /** As fetch of a page that lies at its root. */
  fetch = async (address: string | URL, init: RequestInit = {}): Promise<Response> => {
    const path = String(address).replace(/^https?:\/\/daemon\.test/, '')
    const body = init.body
    if (String(address) === rpc) return endpoint(this.chain)(new URL(rpc), String(body), undefined)
    if (this.gone === 'before') throw new TypeError('fetch failed')
    if (init.method !== 'POST') return this.lied(path, this.get(path))
    const parts: Members = body instanceof FormData ? Object.fromEntries(body) : (JSON.parse(String(body)) as Members)
    this.posts.push(path)
    const answer = await this.lied(path, this.post(path, parts))
    if (this.gone === 'after' && !path.endsWith('/tickets')) throw new TypeError('fetch failed')
    return answer
  }

  private post(path: string, parts: Members): Answer {
    if (path.endsWith('/tickets')) return this.ticket(parts)
    if (path.endsWith('/complaints/desk')) return this.desk(parts)
    return this.file(parts)
  }
}
