/* SPDX-License-Identifier: Apache-2.0 */
import { agree, type AnchoredAt, type Answer, askAll } from '../check/chain'
import { areaKeys, checkChain, type Claim } from '../check/chain-steps'
import { type Context, hasWebCrypto, rpcTimeout } from '../check/context'
import { getGood } from '../check/fetch'
import { Endpoint } from '../check/rpc'
import { Steps } from '../check/steps'
import type { CheckOptions, Verdict } from '../check/types'
import { callLatest, decodeLatest } from '../core/abi'
import { readBatch } from '../core/batch'
import { type Bundle, parseBundle } from '../core/bundle'
import { type Bytes, equal } from '../core/bytes'
import { cidOfFile, cidToText } from '../core/cid'
import { Complaint } from '../core/complaint'
import { base64urlDecode, hexEncode, utf8Encode } from '../core/encoding'
import {
  type ActionEntry,
  type OfficialEntry,
  parseEntryText,
  type ProfileEntry,
  verifyEntry
} from '../core/entry'
import { isCitizen, isService } from '../core/entry-table'
import { writeCanonical } from '../core/json'
import type { Profile } from '../core/profile'
import { judgeReceipt, parseReceipt, type Receipt, verifyReceipt } from '../core/receipt'
import { leafHash, verifyInclusion } from '../core/tree'
import {
  type Answered,
  type ComplaintChecked,
  type ComplaintReason,
  type ComplaintStep,
  complaintSteps
} from './check-types'
import type { Kept } from './keep'
import type { ComplaintAnswer } from './rows'
import { type Step, stepsOf } from './story'

/* Check it yourself, for complaints: everything is computed here and now. The steps' exact bytes are
 * the daemon's, and so are the proofs; the roots and the area's keys are the chain's. */

export interface ComplaintQuestion {
  readonly area: string
  readonly complaint: string
  /** As the daemon says it is; undefined: it knows none. */
  readonly answer: ComplaintAnswer | undefined
  /** What the reader holds of it. */
  readonly kept: Kept | undefined
  readonly profile: { readonly profile: Profile; readonly entry: ProfileEntry } | undefined
  /** The proofs of its steps, as the daemon gave them. */
  readonly proofs: () => Promise<readonly unknown[]>
  readonly options: CheckOptions
  readonly told?: (step: Answered) => void
}

const batchesMax = 64 // batches that the chain is asked about
const fileMax = 256 * 1024 * 1024
const fileTimeout = 20_000

/** A step with all that is known of it. */
interface Fact {
  readonly step: Step
  readonly entry: ActionEntry
  readonly leaf: Bytes
  bundle?: Bundle
  /** When the chain had it, if it has. */
  anchored?: AnchoredAt
  /** Whether it is signed by who is named. */
  signed: Verdict
}

class Check {
  private readonly answers = new Map<ComplaintStep, Answered>()
  private readonly asked = new Map<number, Promise<Answer[]>>()
  private facts: Fact[] = []
  /** Proofs of what is none of the steps. */
  private strange: readonly Bundle[] = []
  private readonly registrations = new Map<string, OfficialEntry>()

  constructor(private readonly question: ComplaintQuestion) {}

  // Saying

  private say(name: ComplaintStep, verdict: Verdict, more: Partial<Answered> = {}): void {
    // What failed stays failed.
    if (this.answers.get(name)?.verdict === 'fails') return
    const answer: Answered = { name, verdict, values: {}, raw: [], ...more }
    this.answers.set(name, answer)
    this.question.told?.(answer)
  }

  private fails(name: ComplaintStep, reason: ComplaintReason, more: Partial<Answered> = {}): void {
    this.say(name, 'fails', { reason, ...more })
  }

  private rest(reason: ComplaintReason): void {
    for (const name of complaintSteps) if (!this.answers.has(name)) this.say(name, 'unchecked', { reason })
  }

  result(): ComplaintChecked {
    const steps = complaintSteps.flatMap((name) => this.answers.get(name) ?? [])
    const verdicts = steps.map(({ verdict }) => verdict)
    const all = verdicts.every((verdict) => verdict === 'holds')
    const verdict = verdicts.includes('fails') ? 'fails' : all ? 'holds' : 'unchecked'
    return { verdict, steps, signed: new Map(this.facts.map(({ entry, signed }) => [entry.n, signed])) }
  }

  /** Asks everything. */
  async run(): Promise<void> {
    if (!hasWebCrypto()) return this.rest('no-webcrypto')
    const { answer } = this.question
    if (answer && (await this.checkChainOfSteps(answer))) {
      await this.checkOwn()
      await this.readProofs()
      await this.checkRoots()
      await this.checkSignatures()
      this.checkRoles()
    } else if (!answer) {
      this.checkDropped()
      const reason: ComplaintReason = 'not-found'
      if (this.question.kept && this.question.kept.entries.length > 0) this.fails('chain', reason)
    }
    await this.checkReceipts()
    this.rest('not-found')
  }

  // The steps themselves

  private async checkChainOfSteps(answer: ComplaintAnswer): Promise<boolean> {
    let prev = '0'.repeat(64)
    const mine = this.question.kept?.keys?.public ?? ''
    for (const [at, step] of stepsOf(answer, mine).entries()) {
      const values = { n: at + 1 }
      const { entry, row } = step
      if (!entry) return this.broken('malformed', values, row.entry)
      const leaf = await leafHash(utf8Encode(row.entry))
      if (entry.n !== at + 1 || entry.prev !== prev) return this.broken('prev', values, row.entry)
      prev = hexEncode(leaf)
      this.facts.push({ step, entry, leaf, signed: 'unchecked' })
    }
    this.say('chain', 'holds', { raw: this.facts.map(({ entry, leaf }) => [`leaf ${entry.n}`, hexEncode(leaf)]) })
    return true
  }

  private broken(reason: ComplaintReason, values: { n: number }, entry: string): false {
    this.fails('chain', reason, { values, raw: [['entry', entry]] })
    return false
  }

  /** What was received of the reader is still there, whoever says what. */
  private checkDropped(): boolean {
    const there = new Set(this.question.answer?.chain.map(({ entry }) => entry))
    const gone = this.question.kept?.entries.find((entry) => !there.has(entry))
    if (gone === undefined) return true
    this.fails('own', 'dropped', { raw: [['entry', gone]] })
    return false
  }

  private async checkOwn(): Promise<void> {
    const { kept } = this.question
    if (!this.checkDropped()) return
    if (!kept?.keys) return this.say('own', 'unchecked', { reason: 'no-key-here' })
    const key = base64urlDecode(kept.keys.public)
    for (const { entry } of this.facts) {
      if (entry.key !== kept.keys.public) continue
      if (!(await verifyEntry(entry, key)))
        return this.fails('own', 'own-signature', { values: { n: entry.n }, raw: [['entry', entry.text]] })
    }
    this.say('own', 'holds', { raw: [['key', kept.keys.public]] })
  }

  // Their places in the record

  private async readProofs(): Promise<void> {
    let bundles: Bundle[]
    try {
      bundles = bundlesOf(await this.question.proofs())
    } catch {
      bundles = []
    }
    for (const bundle of bundles) {
      const fact = this.facts.find(({ entry }) => entry.text === bundle.entry)
      if (fact) fact.bundle = bundle
    }
    this.strange = bundles.filter(({ entry }) => !this.facts.some((fact) => fact.entry.text === entry))
    const [strange] = this.strange
    if (strange) return this.fails('places', 'other-entry', { values: { n: nOf(strange.entry) }, raw: [['entry', strange.entry]] })
    for (const { bundle, entry, leaf } of this.facts) {
      if (!bundle) continue
      const { area, index, size, path, root } = bundle
      if (area !== entry.area || !(await verifyInclusion(index, size, leaf, path, root)))
        return this.fails('places', 'path', { values: { n: entry.n }, raw: [['root', hexEncode(root)]] })
    }
    const waiting = this.facts.filter(({ bundle }) => !bundle).length
    const raw = this.facts.flatMap(({ bundle, entry }): (readonly [string, string])[] =>
      bundle ? [[`step ${entry.n}`, `batch ${bundle.batch}, index ${bundle.index} of ${bundle.size}`]] : []
    )
    if (waiting === 0) this.say('places', 'holds', { raw })
    else this.say('places', 'unchecked', { reason: 'waiting', values: { waiting }, raw })
  }

  /** What the endpoints say of a batch; asked once. */
  private ask(batch: number, block: number | undefined): Promise<Answer[]> {
    const { options, area } = this.question
    const { rpcUrls, chainId, contract, fromBlock = 0 } = options.chain
    if (contract === undefined) return Promise.resolve([])
    const known = this.asked.get(batch)
    if (known) return known
    const question = { chainId, contract, area, batch, block, fromBlock }
    const answers = askAll(rpcUrls, question, options.fetch, options.rpcTimeout ?? rpcTimeout, options.signal)
    this.asked.set(batch, answers)
    return answers
  }

  private async checkRoots(): Promise<void> {
    const { options } = this.question
    const withProof = this.facts.filter(({ bundle }) => bundle)
    if (withProof.length === 0)
      return this.say('roots', 'unchecked', { reason: 'waiting', values: { waiting: this.facts.length } })
    const raw: (readonly [string, string])[] = []
    for (const fact of withProof) {
      const bundle = fact.bundle!
      if (this.asked.size >= batchesMax && !this.asked.has(bundle.batch)) break
      const steps = new Steps()
      const context: Context = { options, steps }
      const claim: Claim = bundle
      const event = checkChain(context, claim, await this.ask(bundle.batch, bundle.block))
      const said = steps.get('chain')!
      const values = { batch: bundle.batch, n: fact.entry.n }
      if (said.verdict === 'fails')
        return this.fails('roots', 'root', { values, chainReason: said.reasonCode, raw: Object.entries(said.values) })
      if (event) {
        fact.anchored = event
        raw.push([`batch ${bundle.batch}`, `block ${event.block}, root ${hexEncode(bundle.root)}`])
      } else {
        this.say('roots', 'unchecked', { reason: 'chain', values, chainReason: said.reasonCode, raw: Object.entries(said.values) })
      }
    }
    if (!this.answers.has('roots')) this.say('roots', 'holds', { raw })
  }

  /** The area's keys by the chain. */
  private async keys() {
    const { options } = this.question
    const [known] = this.asked.values()
    const answers = await (known ?? this.ask(1, undefined))
    const keys = areaKeys({ options, steps: new Steps() }, answers)
    return 'value' in keys ? keys.value : undefined
  }

  // Who signed, and whether they may

  private async checkSignatures(): Promise<void> {
    const keys = await this.keys()
    for (const { bundle, entry } of this.facts) {
      if (!bundle || isCitizen(entry.by) || isService(entry.by)) continue
      const known = registrationOf(bundle, entry)
      const good = known && keys && (await verifyEntry(known, keys.authorityKey))
      if (!known || (keys && !good))
        return this.fails('signatures', 'registration', { values: { n: entry.n }, raw: [['registration', bundle.signer]] })
      if (good) this.registrations.set(entry.by, known)
    }
    if (keys) await this.readOthers(keys.authorityKey)
    for (const fact of this.facts) {
      fact.signed = await this.signed(fact.entry, keys?.serviceKey)
      if (fact.signed === 'fails')
        this.fails('signatures', 'signature', { values: { n: fact.entry.n }, raw: [['entry', fact.entry.text]] })
    }
    const open = this.facts.find(({ signed }) => signed === 'unchecked')
    if (!open) return this.say('signatures', 'holds', { raw: this.whoRaw() })
    const reason = keys ? 'no-registration' : 'no-keys'
    this.say('signatures', 'unchecked', { reason, values: { n: open.entry.n }, raw: this.whoRaw() })
  }

  /** A proof of something else names who signed that all the same. */
  private async readOthers(authorityKey: Bytes): Promise<void> {
    for (const { entry } of this.facts)
      for (const bundle of this.strange) {
        const known = this.registrations.has(entry.by) ? undefined : registrationOf(bundle, entry)
        if (known && (await verifyEntry(known, authorityKey))) this.registrations.set(entry.by, known)
      }
  }

  private whoRaw(): (readonly [string, string])[] {
    return [...this.registrations].map(([id, { text }]) => [id, text])
  }

  private async signed(entry: ActionEntry, serviceKey: Bytes | undefined): Promise<Verdict> {
    const key = isCitizen(entry.by)
      ? base64urlDecode(entry.key!)
      : isService(entry.by)
        ? serviceKey
        : this.keyOf(entry.by)
    if (!key) return 'unchecked'
    return (await verifyEntry(entry, key)) ? 'holds' : 'fails'
  }

  private keyOf(official: string): Bytes | undefined {
    const known = this.registrations.get(official)
    return known && base64urlDecode(known.key)
  }

  private checkRoles(): void {
    const complaint = new Complaint()
    let unknown = 0
    for (const { entry, leaf } of this.facts) {
      const isOfficial = !isCitizen(entry.by) && !isService(entry.by)
      const known = this.registrations.get(entry.by)
      if (isOfficial && !known) unknown ||= entry.n
      const official = isOfficial ? (known ?? stranger(entry)) : undefined
      const rule = this.judge(complaint, entry, official, known !== undefined || !isOfficial)
      if (rule !== '') {
        const raw = known ? [['registration', known.text] as const] : []
        return this.fails('roles', 'role', { values: { n: entry.n, rule }, raw: [['entry', entry.text], ...raw] })
      }
      complaint.take(entry, hexEncode(leaf), { official, profile: this.profileFor(entry, complaint) })
    }
    if (unknown > 0) this.say('roles', 'unchecked', { reason: 'no-registration', values: { n: unknown }, raw: this.whoRaw() })
    else this.say('roles', 'holds', { raw: this.whoRaw() })
  }

  /** The profile in force then may have been another: what holds by either is not called broken. */
  private profileFor(entry: ActionEntry, _: Complaint): Profile | undefined {
    const { profile, answer } = this.question
    if (!profile || profile.entry.received <= entry.received || entry.action !== 'reject')
      return profile?.profile
    const approved = answer?.chain.some(({ entry: text }) => text.includes('"action":"approve"'))
    return { ...profile.profile, twoPerson: approved ? ['reject'] : [] }
  }

  private judge(
    complaint: Complaint,
    entry: ActionEntry,
    official: OfficialEntry | undefined,
    isKnown: boolean
  ): string {
    const { profile } = this.question
    // Whom it was given to and what it is the same as only the whole log can say.
    const to = { status: 'active', role: 'operator' } as OfficialEntry
    const of = Object.assign(new Complaint(), { n: 1, state: 'open' })
    const rule = complaint.judge(entry, { official, to, of, profile: profile?.profile })
    const changed = profile !== undefined && profile.entry.received > (this.facts[0]?.entry.received ?? 0)
    const byProfile = rule === 'complaint-category' || rule === 'complaint-late'
    if (rule === 'holds' || (changed && byProfile) || (!profile && byProfile)) return ''
    return isKnown || rule !== 'complaint-who' ? rule : ''
  }

  // What was promised

  private async checkReceipts(): Promise<void> {
    const { kept } = this.question
    const texts = kept?.receipts ?? []
    if (texts.length === 0) {
      const receipt = { state: 'none', by: 0, at: 0 } as const
      return this.say('receipt', 'unchecked', { receipt })
    }
    let worst: Answered | undefined
    for (const text of texts) {
      const one = await this.checkReceipt(text)
      if (!worst || rank(one) > rank(worst)) worst = one
    }
    const { name: _, verdict, ...more } = worst!
    this.say('receipt', verdict, more)
  }

  private async checkReceipt(text: string): Promise<Answered> {
    const base = baseOf(text)
    const { kept, area } = this.question
    const receipt = await receiptIn(text)
    if (!receipt) return { ...base, verdict: 'fails', reason: 'receipt-malformed' }
    const leaves = await Promise.all((kept?.entries ?? []).map((entry) => leafHash(utf8Encode(entry))))
    if (receipt.area !== area || !leaves.some((leaf) => equal(leaf, receipt.leaf)))
      return { ...base, verdict: 'fails', reason: 'receipt-malformed' }
    return this.signedAndKept(receipt, base)
  }

  /** A receipt alone: signed by the service, and was its promise kept? */
  async signedAndKept(receipt: Receipt, base: Omit<Answered, 'verdict'>): Promise<Answered> {
    const keys = await this.keys()
    if (!keys) return { ...base, verdict: 'unchecked', reason: 'no-keys' }
    if (!(await verifyReceipt(receipt, keys.serviceKey)))
      return { ...base, verdict: 'fails', reason: 'receipt-signature' }
    return this.promised(receipt, base)
  }

  private async promised(receipt: Receipt, base: Omit<Answered, 'verdict'>): Promise<Answered> {
    const fact = this.facts.find(({ leaf }) => equal(leaf, receipt.leaf))
    // Only what the chain has counts, however well the proof fits.
    const found = fact?.anchored && this.answers.get('places')?.verdict !== 'fails' ? fact.anchored : undefined
    const event = found ?? (await this.batchOf(receipt.received))
    if (event === 'unknown') return { ...base, verdict: 'unchecked', reason: 'chain' }
    let holdsLeaf = found !== undefined
    if (event && !found) {
      const held = await this.isInFile(event, receipt.leaf)
      if (held === undefined) return { ...base, verdict: 'unchecked', reason: 'no-file' }
      holdsLeaf = held
    }
    const finalTime = event ? event.time : await this.chainTime()
    const state = judgeReceipt(receipt, { ...(event ? { anchored: { time: event.time, holdsLeaf } } : {}), finalTime })
    const verdict = state === 'kept' ? 'holds' : state === 'broken' ? 'fails' : 'unchecked'
    return { ...base, verdict, receipt: { state, by: receipt.by, at: event ? event.time : finalTime } }
  }

  private endpoint(): Endpoint | undefined {
    const { rpcUrls } = this.question.options.chain
    const { fetch, rpcTimeout: wait = rpcTimeout, signal } = this.question.options
    return rpcUrls[0] === undefined ? undefined : new Endpoint(rpcUrls[0], fetch, wait, signal)
  }

  /** ms: of the newest block; 0 where nobody says. */
  private async chainTime(): Promise<number> {
    try {
      const endpoint = this.endpoint()
      return endpoint ? await endpoint.blockTime(await endpoint.blockNumber()) : 0
    } catch {
      return 0
    }
  }

  /** The anchored batch whose window holds @time; undefined where none is anchored yet. */
  private async batchOf(time: number): Promise<AnchoredAt | 'unknown' | undefined> {
    const { area, options } = this.question
    const endpoint = this.endpoint()
    const { contract } = options.chain
    if (!endpoint || contract === undefined) return 'unknown'
    try {
      const newest = await endpoint.blockNumber()
      const latest = decodeLatest(await endpoint.call(contract, callLatest(area), newest))
      if (time >= latest.to) return undefined
      return await this.search(time, latest.batch)
    } catch {
      return 'unknown'
    }
  }

  private async search(time: number, last: number): Promise<AnchoredAt | 'unknown'> {
    for (let [low, high] = [1, last]; low <= high; ) {
      const batch = Math.floor((low + high) / 2)
      const said = agree(await this.ask(batch, undefined), ({ anchored }) => anchored, sameEvent)
      if (said === 'disagree' || 'reason' in said) return 'unknown'
      if (time < said.value.from) high = batch - 1
      else if (time >= said.value.to) low = batch + 1
      else return said.value
    }
    return 'unknown'
  }

  /** Whether the file that the chain names holds it; undefined where it can't be had. */
  private async isInFile(event: AnchoredAt, leaf: Bytes): Promise<boolean | undefined> {
    const { daemon, fetch, signal } = this.question.options
    if (daemon === undefined) return undefined
    const cid = cidToText(event.cid)
    try {
      const file = await getGood(fetch, `${daemon}/ipfs/${cid}`, { max: fileMax, timeout: fileTimeout, signal })
      if (cidToText(await cidOfFile(file)) !== cid) return undefined
      const { leaves } = await readBatch(file)
      return leaves.some((one) => equal(one, leaf))
    } catch {
      return undefined
    }
  }
}

const baseOf = (receipt: string) =>
  ({ name: 'receipt', values: {}, raw: [['receipt', receipt]] }) as const

function receiptIn(text: string): Promise<Receipt | undefined> {
  return parseReceipt(utf8Encode(text)).catch(() => undefined)
}

const sameEvent = ({ from, to, root, cid }: AnchoredAt) => `${from} ${to} ${hexEncode(root)} ${hexEncode(cid)}`

/** The worse, the higher. */
const rank = ({ verdict, reason }: Answered) =>
  verdict === 'fails' ? 3 : verdict === 'holds' ? 0 : reason ? 2 : 1

function nOf(text: string): number {
  try {
    const entry = parseEntryText(text)
    return entry.kind === 'action' ? entry.n : 0
  } catch {
    return 0
  }
}

/** Of whom nothing is known: nothing is said against them. */
const stranger = (entry: ActionEntry) =>
  ({ kind: 'official', official: entry.by, key: `? ${entry.by}`, role: 'officer', status: 'active' }) as OfficialEntry

function registrationOf({ signer }: Bundle, entry: ActionEntry): OfficialEntry | undefined {
  try {
    const found = parseEntryText(signer)
    const good =
      found.kind === 'official' &&
      found.area === entry.area &&
      found.official === entry.by &&
      found.status === 'active' &&
      found.received <= entry.received
    return good ? found : undefined
  } catch {
    return undefined
  }
}

/** Throws where one of them is none. */
function bundlesOf(proofs: readonly unknown[]): Bundle[] {
  return proofs.map((proof) =>
    parseBundle(utf8Encode(typeof proof === 'string' ? proof : writeCanonical(proof as object)))
  )
}

/** Checks a complaint. Never rejects. */
export async function checkComplaint(question: ComplaintQuestion): Promise<ComplaintChecked> {
  const check = new Check(question)
  try {
    await check.run()
  } catch (error) {
    if (!question.options.signal?.aborted) console.error(error)
  }
  return check.result()
}

/** Checks a receipt that is not with its complaint; undefined: it is none. Never rejects. */
export async function checkReceiptAlone(
  text: string,
  options: CheckOptions
): Promise<Answered | undefined> {
  if (!hasWebCrypto()) return { ...baseOf(text), verdict: 'unchecked', reason: 'no-webcrypto' }
  const receipt = await receiptIn(text)
  if (!receipt) return undefined
  const { area } = receipt
  const empty = { complaint: '', answer: undefined, kept: undefined, profile: undefined }
  const check = new Check({ area, ...empty, proofs: () => Promise.resolve([]), options })
  try {
    return await check.signedAndKept(receipt, baseOf(text))
  } catch (error) {
    if (!options.signal?.aborted) console.error(error)
    return { ...baseOf(text), verdict: 'unchecked', reason: 'chain' }
  }
}
